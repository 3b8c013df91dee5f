//! What h5py says of the files it wrote, and whether the reader says the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2compress_core::formats::hdf5::read::{Dataset, File, HdfError, ObjectKind};
use e2compress_fixtures::complaint;
use e2compress_properties::objects::{self, walk};
use libtest_mimic::Failed;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Elements a test reads at once.
pub const MOST: u64 = 64 << 20;

/// Runs the script that writes files and says what h5py reads.
pub fn script(what: &str, folder: &Path) -> Result<(), Failed> {
    let python = std::env::var_os("E2COMPRESS_PYTHON").ok_or("E2COMPRESS_PYTHON is not set")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("readers/make_hdf.py");
    let run = Command::new(python).arg(script).arg(what).arg(folder).output()?;
    if run.status.success() { Ok(()) } else { Err(complaint(&run).into()) }
}

pub type Files<T> = BTreeMap<String, T>;

pub fn expected<T: DeserializeOwned>(folder: &Path) -> Result<Files<T>, Failed> {
    Ok(serde_json::from_slice(&fs::read(folder.join("expected.json"))?)?)
}

/// What h5py found at a path.
#[derive(Deserialize)]
pub struct Expected {
    attributes: Vec<(String, Value)>,
    links: Option<Vec<String>>,
    shape: Option<Vec<u64>>,
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Value {
    /// Integers, or floats in hexadecimal.
    numbers: Option<Vec<serde_json::Value>>,
    texts: Option<Vec<String>>,
}

pub type Objects = BTreeMap<String, Expected>;

/// Gathers what is wrong with any of the files.
pub fn each<'f>(
    paths: impl Iterator<Item = (&'f str, PathBuf)>,
    mut check: impl FnMut(&str, &Path) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for (name, path) in paths {
        if let Err(error) = check(name, &path) {
            wrong.push(format!("{name}: {}", error.message().unwrap_or_default()));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

pub fn same_file(path: &Path, expected: &Objects, whole: bool) -> Result<(), Failed> {
    let bytes = fs::read(path)?;
    let source = &bytes[..];
    let file = File::open(&source)?;
    for (path, expected) in expected {
        same_object(&file, path, expected, whole)
            .map_err(|error| Failed::from(format!("{path}: {}", error.message().unwrap_or_default())))?;
    }
    let mut walked = 0;
    walk(&file, &mut |_| {
        walked += 1;
        Ok(())
    })?;
    if walked < expected.len() && whole {
        return Err(format!("the walk met {walked} objects of {}", expected.len()).into());
    }
    Ok(())
}

fn same_object(file: &File<'_>, path: &str, expected: &Expected, whole: bool) -> Result<(), Failed> {
    let object = file.find(path)?.ok_or("it is not found")?;
    let attributes = object.attributes(file)?;
    if attributes.len() != expected.attributes.len() {
        return Err(format!("{} attributes, not {}", attributes.len(), expected.attributes.len()).into());
    }
    for (name, value) in &expected.attributes {
        let found =
            attributes.iter().find(|found| found.name == *name).ok_or(format!("no attribute {name}"))?;
        // In damaged files numbers may have a layout that is not read: they count as lost, by name.
        let readable = whole || found.floats().is_some();
        if let Some(numbers) = value.numbers.as_ref().filter(|_| readable) {
            let floats = found.floats().ok_or(format!("attribute {name} is not read as numbers"))?;
            let integers = found.integers();
            let same = numbers.len() == floats.len()
                && numbers.iter().enumerate().all(|(index, number)| match number {
                    serde_json::Value::String(text) => hexadecimal(text) == floats[index],
                    _ => {
                        number.as_f64() == Some(floats[index])
                            && integers.as_ref().is_none_or(|found| number.as_i64() == Some(found[index]))
                    }
                });
            if !same {
                return Err(format!("attribute {name} is {floats:?}, not {numbers:?}").into());
            }
        }
        let texts = found.texts(file)?;
        if texts != value.texts {
            return Err(format!("attribute {name} is {texts:?}, not {:?}", value.texts).into());
        }
    }
    if let Some(links) = &expected.links {
        let group = object.group(file)?;
        let found: Vec<String> = group.links(file)?.into_iter().map(|link| link.name).collect();
        if found != *links {
            return Err(format!("links {found:?}, not {links:?}").into());
        }
        for name in links {
            // A damaged key loses names to look-ups, in libhdf5 as well.
            if group.find(file, name)?.is_none() && whole {
                return Err(format!("link {name} is not found").into());
            }
        }
        if group.find(file, "no such name")?.is_some() {
            return Err("a link that is not there is found".into());
        }
    }
    if object.kind() == ObjectKind::Dataset {
        let dataset = match object.dataset(file) {
            Err(HdfError::Unsupported { .. }) if expected.sha256.is_none() => return Ok(()),
            dataset => dataset?,
        };
        if dataset.dataspace.dimensions != expected.shape {
            return Err(format!("shape {:?}, not {:?}", dataset.dataspace.dimensions, expected.shape).into());
        }
        let found = elements(&dataset, file).ok().map(|elements| hash(&elements));
        if found != expected.sha256 {
            elements(&dataset, file)?;
            return Err("its elements differ".into());
        }
    }
    Ok(())
}

/// The elements of a numeric dataset.
fn elements(dataset: &Dataset, file: &File<'_>) -> Result<Vec<u8>, HdfError> {
    dataset.number()?;
    objects::elements(dataset, file, MOST)
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// A float as Python's `float.hex` writes it.
fn hexadecimal(text: &str) -> f64 {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let rest = rest.strip_prefix("0x").expect("0x");
    let (mantissa, exponent) = rest.split_once('p').expect("an exponent");
    let digits = mantissa.replace('.', "");
    let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
    let whole = u64::from_str_radix(&digits, 16).expect("hexadecimal digits") as f64;
    let value = whole * 2_f64.powi(exponent.parse::<i32>().expect("a number") - 4 * places);
    if negative { -value } else { value }
}
