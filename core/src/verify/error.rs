//! What is wrong with a file that can be read.

use std::fmt;

use crate::image::Shape;

/// A pixel. All numbers count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the image.
    pub image: u32,
    /// Section of a volume, 0 in an image.
    pub section: u32,
    /// Row, in the order of the file.
    pub row: u32,
    /// Column.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { image, section, row, column } = self;
        write!(to, "image {image}, ")?;
        if *section > 0 {
            write!(to, "section {section}, ")?;
        }
        write!(to, "row {row}, column {column}")
    }
}

/// Why a file is not sound, or not what it should be of its original.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Another number of images.
    #[error("it has {found} images, the original has {expected}")]
    Images {
        /// In the file.
        found: u32,
        /// In the original.
        expected: u32,
    },

    /// An image of another size.
    #[error("image {image} is {}, in the original it is {}", sides(*.found), sides(*.expected))]
    Shape {
        /// Its number.
        image: u32,
        /// In the file.
        found: Shape,
        /// In the original.
        expected: Shape,
    },

    /// An attribute that contradicts the stored pixels.
    #[error("image {image}: the attribute {name} says {said}, the stored pixels {found}")]
    Attribute {
        /// Number of the image.
        image: u32,
        /// The attribute.
        name: &'static str,
        /// What it says.
        said: f64,
        /// What the dataset says.
        found: f64,
    },

    /// An attribute that contradicts the original's pixels.
    #[error("image {image}: the attribute {name} says {said}, the original's pixels {expected}")]
    Statistic {
        /// Number of the image.
        image: u32,
        /// The attribute.
        name: &'static str,
        /// What it says.
        said: f64,
        /// What it should say.
        expected: f64,
    },

    /// Codes that span nothing, of values that span something.
    #[error(
        "image {image} is destroyed: its codes span nothing, so that every pixel reads back as {value}, but its \
         values went from {minimum} to {maximum}"
    )]
    Flat {
        /// Number of the image.
        image: u32,
        /// What every pixel reads back as.
        value: f32,
        /// Smallest value.
        minimum: f64,
        /// Largest value.
        maximum: f64,
    },

    /// A range from high to low, or one that leaves out values that weren't truncated.
    #[error(
        "image {image}: its codes span {low} to {high}, which can't be: its values go from {minimum} to {maximum} \
         and no pixel is said to be truncated"
    )]
    Range {
        /// Number of the image.
        image: u32,
        /// `stored_rendermin`.
        low: f32,
        /// `stored_rendermax`.
        high: f32,
        /// Smallest value, as the attributes say.
        minimum: f64,
        /// Largest value, as the attributes say.
        maximum: f64,
    },

    /// A range from high to low.
    #[error("image {image}: its codes span {low} to {high}, the wrong way round")]
    Reversed {
        /// Number of the image.
        image: u32,
        /// `stored_rendermin`.
        low: f32,
        /// `stored_rendermax`.
        high: f32,
    },

    /// More bits than an element has.
    #[error("image {image}: its codes are said to have {bits} bits, its elements have {elements}")]
    Bits {
        /// Number of the image.
        image: u32,
        /// `stored_renderbits`.
        bits: u32,
        /// Bits of an element.
        elements: u32,
    },

    /// Codes that this program would not write.
    #[error("image {image}: codes of {bits} bits can't be held to an original; those of 2 to 16 bits can")]
    OddBits {
        /// Number of the image.
        image: u32,
        /// `stored_renderbits`.
        bits: u32,
    },

    /// Pixels that were never written.
    #[error("{place}: the pixels from here on were never written; {missing} of {chunks} chunks are missing")]
    Unwritten {
        /// The first of them.
        place: Place,
        /// Chunks that are missing.
        missing: u64,
        /// Chunks there should be.
        chunks: u64,
    },

    /// Two pieces of pixel data in the same bytes.
    #[error("image {image}: pixels at byte {address} of the file lie where others lie, too")]
    Overlap {
        /// Number of the later image.
        image: u32,
        /// Address of its piece.
        address: u64,
    },

    /// A code beyond what its bits can count.
    #[error("{place}: the code is {code}, the highest is {most}")]
    Code {
        /// The pixel.
        place: Place,
        /// What is stored.
        code: f32,
        /// 2^bits - 1.
        most: f32,
    },

    /// Not the code of the original's value.
    #[error("{place}: the code is {found}, the original's {value:?} makes it {expected}")]
    WrongCode {
        /// The pixel.
        place: Place,
        /// What is stored.
        found: f32,
        /// What should be stored.
        expected: u32,
        /// The original's pixel.
        value: f32,
    },

    /// Not the original's value.
    #[error("{place}: the pixel is {found:?}, in the original it is {expected:?}")]
    WrongValue {
        /// The pixel.
        place: Place,
        /// In the file.
        found: f32,
        /// In the original.
        expected: f32,
    },

    /// The code's value is further from the original's than a step allows.
    #[error(
        "{place}: the pixel reads back as {found:?}, in the original it is {expected:?}: more than half a step"
    )]
    Far {
        /// The pixel.
        place: Place,
        /// As it reads back.
        found: f32,
        /// In the original.
        expected: f32,
    },
}

fn sides(Shape { nx, ny, nz }: Shape) -> String {
    if nz == 1 { format!("{nx} x {ny}") } else { format!("{nx} x {ny} x {nz}") }
}

/// What to do about it.
const DOUBT: &str = "the disk, its connection or the memory is faulty, and nothing was kept";

/// How what was read back differs from what was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadbackError {
    /// More or fewer bytes.
    #[error("{found} bytes were read back of the {written} that were written; {DOUBT}")]
    Length {
        /// In bytes.
        found: u64,
        /// In bytes.
        written: u64,
    },

    /// Other bytes.
    #[error("other bytes were read back than were written; {DOUBT}")]
    Bytes,

    /// The file's structures don't lead to what was written.
    #[error("image {image} does not lead to its {chunks} chunks as they were written; {DOUBT}")]
    Chunks {
        /// Its number.
        image: u32,
        /// How many it has.
        chunks: usize,
    },
}
