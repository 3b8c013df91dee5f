//! An MRC file while it is written: header, FEI records, pixels. See [`MrcFile`].
//!
//! Source: the MRC2014 format (Cheng et al., J. Struct. Biol. 192, 2015).

mod geometry;
mod header;
mod header_attributes;
mod mode;
pub mod records;

pub use mode::Mode;

use crc32fast::Hasher;

use super::header::HEADER_BYTES;
use crate::error::Error;
use crate::image::Shape;
use crate::image::attributes::Attributes;
use crate::io::output::Written;
use crate::io::sink::Sink;
use crate::quantise::statistics::Tally;
use crate::verify::readback::Manifest;
use header::Words;

/// What a file is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Of every image. Sides are below 2^20, sections of all images together below 2^31.
    pub shape: Shape,
    /// Number of images, at least 1.
    pub images: u32,
    /// How pixels are stored.
    pub mode: Mode,
    /// Length of the FEI record of each image, when there are records; that of all together is below 2^31.
    pub record: Option<usize>,
}

impl Layout {
    /// A stack of images that are no volumes.
    #[must_use]
    pub fn is_flat_stack(&self) -> bool {
        self.images > 1 && self.shape.nz == 1
    }
}

/// An MRC file while it is written, in order: first the records, then the pixels. The header comes
/// last: until then no reader takes the file for an MRC file.
pub struct MrcFile<'s> {
    sink: &'s mut dyn Sink,
    header: Words,
    mode: Mode,
    end: u64,
    /// Of everything behind the header.
    checksum: Hasher,
}

impl<'s> MrcFile<'s> {
    /// A file without pixels. Geometry, labels and the like come from the attributes of the first image.
    #[must_use]
    pub fn new(sink: &'s mut dyn Sink, layout: &Layout, attributes: &Attributes) -> Self {
        let header = Words::new(layout, attributes);
        Self { sink, header, mode: layout.mode, end: HEADER_BYTES as u64, checksum: Hasher::new() }
    }

    /// Appends records or pixels.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.checksum.update(bytes);
        write(self.sink, self.end, bytes)?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Writes the header with the statistics of the pixels as they read back; returns what it takes to
    /// prove the file.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn finish(self, tally: &Tally) -> Result<Manifest, Error> {
        let head = self.header.finish(self.mode, tally);
        write(self.sink, 0, &head)?;
        let written = Written { length: self.end, head: head.to_vec(), checksum: self.checksum.finalize() };
        Ok(Manifest { written, chunks: None })
    }
}

fn write(sink: &mut dyn Sink, offset: u64, bytes: &[u8]) -> Result<(), Error> {
    let length = bytes.len() as u64;
    sink.write_at(offset, bytes).map_err(|cause| Error::Write { offset, length, cause })
}
