//! What a file says of all its images at once: attributes of `/MDF/images`, as `SerialEM` and IMOD write them.
//!
//! As in EMAN2 they become attributes of each image, under `Group.` and their name; IMOD's pixel size becomes
//! EMAN2's, and `SerialEM`'s tilt angles and doses EMAN2's where those are missing.

use super::InputAttribute;
use crate::image::attributes::{Attributes, PREFIX, Value};

/// IMOD's pixel size in Angstrom.
const PIXEL_SPACING: &str = "IMOD.PixelSpacing";

/// EMAN2's pixel sizes.
const PIXEL: [&str; 3] = ["apix_x", "apix_y", "apix_z"];

/// Attributes of an image that EMAN2 knows by other names.
const RENAMED: [(&str, &str); 2] = [("TiltAngle", "tilt_angle"), ("PriorRecordDose", "tilt_dose_begin")];

/// Adds what is said of all images to the attributes of one.
pub fn add(common: &[InputAttribute], attributes: &mut Attributes) {
    for attribute in common {
        if attribute.name() == PIXEL_SPACING {
            if let Some(size) = attribute.number().filter(|size| *size > 0.0) {
                for name in PIXEL {
                    attributes.set(name, Value::Float(size as f32));
                }
            }
            continue;
        }
        let name = attribute.name().strip_prefix(PREFIX).unwrap_or(attribute.name());
        let name = format!("Group.{name}");
        if let Some(value) = attribute.value().filter(|_| attributes.get(&name).is_none()) {
            attributes.keep(&format!("{PREFIX}{name}"), value.clone());
        }
    }
    for (theirs, eman2) in RENAMED {
        let value =
            attributes.iter().find(|found| found.name == theirs).and_then(|found| found.value.number());
        if let Some(value) = value {
            attributes.add_missing(eman2, Value::Float(value as f32));
        }
    }
}
