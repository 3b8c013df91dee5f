//! What every input format offers the walk: images, their shapes, their pixels, their attributes.

use std::ops::Range;

use crate::error::Error;
use crate::image::Shape;
use crate::image::attributes::Attributes;
use crate::image::pixels::Pixels;

/// An input of one format. A new format is one implementation of this trait.
pub trait Images {
    /// Number of images, at least 1.
    fn images(&self) -> u32;

    /// The shape of one image, no side 0.
    fn shape(&self, image: u32) -> Shape;

    /// How the bytes that [`Images::read`] gives for an image make pixels.
    fn pixels(&self, image: u32) -> Pixels;

    /// Fills `bytes` with rows `rows` of an image (counted through all its sections), each row
    /// [`Pixels::row_bytes`] long.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends.
    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error>;

    /// The attributes that come from the input's header: geometry and provenance of the image,
    /// without the statistics and the storage attributes, which the walk adds.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends.
    fn attributes(&self, image: u32) -> Result<Attributes, Error>;

    /// Things about the input that its owner should know.
    fn warnings(&self) -> Vec<String>;
}
