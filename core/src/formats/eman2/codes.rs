//! How an image's codes become values, by its attributes.

use super::{EmanError, InputAttribute};
use crate::image::attributes::PREFIX;
use crate::quantise::{Range, Scale};

/// What the attributes say of codes.
pub enum Codes {
    /// Stored numbers are the values.
    None,
    /// They are codes.
    Scaled(Scale),
    /// They are said to be codes, but not of what range. EMAN2 reads them as values.
    WithoutRange,
}

/// Reads the number that an attribute of EMAN2's is.
pub fn named(attributes: &[InputAttribute], wanted: &str) -> Option<f64> {
    attributes.iter().find(|attribute| attribute.name().strip_prefix(PREFIX) == Some(wanted))?.number()
}

/// Reads how the codes of image number `image` are to be scaled.
pub fn of(image: u32, attributes: &[InputAttribute]) -> Result<Codes, EmanError> {
    let named = |wanted| named(attributes, wanted);
    let Some(bits) = named("stored_renderbits").filter(|&bits| bits != 0.0) else { return Ok(Codes::None) };
    let (Some(low), Some(high)) = (named("stored_rendermin"), named("stored_rendermax")) else {
        return Ok(Codes::WithoutRange);
    };
    let sane = (1.0..=32.0).contains(&bits) && bits.fract() == 0.0 && (high - low).abs() < f32::MAX.into();
    if !sane {
        return Err(EmanError::Scale { image, bits, low, high });
    }
    let range = Range { low: low as f32, high: high as f32, exact: false };
    Ok(Codes::Scaled(Scale { range, most: (bits.exp2() - 1.0) as f32 }))
}
