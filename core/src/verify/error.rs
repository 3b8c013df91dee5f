//! The faults of a file that can be read.

use std::fmt;

use crate::formats::hdf5::read::InflateFault;
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
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A number of images other than the original's.
    #[error("it has {found} image{}, the original has {expected}", if *.found == 1 { "" } else { "s" })]
    Images {
        /// Images in the file.
        found: u32,
        /// Images in the original.
        expected: u32,
    },

    /// An image of a size other than the original's.
    #[error("image {image} is {}, in the original it is {}", sides(*.found), sides(*.expected))]
    Shape {
        /// Number of the image.
        image: u32,
        /// Shape in the file.
        found: Shape,
        /// Shape in the original.
        expected: Shape,
    },

    /// A chunk whose stream is another than that of its codes.
    #[error(
        "image {image}: a chunk is not what was encoded ({cause}); the memory or the processor may be faulty"
    )]
    Stream {
        /// Number of the image.
        image: u32,
        /// What is wrong with the stream.
        cause: InflateFault,
    },

    /// A chunk that changed, or changed places, between its check and its writing.
    #[error(
        "image {image}: a chunk is not the one that was checked; the memory or the processor may be faulty"
    )]
    Chunk {
        /// Number of the image.
        image: u32,
    },

    /// Pixels of the input that are others when they are read again.
    #[error("image {image}: the input has other pixels than when they were read before")]
    Changed {
        /// Number of the image.
        image: u32,
    },

    /// An attribute that contradicts the stored pixels.
    #[error("image {image}: the attribute {name} says {said}, the stored pixels {found}")]
    Attribute {
        /// Number of the image.
        image: u32,
        /// The attribute.
        name: &'static str,
        /// Value of the attribute.
        said: f64,
        /// Value by the dataset.
        found: f64,
    },

    /// An attribute that contradicts the original's pixels.
    #[error("image {image}: the attribute {name} says {said}, the original's pixels {expected}")]
    Statistic {
        /// Number of the image.
        image: u32,
        /// The attribute.
        name: &'static str,
        /// Value of the attribute.
        said: f64,
        /// Value the attribute should have.
        expected: f64,
    },

    /// An attribute that the original gives and the file does not have.
    #[error("image {image}: the attribute {name} is missing; by the original it is {expected}")]
    Missing {
        /// Number of the image.
        image: u32,
        /// The attribute.
        name: String,
        /// Value by the original.
        expected: String,
    },

    /// An attribute of another value or type than the original gives.
    #[error("image {image}: the attribute {name} is {found}; by the original it is {expected}")]
    Differs {
        /// Number of the image.
        image: u32,
        /// The attribute.
        name: String,
        /// Value in the file.
        found: String,
        /// Value by the original.
        expected: String,
    },

    /// An attribute's name that is damaged.
    #[error("image {image}: the name of the attribute {found} is damaged; it was {expected}")]
    Name {
        /// Number of the image.
        image: u32,
        /// The name in the file.
        found: String,
        /// The name it should be.
        expected: String,
    },

    /// Codes without one of the attributes that say what they mean.
    #[error("image {image}: it has attributes of codes, but {name} is missing or no number")]
    HalfCodes {
        /// Number of the image.
        image: u32,
        /// That attribute.
        name: &'static str,
    },

    /// Bytes around the pixels that are not those that were written.
    #[error(
        "its structure is not as this program writes it, from byte {offset} on: it is damaged, or another program \
         changed it; make it again from its original"
    )]
    Structure {
        /// Offset of the first byte that differs.
        offset: u64,
    },

    /// Bytes that no reader of the file comes to.
    #[error("{bytes} byte{} after its end, which no reader sees", if *.bytes == 1 { " follows" } else { "s follow" })]
    Trailing {
        /// How many.
        bytes: u64,
    },

    /// Images beyond the number that the file states.
    #[error(
        "{images} more image{} in it beyond the number that it states (imageid_max), which the original does not \
         have",
        if *.images == 1 { " is" } else { "s are" }
    )]
    Beyond {
        /// How many.
        images: u64,
    },

    /// An MRC header kept beside the images that is not the original's.
    #[error("the MRC header kept in it is not the original's: byte {offset} of the {which} differs")]
    Header {
        /// Which of the two.
        which: &'static str,
        /// Offset of the first byte that differs.
        offset: u64,
    },

    /// An MRC header that is said to be in the other byte order.
    #[error("the MRC header kept in it is said to be in another byte order than the original")]
    HeaderOrder,

    /// Codes that all decode to one value, of values that differ.
    #[error(
        "image {image} is lost: all its codes decode to {value}, but its values went from {minimum} to {maximum}"
    )]
    Flat {
        /// Number of the image.
        image: u32,
        /// The value that every pixel reads back as.
        value: f32,
        /// Smallest value.
        minimum: f64,
        /// Largest value.
        maximum: f64,
    },

    /// A range from high to low, or one that leaves out values that were not truncated.
    #[error(
        "image {image}: its codes span {low} to {high}, which is impossible: its values go from {minimum} to \
         {maximum} and no pixel is said to be truncated"
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
    #[error("image {image}: its codes span {low} to {high}: the low end is above the high end")]
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
    #[error(
        "image {image}: codes of {bits} bits cannot be checked against an original; those of 2 to 16 bits can"
    )]
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

    /// Two chunks or datasets in the same bytes.
    #[error("image {image}: pixels at byte {address} of the file overlap others")]
    Overlap {
        /// Number of the later image.
        image: u32,
        /// Address of its chunk or dataset.
        address: u64,
    },

    /// A code above the largest of its bit depth.
    #[error("{place}: the code is {code}, the highest is {most}")]
    Code {
        /// The pixel.
        place: Place,
        /// The stored code.
        code: f32,
        /// 2^bits - 1.
        most: f32,
    },

    /// A code that is not the one of the original's value.
    #[error("{place}: the code is {found}, the original's {value:?} makes it {expected}")]
    WrongCode {
        /// The pixel.
        place: Place,
        /// The stored code.
        found: f32,
        /// The code of the original's value.
        expected: u32,
        /// The original's pixel.
        value: f32,
    },

    /// A value that is not the original's.
    #[error("{place}: the pixel is {found:?}, in the original it is {expected:?}")]
    WrongValue {
        /// The pixel.
        place: Place,
        /// Value in the file.
        found: f32,
        /// Value in the original.
        expected: f32,
    },

    /// The code's value is further from the original's than a step allows.
    #[error(
        "{place}: the pixel reads back as {found:?}, in the original it is {expected:?}: more than half a step"
    )]
    Far {
        /// The pixel.
        place: Place,
        /// Value that the code decodes to.
        found: f32,
        /// Value in the original.
        expected: f32,
    },
}

fn sides(Shape { nx, ny, nz }: Shape) -> String {
    if nz == 1 { format!("{nx} x {ny}") } else { format!("{nx} x {ny} x {nz}") }
}

/// Ending of messages on what was read back.
const DOUBT: &str = "the disk, its connection or the memory is faulty, and the output was discarded";

/// Differences between the bytes read back and those written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadbackError {
    /// More or fewer bytes than were written.
    #[error("{found} bytes were read back, {written} were written; {DOUBT}")]
    Length {
        /// Length read back, in bytes.
        found: u64,
        /// Length written, in bytes.
        written: u64,
    },

    /// Bytes that differ from those written.
    #[error("the bytes read back differ from those written; {DOUBT}")]
    Bytes,

    /// Attributes that differ from those that were to be written.
    #[error("image {image} has other attributes than it was given; {DOUBT}")]
    Attributes {
        /// Number of the image.
        image: u32,
    },

    /// Structures of the file that do not lead to what was written.
    #[error("image {image} does not lead to its {chunks} chunks as they were written; {DOUBT}")]
    Chunks {
        /// Number of the image.
        image: u32,
        /// Number of its chunks.
        chunks: usize,
    },
}
