//! The obstacles to writing images as an MRC file.

use crate::image::PixelType;
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

    /// No program reads such MRC files.
    #[error("MRC files of {} are not written; modes 0, 1, 2, 6 and 12 are", .0.name())]
    Mode(PixelType),

    /// A mode was asked for that would change values.
    #[error(
        "image {image} holds the value {value:?}, which mode {} cannot; mode {} holds all of them",
        mode(*.asked), mode(*.fits)
    )]
    Value {
        /// Index of the image, from 0.
        image: u32,
        /// The first value that does not fit.
        value: f32,
        /// The mode asked for.
        asked: PixelType,
        /// One that all values of all images fit.
        fits: PixelType,
    },
}

fn mode(kind: PixelType) -> i32 {
    kind.mrc_mode().unwrap_or_default()
}

fn sides(Shape { nx, ny, nz }: Shape) -> String {
    if nz == 1 { format!("{nx} x {ny}") } else { format!("{nx} x {ny} x {nz}") }
}
