//! What can go wrong, said to the person who has the file.

use std::io;

use crate::compress::OptionsError;
use crate::expand::error::ExpandError;
use crate::formats::compressed::StreamError;
use crate::formats::dm::error::DmError;
use crate::formats::eer::EerError;
use crate::formats::eman2::error::EmanError;
use crate::formats::hdf5::read::error::HdfError;
use crate::formats::imagic::error::ImagicError;
use crate::formats::mrc::error::MrcError;
use crate::formats::ser::error::SerError;
use crate::formats::spider::error::SpiderError;
use crate::formats::tiff::error::TiffError;
use crate::verify::error::{ReadbackError, VerifyError};
use crate::words::Escaped;

/// Why a file was not compressed, not expanded, or not found sound. Nothing written to the sink is worth keeping after one of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No format that is read, but perhaps one that is known by its first bytes.
    #[error("{0}")]
    UnknownFormat(String),

    /// The input is not an MRC file that can be read, and why.
    #[error(transparent)]
    Mrc(#[from] MrcError),

    /// The input is not a Digital Micrograph file that can be read, and why.
    #[error(transparent)]
    Dm(#[from] DmError),

    /// The input is not a TIA series that can be read, and why.
    #[error(transparent)]
    Ser(#[from] SerError),

    /// The input is not a SPIDER file that can be read, and why.
    #[error(transparent)]
    Spider(#[from] SpiderError),

    /// The input is not a pair of IMAGIC files that can be read, and why.
    #[error(transparent)]
    Imagic(#[from] ImagicError),

    /// The input is not a TIFF file that can be read, and why.
    #[error(transparent)]
    Tiff(#[from] TiffError),

    /// The input is a compressed stream that is damaged, or holds no MRC file that can be read.
    #[error(transparent)]
    Stream(#[from] StreamError),

    /// The input is not an HDF5 file that can be read, and why.
    #[error(transparent)]
    Hdf(HdfError),

    /// The input is not an EER file that can be read, or not in the way asked for, and why.
    #[error(transparent)]
    Eer(#[from] EerError),

    /// The input is an HDF5 file without images that can be read, and why.
    #[error(transparent)]
    Eman(#[from] EmanError),

    /// The source failed while it was read.
    #[error("reading {length} bytes at byte {offset} failed: {cause}")]
    Read {
        /// First byte asked for.
        offset: u64,
        /// Number of bytes asked for.
        length: u64,
        /// The source's error.
        cause: io::Error,
    },

    /// The sink failed while it was written.
    #[error("writing {length} bytes at byte {offset} of the output failed: {cause}")]
    Write {
        /// First byte to be written.
        offset: u64,
        /// Number of bytes to be written.
        length: u64,
        /// The sink's error.
        cause: io::Error,
    },

    /// The output does not read back as it was written.
    #[error(transparent)]
    Readback(#[from] ReadbackError),

    /// No pair of 32-bit floats can describe the range, so no reader could undo the codes.
    #[error(
        "image {image}: values from {minimum:e} to {maximum:e} span more than a 32-bit float can \
         hold; give --range, or --bits 0 to keep the floats"
    )]
    RangeTooWide {
        /// Index of the image in the file, from 0.
        image: u32,
        /// Smallest value.
        minimum: f32,
        /// Largest value.
        maximum: f32,
    },

    /// A chunk would not fit the 4 GiB that HDF5 allows one.
    #[error("a chunk of {0} bytes is larger than the 4 GiB HDF5 allows")]
    ChunkTooLarge(u64),

    /// An attribute's value is longer than the 64 KiB an HDF5 header message holds.
    #[error("the value of attribute {} is longer than the 64 KiB an HDF5 attribute holds", Escaped(.0))]
    AttributeTooLong(String),

    /// A number that no image has.
    #[error("there is no image {image}: there are {images}, numbered from 0")]
    NoSuchImage {
        /// The number asked for.
        image: u32,
        /// How many there are.
        images: u32,
    },

    /// A number that no section has.
    #[error("there is no section {section}: there are {sections}, numbered from 0")]
    NoSuchSection {
        /// The number asked for.
        section: u32,
        /// How many the image has.
        sections: u32,
    },

    /// More images than the format's group can number.
    #[error("{0} images are more than the {max} this format can number", max = i32::MAX)]
    TooManyImages(u64),

    /// The images cannot be written as MRC, or not in the mode asked for.
    #[error(transparent)]
    Expand(#[from] ExpandError),

    /// The file is not sound, or not what it should be of its original.
    #[error(transparent)]
    Verify(#[from] VerifyError),

    /// The file is not stored as the options would have it.
    #[error(transparent)]
    Options(#[from] OptionsError),

    /// The input is not what it says of itself, and why. The command has an option for it, other front ends name the
    /// command: a record of either says the same.
    #[error(
        "the input is not sound and nothing was made of it; the command's --force takes it as it is: {0}"
    )]
    Unsound(Box<Error>),

    /// The original that a file is checked against cannot be read.
    #[error("the original: {0}")]
    Original(Box<Error>),

    /// The watcher asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl From<HdfError> for Error {
    fn from(error: HdfError) -> Self {
        match error {
            HdfError::Read { offset, length, cause } => Self::Read { offset, length, cause },
            error => Self::Hdf(error),
        }
    }
}
