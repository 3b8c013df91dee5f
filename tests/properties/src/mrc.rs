//! Any bytes are an MRC file or a typed error, at once and in bounded memory.

use std::io;

use e2compress_core::Memory;
use e2compress_core::formats::mrc::Mrc;
use e2compress_core::image::Images;
use e2compress_core::io::source::Source;
use e2compress_core::{Error, NoProgress, Options, compress};

use crate::bytes::Bytes;
use crate::plan::planned;

/// What one run may cost; nothing the reader promises.
const MOST_PIXELS: u64 = 1 << 20;
const MOST_IMAGES: u32 = 64;

/// Bytes of options before the file.
pub const OPTION_BYTES: usize = 32;

/// A file that goes on with a pattern after the bytes that are there, so that headers may promise more.
struct Extended<'a> {
    bytes: &'a [u8],
    length: u64,
}

impl Source for Extended<'_> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(bytes.len() as u64).filter(|end| *end <= self.length);
        end.ok_or(io::ErrorKind::UnexpectedEof)?;
        for (byte, place) in bytes.iter_mut().zip(offset..) {
            let pattern = (place % 251) as u8;
            *byte = usize::try_from(place)
                .ok()
                .and_then(|place| self.bytes.get(place))
                .copied()
                .unwrap_or(pattern);
        }
        Ok(())
    }
}

/// Opens, reads, plans and compresses. The first bytes choose the options, the rest is the file.
///
/// # Panics
/// When the reader's promises do not hold.
pub fn mrc(data: &[u8]) {
    let (mut choice, file) = {
        let (choice, file) = data.split_at(data.len().min(OPTION_BYTES));
        (Bytes(choice), file)
    };
    let name = ["a.mrc", "a.mrcs", "a.MRCS", ""][choice.u8() as usize % 4];
    let length = file.len() as u64 + (u64::from(choice.below(1 << 16)) << 4);
    let options = choice.options();
    let source = Extended { bytes: file, length };
    let Ok(reader) = Mrc::open(&source, name) else { return };
    let shape = reader.shape(0);
    let images = reader.images();
    assert!(images > 0 && shape.pixels() > 0);
    let row_bytes = reader.pixels(0).row_bytes(shape.nx);
    if shape.pixels().saturating_mul(images.into()) > MOST_PIXELS || images > MOST_IMAGES {
        // Too much for a run here, but its ends can be read.
        let mut row = vec![0; row_bytes as usize];
        reader.read(images - 1, shape.rows() - 1..shape.rows(), &mut row).expect("the last row is there");
        reader.attributes(images - 1).expect("the last image's attributes are there");
        return;
    }
    for image in 0..images {
        let mut whole = vec![0; (shape.rows() * row_bytes) as usize];
        reader.read(image, 0..shape.rows(), &mut whole).expect("the header is true, so all rows are there");
        let middle = shape.rows() / 2;
        let mut part = vec![0; ((shape.rows() - middle) * row_bytes) as usize];
        reader.read(image, middle..shape.rows(), &mut part).expect("and some of them");
        assert!(whole.ends_with(&part), "rows depend on how they are read");
        let attributes = reader.attributes(image).expect("attributes are there");
        assert!(attributes.iter().all(|found| !found.name.is_empty()));
    }
    planned(&reader, &options).expect("what can be read can be planned");
    let whole = compressed(&reader, name, &options);
    let parts = compressed(&reader, name, &Options { memory: Memory { hold: 0, wave: 0 }, ..options });
    assert!(whole == parts, "the bytes depend on the memory");
}

fn compressed(reader: &Mrc<'_>, name: &str, options: &Options) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let signature = b"\x89HDF\r\n\x1a\n";
    match compress(reader, name, &mut out, options, &NoProgress) {
        Ok(report) => {
            assert!(out.starts_with(signature) && report.output_bytes == out.len() as u64);
            assert_eq!(report.images, reader.images());
            Some(out)
        }
        Err(Error::RangeTooWide { .. } | Error::AttributeTooLong(_)) => {
            assert!(!out.starts_with(signature), "an error, and a file all the same");
            None
        }
        Err(error) => panic!("{error}"),
    }
}
