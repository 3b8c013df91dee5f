//! Another HDF5 library, for what [`crate::formats::hdf5::read`] does not take.

use super::{BackendFault, InputAttribute};
use crate::image::PixelType;

/// A library with the same file open. [`super::Eman`] walks the file by itself and turns to the
/// library for single objects: a dataset in a storage, under a filter or of numbers that the reader
/// here does not know, and attributes it cannot get at. Of a damaged object the library never hears.
///
/// Paths lead through links from the root: `/MDF/images/0/image`.
pub trait Backend {
    /// Returns the library's name and version, for messages.
    fn name(&self) -> String;

    /// Reads the attributes of a group or dataset, in the order they are stored.
    ///
    /// # Errors
    /// The error of the library.
    fn attributes(&self, path: &str) -> Result<Vec<InputAttribute>, BackendFault>;

    /// Describes a dataset. Also demands that its elements can be read: that the filters are there, and the
    /// other files that parts of it are in.
    ///
    /// # Errors
    /// The error of the library.
    fn dataset(&self, path: &str) -> Result<DatasetInfo, BackendFault>;

    /// Fills `bytes` with the elements of a part, in C order, converted to a type, little-endian.
    ///
    /// # Errors
    /// The error of the library.
    fn read(
        &self,
        path: &str,
        part: Hyperslab,
        kind: PixelType,
        bytes: &mut [u8],
    ) -> Result<(), BackendFault>;
}

/// What a library says of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetInfo {
    /// Slowest first.
    pub dimensions: Vec<u64>,
    /// A type that holds every element, where the library can tell.
    pub kind: Option<PixelType>,
    /// The sides of a chunk, slowest first, of a dataset in chunks.
    pub chunk: Option<Vec<u64>>,
    /// Names of other files that elements are in.
    pub others: Vec<String>,
}

/// A box of elements: along sections, rows and columns. A dataset of fewer dimensions has one section,
/// or one section and one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hyperslab {
    /// The first element.
    pub start: [u64; 3],
    /// How many along each dimension.
    pub counts: [u64; 3],
}
