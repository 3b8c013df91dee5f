//! Whatever images and attributes go in, libhdf5 reads the same out.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use e2compress_core::image::Images;
use e2compress_core::image::PixelType;
use e2compress_core::image::Shape;
use e2compress_core::image::attributes::{Attributes, Value};
use e2compress_core::image::pixels::Pixels;
use e2compress_core::{Bits, Error, LimitRule, NoProgress, Options, PixelEncoding, compress};
use hdf5::types::FixedAscii;

use crate::bytes::Bytes;

/// Longest text of an attribute; long enough to need more than one block in the library.
const LONGEST_TEXT: usize = 3000;

/// An input made of bytes.
struct Made {
    shape: Shape,
    images: Vec<(Vec<f32>, Attributes)>,
}

impl Made {
    fn new(bytes: &mut Bytes<'_>) -> Self {
        // Wide, high, deep, or small in every direction.
        let (nx, ny, nz) = match bytes.u8() % 4 {
            0 => (1 + bytes.below(3000), 1 + bytes.below(3), 1),
            1 => (1 + bytes.below(3), 1 + bytes.below(3000), 1),
            2 => (1 + bytes.below(20), 1 + bytes.below(20), 1 + bytes.below(40)),
            _ => (1 + bytes.below(400), 1 + bytes.below(400), 1),
        };
        let shape = Shape { nx, ny, nz };
        let count = if shape.pixels() < 1000 { 1 + bytes.below(40) } else { 1 };
        let images = (0..count).map(|_| (values(bytes, shape.pixels() as usize), attributes(bytes)));
        Self { shape, images: images.collect() }
    }
}

/// Integers of a byte times some scale, in a pattern that is given by a few bytes.
fn values(bytes: &mut Bytes<'_>, count: usize) -> Vec<f32> {
    let scale = [1.0, 0.37, -12.5, 1e-20, 1e30][bytes.u8() as usize % 5];
    let period = 1 + bytes.below(64) as usize;
    let pattern = bytes.slice(period);
    let value = |place: usize| match pattern.len() {
        0 => (place % 7) as f32,
        length => f32::from(pattern[place % length].wrapping_add((place / length) as u8)),
    };
    (0..count).map(|place| value(place) * scale).collect()
}

fn attributes(bytes: &mut Bytes<'_>) -> Attributes {
    let mut attributes = Attributes::new();
    for number in 0..bytes.below(30) {
        // A name of any printable letters, made unlike any other by its number.
        let letters = usize::from(bytes.u8() % 32);
        let mut name: String =
            bytes.slice(letters).iter().map(|byte| char::from(b' ' + 1 + byte % 94)).collect();
        write!(name, "\u{e9}{number}").expect("a string takes all");
        let value = match bytes.u8() % 5 {
            0 => Value::Int(i32::from_le_bytes(bytes.array())),
            1 => Value::Float(f32::from_le_bytes(bytes.array())),
            2 => Value::Double(bytes.f64()),
            3 => Value::Bool(bytes.u8() % 2 == 1),
            _ => {
                let length = bytes.below(LONGEST_TEXT as u32) as usize;
                Value::text(bytes.slice(length))
            }
        };
        attributes.add(name, value);
    }
    attributes
}

impl Images for Made {
    fn format(&self) -> &'static str {
        "made"
    }

    fn images(&self) -> u32 {
        self.images.len() as u32
    }

    fn shape(&self, _image: u32) -> Shape {
        self.shape
    }

    fn pixels(&self, _image: u32) -> Pixels {
        Pixels::new(PixelType::F32, false)
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let nx = u64::from(self.shape.nx);
        let values = &self.images[image as usize].0[(rows.start * nx) as usize..(rows.end * nx) as usize];
        for (place, value) in bytes.chunks_exact_mut(4).zip(values) {
            place.copy_from_slice(&value.to_le_bytes());
        }
        Ok(())
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        Ok(self.images[image as usize].1.clone())
    }
}

