//! An MRC file while it is written: header, FEI records, pixels. See [`MrcFile`].
//!
//! Source: the MRC2014 format (Cheng et al., J. Struct. Biol. 192, 2015).

mod geometry;
mod header;
mod header_attributes;
mod kept;
mod mode;
pub mod records;

use super::header::HEADER_BYTES;
use crate::error::Error;
use crate::image::attributes::Attributes;
use crate::image::{PixelType, Shape};
use crate::io::output::Output;
use crate::io::sink::Sink;
use crate::quantise::statistics::Tally;
use crate::verify::readback::Manifest;
use header::Words;
pub(crate) use kept::KeptHeader;

/// What a file is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Of every image. Sides are below 2^20, sections of all images together below 2^31.
    pub shape: Shape,
    /// Number of images, at least 1.
    pub images: u32,
    /// How pixels are stored.
    pub mode: PixelType,
    /// What comes between header and pixels.
    pub extended: Extended,
    /// The most significant byte of every number comes first.
    pub big_endian: bool,
}

/// An extended header. It is shorter than 2^31 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extended {
    /// None.
    None,
    /// A FEI record for each image, each of so many bytes.
    Records(usize),
    /// The original's, of so many bytes, in its byte order.
    Original(u64),
}

impl Layout {
    /// Tells whether the file is a stack of images that are no volumes.
    #[must_use]
    pub fn is_flat_stack(&self) -> bool {
        self.images > 1 && self.shape.nz == 1
    }

    /// Counts the bytes of the file.
    #[must_use]
    pub fn length(&self) -> u64 {
        let images = u64::from(self.images);
        let extended = match self.extended {
            Extended::None => 0,
            Extended::Records(length) => length as u64 * images,
            Extended::Original(length) => length,
        };
        let pixels = self.shape.pixels().saturating_mul(images).saturating_mul(self.mode.bytes() as u64);
        pixels.saturating_add(HEADER_BYTES as u64 + extended)
    }
}

/// An MRC file while it is written, in order: first the records, then the pixels. The header comes
/// last: until then no reader takes the file for an MRC file.
pub struct MrcFile<'s> {
    out: Output<'s>,
    header: Words,
    mode: PixelType,
}

impl<'s> MrcFile<'s> {
    /// Starts a file without pixels. Geometry, labels and the like come from the original's header and the
    /// attributes of the first image.
    #[must_use]
    pub(crate) fn new(
        sink: &'s mut dyn Sink,
        layout: &Layout,
        attributes: &Attributes,
        kept: Option<&KeptHeader>,
    ) -> Self {
        let header = Words::new(layout, attributes, kept);
        Self { out: Output::new(sink, HEADER_BYTES as u64), header, mode: layout.mode }
    }

    /// Appends records or pixels.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.append(bytes).map(|_| ())
    }

    /// Writes the header with the statistics of the pixels as they read back; returns what the file must
    /// read back as.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn finish(self, tally: &Tally) -> Result<Manifest, Error> {
        let head = self.header.finish(self.mode, tally);
        Ok(Manifest { written: self.out.finish(head.to_vec(), 0)?, chunks: None })
    }
}
