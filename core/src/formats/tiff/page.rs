//! A page: what its tags say of its pixels, checked.

use super::codec::{Codec, Predictor};
use super::directory::{Directory, Entry, TiffFile};
use super::error::TiffError;
use super::tag;
use crate::error::Error;
use crate::image::{MAX_SIDE, PixelType};

/// How EMAN2 names itself: it writes floats without saying that they are.
const EMAN2: &[u8] = b"EMAN2";

/// One page of the stack.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Its number among all directories, from 1.
    pub number: u64,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Type of a pixel.
    pub kind: PixelType,
    /// How strips or tiles are compressed.
    pub codec: Codec,
    /// What is undone after that.
    pub predictor: Predictor,
    /// Zero is white: EMAN2 takes minus the value.
    pub min_is_white: bool,
    /// The strips or tiles.
    pub pieces: Pieces,
    /// Numbers of `XResolution` and `YResolution`, 0 where there are none.
    pub resolution: [f64; 2],
    /// What they count pixels of: 2 an inch, 3 a centimetre.
    pub unit: u64,
    /// `ImageDescription`.
    pub description: Option<Entry>,
    /// Software.
    pub software: Option<Entry>,
    /// `DateTime`.
    pub date: Option<Entry>,
}

/// Strips or tiles of a page: in rows from the top, from left to right.
#[derive(Clone, Copy, Debug)]
pub struct Pieces {
    /// They are tiles.
    pub tiled: bool,
    /// Columns of each.
    pub width: u32,
    /// Rows of each; the last strip may have fewer.
    pub rows: u32,
    /// How many are side by side.
    pub across: u32,
    /// How many there are below each other.
    pub down: u32,
    /// Where they start.
    pub offsets: Entry,
    /// How long they are; what is not compressed may not say so.
    pub counts: Option<Entry>,
}

impl Pieces {
    /// Returns the word for one of them.
    pub fn word(&self) -> &'static str {
        if self.tiled { "tile" } else { "strip" }
    }

    /// Counts them.
    pub fn number(&self) -> u64 {
        u64::from(self.across) * u64::from(self.down)
    }
}

/// Tells whether a page is no image of the stack but a thumbnail or a mask.
///
/// # Errors
/// See [`TiffFile::number`].
pub fn is_aside(file: &TiffFile<'_>, directory: &Directory) -> Result<bool, Error> {
    Ok(file.number(directory, tag::NEW_SUBFILE_TYPE)?.is_some_and(|bits| bits & 0b101 != 0))
}

/// The tags of a page.
struct Tags<'f, 's> {
    file: &'f TiffFile<'s>,
    directory: &'f Directory,
}

impl Tags<'_, '_> {
    fn number(&self, tag: u16, default: u64) -> Result<u64, Error> {
        Ok(self.file.number(self.directory, tag)?.unwrap_or(default))
    }

    fn entry(&self, tag: u16) -> Result<Entry, TiffError> {
        let page = self.directory.page;
        self.directory.entry(tag).copied().ok_or(TiffError::Missing { page, tag, name: tag::name(tag) })
    }

    /// Returns a number above 0 that must be there.
    fn size(&self, tag: u16) -> Result<u64, Error> {
        self.entry(tag)?;
        self.positive(tag, 0)
    }

    fn positive(&self, tag: u16, default: u64) -> Result<u64, Error> {
        let (page, name) = (self.directory.page, tag::name(tag));
        match self.number(tag, default)? {
            value @ 0 => Err(TiffError::Value { page, tag, name, value }.into()),
            value => Ok(value),
        }
    }
}

