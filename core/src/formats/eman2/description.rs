//! The attributes of an image in EMAN2's layout: those of the input, and what is told anew.

use crate::encode::Level;
use crate::error::Error;
use crate::image::attributes::{Attributes, Value};
use crate::image::{Images, PixelType, Shape};
use crate::quantise::statistics::Statistics;
use crate::quantise::{Bits, Range};

/// What is told anew of an image.
pub struct Description<'a> {
    /// Its number in the input.
    pub image: u32,
    pub shape: Shape,
    pub statistics: &'a Statistics,
    /// Type of a stored number.
    pub element: PixelType,
    /// Bits and range of its codes, where it has codes.
    pub codes: Option<(Bits, Range)>,
    /// `None` is the default, which is not told.
    pub level: Option<Level>,
    /// Pixels outside the range.
    pub truncated: u64,
    /// The input's name.
    pub source_path: Value,
    /// Where the image came from before, with codes that are taken over.
    pub source: Option<&'a Attributes>,
}

impl Description<'_> {
    /// Makes the attributes of the image of `images` that is described.
    ///
    /// # Errors
    /// What reading the input's own attributes fails with.
    pub fn attributes(&self, images: &dyn Images) -> Result<Attributes, Error> {
        let mut attributes = images.attributes(self.image)?;
        attributes.set_extent(self.shape);
        self.statistics.describe(&mut attributes);
        describe_storage(self.element, self.codes, self.level, self.truncated, &mut attributes);
        for (name, value) in
            [("source_path", self.source_path.clone()), ("source_n", Value::Int(self.image as i32))]
        {
            let recorded = self.source.and_then(|source| source.get(name)).cloned();
            attributes.add(name, recorded.unwrap_or(value));
        }
        Ok(attributes)
    }
}

/// Adds what EMAN2 keeps about how an image is stored, and its constants.
fn describe_storage(
    element: PixelType,
    codes: Option<(Bits, Range)>,
    level: Option<Level>,
    truncated: u64,
    attributes: &mut Attributes,
) {
    if let Some(number) = element.eman2_number() {
        attributes.int("datatype", number);
    }
    if let Some((bits, range)) = codes {
        attributes.int("stored_renderbits", bits.get() as i32);
        attributes.float("stored_rendermin", range.low);
        attributes.float("stored_rendermax", range.high);
        attributes.int("stored_truncated", truncated.try_into().unwrap_or(i32::MAX));
    }
    if let Some(level) = level {
        attributes.int("render_compress_level", level.get().into());
    }
    for (name, value) in [("is_complex", 0), ("is_complex_ri", 1), ("is_complex_x", 0), ("changecount", 0)] {
        attributes.add_missing(name, Value::Int(value));
    }
    attributes.add_missing("HostEndian", Value::text(b"little"));
}
