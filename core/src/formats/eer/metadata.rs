//! What an EER file says of its acquisition, under the names that EMAN2 gives it.

use super::xml::{Item, items};
use crate::formats::mrc::PIXEL_SIZES;
use crate::image::attributes::{Attributes, Value};

/// Bytes of the longest text that is looked at; real ones have some thousand.
pub const LONGEST_XML: u64 = 1 << 20;

/// Bytes of the longest text of a frame that is looked at; real ones have less than a hundred.
pub const LONGEST_FRAME_XML: u64 = 16 << 10;

/// Items that are kept, at most; real files have some twenty.
const MOST_ITEMS: usize = 256;

/// Bytes of names and values that are kept, at most: every image has them, and an attribute of HDF5 is no longer.
const MOST_BYTES: usize = 64_000;

/// Items with the size of a pixel in metres, at the specimen.
const PIXEL_SIZE: [&str; 2] = ["sensorPixelSize.width", "sensorPixelSize.height"];

/// Angstrom in a metre.
const ANGSTROM: f64 = 1e10;

/// The metadata of a file.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Names and values of attributes; names are unique.
    values: Vec<(String, Value)>,
    /// Bytes of names and values.
    bytes: usize,
    /// Width and height of a sensor's pixel in Angstrom, where they are said.
    pixel: Option<[f64; 2]>,
    /// Names of what is too long or too much to be kept.
    pub lost: Vec<String>,
}

impl Metadata {
    /// Reads the XML of a file; `None` where it is damaged.
    pub fn read(xml: &[u8]) -> Option<Self> {
        let items = items(xml)?;
        let size = |name| {
            let item = items.iter().find(|item| item.name == name)?;
            let size = item.text.trim().parse::<f64>().ok()? * ANGSTROM;
            (size.is_finite() && size > 0.0).then_some(size)
        };
        let [width, height] = PIXEL_SIZE.map(size);
        let pixel = width.or(height).zip(height.or(width)).map(<[f64; 2]>::from);
        let mut metadata = Self { pixel, ..Self::default() };
        metadata.keep("EER.", items);
        Some(metadata)
    }

    /// Keeps items under a prefix; of several of one name the first.
    fn keep(&mut self, prefix: &str, items: Vec<Item>) {
        for Item { name, unit, text } in items {
            let name = format!("{prefix}{}", snake_case(&name));
            if self.values.iter().any(|(found, _)| *found == name) {
                continue;
            }
            let bytes = name.len() + text.len() + unit.len();
            if self.values.len() >= MOST_ITEMS || self.bytes + bytes > MOST_BYTES {
                self.lost.push(name);
                continue;
            }
            self.bytes += bytes;
            if !unit.is_empty() {
                self.values.push((format!("{name}.unit"), Value::text(unit.as_bytes())));
            }
            self.values.push((name, Value::text(text.as_bytes())));
        }
    }

    /// Adds what a file says of a single frame.
    pub fn describe_frame(xml: &[u8], attributes: &mut Attributes) {
        let mut frame = Self::default();
        frame.keep("EER.frame.", items(xml).unwrap_or_default());
        frame.add(attributes);
    }

    /// Adds all there is, but what is known already.
    pub fn add(&self, attributes: &mut Attributes) {
        for (name, value) in &self.values {
            if attributes.get(name).is_none() {
                attributes.add(name.clone(), value.clone());
            }
        }
    }

    /// Returns the edges of a pixel of the picture in Angstrom, of so many to a pixel of the sensor; `None` where
    /// they are not said, or are those of no image.
    pub fn pixel_size(&self, upsampling: u32) -> Option<[f32; 2]> {
        let size = self.pixel?.map(|size| size / f64::from(upsampling));
        size.iter().all(|size| PIXEL_SIZES.contains(size)).then_some(size.map(|size| size as f32))
    }
}

/// Returns a name as EMAN2 spells it: a capital that does not follow a capital gets an underscore before it, and all
/// are lowered. EMAN2 reads the character before a first one, which is no character of the name.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut follows_capital = true;
    for sign in name.chars() {
        let sign = if sign.is_ascii_graphic() { sign } else { '?' };
        if sign.is_ascii_uppercase() && !follows_capital {
            snake.push('_');
        }
        follows_capital = sign.is_ascii_uppercase();
        snake.push(sign.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn names_are_those_of_eman2() {
        for (name, snake) in [
            ("acquisitionID", "acquisition_id"),
            ("sensorPixelSize.height", "sensor_pixel_size.height"),
            ("eerGainReference", "eer_gain_reference"),
            ("numberOfFrames", "number_of_frames"),
            ("TotalDose", "total_dose"),
            ("a\u{e5} b", "a??b"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
    }

    #[test]
    fn pixel_sizes_are_kept_where_they_make_sense() {
        let size = |width: &str, height: &str| {
            let item = |name, text| format!("<item name='{name}' unit='m'>{text}</item>");
            let [width, height] = [item(PIXEL_SIZE[0], width), item(PIXEL_SIZE[1], height)];
            Metadata::read(format!("<metadata>{width}{height}</metadata>").as_bytes()).unwrap().pixel_size(2)
        };
        assert_eq!(size("6.4e-10", " 9.6e-10 "), Some([3.2, 4.8]));
        assert_eq!(size("6.4e-10", "0"), Some([3.2, 3.2]));
        assert_eq!(size("", "6.4e-10"), Some([3.2, 3.2]));
        for (width, height) in [("0", "0"), ("nan", "inf"), ("1", "1"), ("-6e-10", "x"), ("1e-13", "1e-13")] {
            assert_eq!(size(width, height), None, "{width} {height}");
        }
    }

    #[test]
    fn endless_items_are_named_and_not_kept() {
        let items: Vec<String> = (0..40_000).map(|number| format!("<item name='a{number}'/>")).collect();
        let metadata = Metadata::read(format!("<metadata>{}</metadata>", items.concat()).as_bytes()).unwrap();
        assert_eq!((metadata.values.len(), metadata.lost.len()), (MOST_ITEMS, 40_000 - MOST_ITEMS));
    }

    #[test]
    fn items_become_attributes_once_and_long_ones_are_named() {
        let long = "x".repeat(70_000);
        let text = format!(
            "<metadata><item name='exposureTime' unit='s'>3.2</item><item name='exposureTime'>4</item>\
             <item name='compression'>5</item><item name='longOne'>{long}</item></metadata>"
        );
        let metadata = Metadata::read(text.as_bytes()).unwrap();
        let mut attributes = Attributes::new();
        attributes.int("EER.compression", 65001);
        metadata.add(&mut attributes);
        Metadata::describe_frame(b"<metadata><item name='frameID'>7</item></metadata>", &mut attributes);
        let text = |name| attributes.get(name).map(ToString::to_string);
        assert_eq!(text("EER.exposure_time").as_deref(), Some("\"3.2\""));
        assert_eq!(text("EER.exposure_time.unit").as_deref(), Some("\"s\""));
        assert_eq!(text("EER.compression").as_deref(), Some("65001"));
        assert_eq!(text("EER.frame.frame_id").as_deref(), Some("\"7\""));
        assert_eq!(attributes.iter().len(), 4);
        assert_eq!(metadata.lost, ["EER.long_one"]);
    }
}
