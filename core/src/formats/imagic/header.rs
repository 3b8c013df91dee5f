//! The header of an IMAGIC image: 256 words of 4 bytes, counted from 1.

use super::error::ImagicError;
use super::header_words::{FLOATS, INTS, TEXTS};
use crate::formats::fields::{Fields, order_name};
use crate::formats::pixel_size;
use crate::image::{Attributes, MAX_SIDE, PixelType, Shape};

/// Bytes of a header.
pub const HEADER_BYTES: u64 = 1024;

/// Words, from 1.
mod word {
    pub const FOLLOWING: usize = 2;
    pub const LINES: usize = 13;
    pub const PIXELS: usize = 14;
    pub const TYPE: usize = 15;
    pub const PLANES: usize = 61;
    pub const STAMP: usize = 69;
    pub const PIXEL_SIZES: [usize; 3] = [123, 124, 125];
}

/// Stamps of machines with IEEE floats: the same byte four times.
const LITTLE: u32 = 0x0202_0202;
const BIG: u32 = 0x0404_0404;

/// Stamps of a VAX, in either order.
const VAX: [u32; 2] = [1, 0x0100_0000];

/// Sides in files without a stamp are below this in the right byte order.
const MOST_OLD_SIDE: i32 = 65536;

/// The header of one image.
pub struct Header<'a> {
    fields: Fields<'a>,
}

impl<'a> Header<'a> {
    /// Takes bytes for a header in this byte order.
    pub fn new(bytes: &'a [u8], big_endian: bool) -> Self {
        Self { fields: Fields::new(bytes, big_endian) }
    }

    /// Finds the byte order of the first header: by its stamp, or by what makes sense.
    pub fn first(bytes: &'a [u8]) -> Result<Self, ImagicError> {
        let [little, big] = [false, true].map(|big_endian| Self::new(bytes, big_endian));
        match little.word(word::STAMP) as u32 {
            LITTLE => return Ok(little),
            BIG => return Ok(big),
            vax if VAX.contains(&vax) => return Err(ImagicError::Vax(vax)),
            _ => {}
        }
        let sane = |header: &Self| {
            [word::LINES, word::PIXELS].iter().all(|word| (1..MOST_OLD_SIDE).contains(&header.word(*word)))
        };
        if sane(&little) {
            Ok(little)
        } else if sane(&big) {
            Ok(big)
        } else {
            let (lines, pixels) = (little.word(word::LINES), little.word(word::PIXELS));
            Err(ImagicError::Header { lines, pixels })
        }
    }

    fn word(&self, word: usize) -> i32 {
        self.fields.i32(4 * (word - 1))
    }

    fn float(&self, word: usize) -> f32 {
        self.fields.f32(4 * (word - 1))
    }

    /// Tells whether the most significant byte of numbers comes first.
    pub fn big_endian(&self) -> bool {
        self.fields.big_endian
    }

    /// Counts the headers, of the first one.
    pub fn count(&self) -> Result<u32, ImagicError> {
        let following = self.word(word::FOLLOWING);
        let count = following.checked_add(1).and_then(|count| u32::try_from(count).ok());
        count.filter(|count| *count > 0).ok_or(ImagicError::Count { following })
    }

    /// Returns the extent of an image or a volume.
    pub fn shape(&self) -> Result<Shape, ImagicError> {
        let [nx, ny, nz] = [word::PIXELS, word::LINES, word::PLANES].map(|word| self.word(word));
        let side = |side: i32| u32::try_from(side).ok().filter(|side| (1..MAX_SIDE).contains(side));
        // Files of before volumes have no planes.
        let shape = (side(nx), side(ny), side(nz.max(1)));
        let (Some(nx), Some(ny), Some(nz)) = shape else {
            return Err(ImagicError::Sides { nx, ny, nz });
        };
        Ok(Shape { nx, ny, nz })
    }

    /// Returns the type of the pixels.
    pub fn kind(&self) -> Result<PixelType, ImagicError> {
        Ok(match self.fields.text(4 * (word::TYPE - 1), 4) {
            b"REAL" => PixelType::F32,
            b"INTG" => PixelType::I16,
            b"PACK" => PixelType::U8,
            other => return Err(ImagicError::Type(String::from_utf8_lossy(other).into_owned())),
        })
    }

    /// Tells whether another header has the same size and type.
    pub fn is_like(&self, other: &Self) -> bool {
        let same = |word: &usize| self.word(*word) == other.word(*word);
        [word::LINES, word::PIXELS, word::TYPE].iter().all(same)
    }

    /// Adds what it says of an image.
    pub fn describe(&self, attributes: &mut Attributes) {
        let sizes = word::PIXEL_SIZES.map(|word| f64::from(self.float(word)));
        pixel_size::describe(sizes, attributes);
        for (name, word) in INTS {
            attributes.int(name, self.word(word));
        }
        for (name, word) in FLOATS {
            attributes.float(name, self.float(word));
        }
        for (name, word, length) in TEXTS {
            attributes.text(name, self.fields.text(4 * (word - 1), length));
        }
        attributes.text("orientation_convention", b"IMAGIC");
        attributes.text("ImageEndian", order_name(self.big_endian()));
    }
}