impl Page {
    /// Reads what a directory says of its image.
    ///
    /// # Errors
    /// [`TiffError`] for what is not read or cannot be, [`Error::Read`].
    pub fn of(file: &TiffFile<'_>, directory: &Directory) -> Result<Self, Error> {
        let page = directory.page;
        let tags = Tags { file, directory };
        let codec = codec(page, tags.number(tag::COMPRESSION, 1)?)?;
        let photometric = tags.number(tag::PHOTOMETRIC, 1)?;
        check_photometric(page, photometric)?;
        match tags.positive(tag::SAMPLES_PER_PIXEL, 1)? {
            1 => {}
            samples => return Err(TiffError::Samples { page, samples }.into()),
        }
        let kind = kind(&tags)?;
        match tags.number(tag::FILL_ORDER, 1)? {
            1 => {}
            number => return Err(TiffError::FillOrder { page, number }.into()),
        }
        let (width, height) = (tags.size(tag::IMAGE_WIDTH)?, tags.size(tag::IMAGE_LENGTH)?);
        let sides = TiffError::Sides { page, width, height };
        let side = |side| u32::try_from(side).ok().filter(|&side| side < MAX_SIDE).ok_or(sides.clone());
        let (width, height) = (side(width)?, side(height)?);
        let predictor = if codec.has_predictors() { predictor(&tags, kind)? } else { Predictor::None };
        let resolution = |tag| Ok::<_, Error>(file.fraction(directory, tag)?.unwrap_or(0.0));
        Ok(Self {
            number: page,
            width,
            height,
            kind,
            codec,
            predictor,
            min_is_white: photometric == 0,
            pieces: pieces(&tags, width, height)?,
            resolution: [resolution(tag::X_RESOLUTION)?, resolution(tag::Y_RESOLUTION)?],
            unit: tags.number(tag::RESOLUTION_UNIT, 2)?,
            description: directory.entry(tag::DESCRIPTION).copied(),
            software: directory.entry(tag::SOFTWARE).copied(),
            date: directory.entry(tag::DATE_TIME).copied(),
        })
    }

    /// Counts the bytes of a row of pixels.
    pub fn row_bytes(&self) -> u64 {
        u64::from(self.width) * self.kind.bytes() as u64
    }

    /// Counts the bytes of all pixels.
    pub fn bytes(&self) -> u64 {
        self.row_bytes() * u64::from(self.height)
    }

    /// Returns the rows of a strip or of a row of tiles, from the top.
    pub fn rows_of(&self, band: u32) -> std::ops::Range<u32> {
        let start = band * self.pieces.rows;
        start..self.height.min(start.saturating_add(self.pieces.rows))
    }

    /// Counts the bytes that a piece of a band decodes to: tiles are always whole.
    pub fn piece_bytes(&self, band: u32) -> u64 {
        let rows = if self.pieces.tiled { self.pieces.rows } else { self.rows_of(band).len() as u32 };
        u64::from(self.pieces.width) * u64::from(rows) * self.kind.bytes() as u64
    }

    /// Checks that a page can be of the same stack as the first one.
    ///
    /// # Errors
    /// [`TiffError::OtherSize`], [`TiffError::OtherType`].
    pub fn matches(&self, first: &Self) -> Result<(), TiffError> {
        if (self.width, self.height) != (first.width, first.height) {
            return Err(TiffError::OtherSize {
                page: self.number,
                width: self.width,
                height: self.height,
                first: first.number,
                first_width: first.width,
                first_height: first.height,
            });
        }
        if self.kind != first.kind {
            return Err(TiffError::OtherType {
                page: self.number,
                kind: self.kind.name(),
                first: first.number,
                first_kind: first.kind.name(),
            });
        }
        Ok(())
    }
}

/// Returns the codec, or the name of one that is not read.
fn codec(page: u64, number: u64) -> Result<Codec, TiffError> {
    if let Some(codec) = Codec::of(number) {
        return Ok(codec);
    }
    let name = match number {
        2 => "CCITT modified Huffman (1 bit per pixel)",
        3 => "CCITT group 3 (1 bit per pixel)",
        4 => "CCITT group 4 (1 bit per pixel)",
        6 => "old JPEG",
        7 => "JPEG",
        32771 => "CCITT modified Huffman with words (1 bit per pixel)",
        34661 => "JBIG (1 bit per pixel)",
        34712 => "JPEG 2000",
        34887 => "LERC",
        34925 => "LZMA",
        50001 => "WebP",
        50002 | 52546 => "JPEG XL",
        65000..=65002 => "EER",
        _ => return Err(TiffError::Compression { page, number }),
    };
    Err(TiffError::Codec { page, name, number })
}

