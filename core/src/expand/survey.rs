//! The properties the images share, found before any pixel is read.

use super::ExpandError;
use crate::error::Error;
use crate::formats::mrc::write::records;
use crate::image::Images;
use crate::image::PixelType;
use crate::image::Shape;
use crate::image::attributes::{Attributes, Value};

/// Shapes and attributes of all images, condensed.
pub struct Survey {
    /// Of every image.
    pub shape: Shape,
    /// Of the first image: they make the header.
    pub first: Attributes,
    /// The original's mode, where all images agree and it is not floats.
    pub mode: Option<PixelType>,
    /// Length of the images' FEI records, where all have one.
    pub record: Option<usize>,
    /// What the person should know.
    pub warnings: Vec<String>,
}

impl Survey {
    /// Goes through the images once.
    pub fn of(reader: &dyn Images) -> Result<Self, Error> {
        let shape = reader.shape(0);
        let images = reader.images();
        let sections = u64::from(images) * u64::from(shape.nz);
        if i32::try_from(sections).is_err() {
            return Err(ExpandError::Sections(sections).into());
        }
        let first = reader.attributes(0)?;
        let mut mode = original_mode(&first);
        let mut record = records::length(&first);
        let mut other_pixel = 0u32;
        for image in 1..images {
            let found = reader.shape(image);
            if found != shape {
                return Err(ExpandError::Shapes { image, first: shape, found }.into());
            }
            let attributes = reader.attributes(image)?;
            mode = mode.filter(|_| original_mode(&attributes) == mode);
            record = record.filter(|_| records::length(&attributes) == record);
            other_pixel += u32::from(PIXEL.iter().any(|name| attributes.get(name) != first.get(name)));
        }
        let mut warnings = reader.warnings();
        if other_pixel > 0 {
            warnings.push(format!(
                "{other_pixel} of {images} images have another pixel size than image 0, whose size the header says"
            ));
        }
        // Of all images together at most what NSYMBT can say.
        let held = record.filter(|&record| i32::try_from(record as u64 * u64::from(images)).is_ok());
        let written = held.map_or(0, |record| record as u64 * u64::from(images));
        if let Some(&Value::Int(original @ 1..)) = first.get("MRC.nsymbt")
            && original as u64 > written
        {
            warnings.push(format!("{written} of the original extended header's {original} bytes were kept"));
        }
        Ok(Self { shape, first, mode, record: held, warnings })
    }
}

/// Pixel sizes.
const PIXEL: [&str; 3] = ["apix_x", "apix_y", "apix_z"];

/// Returns the original's mode. Floats are what anything becomes that fits nothing better, so they count as
/// no mode.
fn original_mode(attributes: &Attributes) -> Option<PixelType> {
    match attributes.get("MRC.mode") {
        Some(&Value::Int(number)) => PixelType::from_mrc_mode(number).filter(|&mode| mode != PixelType::F32),
        _ => None,
    }
}
