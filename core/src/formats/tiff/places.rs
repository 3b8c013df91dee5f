//! Where the strips or tiles of a page lie, checked against the file.

use super::codec::{Codec, Damage};
use super::directory::{Entry, TiffFile};
use super::error::TiffError;
use super::page::Page;
use crate::error::Error;

/// Bytes of a piece that are looked at, at most, for each byte of its pixels: no encoder makes more of them.
const MOST_STORED: u64 = 4;

/// Bytes that a piece may have beyond that.
const SLACK: u64 = 64 << 10;

/// Bytes that a piece decodes to, at most: on machines of 32 bits there is no more memory.
const LONGEST_PIECE: u64 = 1 << 30;

/// Bytes in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The first one.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// Reads where the pieces of a page lie.
///
/// # Errors
/// [`TiffError`] where they cannot lie there, [`Error::Read`].
pub fn of(file: &TiffFile<'_>, page: &Page) -> Result<Vec<Place>, Error> {
    let pieces = &page.pieces;
    let needed = pieces.number();
    let first = |entry: &Entry| {
        file.there(page.number, entry)?;
        file.numbers(page.number, &Entry { count: needed, ..*entry })
    };
    let offsets = first(&pieces.offsets)?;
    let counts = match &pieces.counts {
        Some(counts) => first(counts)?,
        None => Vec::new(),
    };
    let length = file.window().length();
    let mut places = Vec::with_capacity(offsets.len());
    for (number, offset) in (0..).zip(offsets) {
        let band = (number / u64::from(pieces.across)) as u32;
        let wanted = page.piece_bytes(band);
        let stated = counts.get(number as usize).copied().unwrap_or(wanted);
        if !file.window().has(offset, stated) {
            return Err(TiffError::PieceOutside {
                page: page.number,
                piece: pieces.word(),
                number,
                offset,
                length: stated,
                file: length,
            }
            .into());
        }
        let raw = page.codec == Codec::None;
        if raw && stated < wanted || stated == 0 {
            return Err(damage(page, number, offset, Damage::Short).into());
        }
        if wanted > LONGEST_PIECE && (!raw || pieces.tiled) {
            return Err(damage(page, number, offset, Damage::TooLong).into());
        }
        let most = if raw { wanted } else { wanted.saturating_mul(MOST_STORED).saturating_add(SLACK) };
        places.push(Place { offset, length: stated.min(most) });
    }
    Ok(places)
}

/// Words what is wrong with a piece.
pub fn damage(page: &Page, number: u64, offset: u64, problem: Damage) -> TiffError {
    TiffError::Piece { page: page.number, piece: page.pieces.word(), number, offset, problem }
}

/// The promises of a file's pages, which must fit the file: pages that share their bytes would be without bound.
#[derive(Default)]
pub struct Promises {
    /// Bytes of arrays of offsets and lengths.
    arrays: u64,
    /// Bytes that the pieces need of the file, at least.
    stored: u64,
}

impl Promises {
    /// Adds a page whose pieces lie at these places.
    ///
    /// # Errors
    /// [`TiffError::Promise`], [`TiffError::Shared`].
    pub fn add(&mut self, page: &Page, places: &[Place], length: u64) -> Result<(), TiffError> {
        let stored = places.iter().fold(0u64, |all, place| all.saturating_add(place.length));
        let tile_bytes = |band| page.piece_bytes(band).saturating_mul(page.pieces.across.into());
        let pixels = if page.pieces.tiled {
            tile_bytes(0).saturating_mul(page.pieces.down.into())
        } else {
            page.bytes()
        };
        let ratio = page.codec.most_per_byte();
        if pixels > stored.saturating_mul(ratio) {
            return Err(TiffError::Promise { page: page.number, stored, pixels });
        }
        let entries = [Some(page.pieces.offsets), page.pieces.counts];
        let arrays = entries.iter().flatten().filter_map(Entry::bytes).fold(0, u64::saturating_add);
        self.arrays = self.arrays.saturating_add(arrays);
        self.stored = self.stored.saturating_add(pixels.div_ceil(ratio));
        if self.arrays > length || self.stored > length {
            return Err(TiffError::Shared { page: page.number });
        }
        Ok(())
    }
}