fn check_photometric(page: u64, number: u64) -> Result<(), TiffError> {
    let name = match number {
        0 | 1 => return Ok(()),
        2 => "RGB",
        3 => return Err(TiffError::Palette(page)),
        5 => "CMYK or other inks",
        6 => "YCbCr",
        8..=10 => "L*a*b*",
        32803 | 34892 => "a colour filter's raw picture",
        _ => return Err(TiffError::Photometric { page, number }),
    };
    Err(TiffError::Colour { page, name })
}

/// Returns the type of the pixels.
fn kind(tags: &Tags<'_, '_>) -> Result<PixelType, Error> {
    let page = tags.directory.page;
    let bits = tags.number(tag::BITS_PER_SAMPLE, 1)?;
    let stated = tags.file.number(tags.directory, tag::SAMPLE_FORMAT)?;
    let format = match stated {
        Some(format @ 1..=3) => format,
        Some(5 | 6) => return Err(TiffError::Complex(page).into()),
        // 4 is "undefined".
        Some(4) => 1,
        Some(number) => return Err(TiffError::SampleFormat { page, number }.into()),
        None if bits == 32 && by_eman2(tags)? => 3,
        None => 1,
    };
    Ok(match (format, bits) {
        (1, 8) => PixelType::U8,
        (1, 16) => PixelType::U16,
        (1, 32) => PixelType::U32,
        (2, 8) => PixelType::I8,
        (2, 16) => PixelType::I16,
        (2, 32) => PixelType::I32,
        (3, 16) => PixelType::F16,
        (3, 32) => PixelType::F32,
        (3, 64) => PixelType::F64,
        _ => {
            let format = match (format, bits) {
                (3, _) => " as floats",
                (_, 64) => " as integers",
                _ => "",
            };
            return Err(TiffError::Bits { page, bits, format }.into());
        }
    })
}

/// Tells whether EMAN2 wrote a page.
fn by_eman2(tags: &Tags<'_, '_>) -> Result<bool, Error> {
    let Some(entry) = tags.directory.entry(tag::SOFTWARE) else { return Ok(false) };
    Ok(tags.file.bytes(tags.directory.page, entry, EMAN2.len() as u64)? == EMAN2)
}

fn predictor(tags: &Tags<'_, '_>, kind: PixelType) -> Result<Predictor, Error> {
    match tags.number(tag::PREDICTOR, 1)? {
        1 => Ok(Predictor::None),
        2 => Ok(Predictor::Horizontal),
        3 if kind.is_float() => Ok(Predictor::Floats),
        number => Err(TiffError::Predictor { page: tags.directory.page, number }.into()),
    }
}

/// Returns the strips or tiles of a page.
fn pieces(tags: &Tags<'_, '_>, width: u32, height: u32) -> Result<Pieces, Error> {
    let page = tags.directory.page;
    let has = |tag| tags.directory.entry(tag).is_some();
    let tiled = has(tag::TILE_WIDTH) || has(tag::TILE_LENGTH);
    let ((piece_width, rows), offsets, counts) = if tiled {
        let sides = (tags.size(tag::TILE_WIDTH)?, tags.size(tag::TILE_LENGTH)?);
        (sides, tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS)
    } else {
        let rows = tags.positive(tag::ROWS_PER_STRIP, u64::from(height))?;
        ((width.into(), rows.min(height.into())), tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS)
    };
    let side = |side| u32::try_from(side).ok().filter(|&side| side < MAX_SIDE);
    let sides = side(piece_width).zip(side(rows));
    let (piece_width, rows) = sides.ok_or(TiffError::Sides { page, width: piece_width, height: rows })?;
    let offsets = tags.entry(offsets)?;
    let counts = match tags.entry(counts) {
        Ok(counts) => Some(counts),
        // Programs of old leave it out.
        Err(_) if tags.number(tag::COMPRESSION, 1)? == 1 => None,
        Err(problem) => return Err(problem.into()),
    };
    let (across, down) = (width.div_ceil(piece_width), height.div_ceil(rows));
    let pieces = Pieces { tiled, width: piece_width, rows, across, down, offsets, counts };
    let needed = pieces.number();
    let found = counts.map_or(offsets.count, |counts| counts.count.min(offsets.count));
    if found < needed {
        let pieces = if tiled { "tiles" } else { "strips" };
        return Err(TiffError::TooFew { page, pieces, found, needed }.into());
    }
    Ok(pieces)
}
