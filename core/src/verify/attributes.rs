//! The attributes of an image beside those that its original gives.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::VerifyError;
use crate::encode::Level;
use crate::formats::eman2::BYTE_ORDER;
use crate::image::attributes::{Attribute, Attributes, PREFIX, Value};
use crate::warning::Share;

/// Attributes whose values are the affair of whoever wrote or changed the file.
const FREE: [&str; 2] = ["source_path", "changecount"];

/// Attributes whose values are checked against the pixels, in `declared.rs`.
const MEASURED: [&str; 9] = [
    "minimum",
    "maximum",
    "mean",
    "sigma",
    "square_sum",
    "mean_nonzero",
    "sigma_nonzero",
    "all_int",
    "stored_truncated",
];

/// Attributes that make integers codes.
const OF_CODES: [&str; 4] = ["stored_renderbits", "stored_rendermin", "stored_rendermax", "stored_truncated"];

/// The attribute that is there only if a level was asked for.
const LEVEL: &str = "render_compress_level";

/// Attributes that a message lists, at most.
const MOST_NAMES: usize = 8;

/// Attributes that no original gives.
#[derive(Default)]
pub struct Surplus {
    names: BTreeSet<String>,
    images: u32,
}

/// Returns the deflate level that the first image of a file tells.
pub fn level(found: &Attributes) -> Result<Option<Level>, VerifyError> {
    if let Some(value) = found.get(LEVEL) {
        let level = value.number().filter(|level| level.fract() == 0.0);
        let level = level.and_then(|level| Level::new(level as i64).ok());
        let wrong = || VerifyError::Differs {
            image: 0,
            name: format!("{PREFIX}{LEVEL}"),
            found: value.to_string(),
            expected: "a level from 0 to 9".into(),
        };
        return level.map(Some).ok_or_else(wrong);
    }
    // The only one whose name can be damaged without its being missed.
    let name = format!("{PREFIX}{LEVEL}");
    let there = |attribute: &Attribute| {
        let prefix = if attribute.foreign { "" } else { PREFIX };
        is_one_bit_off(&format!("{prefix}{}", attribute.name), &name)
    };
    match found.iter().find(|attribute| there(attribute)) {
        Some(found) => Err(VerifyError::Name { image: 0, found: found.name_in_file(), expected: name }),
        None => Ok(None),
    }
}

/// Tells whether two names differ in one bit. What a byte that is no text was is not known.
fn is_one_bit_off(a: &str, b: &str) -> bool {
    let bits = |(a, b): (char, char)| {
        if a == char::REPLACEMENT_CHARACTER { 1 } else { (u32::from(a) ^ u32::from(b)).count_ones() }
    };
    a.chars().count() == b.chars().count() && a.chars().zip(b.chars()).map(bits).sum::<u32>() == 1
}

/// Checks that integers which are taken for values have no attributes of codes: one of them, without which the others
/// mean nothing, would be missing.
pub fn check_values(image: u32, found: &Attributes) -> Result<(), VerifyError> {
    let missing = |name: &&str| found.get(name).and_then(Value::number).is_none();
    let any = OF_CODES.iter().any(|name| found.get(name).is_some());
    match OF_CODES.into_iter().find(missing).filter(|_| any) {
        Some(name) => Err(VerifyError::HalfCodes { image, name }),
        None => Ok(()),
    }
}

/// Compares the attributes of an image with those that its original gives: each must be there, of that type and
/// value.
pub fn compare(
    image: u32,
    found: &Attributes,
    expected: &Attributes,
    surplus: &mut Surplus,
) -> Result<(), VerifyError> {
    for wanted in expected.iter() {
        let name = || wanted.name_in_file();
        let Some(there) = same_name(found, wanted) else {
            return Err(VerifyError::Missing { image, name: name(), expected: wanted.value.to_string() });
        };
        let free = |names: &[&str]| !wanted.foreign && names.contains(&&*wanted.name);
        let same = if free(&FREE) || free(&MEASURED) {
            discriminant(&there.value) == discriminant(&wanted.value)
        } else {
            is_same(&there.value, &wanted.value) || is_of_hdf(there)
        };
        if !same {
            let (found, expected) = (there.value.to_string(), wanted.value.to_string());
            return Err(VerifyError::Differs { image, name: name(), found, expected });
        }
    }
    surplus.add(found.iter().filter(|there| same_name(expected, there).is_none()));
    Ok(())
}

/// Finds the attribute that has the name of another in the file.
fn same_name<'a>(attributes: &'a Attributes, wanted: &Attribute) -> Option<&'a Attribute> {
    attributes.iter().find(|found| found.name == wanted.name && found.foreign == wanted.foreign)
}

/// Tells whether an attribute is what is said of every image that was read from HDF5, whatever it was before: a
/// file may have been compressed twice.
fn is_of_hdf(found: &Attribute) -> bool {
    let orders = [BYTE_ORDER.1, b"little"].map(Value::text);
    found.name == BYTE_ORDER.0 && !found.foreign && orders.contains(&found.value)
}

/// Tells whether two values are the same, to the bit: 0 is not -0, and a NaN is itself.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
        // Its meaning follows from the rest.
        (Value::Opaque(a), Value::Opaque(b)) => {
            (&a.datatype, &a.dataspace, &a.data) == (&b.datatype, &b.dataspace, &b.data)
        }
        _ => a == b,
    }
}

impl Surplus {
    fn add<'a>(&mut self, found: impl Iterator<Item = &'a Attribute>) {
        let mut any = false;
        for attribute in found {
            any = true;
            // So many names are enough to say that there are more.
            if self.names.len() <= MOST_NAMES {
                self.names.insert(attribute.name_in_file());
            }
        }
        self.images += u32::from(any);
    }

    /// Returns what was found, if anything was, of so many images.
    pub fn warning(self, images: u32) -> Option<(Share, Vec<String>)> {
        Share::some(self.images, images).map(|share| (share, self.names.into_iter().collect()))
    }
}
