//! `verify` and `--verify`: what this program writes is right, and the command reports it in a line.

use std::fs;
use std::path::Path;
use std::process::Output;

use e2compress_core::{Error, NoProgress, VerifyOptions, VerifyReport, open, verify};
use e2compress_fixtures::made::Mrc;
use e2compress_fixtures::{OPTION_SETS, complaint, data, inputs, real_data, run, words};
use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::{TempDir, tempdir};

const ORIGINAL: &str = "a.mrc";
const FILE: &str = "a.hdf";

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress"), folder, words)
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("the command says it in a line", command),
        Trial::test("--verify passes in place", in_place),
    ];
    for (options, _) in OPTION_SETS {
        let all = move || every_input(&data(), options);
        trials.push(Trial::test(format!("every input is right under {options}"), all));
        let real = move || every_input(&real_data().ok_or("no real files")?, options);
        let trial = Trial::test(format!("real files are right under {options}"), real);
        trials.push(trial.with_ignored_flag(real_data().is_none()));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn checked(file: &[u8], original: Option<(&[u8], &str)>) -> Result<VerifyReport, Error> {
    let input = open(&file, "file.hdf")?;
    let original = original.as_ref().map(|(bytes, name)| open(bytes, name)).transpose()?;
    verify(&*input, original.as_deref(), &VerifyOptions::default(), &NoProgress)
}

/// A folder with [`ORIGINAL`] and the [`FILE`] made of it, and the bytes of both.
fn pair(options: &[&str]) -> Result<(TempDir, Vec<u8>, Vec<u8>), Failed> {
    let folder = tempdir()?;
    fs::copy(data().join("f32_around_zero.mrc"), folder.path().join(ORIGINAL))?;
    let run = e2compress(folder.path(), &[options, &[ORIGINAL]].concat());
    assert!(run.status.success(), "{}", complaint(&run));
    let (original, file) = (fs::read(folder.path().join(ORIGINAL))?, fs::read(folder.path().join(FILE))?);
    Ok((folder, original, file))
}

fn every_input(folder: &Path, options: &str) -> Result<(), Failed> {
    let out = tempdir()?;
    let names = inputs(folder);
    let to = out.path().to_str().ok_or("a path in Unicode")?;
    let mut all = words(options);
    all.extend(["--verify", "--outpath", to]);
    all.extend(names.iter().map(String::as_str));
    let run = e2compress(folder, &all);
    if !run.status.success() {
        return Err(complaint(&run).into());
    }
    for name in &names {
        let file = fs::read(out.path().join(name).with_extension("hdf"))?;
        let alone = checked(&file, None).map_err(|problem| format!("{name}: {problem}"))?;
        let original = fs::read(folder.join(name))?;
        let beside =
            checked(&file, Some((&original, name))).map_err(|problem| format!("{name}: {problem}"))?;
        let mut without = beside.clone();
        // Codes are never NaN.
        (without.comparison, without.warnings) = (None, alone.warnings.clone());
        assert_eq!(without, alone, "{name}");
        let found = beside.comparison.ok_or("no figures")?;
        assert_eq!(found.half_step.is_none(), ["float", "raw"].contains(&options), "{name}");
        assert!(found.rms <= found.largest, "{name} {found:?}");
        if found.half_step.is_none() {
            assert_eq!(found.largest, 0.0, "{name}");
        }
    }
    Ok(())
}

fn command() -> Result<(), Failed> {
    let (folder, original, file) = pair(&["--bits", "10"])?;
    let folder = folder.path();
    let run = |words: &[&str]| {
        let run = e2compress(folder, words);
        (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned(), complaint(&run))
    };
    let (status, said, complaint) = run(&["verify", "--threads", "2", FILE]);
    assert_eq!((status, complaint.as_str()), (Some(0), ""));
    assert!(said.starts_with("a.hdf: sound, 1 image of 46 x 62, ") && said.lines().count() == 1, "{said}");
    let (status, said, complaint) = run(&["verify", FILE, ORIGINAL]);
    assert_eq!((status, complaint.as_str(), said.lines().count()), (Some(0), "", 1));
    for part in [
        "every code is right",
        "largest difference 0.003",
        "half a step 0.003",
        "RMS 0.00",
        "no pixels clipped",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(run(&["verify", ORIGINAL]).0, Some(0));
    let mut other = original;
    let at = Mrc::HEADER + 4 * (5 * 46 + 17);
    other[at..at + 4].copy_from_slice(&1.75f32.to_le_bytes());
    fs::write(folder.join("other.mrc"), other)?;
    fs::write(folder.join("short.hdf"), &file[..file.len() - 1])?;
    for (words, parts) in [
        (vec!["verify", FILE, "other.mrc"], vec!["e2compress: a.hdf: ", "row 5, column 17", "1.75"]),
        (vec!["verify", "short.hdf"], vec!["e2compress: short.hdf: ", "cut off"]),
        (vec!["verify", FILE, "short.hdf"], vec!["e2compress: a.hdf: the original, short.hdf", "cut off"]),
        (vec!["verify", FILE, "none.mrc"], vec!["the original, none.mrc"]),
        (vec!["verify", "none.hdf"], vec!["none.hdf"]),
    ] {
        let (status, said, complaint) = run(&words);
        assert_eq!((status, said.as_str(), complaint.lines().count()), (Some(1), "", 1), "{words:?}");
        assert!(parts.iter().all(|part| complaint.contains(part)), "{parts:?}: {complaint}");
    }
    assert_eq!(run(&["verify"]).0, Some(2));
    Ok(())
}

/// An HDF file that is replaced is checked against what it was.
fn in_place() -> Result<(), Failed> {
    let (folder, _, file) = pair(&["--bits", "0"])?;
    let run = e2compress(folder.path(), &["--bits", "5", "--verify", FILE]);
    assert!(run.status.success(), "{}", complaint(&run));
    assert!(String::from_utf8_lossy(&run.stdout).contains("verified: every code is right"));
    let replaced = fs::read(folder.path().join(FILE))?;
    assert!(replaced.len() < file.len());
    checked(&replaced, Some((&file, FILE)))?;
    Ok(())
}
