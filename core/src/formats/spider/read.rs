//! Reads SPIDER: see [`Spider`].

use std::ops::Range;

use super::NAME;
use super::error::SpiderError;
use super::header::{HEADER_BYTES, Header};
use crate::error::Error;
use crate::formats::planes::Planes;
use crate::image::{Attributes, Images, MAX_SIDE, PixelType, Pixels, Shape};
use crate::io::reading;
use crate::io::source::Source;
use crate::warning::Warning;

/// A SPIDER file: an image, a volume, or a stack of either. Rows stay in file order.
pub struct Spider<'s> {
    source: &'s dyn Source,
    planes: Planes,
    pixels: Pixels,
    images: u32,
    /// Bytes of a header.
    header: u64,
    /// The file has a header of its own before those of its images.
    stack: bool,
    /// Bytes after the last image.
    rest: u64,
}

impl<'s> Spider<'s> {
    /// Reads and checks the header.
    ///
    /// # Errors
    /// [`Error::Spider`] when the file cannot be taken, [`Error::UnknownFormat`] when it is none,
    /// [`Error::Read`] when the source fails.
    pub fn open(source: &'s dyn Source) -> Result<Self, Error> {
        let length = reading::length(source)?;
        let bytes = reading::read_up_to(source, 0, HEADER_BYTES)?;
        let header = Header::recognise(&bytes)
            .ok_or_else(|| Error::UnknownFormat("not a SPIDER file: its header is invalid".to_owned()))?;
        if header.form() < 0.0 {
            return Err(SpiderError::Fourier(header.form()).into());
        }
        let stack = header.stack();
        if stack < 0.0 {
            return Err(SpiderError::Indexed(stack).into());
        }
        let shape @ Shape { nx, ny, nz } = header.shape();
        if [nx, ny].iter().any(|side| *side >= MAX_SIDE) || shape.nz > 1 && nz >= MAX_SIDE {
            return Err(SpiderError::Sides { nx, ny, nz }.into());
        }
        let stack = stack > 0.0;
        let count = header.count();
        let images = match count {
            _ if !stack => 1,
            1.0..2_147_483_648.0 if count.fract() == 0.0 => count as u32,
            _ => return Err(SpiderError::Count(count).into()),
        };
        let pixels = Pixels::new(PixelType::F32, header.big_endian());
        let planes = Planes { shape, row_bytes: pixels.row_bytes(nx), top_first: false };
        let each = u128::from(header.bytes()) + planes.bytes();
        let promised = if stack { u128::from(header.bytes()) } else { 0 } + each * u128::from(images);
        let rest = u128::from(length).checked_sub(promised);
        let rest = rest.ok_or(SpiderError::CutShort { promised, found: length })?;
        // No longer than the file.
        Ok(Self { source, planes, pixels, images, header: header.bytes(), stack, rest: rest as u64 })
    }

    /// Returns where the header of an image starts.
    fn start(&self, image: u32) -> u64 {
        let before = if self.stack { self.header } else { 0 };
        let each = self.header + self.planes.row_bytes * self.planes.shape.rows();
        before + u64::from(image) * each
    }
}

impl Images for Spider<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn shape(&self, _image: u32) -> Shape {
        self.planes.shape
    }

    fn pixels(&self, _image: u32) -> Pixels {
        self.pixels
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        self.planes.read(self.source, self.start(image) + self.header, rows, bytes)
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let at = self.start(image);
        let bytes = reading::read_up_to(self.source, at, HEADER_BYTES)?;
        let header = Header::new(&bytes, self.pixels.big_endian);
        let (first, found) = (self.planes.shape, header.shape());
        if found != first && !header.is_unused() {
            let [found, first] = [found, first].map(|Shape { nx, ny, nz }| format!("{nx} x {ny} x {nz}"));
            return Err(SpiderError::Differs { image, found, first, at }.into());
        }
        let mut attributes = Attributes::new();
        header.describe(&mut attributes);
        Ok(attributes)
    }

    fn warnings(&self) -> Vec<Warning> {
        let rest = Some(self.rest).filter(|rest| *rest > 0);
        rest.map(|bytes| Warning::AfterLastSection { bytes }).into_iter().collect()
    }
}
