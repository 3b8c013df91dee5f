//! What verifying finds: nothing in what this program and EMAN2 write, and every kind of damage by its name
//! and place.

mod damage;
mod pair;

use std::fs;
use std::path::Path;

use e2compress_core::verify::{Place, VerifyError};
use e2compress_tests::expected::{Table, words};
use e2compress_tests::made::{Mrc, Noise};
use e2compress_tests::stored::{fingerprint, image};
use e2compress_tests::{complaint, data, e2compress, inputs, real_data};
use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::tempdir;

use crate::pair::{FILE, ORIGINAL, Pair, checked, fault};

/// The option sets of the conformance tables.
const OPTIONS: [&str; 15] = [
    "bits2",
    "bits5",
    "bits8",
    "bits10",
    "bits12",
    "bits16",
    "level6",
    "float",
    "raw",
    "nooutliers5",
    "nooutliers12",
    "sig44",
    "sig23",
    "range",
    "rangeint",
];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("files of EMAN2 are right", of_eman2),
        Trial::test("images that EMAN2 destroyed are found", destroyed),
        Trial::test("threads change nothing", threads),
        Trial::test("the command says it in a line", command),
        Trial::test("--verify passes in place", in_place),
    ];
    trials.extend(damage::trials());
    for options in OPTIONS {
        let all = move || every_input(&data(), options);
        trials.push(Trial::test(format!("every input is right under {options}"), all));
        let real = move || every_input(&real_data().ok_or("no real files")?, options);
        let trial = Trial::test(format!("real files are right under {options}"), real);
        trials.push(trial.with_ignored_flag(real_data().is_none()));
    }
    libtest_mimic::run(&arguments, trials).exit();
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
        without.comparison = None;
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

fn of_eman2() -> Result<(), Failed> {
    let folder = data().join("eman2-hdf");
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name")?.to_owned();
        let (stem, _) = name.split_once("__").ok_or("an option set")?;
        let original = inputs(&data()).into_iter().find(|input| input.starts_with(&format!("{stem}.")));
        let original = original.ok_or("an original")?;
        let file = fs::read(&path)?;
        let alone = checked(&file, None).map_err(|problem| format!("{name}: {problem}"))?;
        let bytes = fs::read(data().join(&original))?;
        let beside =
            checked(&file, Some((&bytes, &original))).map_err(|problem| format!("{name}: {problem}"))?;
        assert!(alone.warnings.is_empty() && beside.comparison.is_some(), "{name}");
    }
    Ok(())
}

/// Files as EMAN2 writes them where it loses the image: their codes have its fingerprints.
fn destroyed() -> Result<(), Failed> {
    let table = Table::read(&data().join("expected.json"));
    let inputs = ["f32_positive", "f32_negative", "f32_constant", "f32_min_is_zero", "f32_max_is_zero"];
    for (bits, top) in [(8, 255.0), (10, 1023.0)] {
        for input in inputs {
            let name = format!("{input}.mrc");
            let options = format!("bits{bits}");
            let case = table.cases.iter().find(|case| case.input == name && case.options == options);
            let stored = case.and_then(|case| case.images[0].stored.clone()).ok_or("a case")?;
            assert_eq!((stored.stored_rendermin, stored.stored_rendermax), (Some(0.0), Some(0.0)));
            let pair = Pair::of(&name, &["--bits", &bits.to_string()]);
            let values = pair.original[Mrc::HEADER..].as_chunks().0.iter().copied().map(f32::from_le_bytes);
            let codes: Vec<f32> = values.map(|value| if value > 0.0 { top } else { 0.0 }).collect();
            let file = pair.changed(|file| {
                let group = image(file, 0)?;
                let dataset = group.dataset("image")?;
                if bits <= 8 {
                    dataset.write_raw(&codes.iter().map(|&code| code as u8).collect::<Vec<_>>())?;
                } else {
                    dataset.write_raw(&codes.iter().map(|&code| code as u16).collect::<Vec<_>>())?;
                }
                assert_eq!(fingerprint(&dataset)?.1, stored.sha256, "{input}");
                group.attr("EMAN.stored_rendermin")?.write_raw(&[0f32])?;
                group.attr("EMAN.stored_rendermax")?.write_raw(&[0f32])?;
                let truncated = stored.stored_truncated.unwrap_or_default();
                group.attr("EMAN.stored_truncated")?.write_raw(&[truncated])
            });
            for outcome in [checked(&file, None), pair.beside(&file)] {
                let fault = fault(outcome);
                assert!(matches!(fault, VerifyError::Flat { image: 0, .. }), "{input}: {fault}");
                assert!(fault.to_string().contains("destroyed"), "{fault}");
            }
        }
    }
    Ok(())
}

