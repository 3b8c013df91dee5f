//! Every file of `tests/data/formats`, a folder for each kind: what is read of it by the command, against
//! what independent readers found, and refusals by their words. Real files beside `E2COMPRESS_REAL_DATA` likewise.
//!
//! A new kind is a folder with its files and an `expectations.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use e2compress_core::{Value, open};
use e2compress_fixtures::{complaint, data, real_data, run};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What is expected of the files of a folder.
#[derive(Deserialize)]
struct Expectations {
    files: BTreeMap<String, Expected>,
}

/// What is expected of a file.
#[derive(Deserialize, Clone)]
struct Expected {
    /// Whether it is read; `None` if either is right, as long as it ends.
    accept: Option<bool>,
    /// Words of which a refusal has one.
    #[serde(default)]
    message_names: Vec<String>,
    /// What is read of it, for each way of reading it.
    #[serde(default)]
    views: Vec<View>,
    /// What is read of it, where there is one way.
    #[serde(flatten)]
    view: Option<View>,
}

/// What is read of a file.
#[derive(Deserialize, Clone)]
struct View {
    /// Options, as in `--eer-KEY VALUE`.
    #[serde(default)]
    arguments: BTreeMap<String, u32>,
    images: u32,
    nx: u32,
    ny: u32,
    nz: u32,
    /// Edges of a pixel, where the file says them.
    apix: Option<[f32; 3]>,
    /// Of the pixels of each image as little-endian `f32`.
    sha256_f32: Vec<String>,
}

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress-tested"), folder, words)
}