/// Writes and reads. The first bytes choose the options, then the shape, then values and attributes.
///
/// # Panics
/// When libhdf5 sees something else.
pub fn hdf_writer(data: &[u8]) {
    let mut bytes = Bytes(data);
    let options = Options { limits: LimitRule::All, ..bytes.options() };
    let made = Made::new(&mut bytes);
    let mut out = Vec::new();
    compress(&made, "made", &mut out, &options, &NoProgress).expect("nothing here is too wide or long");
    let path = tempfile::Builder::new().tempfile_in(memory()).expect("a temporary file").into_temp_path();
    std::fs::write(&path, &out).expect("a file is written");
    let file = hdf5::File::open(&path).expect("libhdf5 opens it");
    assert_eq!(file.group("MDF/images").expect("images").len(), made.images.len() as u64);
    for (index, (values, attributes)) in made.images.iter().enumerate() {
        let group = file.group(&format!("MDF/images/{index}")).expect("an image");
        check_attributes(&group, attributes);
        let dataset = group.dataset("image").expect("a dataset");
        let sides: Vec<u64> = dataset.shape().into_iter().map(|side| side as u64).collect();
        assert_eq!(sides, made.shape.dimensions());
        let found = dataset.read_raw::<f32>().expect("pixels");
        let bits = match options.stored {
            PixelEncoding::Codes(bits) => Some(bits),
            // The file says what was taken.
            PixelEncoding::Auto(_) => group
                .attr("EMAN.stored_renderbits")
                .and_then(|bits| bits.read_1d::<i32>())
                .ok()
                .and_then(|bits| Bits::new(bits[0].into())),
            PixelEncoding::Floats | PixelEncoding::Raw => None,
        };
        if let Some(bits) = bits {
            let end = |name| group.attr(name).and_then(|end| end.read_1d::<f32>()).expect("a range")[0];
            let (low, high) = (end("EMAN.stored_rendermin"), end("EMAN.stored_rendermax"));
            let step = (f64::from(high) - f64::from(low)) / f64::from(bits.top());
            for (code, value) in found.iter().zip(values) {
                let back = f64::from(*code) * step + f64::from(low);
                let ends = f64::from(low.abs().max(high.abs()));
                let allowed = 0.5 * step + 4.0 * f64::from(f32::EPSILON) * ends;
                // The top of a range of integers may lie below the largest of them.
                let kept = f64::from(value.clamp(low, high));
                assert!((back - kept).abs() <= allowed, "{value} became {back}, step {step}");
            }
        } else {
            let same = found.iter().zip(values).all(|(found, value)| found.to_bits() == value.to_bits());
            assert!(same && found.len() == values.len(), "other floats");
        }
    }
}

fn check_attributes(group: &hdf5::Group, attributes: &Attributes) {
    let expected: BTreeMap<String, &Value> =
        attributes.iter().map(|found| (format!("EMAN.{}", found.name), &found.value)).collect();
    let names = group.attr_names().expect("names");
    for (name, value) in expected {
        assert!(names.contains(&name), "{name} is missing");
        let attribute = group.attr(&name).expect("an attribute");
        let same = match value {
            Value::Int(value) => attribute.read_1d::<i32>().expect("a number")[0] == *value,
            Value::Float(value) => {
                attribute.read_1d::<f32>().expect("a number")[0].to_bits() == value.to_bits()
            }
            Value::Double(value) => {
                attribute.read_1d::<f64>().expect("a number")[0].to_bits() == value.to_bits()
            }
            Value::Bool(value) => {
                attribute.read_1d::<i8>().expect("a byte")[0] == if *value { 84 } else { 70 }
            }
            Value::Opaque(_) => unreachable!("none is made here"),
            Value::Text(text) => {
                attribute.read_scalar::<FixedAscii<{ LONGEST_TEXT + 1 }>>().expect("text").as_str() == text
            }
        };
        assert!(same, "{name} is not {value:?}");
    }
}

/// A folder in memory, if the machine has one.
fn memory() -> std::path::PathBuf {
    let memory = std::path::PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}
