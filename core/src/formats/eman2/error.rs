//! The faults of an HDF5 file as a set of images.

use crate::formats::hdf5::read::HdfError;

/// Why an HDF5 file is no set of images.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmanError {
    /// Another kind of HDF5 file.
    #[error("an HDF5 file, but not EMAN2's: it has no images in /MDF/images")]
    NotEman,

    /// A number without an image.
    #[error(
        "image {image} of {images} is missing: /MDF/images/{image} has no dataset `image`; rewrite the file \
         without gaps in EMAN2 (e2proc2d.py, e2proc3d.py)"
    )]
    Missing {
        /// Its number.
        image: u32,
        /// How many there should be.
        images: u32,
    },

    /// More images than can be numbered.
    #[error("/MDF/images promises {0} images, more than the file can hold")]
    TooMany(i64),

    /// A dataset that is no image.
    #[error("image {image} has the dimensions {dimensions:?}; images have 1 to 3, each from 1 to 2^20")]
    Dimensions {
        /// Its number.
        image: u32,
        /// Slowest first.
        dimensions: Vec<u64>,
    },

    /// Codes that cannot be scaled back.
    #[error(
        "image {image} says that its codes have {bits} bits from {low} to {high}, which cannot be: its \
         stored_* attributes are damaged"
    )]
    Scale {
        /// Its number.
        image: u32,
        /// `stored_renderbits`.
        bits: f64,
        /// `stored_rendermin`.
        low: f64,
        /// `stored_rendermax`.
        high: f64,
    },

    /// Chunks that can be inflated only together.
    #[error(
        "chunks of this shape take {needed} bytes of memory, the most is {most}; h5repack can rewrite the file \
         with smaller ones"
    )]
    ChunksTooLarge {
        /// What they take.
        needed: u64,
        /// What they may.
        most: u64,
    },

    /// Valid HDF5 that the reader here does not take, in a place where a [`super::Backend`] can
    /// step in, but none was given.
    #[error("{path}: {cause}")]
    BackendNeeded {
        /// The object.
        path: String,
        /// What the reader here does not take.
        cause: Box<HdfError>,
    },

    /// A dataset whose bytes only the library sees.
    #[error("image {image} is read through another library, so that its chunks cannot be checked one by one")]
    Unseen {
        /// Its number.
        image: u32,
    },

    /// The library that was to step in failed.
    #[error("{path} could not be read through {library} either: {cause}")]
    Backend {
        /// The object.
        path: String,
        /// Its name and version.
        library: String,
        /// What it said.
        cause: BackendFault,
    },
}

/// What a library said.
pub type BackendFault = Box<dyn std::error::Error + Send + Sync>;
