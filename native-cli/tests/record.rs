//! Records: what they say is true, and what they prove is not done again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use e2compress_fixtures::made::{Mrc, Noise};
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
        assert_eq!(line["verified"], true);
        assert_eq!(line["options"]["no_unpack"], false);
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
fn a_run_with_any_range_is_resumed() {
    let folder = folder_with(&BOTH[..1]);
    // As 64-bit numbers these 32-bit floats have many digits: read back as others they were other options.
    for range in ["-99.998,99.995", "0.1,40000.3", "-7.3e-5,61234.567"] {
        let range = format!("--range={range}");
        let words = ["--bits", "5", &range, "--report", "r.jsonl", "--resume", "r.jsonl", BOTH[0]];
        assert!(!run(folder.path(), &words).contains("done before"), "{range}");
        assert!(run(folder.path(), &words).contains("done before"), "{range}");
    }
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
fn a_file_is_known_under_any_path() {
    let folder = folder_with(&[]);
    let here = folder.path();
    fs::create_dir(here.join("data")).expect("a folder");
    fs::copy(data().join("eman2-hdf/f32_volume__bits8.hdf"), here.join("data/a.hdf")).expect("a copy");
    let again = |name: &str| {
        run(here, &["--nooutliers", "--bits", "6", "--report", "r.jsonl", "--resume", "r.jsonl", name])
    };
    assert!(!again("data/a.hdf").contains("done before"));
    let first = fs::read(here.join("data/a.hdf")).expect("an output");
    assert!(again("data/../data/a.hdf").contains("done before"));
    fs::rename(here.join("data"), here.join("moved")).expect("a new name");
    assert!(again("moved/a.hdf").contains("done before"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("moved", here.join("link")).expect("a link");
        assert!(again("link/a.hdf").contains("done before"));
    }
    fs::rename(here.join("moved/a.hdf"), here.join("b.hdf")).expect("a new name");
    assert!(again("b.hdf").contains("done before"));
    assert!(fs::read(here.join("b.hdf")).expect("an output") == first, "it was compressed twice");
    let of_line = |line: &Value| Path::new(line["input"]["path"].as_str().expect("a path")).to_owned();
    let names: Vec<_> = lines(here).iter().map(of_line).collect();
    assert_eq!(
        names,
        ["data/a.hdf", "moved/a.hdf", "b.hdf"].map(|name| here.join(name)),
        "new names, each once"
    );
}

/// The outputs of the record's last lines have its hashes, and so have the inputs that are still there.
fn hashes_hold(folder: &Path, count: usize) {
    let all = lines(folder);
    for line in all.iter().rev().take(count) {
        for which in ["input", "output"] {
            let path = line[which]["path"].as_str().expect("a path");
            if which == "input" && line["output"]["path"] == path {
                continue;
            }
            let bytes = fs::read(path).expect("the file");
            assert_eq!(line[which]["bytes"], bytes.len(), "{path}");
            assert_eq!(line[which]["sha256"], format!("{:x}", Sha256::digest(&bytes)), "{path}");
        }
    }
}

#[test]
fn a_record_without_comparing_says_so_and_proves_by_content() {
    let folder = folder_with(&BOTH);
    let here = folder.path();
    let words = [
        "--bits",
        "5",
        "--overwrite",
        "--no-verify",
        "--report",
        "r.jsonl",
        "--resume",
        "r.jsonl",
        BOTH[0],
        BOTH[1],
    ];
    let said = run(here, &words);
    assert!(!said.contains("verified"), "{said}");
    for line in lines(here) {
        assert_eq!((&line["verified"], &line["error"]), (&Value::Bool(false), &Value::Null), "{line}");
    }
    assert_eq!(lines(here).len(), 2);
    hashes_hold(here, 2);
    assert_eq!(run(here, &words).matches("done before").count(), 2);
    // What is on the disk decides, not what the record says of it.
    let output = here.join("f32_stack.hdf");
    let mut damaged = fs::read(&output).expect("an output");
    *damaged.last_mut().expect("a byte") ^= 1;
    fs::write(&output, damaged).expect("damage");
    assert_eq!(run(here, &words).matches("done before").count(), 1);
    hashes_hold(here, 1);
}

#[test]
fn hashes_hold_for_inputs_of_any_form_and_length() {
    let folder = folder_with(&[]);
    let here = folder.path();
    // Larger than what is hashed or read at once, and held or not.
    fs::write(here.join("large.mrcs"), Mrc::floats(700, 600, 9, Noise(1).take(700 * 600 * 9)).bytes)
        .expect("a file");
    for checks in [&["--no-verify"][..], &[]] {
        for options in [&["--bits", "5"][..], &["--bits", "0", "--nooutliers"], &["--bits=-1"]] {
            for (input, outpath) in [("large.mrcs", "hdf"), ("hdf/large.hdf", "again")] {
                let fixed = ["--overwrite", "--report", "r.jsonl", "--outpath", outpath, input];
                run(here, &[options, checks, &fixed].concat());
                hashes_hold(here, 1);
            }
        }
    }
    for input in fs::read_dir(data().join("eman2-hdf")).expect("EMAN2's files") {
        let input = input.expect("a file").path();
        let input = input.to_string_lossy();
        run(here, &["--bits", "5", "--report", "r.jsonl", "--outpath", "of-eman2", &input]);
        hashes_hold(here, 1);
    }
}

#[test]
fn a_record_that_is_not_there_is_told_in_a_note() {
    let folder = folder_with(&BOTH);
    let run = e2compress(folder.path(), &["--resume", "r.jsonl", BOTH[0]]);
    assert_eq!(run.status.code(), Some(0));
    let said = complaint(&run);
    assert!(said.starts_with("e2compress: note: there is no report r.jsonl yet"), "{said}");
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn a_line_that_was_cut_short_is_closed_and_skipped() {
    let folder = folder_with(&BOTH);
    let here = folder.path();
    let words =
        ["--bits", "5", "--threads", "1", "--report", "r.jsonl", "--resume", "r.jsonl", BOTH[0], BOTH[1]];
    run(here, &words);
    let whole = fs::read(here.join("r.jsonl")).expect("a record");
    let first = whole.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    for cut in [1, 7, first / 2, first - 2, first + 1, first + 99, whole.len() - 2] {
        fs::write(here.join("r.jsonl"), &whole[..cut]).expect("a cut");
        let again = e2compress(here, &words);
        assert_eq!(again.status.code(), Some(0), "{cut}: {}", complaint(&again));
        let skipped = String::from_utf8_lossy(&again.stdout).matches("done before").count();
        assert_eq!(skipped, usize::from(cut > first), "{cut}");
        assert!(complaint(&again).contains("cut short"), "{cut}: {}", complaint(&again));
        let text = fs::read_to_string(here.join("r.jsonl")).expect("a record");
        let read = text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count();
        assert_eq!((read, text.lines().count(), text.ends_with('\n')), (2, 3, true), "{cut}");
    }
}

#[test]
fn a_report_that_is_wanted_otherwise_is_refused_before_anything_is_written() {
    let folder = folder_with(&BOTH);
    let here = folder.path();
    fs::write(here.join("notes.txt"), "my notes\n").expect("a file");
    fs::write(here.join("old.hdf"), "an output of before").expect("a file");
    fs::hard_link(here.join(BOTH[1]), here.join("link")).expect("a link");
    let before = |name: &str| fs::read(here.join(name)).ok();
    for report in
        [BOTH[0], BOTH[1], "./u16_micrograph.mrc", "link", "out/f32_stack.hdf", "notes.txt", "old.hdf"]
    {
        let was = before(report);
        let run = e2compress(here, &["--outpath", "out", "--report", report, BOTH[0], BOTH[1]]);
        assert_eq!(run.status.code(), Some(2), "{report}: {}", complaint(&run));
        assert!(complaint(&run).contains("Nothing was written"), "{report}: {}", complaint(&run));
        assert!(!here.join("out").exists(), "{report}");
        assert_eq!(before(report), was, "{report}");
    }
    // A folder for both is made first.
    run(here, &["--outpath", "out", "--report", "out/r.jsonl", BOTH[0]]);
    assert!(here.join("out/r.jsonl").exists());
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

#[test]
fn what_was_done_before_with_warnings_is_counted_at_the_end() {
    let folder = folder_with(&["u16_micrograph.mrc"]);
    let here = folder.path();
    fs::copy(data().join("auto-bits/hot_pixels.mrc"), here.join("hot_pixels.mrc")).expect("a copy");
    let names = ["hot_pixels.mrc", "u16_micrograph.mrc"];
    let words = ["--bits", "5", "--outpath", "out", "--report", "r.jsonl", "--resume", "r.jsonl"];
    let words: Vec<&str> = words.into_iter().chain(names).collect();
    let first = e2compress(here, &words);
    assert!(complaint(&first).contains("the picture is lost"), "{}", complaint(&first));
    let once = "e2compress: 1 warning about 1 file done before, the picture lost in 1 file: the lines of the record say which";
    for more in [&["-q"][..], &["--quick"], &["--dry-run"], &[]] {
        let again: Vec<&str> = words.iter().chain(more).copied().collect();
        let again = e2compress(here, &again);
        assert!(again.status.success(), "nothing failed");
        let said = complaint(&again);
        assert_eq!(said.matches(once).count(), 1, "{more:?}: {said}");
        // The warning itself was said when the file was done.
        assert!(!said.contains("sigma"), "{said}");
    }
    let none = e2compress(here, &["--bits", "5", "--outpath", "out", "--resume", "r.jsonl", names[1]]);
    assert!(!complaint(&none).contains("done before"), "{}", complaint(&none));
}
