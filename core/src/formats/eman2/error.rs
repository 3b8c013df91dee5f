//! The faults of an HDF5 file as a set of images.

use crate::formats::hdf5::read::HdfError;
use crate::words::Escaped;

/// Why an HDF5 file is no set of images.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmanError {
    /// Another kind of HDF5 file.
    #[error("an HDF5 file, but not EMAN2's: it has no images in /MDF/images")]
    NotEman,

    /// Digital Micrograph's, version 5.
    #[error(
        "an HDF5 file of Digital Micrograph (DM5), which is not read; save it as DM4 or TIFF in DigitalMicrograph, or \
         convert it to MRC first"
    )]
    Dm5,

    /// The layout before EMAN2's.
    #[error(
        "an HDF5 file in EMAN1's layout (its root has the attribute num_dataset), which is not read; in EMAN2 \
         `e2proc2d.py IN.hdf OUT.hdf` (e2proc3d.py for a volume) rewrites it"
    )]
    Eman1,

    /// Numbers without an image.
    #[error("{}", gaps(*.images, .missing))]
    Missing {
        /// How many there should be.
        images: u32,
        /// Their numbers, in order, not more than some.
        missing: Vec<u32>,
    },

    /// An image that a link out of the file leads to.
    #[error(
        "image {image} is a link out of the file, which is not followed; h5copy can put the image in its place"
    )]
    Elsewhere {
        /// Its number.
        image: u32,
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
        "chunks of this shape take {needed} bytes of memory when they are read, the most is {most}; h5repack can rewrite the file \
         with smaller ones"
    )]
    ChunksTooLarge {
        /// What they take.
        needed: u64,
        /// What they may.
        most: u64,
    },

    /// Pixels without a value.
    #[error(
        "{missing} of the {of} pieces that the pixels of image {image} are stored in were never written: whatever \
         made the file did not finish"
    )]
    Unwritten {
        /// Its number.
        image: u32,
        /// Pieces without a place in the file.
        missing: u64,
        /// All pieces.
        of: u64,
    },

    /// More pixels than the file can have been made of.
    #[error(
        "the images have {pixels} bytes of pixels, and the file has {length}, more than any encoder gets into so few: \
         it is damaged or made to fill disks"
    )]
    Growth {
        /// Bytes of all pixels.
        pixels: u64,
        /// The file's length.
        length: u64,
    },

    /// The same pixels again and again.
    #[error(
        "links give the same pixels to several images, {pixels} bytes more of them than the images by \
         themselves; the file has {length} bytes, and more than {most} times as many are not taken"
    )]
    Repeated {
        /// Bytes of the repeated images.
        pixels: u64,
        /// The file's length.
        length: u64,
        /// The most times.
        most: u64,
    },

    /// Valid HDF5 that the reader here does not take, in a place where a [`super::Backend`] can
    /// step in, but none was given.
    #[error(
        "the built-in reader does not support it, a program built with the cargo feature `libhdf5` does \
         (cargo build --release --features libhdf5): {}: {cause}",
        Escaped(.path)
    )]
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
    #[error("{} could not be read through {library} either: {}", Escaped(.path), Escaped(&.cause.to_string()))]
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

/// The longest list of missing images that is worth reading.
const MOST_LISTED: usize = 100;

/// Names images that are missing, and what to do.
fn gaps(images: u32, missing: &[u32]) -> String {
    let first = missing.first().copied().unwrap_or_default();
    let mut words =
        format!("image {first} of {images} is missing: /MDF/images/{first} has no dataset `image`");
    if missing.len() > MOST_LISTED {
        words.push_str(", and more than 100 others have none; write the file again from its images");
        return words;
    }
    let listed: Vec<String> = missing.iter().map(u32::to_string).collect();
    if missing.len() > 1 {
        words.extend([" (", &missing.len().to_string(), " images in all)"]);
    }
    let listed = listed.join(",");
    words.extend([
        "; in EMAN2 `e2proc2d.py IN.hdf OUT.hdf --exclude ",
        &listed,
        "` makes a file without gaps",
    ]);
    words
}
