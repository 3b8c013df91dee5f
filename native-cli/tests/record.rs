//! Records: what they say is true, and what they prove is not done again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use e2compress_fixtures::{complaint, data};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    e2compress_fixtures::run(env!("CARGO_BIN_EXE_e2compress"), folder, words)
}

/// Runs in a folder, which must succeed; gives standard output.
fn run(folder: &Path, words: &[&str]) -> String {
    let run = e2compress(folder, words);
    assert!(run.status.success(), "{}", complaint(&run));
    String::from_utf8(run.stdout).expect("text")
}

fn folder_with(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in names {
        fs::copy(data().join(name), folder.path().join(name)).expect("a copy");
    }
    folder
}

fn lines(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("r.jsonl")).expect("a record");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

const BOTH: [&str; 2] = ["u16_micrograph.mrc", "f32_stack.mrcs"];

#[test]
fn a_record_says_what_is_in_the_files() {
    let folder = folder_with(&BOTH);
    let here = folder.path();
    let bad = e2compress(here, &["--bits", "5", "--report", "r.jsonl", BOTH[0], "missing.mrc", BOTH[1]]);
    assert_eq!(bad.status.code(), Some(1));
    let by_name: BTreeMap<String, Value> = lines(here)
        .into_iter()
        .map(|line| {
            let path = line["input"]["path"].as_str().expect("a path").to_owned();
            (Path::new(&path).file_name().expect("a name").to_string_lossy().into_owned(), line)
        })
        .collect();
    assert_eq!(by_name.len(), 3);
    assert_eq!(by_name["missing.mrc"]["status"], "failed");
    assert!(by_name["missing.mrc"]["problem"].as_str().expect("words").contains("cannot open"));
    for name in BOTH {
        let line = &by_name[name];
        assert_eq!(line["status"], "done");
        assert_eq!(line["options"]["bits"], 5);
        assert_eq!(line["version"], env!("CARGO_PKG_VERSION"));
        assert!(line["commit"].is_string() && line["features"].is_array(), "{line}");
        for (which, path) in [("input", here.join(name)), ("output", here.join(name).with_extension("hdf"))] {
            let bytes = fs::read(&path).expect("the file");
            assert_eq!(line[which]["bytes"], bytes.len());
            assert_eq!(line[which]["sha256"], format!("{:x}", Sha256::digest(&bytes)), "{name} {which}");
        }
        let (largest, half) = (&line["error"]["largest"], &line["error"]["half_step"]);
        let (largest, half) = (largest.as_f64().expect("a number"), half.as_f64().expect("a number"));
        assert!(largest > 0.0 && largest <= half * 1.001, "{largest} {half}");
        assert!(line["error"]["rms"].as_f64().expect("a number") < largest);
    }
}

#[test]
fn what_is_proven_is_not_done_again() {
    let folder = folder_with(&BOTH);
    let here = folder.path();
    let again = |options: &[&str]| {
        let mut words = vec!["--report", "r.jsonl", "--resume", "r.jsonl"];
        words.extend(options);
        words.extend(BOTH);
        run(here, &words).matches("done before").count()
    };
    assert_eq!(again(&["--bits", "5"]), 0);
    let output = here.join("u16_micrograph.hdf");
    let first = fs::read(&output).expect("an output");
    assert_eq!(again(&["--bits", "5"]), 2);
    assert_eq!(lines(here).len(), 2, "what was skipped is recorded once");
    // Other options, a damaged output, a changed input: done again.
    assert_eq!(again(&["--bits", "6"]), 0);
    assert_eq!(again(&["--bits", "5"]), 0);
    let mut damaged = first.clone();
    damaged[5000] ^= 1;
    fs::write(&output, damaged).expect("damage");
    assert_eq!(again(&["--bits", "5"]), 1);
    assert!(fs::read(&output).expect("an output") == first);
    let mut input = fs::read(here.join(BOTH[0])).expect("the input");
    input[3000] ^= 1;
    fs::write(here.join(BOTH[0]), input).expect("a change");
    assert_eq!(again(&["--bits", "5"]), 1);
    // Originals may go once they are recorded.
    fs::remove_file(here.join(BOTH[0])).expect("it goes");
    assert_eq!(again(&["--bits", "5"]), 2);
}

#[test]
fn an_hdf_file_that_was_replaced_is_done() {
    let folder = folder_with(&[]);
    let here = folder.path();
    fs::copy(data().join("eman2-hdf/f32_volume__bits8.hdf"), here.join("a.hdf")).expect("a copy");
    let words = ["--bits", "6", "--report", "r.jsonl", "--resume", "r.jsonl", "a.hdf"];
    run(here, &words);
    let first = fs::read(here.join("a.hdf")).expect("an output");
    assert!(run(here, &words).contains("done before"), "codes would lose bits again and again");
    assert!(fs::read(here.join("a.hdf")).expect("an output") == first);
}

#[test]
fn a_record_that_is_none_is_refused_before_anything_is_written() {
    let folder = folder_with(&BOTH);
    fs::write(folder.path().join("r.jsonl"), "nonsense\n{}\n").expect("a file");
    let run = e2compress(folder.path(), &["--resume", "r.jsonl", BOTH[0]]);
    assert_eq!(run.status.code(), Some(2));
    assert!(!folder.path().join("u16_micrograph.hdf").exists());
    let run = e2compress(folder.path(), &["--report", "no/such/folder/r.jsonl", BOTH[0]]);
    assert_eq!(run.status.code(), Some(2));
    assert!(!folder.path().join("u16_micrograph.hdf").exists());
}

#[test]
fn the_first_failure_stops_when_asked() {
    let folder = folder_with(&BOTH);
    let run = e2compress(folder.path(), &["--fail-fast", "--threads", "1", "missing.mrc", BOTH[0], BOTH[1]]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complaint(&run).contains("stopped: 2 of 3 files not tried"), "{}", complaint(&run));
    assert!(!folder.path().join("u16_micrograph.hdf").exists());
    let run = e2compress(folder.path(), &["--keep-going", "missing.mrc", BOTH[0]]);
    assert_eq!(run.status.code(), Some(1));
    assert!(folder.path().join("u16_micrograph.hdf").exists());
}

#[test]
fn reading_back_changes_no_byte() {
    let folder = folder_with(&BOTH);
    let here = folder.path();
    let bytes = |options: &[&str]| {
        let mut words = options.to_vec();
        words.extend(BOTH);
        run(here, &words);
        BOTH.map(|name| fs::read(here.join(name).with_extension("hdf")).expect("an output"))
    };
    let plain = bytes(&[]);
    assert!(plain == bytes(&["--no-verify"]) && plain == bytes(&["--verify"]));
}
