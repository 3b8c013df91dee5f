//! No flipped bit that libhdf5 sees passes: neither one that keeps the file or anything in it from being read, nor one
//! that changes an attribute or a pixel.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use e2compress_fixtures::made::{Mrc, Noise};
use hdf5::types::{FixedAscii, FixedUnicode, TypeDescriptor};
use hdf5::{Attribute, File, Location};
use libtest_mimic::{Failed, Trial};
use rayon::prelude::*;

use crate::pair::Pair;

pub fn trials() -> Vec<Trial> {
    let test = |name: &str, run: fn() -> Result<(), Failed>| Trial::test(name, run);
    vec![
        test("no flipped bit that others see passes: codes of a byte", bytes),
        test("no flipped bit that others see passes: several images", several),
        test("no flipped bit that others see passes: integers", integers),
        test("no flipped bit that others see passes: bare floats", floats),
        test("no flipped bit that others see passes: an extended header", extended),
    ]
}

/// Each bit of the file.
const ALL: usize = 1;

/// Every so manieth bit, each of a byte in turn: where the form is that of a file of which each bit is flipped.
const PART: usize = 29;

fn bytes() -> Result<(), Failed> {
    let original = Mrc::floats(9, 7, 1, Noise(1).take(63));
    flips(&Pair::new(&original.bytes, &["--bits", "5", "--compresslevel", "1"]), ALL)
}

fn several() -> Result<(), Failed> {
    let original = Mrc::floats(6, 5, 3, Noise(4).take(90));
    let pair = Pair::of_stack(&original.bytes, &["--bits", "12", "--compresslevel", "4"]);
    assert_eq!(pair.beside(&pair.file)?.images, 3);
    flips(&pair, PART)
}

fn integers() -> Result<(), Failed> {
    flips(&Pair::of("u8_movie.mrcs", &["--bits", "12"]), PART)
}

fn floats() -> Result<(), Failed> {
    let original = Mrc::floats(9, 7, 2, Noise(2).take(126));
    flips(&Pair::new(&original.bytes, &["--bits", "-1"]), PART)
}

fn extended() -> Result<(), Failed> {
    let mut original = Mrc::floats(5, 4, 1, Noise(3).take(20));
    original.int(92, 768).set(104, b"SERI");
    original.bytes.splice(Mrc::HEADER..Mrc::HEADER, (0..768u16).map(|at| (at % 11) as u8));
    flips(&Pair::new(&original.bytes, &["--bits", "16"]), PART)
}

/// Flips every `step`th bit, one at a time.
fn flips(pair: &Pair, step: usize) -> Result<(), Failed> {
    let path = pair.folder.path();
    fs::write(path.join("whole.hdf"), &pair.file)?;
    let right = seen(&path.join("whole.hdf"))?;
    pair.beside(&pair.file)?;
    let bits: Vec<usize> = (0..8 * pair.file.len()).step_by(step).collect();
    let wrong: Vec<String> = bits
        .par_chunks(4096)
        .flat_map_iter(|bits| {
            let mut file = pair.file.clone();
            let flipped = path.join(format!("{}.hdf", bits[0]));
            let mut wrong = Vec::new();
            for &bit in bits {
                file[bit / 8] ^= 1 << (bit % 8);
                if pair.beside(&file).is_ok() {
                    let written = fs::write(&flipped, &file).map_err(|problem| problem.to_string());
                    let found = written.and_then(|()| seen(&flipped).map_err(|problem| problem.to_string()));
                    let difference = match found {
                        Ok(found) => different(&right, &found),
                        Err(problem) => Some(problem),
                    };
                    wrong.extend(difference.map(|what| format!("byte {}, bit {}: {what}", bit / 8, bit % 8)));
                }
                file[bit / 8] ^= 1 << (bit % 8);
            }
            wrong
        })
        .collect();
    match wrong.len() {
        0 => Ok(()),
        count => Err(format!("{count} pass:\n{}", wrong[..count.min(20)].join("\n")).into()),
    }
}

/// What libhdf5 finds by a name: the type, the shape, the numbers or the text.
type Seen = BTreeMap<String, (String, Vec<usize>, Vec<f64>, String)>;

/// Reads all that EMAN2 does of a file, and every other attribute and dataset.
fn seen(path: &Path) -> hdf5::Result<Seen> {
    let file = File::open(path)?;
    let mut found = Seen::new();
    group(&file.as_group()?, &mut found)?;
    file.close()?;
    Ok(found)
}

fn group(at: &hdf5::Group, found: &mut Seen) -> hdf5::Result<()> {
    attributes(at, found)?;
    for name in at.member_names()? {
        if let Ok(inside) = at.group(&name) {
            group(&inside, found)?;
            continue;
        }
        let dataset = at.dataset(&name)?;
        attributes(&dataset, found)?;
        let pixels = dataset.read_raw::<f64>()?;
        let kind = format!("{:?}", dataset.dtype()?.to_descriptor()?);
        found.insert(dataset.name(), (kind, dataset.shape(), pixels, String::new()));
    }
    Ok(())
}

fn attributes(at: &Location, found: &mut Seen) -> hdf5::Result<()> {
    for name in at.attr_names()? {
        let attribute = at.attr(&name)?;
        let kind = attribute.dtype()?.to_descriptor()?;
        let (numbers, text) = value(&attribute, &kind)?;
        found.insert(
            format!("{}: {name}", at.name()),
            (format!("{kind:?}"), attribute.shape(), numbers, text),
        );
    }
    Ok(())
}

fn value(attribute: &Attribute, kind: &TypeDescriptor) -> hdf5::Result<(Vec<f64>, String)> {
    Ok(match kind {
        TypeDescriptor::FixedAscii(_) => {
            (Vec::new(), attribute.read_scalar::<FixedAscii<4096>>()?.as_str().to_owned())
        }
        TypeDescriptor::FixedUnicode(_) => {
            (Vec::new(), attribute.read_scalar::<FixedUnicode<4096>>()?.as_str().to_owned())
        }
        _ => (attribute.read_raw::<f64>()?, String::new()),
    })
}

/// Says what differs, but for what may: the values of `source_path` and `changecount`, and the last place of the figures
/// that are made of sums.
fn different(right: &Seen, found: &Seen) -> Option<String> {
    const FREE: [&str; 2] = ["EMAN.source_path", "EMAN.changecount"];
    const OF_SUMS: [&str; 5] =
        ["EMAN.mean", "EMAN.sigma", "EMAN.square_sum", "EMAN.mean_nonzero", "EMAN.sigma_nonzero"];
    let names: Vec<_> = right.keys().collect();
    if names != found.keys().collect::<Vec<_>>() {
        return Some(format!("other names: {:?}", found.keys().collect::<Vec<_>>()));
    }
    right.iter().find_map(|(name, right)| {
        let found = &found[name];
        let ends = |names: &[&str]| names.iter().any(|end| name.ends_with(&format!(": {end}")));
        let same_value = if ends(&FREE) {
            true
        } else if ends(&OF_SUMS) {
            let (right, found) = (right.2[0] as f32, found.2[0] as f32);
            (right.next_down()..=right.next_up()).contains(&found)
        } else {
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            bits(&right.2) == bits(&found.2) && right.3 == found.3
        };
        let same = same_value && right.0 == found.0 && right.1 == found.1;
        (!same).then(|| format!("{name} is {:?} {:?} {:?} {:?}", found.0, found.1, found.2, found.3))
    })
}
