//! What can be wrong with a TIFF file.

use super::directory::{MOST_PAGES, MOST_TAGS};
use crate::image::MAX_SIDE;

/// Why a file cannot be taken for TIFF images. Pages count from 1, all directories of the file included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TiffError {
    /// Nothing of TIFF in it.
    #[error("this is not a TIFF file")]
    NotTiff,
    /// No directory.
    #[error("the TIFF file has no page: whatever wrote it did not finish; copy it again from where it came")]
    NoPages,
    /// Directories, but none of an image.
    #[error("the TIFF file has {0} reduced or mask pages only, and no image")]
    NoImages(u64),
    /// A part of the file that is named but not there.
    #[error(
        "page {page} of the TIFF file: {what} at byte {offset} does not fit the file of {length} bytes: the file is cut short or \
         damaged; copy it again from where it came"
    )]
    Outside {
        /// The page.
        page: u64,
        /// What lies there.
        what: &'static str,
        /// Where it should start.
        offset: u64,
        /// Length of the file.
        length: u64,
    },
    /// The chain of directories is a ring.
    #[error("page {page}: its directory at byte {offset} is that of an earlier page: the file is damaged")]
    Loop {
        /// The page.
        page: u64,
        /// Where its directory is.
        offset: u64,
    },
    /// More directories than libtiff takes.
    #[error("the TIFF file has more than {MOST_PAGES} pages")]
    TooManyPages,
    /// More tags than any program writes.
    #[error(
        "page {page}: its directory at byte {offset} has {tags} tags, more than {MOST_TAGS}: the file is damaged"
    )]
    TooManyTags {
        /// The page.
        page: u64,
        /// Where its directory is.
        offset: u64,
        /// What it says.
        tags: u64,
    },
    /// A value of a type that cannot be.
    #[error(
        "page {page}: tag {tag} ({name}) is of type {kind}, which is no whole number: the file is damaged"
    )]
    Kind {
        /// The page.
        page: u64,
        /// The tag.
        tag: u16,
        /// Its name.
        name: &'static str,
        /// The type.
        kind: u16,
    },
    /// A tag that a page cannot do without.
    #[error("page {page}: tag {tag} ({name}) is missing: the file is damaged")]
    Missing {
        /// The page.
        page: u64,
        /// The tag.
        tag: u16,
        /// Its name.
        name: &'static str,
    },
    /// A number that cannot be.
    #[error("page {page}: tag {tag} ({name}) is {value}, which cannot be: the file is damaged")]
    Value {
        /// The page.
        page: u64,
        /// The tag.
        tag: u16,
        /// Its name.
        name: &'static str,
        /// The number.
        value: u64,
    },
    /// Sides beyond what any camera has.
    #[error("page {page} is {width} x {height}: sides must be below {MAX_SIDE}")]
    Sides {
        /// The page.
        page: u64,
        /// Columns.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// RGB, `YCbCr`, CMYK and so on.
    #[error("page {page} is colour TIFF ({name}), which is no density; convert it to grey first")]
    Colour {
        /// The page.
        page: u64,
        /// Its kind.
        name: &'static str,
    },
    /// Indices into a table of colours.
    #[error("page {0} is a palette picture, which is no density; convert it to grey first")]
    Palette(u64),
    /// A meaning of pixels that nobody here knows.
    #[error(
        "page {page}: PhotometricInterpretation (tag 262) is {number}, which is no density; convert it to grey first"
    )]
    Photometric {
        /// The page.
        page: u64,
        /// The number.
        number: u64,
    },
    /// Grey and something else.
    #[error(
        "page {page} has {samples} samples per pixel; one is read: leave out the others (alpha, masks) first"
    )]
    Samples {
        /// The page.
        page: u64,
        /// How many.
        samples: u64,
    },
    /// Bits of which no pixel type is made.
    #[error(
        "page {page} has {bits} {plural} per sample{format}; 8, 16 and 32 bits are read, and floats of 64: convert it \
         first",
        plural = if *.bits == 1 { "bit" } else { "bits" }
    )]
    Bits {
        /// The page.
        page: u64,
        /// How many.
        bits: u64,
        /// What they are, where that matters.
        format: &'static str,
    },
    /// `SampleFormat` 5 and 6.
    #[error("page {0} has complex numbers (a Fourier transform), which codes cannot represent")]
    Complex(u64),
    /// `SampleFormat` beyond 6.
    #[error("page {page}: SampleFormat (tag 339) is {number}, which is unknown")]
    SampleFormat {
        /// The page.
        page: u64,
        /// The number.
        number: u64,
    },
    /// A codec that is known by name and not read.
    #[error("page {page} is compressed as {name}, which is not read; {}", advice(*.number))]
    Codec {
        /// The page.
        page: u64,
        /// Its name.
        name: &'static str,
        /// Its number.
        number: u64,
    },
    /// A codec that is not known.
    #[error(
        "page {page} has compression {number}, which is unknown; convert it to LZW, deflate or no compression first"
    )]
    Compression {
        /// The page.
        page: u64,
        /// The number.
        number: u64,
    },
    /// LZW of before 1992.
    #[error(
        "page {0} is LZW in the bit order of before 1992 (old LZW), which is not read; write it again with tiffcp -c lzw"
    )]
    OldLzw(u64),
    /// Bits of each byte reversed.
    #[error(
        "page {page}: FillOrder (tag 266) is {number}: the bits of each byte are reversed, which is not read; {}",
        advice(0)
    )]
    FillOrder {
        /// The page.
        page: u64,
        /// The number.
        number: u64,
    },
    /// A predictor that is not known or does not fit the pixels.
    #[error(
        "page {page}: Predictor (tag 317) is {number}, which these pixels cannot have; the file is damaged"
    )]
    Predictor {
        /// The page.
        page: u64,
        /// The number.
        number: u64,
    },
    /// Pages of one file that cannot be one stack.
    #[error(
        "pages differ in size: page {page} is {width} x {height}, page {first} is {first_width} x {first_height}; \
         write the pages to files of their own"
    )]
    OtherSize {
        /// The page.
        page: u64,
        /// Its columns.
        width: u32,
        /// Its rows.
        height: u32,
        /// The first page.
        first: u64,
        /// Its columns.
        first_width: u32,
        /// Its rows.
        first_height: u32,
    },
    /// Pages of one file that cannot be one stack.
    #[error(
        "pages differ in pixel type: page {page} has {kind}, page {first} has {first_kind}; write the pages to files \
         of their own"
    )]
    OtherType {
        /// The page.
        page: u64,
        /// Its pixel type.
        kind: &'static str,
        /// The first page.
        first: u64,
        /// Its pixel type.
        first_kind: &'static str,
    },
    /// Fewer strips or tiles than the pixels need.
    #[error("page {page} has {found} {pieces} of the {needed} that its pixels need: the file is damaged")]
    TooFew {
        /// The page.
        page: u64,
        /// Strips or tiles.
        pieces: &'static str,
        /// How many there are.
        found: u64,
        /// How many there must be.
        needed: u64,
    },
    /// More pixels than so many bytes can be unpacked to.
    #[error(
        "page {page}: {stored} bytes cannot be the {pixels} bytes of its pixels: the file is cut short or damaged; copy \
         it again from where it came"
    )]
    Promise {
        /// The page.
        page: u64,
        /// Bytes that are there.
        stored: u64,
        /// Bytes of pixels that are promised.
        pixels: u64,
    },
    /// Pages that share their bytes, so that nothing bounds how many pixels there are.
    #[error(
        "the pages up to page {page} name more bytes than the file has: they share them, the file is damaged"
    )]
    Shared {
        /// The page.
        page: u64,
    },
    /// A strip or tile that does not fit the file.
    #[error(
        "page {page}: {piece} {number} ({length} bytes at byte {offset}) does not fit the file of {file} bytes: the \
         file is cut short or damaged; copy it again from where it came"
    )]
    PieceOutside {
        /// The page.
        page: u64,
        /// Strip or tile.
        piece: &'static str,
        /// Its number, from 0.
        number: u64,
        /// Where it starts.
        offset: u64,
        /// How long it is.
        length: u64,
        /// Length of the file.
        file: u64,
    },
    /// A strip or tile that cannot be decoded, or holds too few pixels.
    #[error(
        "page {page}: {piece} {number} at byte {offset} {problem}: the file is damaged; copy it again from where it came"
    )]
    Piece {
        /// The page.
        page: u64,
        /// Strip or tile.
        piece: &'static str,
        /// Its number, from 0.
        number: u64,
        /// Where it starts.
        offset: u64,
        /// What is wrong.
        problem: Damage,
    },
    /// A stack of `ImageJ` that is cut short.
    #[error(
        "ImageJ's description promises {images} images of {each} bytes behind byte {offset}, the file has {length} \
         bytes: it is cut short; copy it again from where it came"
    )]
    ImageJ {
        /// Images.
        images: u64,
        /// Bytes of each.
        each: u64,
        /// Where they start.
        offset: u64,
        /// Length of the file.
        length: u64,
    },
}

/// What can be wrong with the bytes of a strip or tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// More pixels than can be decoded at once.
    #[error(
        "is of more than 1 GiB of pixels, which are not decoded at once; write smaller ones with tiffcp -r"
    )]
    TooLong,
    /// Too few pixels.
    #[error("ends before its last pixel: the file is cut short or damaged; copy it again from where it came")]
    Short,
    /// Bytes that no encoder writes.
    #[error("is no valid {0}: the file is damaged; copy it again from where it came")]
    Invalid(&'static str),
}

/// Says what to do about a codec.
fn advice(codec: u64) -> &'static str {
    match codec {
        6 | 7 | 34712 | 34887 | 50001 | 50002 | 52546 | 65000..=65002 => "convert it to LZW or deflate first",
        _ => "write it again with tiffcp -c lzw",
    }
}