/// The same figures, and the same first fault of two.
fn threads() -> Result<(), Failed> {
    let original = Mrc::floats(1500, 1700, 2, Noise(4).take(1500 * 1700 * 2));
    let pair = Pair::new(&original.bytes, &["--bits", "7"]);
    let mut other = original.clone();
    for pixel in [1_234_567, 4_900_000] {
        other.set(Mrc::HEADER + 4 * pixel, &9f32.to_le_bytes());
    }
    let on = |threads: usize| -> Result<_, Failed> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(pool.install(|| {
            let right = pair.beside(&pair.file).map_err(|problem| problem.to_string());
            (right, fault(checked(&pair.file, Some((&other.bytes, ORIGINAL)))))
        }))
    };
    let (one, three) = (on(1)?, on(3)?);
    assert!(one.0.is_ok(), "{one:?}");
    assert_eq!(one, three);
    let place = Place { image: 0, section: 0, row: 1_234_567 / 1500, column: 1_234_567 % 1500 };
    assert!(matches!(one.1, VerifyError::WrongCode { place: found, .. } if found == place), "{}", one.1);
    Ok(())
}

fn command() -> Result<(), Failed> {
    let pair = Pair::of("f32_around_zero.mrc", &["--bits", "10"]);
    let folder = pair.folder.path();
    let run = |words: &[&str]| {
        let run = e2compress(folder, words);
        (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned(), complaint(&run))
    };
    let (status, said, complaint) = run(&["verify", "--threads", "2", FILE]);
    assert_eq!((status, complaint.as_str()), (Some(0), ""));
    assert!(said.starts_with("a.hdf: sound, 1 image of 46 x 62, ") && said.lines().count() == 1, "{said}");
    let (status, said, complaint) = run(&["verify", FILE, ORIGINAL]);
    assert_eq!((status, complaint.as_str(), said.lines().count()), (Some(0), "", 1));
    for part in
        ["every code is right", "largest difference 0.003", "half a step 0.003", "RMS 0.00", "no pixel"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(run(&["verify", ORIGINAL]).0, Some(0));
    let mut other = pair.original.clone();
    let at = Mrc::HEADER + 4 * (5 * 46 + 17);
    other[at..at + 4].copy_from_slice(&1.75f32.to_le_bytes());
    fs::write(folder.join("other.mrc"), other)?;
    fs::write(folder.join("short.hdf"), &pair.file[..pair.file.len() - 1])?;
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
    assert_eq!(run(&["verify", FILE, ORIGINAL, FILE]).0, Some(2));
    Ok(())
}

/// An HDF file that is replaced is held to what it was.
fn in_place() -> Result<(), Failed> {
    let pair = Pair::of("f32_around_zero.mrc", &["--bits", "0"]);
    let run = e2compress(pair.folder.path(), &["--bits", "5", "--verify", FILE]);
    assert!(run.status.success(), "{}", complaint(&run));
    assert!(String::from_utf8_lossy(&run.stdout).contains("verified: every code is right"));
    let replaced = fs::read(pair.folder.path().join(FILE))?;
    assert!(replaced.len() < pair.file.len());
    checked(&replaced, Some((&pair.file, FILE)))?;
    Ok(())
}
