//! Every input under every option set: codes, types, ranges, counts and attributes, as libhdf5
//! reads them, against the tables made with EMAN2.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use e2compress_tests::expected::{Attribute, Case, Table, words};
use e2compress_tests::stored::{Value, attribute, fingerprint, image};
use e2compress_tests::{complaint, data, e2compress, real_data};
use libtest_mimic::{Arguments, Failed, Trial};

/// Made from the pixels by a sum whose order is ours: the last place may differ.
const SUMS: [&str; 5] =
    ["EMAN.mean", "EMAN.sigma", "EMAN.square_sum", "EMAN.mean_nonzero", "EMAN.sigma_nonzero"];

/// What EMAN2 gets wrong when a pixel is not finite (correction 2); the table has its values.
const SPOILED_BY_NON_FINITE: [&str; 3] = ["EMAN.minimum", "EMAN.maximum", "EMAN.all_int"];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = trials("conformance", &data(), &Table::read(&data().join("expected.json")));
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

/// Compresses one case and lists what is not as it must be.
fn check(folder: &Path, case: &Case, inputs: &[BTreeMap<String, Attribute>]) -> Result<Vec<String>, Failed> {
    let out = tempfile::tempdir()?;
    let out_name = out.path().to_str().ok_or("the temporary folder is not Unicode")?;
    let mut command = words(&case.options);
    command.extend(["--outpath", out_name, &case.input]);
    let run = e2compress(folder, &command);
    if !run.status.success() {
        return Err(complaint(&run).into());
    }
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
        let correct = &expected.correct;
        let (dtype, sha256) = fingerprint(&dataset)?;
        must("codes", &sha256, &correct.sha256);
        must("type", &dtype, &correct.dtype.as_str());
        let extent = |name: &str| match &from_input[name].i32.as_deref() {
            Some([side]) => *side as usize,
            other => panic!("{name} is {other:?}"),
        };
        let (nx, ny, nz) = (extent("EMAN.nx"), extent("EMAN.ny"), extent("EMAN.nz"));
        must("extent", &dataset.shape(), &if nz == 1 { vec![ny, nx] } else { vec![nz, ny, nx] });
        // EMAN2 stores a single row as one dimension when there are no chunks; a row stays an image here.
        if let Some(shape) = &expected.shape {
            must(
                "extent EMAN2 stores",
                &dataset.shape(),
                &if ny == 1 { vec![ny, nx] } else { shape.clone() },
            );
        }

        let mut wanted: BTreeMap<&str, Value> = BTreeMap::new();
        wanted.insert("EMAN.datatype", Value::I32(expected.datatype));
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
