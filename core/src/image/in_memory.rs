//! Images that a program has in memory.

use std::ops::Range;

use super::attributes::Attributes;
use super::images::Images;
use super::pixel_type::PixelType;
use super::pixels::Pixels;
use super::shape::Shape;
use crate::error::Error;

/// Images of values in memory, each with the attributes it shall have.
///
/// ```
/// use e2compress_core::{Attributes, InMemory, NoProgress, Options, Shape, compress};
///
/// # fn main() -> Result<(), e2compress_core::Error> {
/// let shape = Shape { nx: 64, ny: 48, nz: 1 };
/// let values: Vec<f32> = (0..64 * 48).map(|pixel| (pixel % 7) as f32).collect();
/// let mut images = InMemory::new();
/// images.push(shape, values, Attributes::new());
/// let mut file = Vec::new();
/// let report = compress(&images, "made", &mut file, &Options::default(), &NoProgress)?;
/// assert_eq!((report.images, report.pixels), (1, 64 * 48));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct InMemory(Vec<(Shape, Vec<f32>, Attributes)>);

impl InMemory {
    /// Starts without images.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an image, its values row by row.
    ///
    /// # Panics
    /// When a side is 0 or there are more or fewer values than the shape has pixels.
    pub fn push(&mut self, shape: Shape, values: Vec<f32>, attributes: Attributes) {
        assert!(shape.pixels() > 0 && shape.pixels() == values.len() as u64, "{shape:?} has other pixels");
        self.0.push((shape, values, attributes));
    }
}

impl Images for InMemory {
    fn format(&self) -> &'static str {
        "memory"
    }

    fn images(&self) -> u32 {
        self.0.len() as u32
    }

    fn shape(&self, image: u32) -> Shape {
        self.0[image as usize].0
    }

    fn pixels(&self, _image: u32) -> Pixels {
        Pixels::new(PixelType::F32, cfg!(target_endian = "big"))
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let (shape, values, _) = &self.0[image as usize];
        let [start, end] = [rows.start, rows.end].map(|row| (row * u64::from(shape.nx)) as usize);
        bytes.copy_from_slice(bytemuck::cast_slice(&values[start..end]));
        Ok(())
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        Ok(self.0[image as usize].2.clone())
    }
}
