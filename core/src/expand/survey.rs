//! The properties the images share, found before any pixel is read.

use super::ExpandError;
use crate::error::Error;
use crate::formats::mrc::write::{Extended, KeptHeader, records};
use crate::image::Images;
use crate::image::PixelType;
use crate::image::Shape;
use crate::image::attributes::{Attributes, Value};
use crate::warning::{Share, Warning};

/// Shapes and attributes of all images, condensed.
pub struct Survey {
    /// Of every image.
    pub shape: Shape,
    /// Of the first image: they make the header.
    pub first: Attributes,
    /// The original's mode, where all images agree.
    pub mode: Option<PixelType>,
    /// The original's header.
    pub kept: Option<KeptHeader>,
    /// The extended header that goes with the images.
    pub extended: Extended,
    /// The byte order of the file.
    pub big_endian: bool,
    /// What the person should know.
    pub warnings: Vec<Warning>,
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
        let original = reader.original_header()?;
        let kept = original.as_ref().and_then(|original| KeptHeader::new(original, shape, images));
        let mut mode = original_mode(&first);
        check_real(0, &first)?;
        let mut record = records::length(&first);
        let mut other_pixel = 0u32;
        for image in 1..images {
            let found = reader.shape(image);
            if found != shape {
                return Err(ExpandError::Shapes { image, first: shape, found }.into());
            }
            let attributes = reader.attributes(image)?;
            check_real(image, &attributes)?;
            mode = mode.filter(|_| original_mode(&attributes) == mode);
            record = record.filter(|_| records::length(&attributes) == record);
            other_pixel += u32::from(PIXEL.iter().any(|name| attributes.get(name) != first.get(name)));
        }
        let mut warnings = reader.warnings();
        warnings.extend(Share::some(other_pixel, images).map(Warning::OtherPixelSize));
        // Of all images together at most what NSYMBT can say.
        let held = record.filter(|&record| i32::try_from(record as u64 * u64::from(images)).is_ok());
        let (mut extended, mut big_endian) = (held.map_or(Extended::None, Extended::Records), false);
        let written = held.map_or(0, |record| record as u64 * u64::from(images));
        match (&original, &kept) {
            (Some(original), Some(kept)) if original.extended > 0 && kept.describes => {
                (extended, big_endian) = (Extended::Original(original.extended), original.big_endian);
            }
            (Some(original), _) if original.extended > 0 => {
                warnings.push(Warning::ExtendedHeaderCut { written, of: original.extended });
            }
            (Some(_), _) => {}
            (None, _) => {
                if let Some(&Value::Int(original @ 1..)) = first.get("MRC.nsymbt")
                    && original as u64 > written
                {
                    warnings.push(Warning::ExtendedHeaderLost { kept: written, of: original as u64 });
                }
            }
        }
        if mode == Some(PixelType::U8) && kept.as_ref().is_some_and(KeptHeader::is_signed) {
            mode = Some(PixelType::I8);
        }
        Ok(Self { shape, first, mode, kept, extended, big_endian, warnings })
    }
}

/// Refuses Fourier transforms: their numbers are no pixels.
fn check_real(image: u32, attributes: &Attributes) -> Result<(), ExpandError> {
    let complex = attributes.get("is_complex").and_then(Value::number).is_some_and(|value| value != 0.0);
    if complex { Err(ExpandError::Complex { image }) } else { Ok(()) }
}

/// Pixel sizes.
const PIXEL: [&str; 3] = ["apix_x", "apix_y", "apix_z"];

/// Returns the mode that the attributes say the original had, if it is one that is written.
fn original_mode(attributes: &Attributes) -> Option<PixelType> {
    let number = attributes.get("MRC.mode")?.number().filter(|number| number.fract() == 0.0)?;
    PixelType::from_mrc_mode(number as i32)
}
