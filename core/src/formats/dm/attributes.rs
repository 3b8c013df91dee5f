//! Attributes of an image, by EMAN2's names for the tags of Digital Micrograph.

use super::layout::Layout;
use super::tags::{TagId, Tags};
use super::text::{self, Listed};
use crate::error::Error;
use crate::formats::fields::order_name;
use crate::formats::pixel_size;
use crate::image::Attributes;
use crate::image::attributes::Value;
use crate::io::source::Source;

/// Names of texts, and the tags they come from.
const TEXTS: [(&str, &str); 5] = [
    ("acq_date", "Acquisition Date"),
    ("acq_time", "Acquisition Time"),
    ("source", "Source"),
    ("name", "Name"),
    ("frame_type", "Processing"),
];

/// The same of whole numbers, and which number of the tag.
const INTS: [(&str, &str, usize); 6] = [
    ("exposure_number", "Exposure Number", 0),
    ("antiblooming", "Antiblooming", 0),
    ("camera_x", "Active Size (pixels)", 0),
    ("camera_y", "Active Size (pixels)", 1),
    ("binning_x", "Binning", 0),
    ("binning_y", "Binning", 1),
];

/// The same of others.
const DOUBLES: [(&str, &str); 6] = [
    ("exposure_time", "Exposure (s)"),
    ("zoom", "Zoom"),
    ("indicated_mag", "Indicated Magnification"),
    ("actual_mag", ACTUAL_MAGNIFICATION),
    ("pixel_size", CAMERA_PIXEL),
    ("cs", SPHERICAL_ABERRATION),
];

const ACTUAL_MAGNIFICATION: &str = "Actual Magnification";
const CAMERA_PIXEL: &str = "Pixel Size (um)";
const SPHERICAL_ABERRATION: &str = "Cs(mm)";
const VOLTAGE: &str = "Voltage";

/// Looks tags up by their names.
struct Lookup<'a> {
    source: &'a dyn Source,
    tags: &'a Tags,
    image: TagId,
}

impl Lookup<'_> {
    /// Finds the tag of a name: below the image that is shown, else anywhere; the last one, as EMAN2 does.
    fn find(&self, name: &str) -> Option<TagId> {
        let named = |id: &TagId| &*self.tags.tag(*id).name == name.as_bytes();
        self.tags.below(self.image).rev().find(named).or_else(|| self.tags.below(0).rev().find(named))
    }

    /// Returns a number of a tag, 0 where there is none.
    fn number(&self, name: &str, which: usize) -> Result<f64, Error> {
        let Some(id) = self.find(name) else { return Ok(0.0) };
        Ok(text::numbers(self.source, self.tags, id)?.get(which).copied().unwrap_or(0.0))
    }

    /// Returns a tag's text, empty where there is none.
    fn text(&self, name: &str) -> Result<String, Error> {
        let Some(id) = self.find(name) else { return Ok(String::new()) };
        Ok(text::text(self.source, self.tags, id)?.unwrap_or_default())
    }
}

/// Makes text of one sign each where it is not ASCII.
fn ascii(text: &str) -> Vec<u8> {
    text.chars().map(|sign| if sign.is_ascii() { sign as u8 } else { b'?' }).collect()
}

/// Describes the images of a file. Returns the tags that EMAN2 does not keep, too, of which the first image has a list.
pub fn describe(source: &dyn Source, tags: &Tags, layout: &Layout) -> Result<(Attributes, Listed), Error> {
    let lookup = Lookup { source, tags, image: layout.group };
    let prefix = format!("DM{}.", tags.version);
    let mut attributes = Attributes::new();
    pixel_size::describe(pixel_sizes(&lookup, layout)?, &mut attributes);
    for (name, tag) in TEXTS {
        attributes.text(prefix.clone() + name, &ascii(&lookup.text(tag)?));
    }
    for (name, tag, which) in INTS {
        attributes.int(prefix.clone() + name, lookup.number(tag, which)? as i32);
    }
    for (name, tag) in DOUBLES {
        attributes.add(prefix.clone() + name, Value::Double(lookup.number(tag, 0)?));
    }
    let kilovolts = lookup.number(VOLTAGE, 0)? / 1000.0;
    attributes.add(prefix + "voltage", Value::Double(kilovolts));
    attributes.float("microscope_voltage", kilovolts as f32);
    attributes.float("microscope_cs", lookup.number(SPHERICAL_ABERRATION, 0)? as f32);
    if tags.version == 4 {
        attributes.int("nimg", layout.images as i32);
    }
    attributes.text("ImageEndian", order_name(tags.big_endian));
    let pixels = tags.named(layout.data, "Data").unwrap_or(layout.data);
    Ok((attributes, text::listed(source, tags, layout.group, pixels)?))
}

/// Adds the list of tags.
pub fn add_listed(listed: &Listed, version: u32, attributes: &mut Attributes) {
    if !listed.lines.is_empty() {
        attributes.text(format!("DM{version}.tags"), &ascii(&listed.lines));
    }
}

/// Returns the pixel sizes: by the calibration where it is a length, else as EMAN2 computes them. In binned and
/// super-resolution images EMAN2's is that of the camera's physical pixel.
fn pixel_sizes(lookup: &Lookup<'_>, layout: &Layout) -> Result<[f64; 3], Error> {
    let calibrated = [calibration(lookup, layout, 0)?, calibration(lookup, layout, 1)?];
    if let [Some(x), y] = calibrated {
        return Ok([x, y.unwrap_or(x), x]);
    }
    let magnification = lookup.number(ACTUAL_MAGNIFICATION, 0)?;
    let size = 10_000.0 * lookup.number(CAMERA_PIXEL, 0)? / magnification;
    Ok([if magnification > 0.0 { size } else { 0.0 }; 3])
}

/// Returns the Angstrom per pixel that the calibration of a dimension says, if it says a length that can be one.
fn calibration(lookup: &Lookup<'_>, layout: &Layout, dimension: usize) -> Result<Option<f64>, Error> {
    let tags = lookup.tags;
    let Some(all) = tags.find(layout.data, &["Calibrations", "Dimension"]) else { return Ok(None) };
    let Some(found) = tags.entries(all).nth(dimension) else { return Ok(None) };
    let scale = tags.named(found, "Scale").and_then(|id| tags.number(id));
    let Some(units) = tags.named(found, "Units") else { return Ok(None) };
    let units = text::text(lookup.source, tags, units)?.unwrap_or_default();
    Ok(scale.and_then(|scale| Some(scale.abs() * pixel_size::of_unit(&units)?)))
}
