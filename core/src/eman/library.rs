//! A way around this reader, for datasets of a form it doesn't know.

use std::ops::Range;

use crate::block::Shape;

/// A full HDF5 library that has the same file open. Its errors are in words.
pub trait Library {
    /// The dimensions of the dataset of an image, slowest first, and whether its elements are floats.
    ///
    /// # Errors
    /// When the library can't read it either.
    fn describe(&self, image: u32) -> Result<(Vec<u64>, bool), String>;

    /// The elements of rows of an image, counted through all its sections, as the nearest floats.
    ///
    /// # Errors
    /// When the library can't read them.
    fn read(&self, image: u32, shape: Shape, rows: Range<u64>) -> Result<Vec<f32>, String>;
}
