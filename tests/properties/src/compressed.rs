//! Any bytes are a compressed MRC file or a typed error, at once and in bounded memory; its bytes do not depend on the order
//! in which they are read.

use e2compress_core::formats::compressed::{FORMAT, Stream};
use e2compress_core::{Error, OpenOptions};

use crate::bytes::Bytes;
use crate::images::images;
use crate::mrc::OPTION_BYTES;

/// Bytes of a stream that is read in any order.
const MOST_BYTES: u64 = 1 << 20;

/// Bytes decoded of any stream: a few may make many.
const MOST_DECODED: u64 = 64 << 20;

/// Opens, reads, compresses and expands. The first bytes choose the options and the order of reading, the rest is the file.
///
/// # Panics
/// When the reader's promises do not hold.
pub fn compressed(data: &[u8]) {
    let (choice, file) = data.split_at(data.len().min(OPTION_BYTES));
    let mut choice = Bytes(choice);
    let Ok(stream) = Stream::open(&file) else { return };
    let mut piece = vec![0; 64 << 10];
    let mut whole = Vec::new();
    let outcome = loop {
        match stream.read(whole.len() as u64, &mut piece) {
            Ok(0) => break Ok(()),
            Ok(count) => whole.extend_from_slice(&piece[..count]),
            Err(problem) => break Err(problem),
        }
        if whole.len() as u64 > MOST_DECODED {
            return;
        }
    };
    match outcome {
        Ok(()) => {
            let end = stream.check_end().expect("it was read to its end");
            assert_eq!(end.length, whole.len() as u64);
            assert!(end.length <= stream.kind().most(file.len() as u64), "more than can be");
            assert!(end.rest <= file.len() as u64);
            in_any_order(file, &whole, &mut choice);
        }
        Err(Error::Stream(_)) => assert!(stream.check_end().is_err(), "damage is forgotten"),
        Err(problem) => panic!("{problem}"),
    }
    let options = choice.options();
    for name in ["a.mrc.gz", "a.mrcs.bz2"] {
        if let Ok(reader) = (FORMAT.open)(&file, name, &OpenOptions::default()) {
            images(&*reader, name, &options);
            let _ = reader.check_end();
        }
    }
}

/// Reads parts of a stream here and there.
fn in_any_order(file: &[u8], whole: &[u8], choice: &mut Bytes<'_>) {
    if whole.len() as u64 > MOST_BYTES {
        return;
    }
    let stream = Stream::open(&file).expect("it was opened before");
    for _ in 0..6 {
        let most = whole.len() as u32 + 2;
        let (from, length) = (choice.below(most), choice.below(most));
        let mut part = vec![0; length as usize];
        let count = stream.read(from.into(), &mut part).expect("it was read before");
        let expected = whole.get(from as usize..).unwrap_or_default();
        assert_eq!(count, expected.len().min(part.len()));
        assert!(expected.starts_with(&part[..count]), "bytes depend on how they are read");
    }
}
