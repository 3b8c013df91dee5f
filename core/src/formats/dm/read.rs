//! Reads Digital Micrograph: see [`Dm`].

use std::ops::Range;

use super::NAME;
use super::attributes;
use super::layout::Layout;
use super::tags::Tags;
use super::text::Listed;
use crate::error::Error;
use crate::image::{Attributes, Images, Pixels, Shape};
use crate::io::source::Source;
use crate::warning::Warning;
use crate::words::counted;

/// A file of Digital Micrograph, version 3 or 4: the image that it shows, each of its frames by itself. Rows are turned
/// over, since the first one in the file is the top one.
pub struct Dm<'s> {
    source: &'s dyn Source,
    layout: Layout,
    version: u32,
    attributes: Attributes,
    listed: Listed,
}

impl<'s> Dm<'s> {
    /// Reads the tags and finds the image.
    ///
    /// # Errors
    /// [`Error::Dm`] when the file cannot be taken, [`Error::Read`] when the source fails.
    pub fn open(source: &'s dyn Source) -> Result<Self, Error> {
        let tags = Tags::read(source)?;
        let layout = Layout::of(&tags)?;
        let (attributes, listed) = attributes::describe(source, &tags, &layout)?;
        Ok(Self { source, layout, version: tags.version, attributes, listed })
    }
}

impl Images for Dm<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn images(&self) -> u32 {
        self.layout.images
    }

    fn shape(&self, _image: u32) -> Shape {
        self.layout.planes.shape
    }

    fn pixels(&self, _image: u32) -> Pixels {
        self.layout.pixels
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let planes = &self.layout.planes;
        // They fit the file, so the product fits.
        let start = self.layout.start + u64::from(image) * planes.row_bytes * planes.shape.rows();
        planes.read(self.source, start, rows, bytes)
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let mut attributes = self.attributes.clone();
        // What is said of all frames is kept once.
        if image == 0 {
            attributes::add_listed(&self.listed, self.version, &mut attributes);
        }
        Ok(attributes)
    }

    fn warnings(&self) -> Vec<Warning> {
        let mut lost = Vec::new();
        if self.layout.others > 0 {
            let others = counted(self.layout.others as u64, "other image");
            lost.push(format!("{others} in the file's list besides the one that it shows"));
        }
        if self.listed.left_out > 0 {
            lost.push(counted(self.listed.left_out, "tag"));
        }
        if lost.is_empty() { Vec::new() } else { vec![Warning::NotCarried(lost)] }
    }
}
