//! Every input under every option set: codes, types, ranges, counts and attributes, as libhdf5
//! reads them, against the tables made with EMAN2.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use e2compress_fixtures::{complaint, data, real_data, run, words};
use e2compress_tests::expected::{Attribute, Case, Correct, Table};
use e2compress_tests::stored::{Value, attribute, fingerprint, image};
use libtest_mimic::{Arguments, Failed, Trial};
use sha2::{Digest, Sha256};

/// Made from the pixels by a sum whose order is ours: the last place may differ.
const SUMS: [&str; 5] =
    ["EMAN.mean", "EMAN.sigma", "EMAN.square_sum", "EMAN.mean_nonzero", "EMAN.sigma_nonzero"];

/// What goes along with codes that are kept, besides the sums.
const KEPT: [&str; 5] = ["EMAN.minimum", "EMAN.maximum", "EMAN.all_int", "EMAN.source_path", "EMAN.source_n"];

/// What EMAN2 gets wrong when a pixel is not finite (correction 2); the table has its values.
const SPOILED_BY_NON_FINITE: [&str; 3] = ["EMAN.minimum", "EMAN.maximum", "EMAN.all_int"];

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress-tested"), folder, words)
}

fn main() {
    let arguments = Arguments::from_args();
    let table = Table::read(&data().join("expected.json"));
    let mut trials = trials("conformance", &data(), &table);
    let from_hdf = Table::read(&data().join("expected-from-hdf.json"));
    trials.extend(self::trials("in place", &data().join("eman2-hdf"), &from_hdf));
    if let Some(folder) = real_data() {
        trials.extend(self::trials("real", &folder, &Table::read(&folder.join("expected.json"))));
    } else {
        let skipped = Trial::test("real files (E2COMPRESS_REAL_DATA is not set)", || Ok(()));
        trials.push(skipped.with_ignored_flag(true));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn trials(kind: &str, folder: &Path, table: &Table) -> Vec<Trial> {
    let folder: Arc<PathBuf> = Arc::new(folder.to_owned());
    let inputs = Arc::new(table.inputs.clone());
    let trial = |case: &Case| {
        let (case, folder, inputs) = (case.clone(), folder.clone(), inputs.clone());
        Trial::test(format!("{kind} {} {}", case.input, case.options), move || {
            let problems = check(&folder, &case, &inputs[&case.input])?;
            if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
        })
    };
    table.cases.iter().map(trial).collect()
}

/// Compresses one case into a folder; an HDF file in place, as a copy there.
fn compressed(folder: &Path, case: &Case, out: &Path) -> Result<(), Failed> {
    let mut command = words(&case.options);
    let run = if Path::new(&case.input).extension().is_some_and(|kind| kind == "hdf") {
        fs::copy(folder.join(&case.input), out.join(&case.input))?;
        // Of tiny images limits clip more than is lost without a word.
        command.extend(["--force", &case.input]);
        e2compress(out, &command)
    } else {
        command.extend([
            "--outpath",
            out.to_str().ok_or("the temporary folder is not Unicode")?,
            &case.input,
        ]);
        e2compress(folder, &command)
    };
    if run.status.success() { Ok(()) } else { Err(complaint(&run).into()) }
}

/// Compresses one case and lists what is not as it must be.
fn check(folder: &Path, case: &Case, inputs: &[BTreeMap<String, Attribute>]) -> Result<Vec<String>, Failed> {
    let out = tempfile::tempdir()?;
    compressed(folder, case, out.path())?;
    let output = out.path().join(&case.input).with_extension("hdf");
    let file = hdf5::File::open(output)?;
    let images = file.group("MDF/images")?;
    let mut problems = Vec::new();
    let mut must = |what: &str, found: &dyn std::fmt::Debug, wanted: &dyn std::fmt::Debug| {
        let (found, wanted) = (format!("{found:?}"), format!("{wanted:?}"));
        if found != wanted {
            problems.push(format!("{what} is {found}, must be {wanted}"));
        }
    };
    must("number of images", &images.len(), &case.images.len());
    let highest = Value::I32(case.images.len() as i32 - 1);
    must("imageid_max", &attribute(&images, "imageid_max")?, &highest);

    for (index, (expected, from_input)) in case.images.iter().zip(inputs).enumerate() {
        let group = image(&file, index)?;
        let dataset = group.dataset("image")?;
        let mut correct = expected.must().clone();
        let (dtype, sha256) = fingerprint(&dataset)?;
        if case.options == "nooutliers5" && expected.correct.is_none() {
            let sample = hdf5::File::open(folder.join(&case.input))?;
            correct_first_pixel(&mut correct, &values(&image(&sample, index)?)?, &group)?;
        }
        must("codes", &sha256, &correct.sha256);
        must("type", &dtype, &correct.dtype.as_str());
        let extent = |name: &str| match &from_input[name].i32.as_deref() {
            Some([side]) => *side as usize,
            other => panic!("{name} is {other:?}"),
        };
        let (nx, ny, nz) = (extent("EMAN.nx"), extent("EMAN.ny"), extent("EMAN.nz"));
        must("extent", &dataset.shape(), &if nz == 1 { vec![ny, nx] } else { vec![nz, ny, nx] });
        // EMAN2 stores a single row as one dimension when there are no chunks; a row stays an image here.
        if let Some(shape) = correct.shape.as_ref().or(expected.shape.as_ref()) {
            must(
                "extent EMAN2 stores",
                &dataset.shape(),
                &if ny == 1 { vec![ny, nx] } else { shape.clone() },
            );
        }

        let mut wanted: BTreeMap<&str, Value> = BTreeMap::new();
        let datatype = if correct.kept { numbered(&correct.dtype) } else { expected.datatype };
        wanted.insert("EMAN.datatype", Value::I32(datatype));
        if let (Some(low), Some(high), Some(bits), Some(truncated)) = (
            correct.stored_rendermin,
            correct.stored_rendermax,
            correct.stored_renderbits,
            correct.stored_truncated,
        ) {
            wanted.insert("EMAN.stored_rendermin", Value::F32(low as f32));
            wanted.insert("EMAN.stored_rendermax", Value::F32(high as f32));
            wanted.insert("EMAN.stored_renderbits", Value::I32(bits));
            wanted.insert("EMAN.stored_truncated", Value::I32(truncated));
        }
        if case.options == "level6" {
            wanted.insert("EMAN.render_compress_level", Value::I32(6));
        }
        for (name, value) in from_input {
            wanted.insert(name, stored_as(value));
        }
        wanted.insert("EMAN.changecount", Value::I32(0));
        if correct.kept {
            let sample = hdf5::File::open(folder.join(&case.input))?;
            let sample = image(&sample, index)?;
            for name in SUMS.into_iter().chain(KEPT) {
                wanted.insert(name, attribute(&sample, name)?);
            }
        }

        let mut names = group.attr_names()?;
        names.sort();
        must("attributes", &names, &wanted.keys().collect::<Vec<_>>());
        let spoiled = case.input.contains("inf_pixel") || case.input.contains("nan_pixel");
        for (name, value) in &wanted {
            let found = attribute(&group, name)?;
            let sum = SUMS.contains(name);
            if spoiled && (sum || SPOILED_BY_NON_FINITE.contains(name)) {
                let Value::F32(found) = found else { continue };
                must(name, &found.is_finite(), &true);
            } else if sum {
                must(name, &within_one_place(&found, value), &true);
            } else {
                must(name, &found, value);
            }
        }
    }
    Ok(problems)
}

/// EMAN2's number for the type of kept codes.
fn numbered(dtype: &str) -> i32 {
    match dtype {
        "|u1" => 2,
        "<u2" => 4,
        other => panic!("codes of type {other}"),
    }
}

/// The values of an image of a sample, scaled as EMAN2 does.
fn values(group: &hdf5::Group) -> Result<Vec<f32>, Failed> {
    let codes = group.dataset("image")?.read_raw::<f32>()?;
    let Ok(Value::I32(bits)) = attribute(group, "EMAN.stored_renderbits") else { return Ok(codes) };
    let ends = (attribute(group, "EMAN.stored_rendermin")?, attribute(group, "EMAN.stored_rendermax")?);
    let (Value::F32(low), Value::F32(high)) = ends else { return Err("no range".into()) };
    let most = ((1 << bits) - 1) as f32;
    Ok(codes.into_iter().map(|code| (code / most) * (high - low) + low).collect())
}

/// Correction 4: where the first pixel has widened EMAN2's range, the range must be near the limits, and
/// what is stored must follow from it.
fn correct_first_pixel(correct: &mut Correct, values: &[f32], group: &hdf5::Group) -> Result<(), Failed> {
    let Some(limits) = corrected_limits(values) else { return Ok(()) };
    let ends = (attribute(group, "EMAN.stored_rendermin")?, attribute(group, "EMAN.stored_rendermax")?);
    let (Value::F32(low), Value::F32(high)) = ends else { return Err("no range".into()) };
    let step = (high - low) / 31.0;
    if (low - limits.0).abs() > step || (high - limits.1).abs() > step {
        return Err(format!("range {low} to {high} is not near the limits {limits:?}").into());
    }
    (correct.stored_rendermin, correct.stored_rendermax) = (Some(low.into()), Some(high.into()));
    let outside = values.iter().filter(|&&value| value < low || value > high).count();
    correct.stored_truncated = Some(outside as i32);
    let code = |value: &f32| ((value - low) / (high - low) * 31.0).clamp(0.0, 31.0).round() as u8;
    correct.sha256 = format!("{:x}", Sha256::digest(values.iter().map(code).collect::<Vec<u8>>()));
    Ok(())
}

/// The limits without outliers, if the first pixel lies outside them.
fn corrected_limits(values: &[f32]) -> Option<(f32, f32)> {
    let lowest = values.iter().copied().fold(f32::INFINITY, f32::min);
    let highest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let per_value = 1023.0 / (highest - lowest);
    let mut histogram = [0; 1024];
    for value in values {
        histogram[((value - lowest) * per_value).round().clamp(0.0, 1023.0) as usize] += 1;
    }
    let spared = (values.len() / 20_000).max(8);
    let low = (0..512).find(|&bin| histogram[..=bin].iter().sum::<usize>() > spared).unwrap_or(511);
    let high = (513..1024).rev().find(|&bin| histogram[bin..].iter().sum::<usize>() > spared).unwrap_or(513);
    let step = (f64::from(highest) - f64::from(lowest)) / 1023.0;
    let edge = |bin: usize| (bin as f64 * step + f64::from(lowest)) as f32;
    let limits = (edge(low), edge(high));
    (values[0] < limits.0 || values[0] > limits.1).then_some(limits)
}

fn stored_as(attribute: &Attribute) -> Value {
    let Attribute { i32, f32, f64, i8, string, size } = attribute;
    match (i32.as_deref(), f32.as_deref(), f64.as_deref(), i8.as_deref(), string, size) {
        (Some([value]), None, None, None, None, None) => Value::I32(*value),
        (None, Some([value]), None, None, None, None) => Value::F32(*value as f32),
        (None, None, Some([value]), None, None, None) => Value::F64(*value),
        (None, None, None, Some([value]), None, None) => Value::I8(*value),
        (None, None, None, None, Some(text), Some(size)) => Value::Text(text.clone(), *size),
        _ => panic!("{attribute:?} is no single value"),
    }
}

fn within_one_place(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::F32(found), Value::F32(wanted)) => {
            *found == *wanted || *found == wanted.next_up() || *found == wanted.next_down()
        }
        _ => false,
    }
}
