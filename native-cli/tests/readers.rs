//! The outputs in readers nobody here wrote: h5py, PyTables, h5dump, and mrcfile for the originals.
//! `E2COMPRESS_PYTHON` names a Python that has them; `cargo xtask test` installs one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, data, inputs, python, real_data, run, words};
use libtest_mimic::{Arguments, Failed, Trial};

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress"), folder, words)
}

fn main() {
    let arguments = Arguments::from_args();
    let ready = std::env::var_os("E2COMPRESS_PYTHON").is_some();
    let mut trials = Vec::new();
    for options in ["bits5", "bits12", "float", "raw", "nooutliers5"] {
        for reader in ["h5py", "pytables", "h5dump"] {
            trials.push(Trial::test(format!("{reader} reads every input under {options}"), move || {
                let out = compressed(&data(), &inputs(&data()), options)?;
                Ok(python(reader, &outputs(out.path()))?)
            }));
        }
    }
    for options in ["bits5", "bits10", "bits16", "float"] {
        trials.push(Trial::test(format!("values under {options} are within half a step"), move || {
            within_half_a_step(&data(), options)
        }));
        let real = Trial::test(format!("real values under {options} are within half a step"), move || {
            within_half_a_step(&real_data().ok_or("no real files")?, options)
        });
        trials.push(real.with_ignored_flag(real_data().is_none()));
    }
    trials.push(Trial::test("a stack of 100,000 images opens and lists", large_stack));
    let trials =
        if ready { trials } else { trials.into_iter().map(|trial| trial.with_ignored_flag(true)).collect() };
    libtest_mimic::run(&arguments, trials).exit();
}

fn outputs(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

fn compressed(folder: &Path, names: &[String], options: &str) -> Result<tempfile::TempDir, Failed> {
    let out = tempfile::tempdir()?;
    let mut command = words(options);
    command.extend(["--outpath", out.path().to_str().ok_or("not Unicode")?]);
    command.extend(names.iter().map(String::as_str));
    let run = e2compress(folder, &command);
    if run.status.success() { Ok(out) } else { Err(complaint(&run).into()) }
}

fn within_half_a_step(folder: &Path, options: &str) -> Result<(), Failed> {
    // mrcfile takes bytes for signed, knows neither mode 17 nor 101, and does not transpose.
    let differs = ["u8_", "i8_", "u4_", "transposed", "3pqr", "inf_pixel", "nan_pixel"];
    let names: Vec<String> =
        inputs(folder).into_iter().filter(|name| !differs.iter().any(|part| name.contains(part))).collect();
    let out = compressed(folder, &names, options)?;
    for name in names {
        let hdf = out.path().join(&name).with_extension("hdf");
        python("mrc", &[folder.join(&name), hdf])?;
    }
    Ok(())
}

fn large_stack() -> Result<(), Failed> {
    let (side, count) = (16, 100_000);
    let folder = tempfile::tempdir()?;
    let mrc = Mrc::floats(side, side, count, Noise(8).take((side * side * count) as usize));
    fs::write(folder.path().join("particles.mrcs"), &mrc.bytes)?;
    let run = e2compress(folder.path(), &["--bits", "5", "particles.mrcs"]);
    if !run.status.success() {
        return Err(complaint(&run).into());
    }
    Ok(python("list", &[folder.path().join("particles.hdf"), count.to_string().into()])?)
}
