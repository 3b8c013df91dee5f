//! What can be wrong with a pair of IMAGIC files.

use crate::image::MAX_SIDE;
use crate::words::Escaped;

/// What to do about files that are not whole.
const COPY: &str = "copy both files again from where they came";

/// Why a pair of files cannot be taken for IMAGIC images.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImagicError {
    /// Half of a pair.
    #[error(
        "IMAGIC images are two files, headers (.hed) and pixels (.img): {} is needed as well, beside this one",
        Escaped(.other)
    )]
    Half {
        /// The name of the file that is needed, too.
        other: String,
    },
    /// No header.
    #[error(
        "the IMAGIC headers (.hed) are invalid: lines and pixels per line (words 13 and 14) are {lines} and {pixels} in \
         one byte order and no size in the other; {COPY}"
    )]
    Header {
        /// Word 13.
        lines: i32,
        /// Word 14.
        pixels: i32,
    },
    /// Too few bytes for a header.
    #[error("the IMAGIC headers (.hed) have {found} bytes, and {images} images take {promised}; {COPY}")]
    Headers {
        /// Images that the first header promises.
        images: u64,
        /// Bytes of their headers.
        promised: u64,
        /// Bytes in the file.
        found: u64,
    },
    /// Floats that are not IEEE's.
    #[error(
        "the IMAGIC headers (.hed) are of a VAX (word 69 is {0:#010x}), whose floats are others; convert the files with \
         IMAGIC's EM2EM first"
    )]
    Vax(u32),
    /// Pixels of another type.
    #[error(
        "the IMAGIC images are of type {} (word 15 of the headers), {}; convert them to REAL in IMAGIC first",
        Escaped(.0), type_in_words(.0)
    )]
    Type(String),
    /// Numbers of images that cannot be.
    #[error(
        "the IMAGIC headers (.hed) say that {following} images follow the first (word 2), which cannot be; {COPY}"
    )]
    Count {
        /// Word 2.
        following: i32,
    },
    /// Sides that no image has.
    #[error(
        "the IMAGIC images are {nx} x {ny} x {nz} (words 14, 13, 61): each must be below {MAX_SIDE}; {COPY}"
    )]
    Sides {
        /// Pixels per line.
        nx: i32,
        /// Lines.
        ny: i32,
        /// Planes.
        nz: i32,
    },
    /// Headers of several sizes or types.
    #[error(
        "header {image} (from 0) of the IMAGIC headers (.hed) is of another size or type than the first; save such images in a \
         file of their own"
    )]
    Differs {
        /// Its number.
        image: u32,
    },
    /// Too few bytes for the pixels.
    #[error(
        "the IMAGIC pixels (.img) are cut short: the headers promise {promised} bytes, it has {found}; {COPY}"
    )]
    CutShort {
        /// Bytes of all images.
        promised: u128,
        /// Bytes in the file.
        found: u64,
    },
}

/// Says what a type that is not read is.
fn type_in_words(name: &str) -> &'static str {
    match name {
        "COMP" | "RECO" => "complex numbers (a Fourier transform), which codes cannot represent",
        _ => "and REAL, INTG and PACK are read",
    }
}
