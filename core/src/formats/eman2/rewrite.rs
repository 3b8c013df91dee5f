//! A file beside what this program would write for the same contents.
//!
//! The writer has one form for everything, so a file of its own is right when writing it again gives its bytes. All but
//! the pixels is written again, from what was read, and compared on the way: versions, sizes, free lists, caches of
//! addresses, what filters are told, reserved bytes, padding.
//!
//! A file is this program's if it ends where the root group's header does, which comes last here and first in files of
//! libhdf5. What libhdf5 adds to a file comes after that; what it removes from a header leaves an empty message.

use std::cell::Cell;
use std::io;

use super::EmanFile;
use crate::encode::Level;
use crate::error::Error;
use crate::formats::hdf5::read::error::HdfError;
use crate::formats::hdf5::read::{ChunkIndex, Dataset, File, Storage};
use crate::image::attributes::Attributes;
use crate::image::{Images, PixelType, Rewritten, Shape};
use crate::io::sink::Sink;
use crate::pipeline::tiling::Tiling;
use crate::quantise::encoding::Coding;
use crate::quantise::{Bits, Encoding, Range};

/// Bytes compared at once.
const PIECE_BYTES: usize = 64 << 10;

/// What the writer is given of one image again.
pub struct Contents {
    pub dataset: Dataset,
    pub shape: Shape,
    pub kind: PixelType,
    /// By their names and in the order of the file, each as the writer puts it.
    pub attributes: Attributes,
}

/// What is found of an image.
pub enum Found {
    /// All that the writer needs.
    Contents(Box<Contents>),
    /// Another program removed something.
    Edited,
    /// Something that the writer never makes, in the header at this offset.
    Foreign(u64),
}

/// Compares a file with what would be written for `images`, which are its own. `find` reads an image.
pub fn compare(
    file: &File<'_>,
    images: &dyn Images,
    level: Option<Level>,
    find: impl Fn(u32) -> Result<Found, Error>,
) -> Result<Rewritten, Error> {
    if !is_ours(file)? {
        return Ok(Rewritten::Unlike);
    }
    let (differs, unread) = (Cell::new(None), Cell::new(None));
    let mut sink = Beside { file, differs: &differs, unread: &unread, piece: vec![0; PIECE_BYTES] };
    let written = write_again(file, images, level, find, &mut sink);
    // What the sink failed with was to stop the writer.
    if let Some(problem) = unread.take() {
        return Err(problem.into());
    }
    differs.get().map_or(written, |offset| Ok(Rewritten::Damaged { offset }))
}

/// Tells whether this program wrote a file, which may be damaged since.
fn is_ours(file: &File<'_>) -> Result<bool, Error> {
    /// Object header version 1 with one message, one link to it, 24 bytes long; a symbol table of 16 bytes.
    const HEADER: [u8; 24] = [1, 0, 1, 0, 1, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 17, 0, 16, 0, 0, 0, 0, 0];
    const HEADER_BYTES: u64 = HEADER.len() as u64 + 16;
    /// Where the superblock has the end of the file, and the root group's header.
    const END: u64 = 40;
    const ROOT: u64 = 64;
    /// Bytes that damage may have changed in all this.
    const MOST_DAMAGED: usize = 2;
    let Some(root) = file.len().checked_sub(HEADER_BYTES).filter(|_| file.user_block() == 0) else {
        return Ok(false);
    };
    let (end, wanted_root) = (file.len().to_le_bytes(), root.to_le_bytes());
    let mut differing = 0;
    for (address, wanted) in [(root, HEADER.as_slice()), (END, &end), (ROOT, &wanted_root)] {
        let mut found = vec![0; wanted.len()];
        file.read(address, &mut found)?;
        differing += found.iter().zip(wanted).filter(|(found, wanted)| found != wanted).count();
    }
    Ok(differing <= MOST_DAMAGED)
}

/// Writes a file again, past its pixels.
fn write_again(
    file: &File<'_>,
    images: &dyn Images,
    level: Option<Level>,
    find: impl Fn(u32) -> Result<Found, Error>,
    sink: &mut Beside<'_, '_>,
) -> Result<Rewritten, Error> {
    let mut out = EmanFile::new(sink, level);
    for image in 0..images.images() {
        let contents = match find(image)? {
            Found::Contents(contents) => *contents,
            Found::Edited => return Ok(Rewritten::Unlike),
            Found::Foreign(offset) => return Ok(Rewritten::Damaged { offset }),
        };
        let Contents { dataset, shape, kind, attributes } = contents;
        let (encoding, tiling) = match (&dataset.storage, kind) {
            (Storage::Contiguous(_), _) => (Encoding::Raw, Tiling::in_rows(shape)),
            (_, PixelType::U8) => (codes(8), Tiling::of(shape)),
            (_, PixelType::U16) => (codes(16), Tiling::of(shape)),
            _ => (Encoding::Floats, Tiling::of(shape)),
        };
        if matches!(encoding, Encoding::Raw) {
            out.pass_by(dataset.bytes())?;
        } else {
            let index = ChunkIndex::read(&dataset, file)?;
            for chunk in index.chunks() {
                out.pass_by(chunk.size.into())?;
            }
        }
        out.finish_image(tiling, &encoding, attributes)?;
    }
    out.keep_original(images)?;
    out.finish()?;
    Ok(Rewritten::Same)
}

/// Stands for codes in elements of so many bits.
fn codes(bits: i64) -> Encoding {
    let bits = Bits::new(bits).unwrap_or(Bits::DEFAULT);
    let range = Range { low: 0.0, high: bits.top() as f32, exact: true };
    Encoding::Codes(Coding::of_codes(bits, range))
}

/// A sink that compares what it is given with what a file has there, and fails where they differ.
struct Beside<'a, 's> {
    file: &'a File<'s>,
    /// Offset of the byte that does.
    differs: &'a Cell<Option<u64>>,
    /// Why the source failed, which says nothing of the file.
    unread: &'a Cell<Option<HdfError>>,
    piece: Vec<u8>,
}

impl Sink for Beside<'_, '_> {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let Self { file, differs, unread, piece } = self;
        let mut at = offset;
        for wanted in bytes.chunks(PIECE_BYTES) {
            let found = &mut piece[..wanted.len()];
            let place = match file.read(at, found) {
                Ok(()) => found.iter().zip(wanted).position(|(found, wanted)| found != wanted),
                Err(problem @ HdfError::Read { .. }) => {
                    unread.set(Some(problem));
                    return Err(io::ErrorKind::Other.into());
                }
                // The file ends before.
                Err(_) => Some(0),
            };
            if let Some(place) = place {
                differs.set(Some(at + place as u64));
                return Err(io::ErrorKind::InvalidData.into());
            }
            at += wanted.len() as u64;
        }
        Ok(())
    }
}
