//! Names that are not Unicode: what tells two files apart in a folder tells them apart in records and lists.
#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output};

use e2compress_fixtures::data;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// Two names that differ in one byte which is no Unicode.
const NAMES: [&[u8]; 2] = [b"Gitter_\xf6.mrc", b"Gitter_\xfc.mrc"];

fn run(folder: &Path, line: &str, names: &[&[u8]]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_e2compress"))
        .args(line.split(' '))
        .args(names.iter().map(|name| OsStr::from_bytes(name)))
        .current_dir(folder)
        .output()
        .unwrap()
}

fn said(run: &Output) -> String {
    [&run.stdout, &run.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

/// A folder with both, of which the second is no image, and a list of them.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    let path = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
    fs::copy(data().join("u16_micrograph.mrc"), path(NAMES[0])).unwrap();
    fs::write(path(NAMES[1]), "none").unwrap();
    fs::write(folder.path().join("list"), NAMES.join(&b'\n')).unwrap();
    folder
}

const RUN: &str = "--bits 5 --outpath out --report r.jsonl --resume r.jsonl --files-from list";

#[test]
fn a_good_file_hides_no_other() {
    let folder = folder();
    let here = folder.path();
    let first = run(here, "--bits 5 --outpath out --report r.jsonl", &[NAMES[0]]);
    assert!(first.status.success(), "{}", said(&first));
    let report = run(here, "report r.jsonl --files-from list", &[]);
    assert_eq!(report.status.code(), Some(1), "{}", said(&report));
    assert!(said(&report).contains("2 files expected: 1 done, 0 failed, 1 missing"), "{}", said(&report));
    assert!(said(&report).contains(r"Gitter_\xfc.mrc: missing"), "{}", said(&report));
    // Failed before or after the good one, it stays a failure.
    for names in [[NAMES[0], NAMES[1]], [NAMES[1], NAMES[0]]] {
        fs::remove_file(here.join("r.jsonl")).unwrap();
        let both = run(here, "--bits 5 -j 1 --outpath out --report r.jsonl", &names);
        assert_eq!(both.status.code(), Some(1), "{}", said(&both));
        for line in ["report r.jsonl", "report r.jsonl --files-from list"] {
            let report = run(here, line, &[]);
            assert_eq!(report.status.code(), Some(1), "{}", said(&report));
            assert!(said(&report).contains("1 done, 1 failed"), "{}", said(&report));
        }
    }
}

#[test]
fn what_failed_can_be_handed_back() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(run(here, RUN, &[]).status.code(), Some(1));
    let failed = run(here, "report --failed r.jsonl", &[]);
    assert!(failed.stdout.ends_with(&[b"/", NAMES[1], b"\n"].concat()), "{}", said(&failed));
    assert!(failed.stderr.is_empty(), "{}", said(&failed));
    fs::write(here.join("again"), &failed.stdout).unwrap();
    fs::copy(here.join(OsStr::from_bytes(NAMES[0])), here.join(OsStr::from_bytes(NAMES[1]))).unwrap();
    let again = run(here, &RUN.replace("list", "again"), &[]);
    assert!(again.status.success(), "{}", said(&again));
    let report = run(here, "report r.jsonl --files-from list", &[]);
    assert!(report.status.success() && said(&report).contains("2 done, 0 failed"), "{}", said(&report));
    assert_eq!(fs::read_dir(here.join("out")).unwrap().count(), 2);
}

#[test]
fn done_before_means_the_file_of_that_name() {
    let folder = folder();
    let here = folder.path();
    fs::copy(data().join("f32_positive.mrc"), here.join(OsStr::from_bytes(NAMES[1]))).unwrap();
    assert!(run(here, RUN, &[]).status.success());
    for more in ["", " --quick"] {
        let again = run(here, &format!("{RUN}{more}"), &[]);
        assert!(again.status.success(), "{}", said(&again));
        assert_eq!(said(&again).matches("done before").count(), 2, "{}", said(&again));
    }
    // A later line about one with other options counts for that one alone.
    let other = run(here, "--bits 4 --overwrite --outpath out --report r.jsonl", &[NAMES[1]]);
    assert!(other.status.success(), "{}", said(&other));
    let again = run(here, &format!("{RUN} --overwrite"), &[]);
    assert_eq!(said(&again).matches("done before").count(), 1, "{}", said(&again));
}

#[test]
fn other_programs_see_text_and_bytes() {
    let folder = folder();
    let here = folder.path();
    let _ = run(here, RUN, &[]);
    let record = fs::read_to_string(here.join("r.jsonl")).unwrap();
    let lines: Vec<Value> = record.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        lines.iter().all(|line| line["input"]["path"].as_str().unwrap().ends_with("/Gitter_\u{fffd}.mrc"))
    );
    for name in NAMES {
        let hexadecimal = e2compress_core::record::path_bytes(name).unwrap();
        let is_named = |line: &&Value| line["input"]["path_bytes"].as_str().unwrap().ends_with(&hexadecimal);
        assert_eq!(lines.iter().filter(is_named).count(), 1, "{record}");
    }
    let json = run(here, "report --json r.jsonl", &[]);
    let found: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(found["unfinished"][0]["path_bytes"].as_str().unwrap().ends_with("fc2e6d7263"), "{found}");
    // Names that are Unicode need no bytes.
    fs::copy(data().join("u16_micrograph.mrc"), here.join("é.mrc")).unwrap();
    let _ = run(here, "--outpath out --report plain.jsonl", &["é.mrc".as_bytes()]);
    assert!(!fs::read_to_string(here.join("plain.jsonl")).unwrap().contains("path_bytes"));
}