fn main() {
    let arguments = Arguments::from_args();
    let kinds = fs::read_dir(data().join("formats")).expect("tests/data/formats is there");
    let mut kinds: Vec<PathBuf> = kinds.map(|kind| kind.expect("an entry").path()).collect();
    kinds.sort();
    let mut trials = Vec::new();
    for kind in kinds {
        let name = kind.file_name().unwrap_or_default().to_string_lossy().into_owned();
        trials.extend(self::trials(&name, &kind));
        trials.push(Trial::test(format!("{name}: every file is expected"), move || all_expected(&kind)));
    }
    for kind in ["real", "large"] {
        let folder = real_data().map(|folder| folder.join("../formats").join(kind));
        if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
            trials.extend(self::trials(kind, &folder));
        } else {
            let name = format!("{kind} files (none beside E2COMPRESS_REAL_DATA)");
            trials.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn expectations(folder: &Path) -> Expectations {
    let path = folder.join("expectations.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
}

fn trials(kind: &str, folder: &Path) -> Vec<Trial> {
    let folder = Arc::new(folder.to_owned());
    let trial = |(file, expected): (String, Expected)| {
        let folder = folder.clone();
        Trial::test(format!("{kind} {file}"), move || check(&folder, &file, &expected))
    };
    expectations(&folder).files.into_iter().map(trial).collect()
}

/// Fails on files that nothing is expected of. The header file of a pair goes with the other one.
fn all_expected(folder: &Path) -> Result<(), Failed> {
    let expected: BTreeSet<String> = expectations(folder).files.into_keys().collect();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let partner = name.strip_suffix(".hed").map(|stem| format!("{stem}.img"));
        let known = expected.contains(&name) || partner.is_some_and(|partner| expected.contains(&partner));
        if !known && name != "expectations.json" {
            return Err(format!("nothing is expected of {name}").into());
        }
    }
    Ok(())
}

fn check(folder: &Path, file: &str, expected: &Expected) -> Result<(), Failed> {
    let views = if expected.views.is_empty() { expected.view.as_slice() } else { &expected.views };
    match (expected.accept, views) {
        (Some(true), []) => Err("nothing is expected of its pixels".into()),
        (Some(true), views) => views.iter().try_for_each(|view| accepted(folder, file, view)),
        (accept, _) => refused(folder, file, accept.is_none(), &expected.message_names),
    }
}

/// Compresses without loss into a folder.
fn compressed(folder: &Path, file: &str, options: &[&str], out: &Path) -> Result<Output, Failed> {
    let out = out.to_str().ok_or("the temporary folder is not Unicode")?;
    let output = e2compress(folder, &[&["--bits", "0", "--outpath", out], options, &[file]].concat());
    match output.status.code() {
        Some(0 | 1) if !complaint(&output).contains("panicked") => Ok(output),
        code => Err(format!("ended by {code:?}: {}", complaint(&output)).into()),
    }
}

fn refused(folder: &Path, file: &str, may_be_read: bool, words: &[String]) -> Result<(), Failed> {
    let out = tempfile::tempdir()?;
    let output = compressed(folder, file, &[], out.path())?;
    let said = complaint(&output).replace(file, "FILE");
    if output.status.success() {
        return if may_be_read { Ok(()) } else { Err("it is accepted".into()) };
    }
    if fs::read_dir(out.path())?.next().is_some() {
        return Err("it is refused, and an output is there".into());
    }
    let names = |word: &String| said.to_lowercase().contains(&word.to_lowercase());
    if !words.is_empty() && !words.iter().any(names) {
        return Err(format!("{said} says none of {words:?}").into());
    }
    Ok(())
}

/// Compresses, verifies and expands, and compares what comes out.
fn accepted(folder: &Path, file: &str, view: &View) -> Result<(), Failed> {
    let out = tempfile::tempdir()?;
    let words: Vec<String> =
        view.arguments.iter().flat_map(|(key, value)| [format!("--eer-{key}"), value.to_string()]).collect();
    let options: Vec<&str> = words.iter().map(String::as_str).collect();
    let made = |output: &Output, folder: &Path| -> Result<PathBuf, Failed> {
        if !output.status.success() {
            return Err(complaint(output).into());
        }
        let mut made = fs::read_dir(folder)?;
        let (Some(path), None) = (made.next(), made.next()) else { return Err("not one output".into()) };
        Ok(path?.path())
    };
    let output = compressed(folder, file, &options, out.path())?;
    let path = made(&output, out.path())?;
    same_pixels(&path, view)?;
    same_size(&path, view)?;

    let name = path.to_str().ok_or("the temporary folder is not Unicode")?;
    for words in [&["verify", name, file], &["info", file, "--json"]] {
        let options = if words[0] == "verify" { options.as_slice() } else { &[] };
        let output = e2compress(folder, &[words.as_slice(), options].concat());
        if !output.status.success() {
            return Err(format!("{}: {}", words[0], complaint(&output)).into());
        }
    }
    let expanded = tempfile::tempdir()?;
    let to = expanded.path().to_str().ok_or("the temporary folder is not Unicode")?;
    let output = e2compress(folder, &[&["expand", "--mode", "2", "--outpath", to, file], &*options].concat());
    same_pixels(&made(&output, expanded.path())?, view)
}

/// Compares the pixels of a file with those that are expected.
fn same_pixels(path: &Path, view: &View) -> Result<(), Failed> {
    let bytes = fs::read(path)?;
    let source = bytes.as_slice();
    let file = open(&source, &path.to_string_lossy())?;
    if file.images() != view.images || view.sha256_f32.len() != view.images as usize {
        return Err(format!("{} images instead of {}", file.images(), view.images).into());
    }
    for (image, wanted) in (0..).zip(&view.sha256_f32) {
        let shape = file.shape(image);
        if [shape.nx, shape.ny, shape.nz] != [view.nx, view.ny, view.nz] {
            return Err(format!("image {image} is {shape:?}").into());
        }
        let bytes: Vec<u8> = file.values(image)?.iter().flat_map(|value| value.to_le_bytes()).collect();
        if format!("{:x}", Sha256::digest(bytes)) != *wanted {
            return Err(format!("image {image} has other pixels in {}", path.display()).into());
        }
    }
    Ok(())
}

/// Compares the pixel size.
fn same_size(path: &Path, view: &View) -> Result<(), Failed> {
    let bytes = fs::read(path)?;
    let source = bytes.as_slice();
    let file = open(&source, &path.to_string_lossy())?;
    let attributes = file.attributes(0)?;
    for (name, wanted) in ["apix_x", "apix_y", "apix_z"].into_iter().zip(view.apix.unwrap_or([1.0; 3])) {
        let found = attributes.get(name).and_then(Value::number).unwrap_or(1.0) as f32;
        if view.apix.is_some() && (found - wanted).abs() > 1e-5 * wanted {
            return Err(format!("{name} is {found} instead of {wanted}").into());
        }
    }
    Ok(())
}
