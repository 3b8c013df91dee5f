//! Why images can't become an MRC file.

use crate::formats::mrc::Mode;
use crate::image::Shape;

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpandError {
    /// One file has one size.
    #[error(
        "image {image} is {}, image 0 is {}: an MRC file holds images of one size; expand them one by one",
        sides(*.found), sides(*.first)
    )]
    Shapes {
        /// The first that differs, from 0.
        image: u32,
        /// Of image 0.
        first: Shape,
        /// Of the one that differs.
        found: Shape,
    },

    /// More than the header can count.
    #[error("{0} sections are more than the {max} an MRC header can count", max = i32::MAX)]
    Sections(u64),

    /// A mode was asked for that would change values.
    #[error(
        "image {image} holds the value {value:?}, which mode {} cannot; mode {} holds all of them",
        .asked.number(), .fits.number()
    )]
    Value {
        /// Index of the image, from 0.
        image: u32,
        /// The first value that doesn't fit.
        value: f32,
        /// The mode asked for.
        asked: Mode,
        /// One that all values of all images fit.
        fits: Mode,
    },
}

fn sides(Shape { nx, ny, nz }: Shape) -> String {
    if nz == 1 { format!("{nx} x {ny}") } else { format!("{nx} x {ny} x {nz}") }
}
