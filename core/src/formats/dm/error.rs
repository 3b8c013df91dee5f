//! What can be wrong with a Digital Micrograph file.

use super::tags::{DEEPEST, MOST_TAGS};
use crate::image::MAX_SIDE;

/// What to do about a file that is not whole.
const COPY: &str = "copy it again from where it came";

/// What to do about pixels that are no image here.
const EXPORT: &str = "open it in DigitalMicrograph or GMS and save the part that is an image";

/// Why a file cannot be taken for a Digital Micrograph image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DmError {
    /// Something in the file leads beyond its end.
    #[error(
        "the Digital Micrograph file is cut short: {promised} bytes should follow byte {at}, {rest} do; {COPY}"
    )]
    CutShort {
        /// Where they should start.
        at: u64,
        /// Bytes that should be there.
        promised: u128,
        /// Bytes that are.
        rest: u64,
    },
    /// A byte order, kind of entry, type or mark that there is not.
    #[error("{what} at byte {at} of the Digital Micrograph file is {found}, which it cannot be; {COPY}")]
    Damaged {
        /// What it is.
        what: &'static str,
        /// Where.
        at: u64,
        /// What is there.
        found: u64,
    },
    /// Groups in groups without end.
    #[error(
        "at byte {at} of the Digital Micrograph file groups of tags lie more than {DEEPEST} deep; {COPY}"
    )]
    TooDeep {
        /// Where.
        at: u64,
    },
    /// More tags than any file has.
    #[error("the Digital Micrograph file has more than {MOST_TAGS} tags (at byte {at}); {COPY}")]
    TooMany {
        /// Where.
        at: u64,
    },
    /// A group that promises more tags than bytes.
    #[error("the group of tags at byte {at} promises {tags} tags, and {rest} bytes follow; {COPY}")]
    TagCount {
        /// Where.
        at: u64,
        /// How many it promises.
        tags: u64,
        /// Bytes that follow.
        rest: u64,
    },
    /// Nothing to see.
    #[error("the Digital Micrograph file has no image: its list of images (ImageList) has none with pixels")]
    NoImage,
    /// A tag that an image needs.
    #[error("image {image} of the Digital Micrograph file has no {tag}; {COPY}")]
    Missing {
        /// The number in the list.
        image: usize,
        /// The tag.
        tag: &'static str,
    },
    /// A spectrum, or a picture for each pixel of another.
    #[error(
        "image {image} of the Digital Micrograph file has {} ({sides:?}), which is no image and no stack of them; {EXPORT}",
        if sides.len() == 1 { "one dimension, that of a spectrum".to_owned() } else { format!("{} dimensions", sides.len()) }
    )]
    Dimensions {
        /// The number in the list.
        image: usize,
        /// Its dimensions.
        sides: Vec<u64>,
    },
    /// Sides that no image has.
    #[error(
        "image {image} of the Digital Micrograph file has the dimensions {sides:?}: each must be at least 1, and sides \
         below {MAX_SIDE}"
    )]
    Sides {
        /// The number in the list.
        image: usize,
        /// Its dimensions.
        sides: Vec<u64>,
    },
    /// Pixels that are no real numbers, or of 64 bits.
    #[error(
        "image {image} of the Digital Micrograph file has {} (DataType {data_type}), which {}",
        kind_of(*.data_type), advice(*.data_type)
    )]
    Pixels {
        /// The number in the list.
        image: usize,
        /// The number of the type.
        data_type: i64,
    },
    /// Bytes of a pixel that are not those of its type.
    #[error(
        "image {image} of the Digital Micrograph file says {depth} bytes per pixel (PixelDepth), its type (DataType \
         {data_type}) has {is}; {COPY}"
    )]
    Depth {
        /// The number in the list.
        image: usize,
        /// The number of the type.
        data_type: i64,
        /// What the file says.
        depth: i64,
        /// What it is.
        is: usize,
    },
    /// Dimensions that promise more than there is.
    #[error(
        "image {image} of the Digital Micrograph file promises {promised} bytes of pixels by its dimensions, and has \
         {found}; {COPY}"
    )]
    TooFew {
        /// The number in the list.
        image: usize,
        /// Bytes that the dimensions promise.
        promised: u128,
        /// Bytes that are there.
        found: u64,
    },
}

/// Names the pixels of a type that is not read.
fn kind_of(data_type: i64) -> &'static str {
    match data_type {
        3 | 5 | 13 | 27 | 28 => "complex pixels",
        8 | 23 => "colour pixels (RGB)",
        39 | 40 => "64-bit integers",
        _ => "pixels of a type that is unknown here",
    }
}

/// Says what to do about them.
fn advice(data_type: i64) -> &'static str {
    match data_type {
        3 | 5 | 13 | 27 | 28 => {
            "are a Fourier transform and no picture; save its modulus, or transform it back, in DigitalMicrograph"
        }
        8 | 23 => "are no density; convert it to grey in DigitalMicrograph first",
        39 | 40 => "do not fit 32-bit floats; convert it to 32-bit numbers in DigitalMicrograph first",
        _ => "cannot be read; convert it to 32-bit floats in DigitalMicrograph first",
    }
}
