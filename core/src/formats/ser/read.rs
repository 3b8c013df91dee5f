//! Reads TIA series: see [`Ser`].

use std::ops::Range;

use super::NAME;
use super::error::SerError;
use super::header::{ELEMENT_BYTES, Header};
use crate::error::Error;
use crate::formats::fields::order_name;
use crate::formats::pixel_size::{self, METRE};
use crate::formats::planes::Planes;
use crate::image::{Attributes, Images, PixelType, Pixels, Shape};
use crate::io::reading;
use crate::io::source::Source;

/// A TIA series of images of one size and type: each element that was recorded is an image. Rows stay in file order.
pub struct Ser<'s> {
    source: &'s dyn Source,
    header: Header,
    /// Where each element starts.
    elements: Vec<u64>,
    planes: Planes,
    pixels: Pixels,
}

impl<'s> Ser<'s> {
    /// Reads and checks the headers.
    ///
    /// # Errors
    /// [`Error::Ser`] when the file cannot be taken, [`Error::Read`] when the source fails.
    pub fn open(source: &'s dyn Source) -> Result<Self, Error> {
        let header = Header::read(source)?;
        let elements = header.elements(source)?;
        let mut first: Option<(Shape, PixelType)> = None;
        for (number, &at) in elements.iter().enumerate() {
            // There are fewer than 2^31.
            let number = number as u32;
            let element = header.element(source, number, at)?;
            let found = (element.shape(), element.kind(number, at)?);
            let first = *first.get_or_insert(found);
            if found != first {
                let [found, first] = [found, first]
                    .map(|(shape, kind)| format!("{} x {}, {}", shape.nx, shape.ny, kind.name()));
                return Err(SerError::Differs { element: number, found, first }.into());
            }
            if number == 0 {
                check_total(&header, source, found)?;
            }
        }
        let (shape, kind) = first.ok_or(SerError::Count { total: 0, valid: 0 })?;
        let pixels = Pixels::new(kind, false);
        let planes = Planes { shape, row_bytes: pixels.row_bytes(shape.nx), top_first: false };
        Ok(Self { source, header, elements, planes, pixels })
    }
}

/// Checks that the file has room for all elements: offsets that lead to the same one again and again would make a small
/// file a disk full of images.
fn check_total(header: &Header, source: &dyn Source, (shape, kind): (Shape, PixelType)) -> Result<(), Error> {
    let length = reading::length(source)?;
    let each = u128::from(ELEMENT_BYTES) + u128::from(shape.pixels()) * kind.bytes() as u128;
    let end = each * u128::from(header.valid);
    if end > u128::from(length) {
        let what = format!("the last of {} elements of {each} bytes", header.valid);
        return Err(SerError::CutShort { what, end, length }.into());
    }
    Ok(())
}

impl Images for Ser<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn images(&self) -> u32 {
        self.header.valid
    }

    fn shape(&self, _image: u32) -> Shape {
        self.planes.shape
    }

    fn pixels(&self, _image: u32) -> Pixels {
        self.pixels
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        self.planes.read(self.source, self.elements[image as usize] + ELEMENT_BYTES, rows, bytes)
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let element = self.header.element(self.source, image, self.elements[image as usize])?;
        let mut attributes = Attributes::new();
        let [x, y] = element.deltas().map(|metres| metres * METRE);
        pixel_size::describe([x, y, x], &mut attributes);
        for found in self.header.attributes.iter() {
            attributes.add(found.name.clone(), found.value.clone());
        }
        element.describe(&mut attributes);
        self.header.describe_tag(self.source, image, &mut attributes)?;
        attributes.text("ImageEndian", order_name(false));
        Ok(attributes)
    }
}
