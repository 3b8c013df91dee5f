//! What need not be done, or not yet: files that may still be written, files that are done, and runs that only say what they
//! would do.

use std::fs::{self, File};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use e2compress_fixtures::{data, run as started, told};
use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// Runs the command in a folder; returns status, standard output and standard error.
fn run(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    told(PROGRAM, folder, line)
}

/// A folder with an image and a stack.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    for (from, to) in [("u16_micrograph.mrc", "a.mrc"), ("f32_stack.mrcs", "b.mrcs")] {
        fs::copy(data().join(from), folder.path().join(to)).unwrap();
    }
    folder
}

fn set_modified(path: &Path, ago: Duration) {
    let time = SystemTime::now() - ago;
    File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn files_that_just_changed_are_left_for_later() {
    let folder = folder();
    let here = folder.path();
    // A copying tool gives it the time of its source; it is there since now all the same.
    set_modified(&here.join("a.mrc"), Duration::from_secs(100_000));
    let line = "--bits 5 --outpath out --report r.jsonl --settle 60 a.mrc b.mrcs";
    let (status, said, complaint) = run(here, line);
    assert_eq!(status, Some(0), "{complaint}");
    assert!(said.contains("a.mrc: left for later: it changed less than 60 seconds ago\n"), "{said}");
    assert!(
        complaint.contains("2 of 2 files left for later, changed less than 60 seconds ago: a.mrc, b.mrcs"),
        "{complaint}"
    );
    assert_eq!(fs::read(here.join("r.jsonl")).unwrap(), b"");
    assert_eq!(fs::read_dir(here.join("out")).unwrap().count(), 0);
    let (status, said, complaint) = run(here, &format!("-q {line}"));
    assert_eq!((status, said + &complaint), (Some(0), String::new()));
    // An HDF file that is not whole yet keeps no other from being replaced.
    fs::write(here.join("half.hdf"), b"\x89HDF").unwrap();
    let (status, _, complaint) = run(here, "--bits 5 --settle 60 half.hdf");
    assert_eq!(status, Some(0), "{complaint}");
    let (status, ..) = run(here, "expand --settle 60 half.hdf");
    assert_eq!(status, Some(0));
    sleep(Duration::from_millis(2100));
    let (status, said, complaint) = run(here, &line.replace("60", "2"));
    assert!(status == Some(0) && said.matches(" -> ").count() >= 2, "{said}{complaint}");
    assert!(here.join("out/a.hdf").exists() && here.join("out/b.hdf").exists());
}

#[test]
fn whoever_reads_too_early_is_told() {
    let folder = folder();
    let here = folder.path();
    let warned = |words: &[&str]| {
        let run = started(PROGRAM, here, words);
        assert_eq!(run.status.code(), Some(0), "{words:?}");
        let all = String::from_utf8_lossy(&run.stderr).into_owned();
        let warning = all.lines().find(|line| line.contains("changed less than 5 seconds before"));
        warning.map(str::to_owned)
    };
    // A note in words, totals, status and record alike: nothing shows that anything is wrong.
    let line = ["--bits", "5", "--strict", "--report", "r.jsonl", "a.mrc", "b.mrcs"];
    let note = warned(&line).unwrap();
    assert!(
        note.contains("note: 2 inputs") && note.contains("--settle 60") && note.contains("a.mrc"),
        "{note}"
    );
    let record = fs::read_to_string(here.join("r.jsonl")).unwrap();
    assert_eq!(record.matches("the input changed less than 5 seconds before it was read").count(), 2);
    assert_eq!(record.matches("\"warnings\":[]").count(), 2, "{record}");
    let (_, said, _) = run(here, "report r.jsonl");
    assert!(said.contains("0 warnings"), "{said}");
    let again = started(PROGRAM, here, &["--bits", "5", "--overwrite", "a.mrc", "b.mrcs"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains(", 0 warnings, 0 failed"));
    assert_eq!(warned(&["--bits", "5", "--overwrite", "-q", "a.mrc"]), None, "a note is no warning");
    assert!(warned(&["expand", "--outpath", "back", "a.hdf"]).unwrap().contains("note: the input changed"));
    sleep(Duration::from_millis(5200));
    assert_eq!(warned(&["--bits", "5", "a.mrc", "b.mrcs"]), None);
}

#[test]
fn a_file_that_is_done_by_one_record_is_done() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(run(here, "--bits 5 --outpath out --report 1.jsonl a.mrc").0, Some(0));
    assert_eq!(run(here, "--bits 5 --outpath out --report 2.jsonl b.mrcs none.mrc").0, Some(1));
    fs::rename(here.join("a.mrc"), here.join("c.mrc")).unwrap();
    fs::write(here.join("a.mrc"), "no image").unwrap();
    assert_eq!(run(here, "--bits 5 --outpath out --report 2.jsonl a.mrc").0, Some(1));
    fs::rename(here.join("c.mrc"), here.join("a.mrc")).unwrap();
    for records in
        ["--resume 1.jsonl --resume 2.jsonl", "--resume 2.jsonl --resume 1.jsonl", "--resume all.jsonl"]
    {
        // Joined in either order.
        let read = |name: &str| fs::read(here.join(name)).unwrap();
        fs::write(here.join("all.jsonl"), [read("1.jsonl"), read("2.jsonl")].concat()).unwrap();
        let (status, said, complaint) = run(here, &format!("--bits 5 --outpath out {records} a.mrc b.mrcs"));
        assert_eq!((status, said.matches("done before").count()), (Some(0), 2), "{records}: {complaint}");
    }
    let (_, said, _) = run(here, "--bits 5 --outpath out --resume 2.jsonl a.mrc b.mrcs");
    assert_eq!(said.matches("done before").count(), 1);
}

#[test]
fn what_was_made_otherwise_counts_by_time_in_any_order_of_records() {
    let folder = folder();
    let here = folder.path();
    for (bits, record) in [(4, "old.jsonl"), (8, "new.jsonl")] {
        let line = format!("--bits {bits} --outpath out --overwrite --report {record} a.mrc");
        assert_eq!(run(here, &line).0, Some(0));
    }
    fs::remove_file(here.join("a.mrc")).unwrap();
    let read = |name: &str| fs::read(here.join(name)).unwrap();
    fs::write(here.join("joined.jsonl"), [read("old.jsonl"), read("new.jsonl")].concat()).unwrap();
    fs::write(here.join("turned.jsonl"), [read("new.jsonl"), read("old.jsonl")].concat()).unwrap();
    for records in ["old.jsonl new.jsonl", "new.jsonl old.jsonl", "joined.jsonl", "turned.jsonl"] {
        let resume = format!("--resume {} ", records.replace(' ', " --resume "));
        for quick in ["", "--quick "] {
            let of = |bits| run(here, &format!("--bits {bits} --outpath out {resume}{quick}a.mrc"));
            let (status, said, complaint) = of(8);
            assert!(status == Some(0) && said.contains("done before"), "{records}: {said}{complaint}");
            assert_eq!(of(4).0, Some(1), "{records}: it was made otherwise since");
        }
        assert_eq!(run(here, &format!("report --strict {records}")).0, Some(0), "{records}");
    }
}

#[test]
fn times_and_lengths_are_trusted_when_that_is_asked_for() {
    let folder = folder();
    let here = folder.path();
    let line = "--bits 5 --outpath out --overwrite --report r.jsonl --resume r.jsonl a.mrc b.mrcs";
    assert_eq!(run(here, line).0, Some(0));
    let output = here.join("out/a.hdf");
    let (bytes, time) = (fs::read(&output).unwrap(), fs::metadata(&output).unwrap().modified().unwrap());
    let with = |bytes: &[u8], time: SystemTime| {
        fs::write(&output, bytes).unwrap();
        File::options().append(true).open(&output).unwrap().set_modified(time).unwrap();
    };
    let mut damaged = bytes.clone();
    damaged[5000] ^= 1;
    let done = |options: &str| run(here, &format!("{line}{options}")).1.matches("done before").count();
    assert_eq!(done(" --quick"), 2);
    // That this is not seen is the price; without it it is.
    with(&damaged, time);
    assert_eq!(done(" --quick"), 2);
    assert_eq!(done(""), 1);
    assert!(fs::read(&output).unwrap() == bytes);
    // Another time: content tells.
    with(&bytes, time + Duration::from_secs(7));
    assert_eq!(done(" --quick"), 2);
    with(&damaged, time + Duration::from_secs(7));
    assert_eq!(done(" --quick"), 1);
    // Another input of the same length.
    let mut input = fs::read(here.join("a.mrc")).unwrap();
    input[3000] ^= 1;
    fs::write(here.join("a.mrc"), input).unwrap();
    assert_eq!(done(" --quick"), 1);
    // In place, compressed once.
    fs::copy(data().join("eman2-hdf/f32_volume__bits8.hdf"), here.join("v.hdf")).unwrap();
    let line = "--bits 6 --report v.jsonl --resume v.jsonl --quick v.hdf";
    assert!(!run(here, line).1.contains("done before"));
    assert!(run(here, line).1.contains("done before"));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_writes_nothing() {
    let folder = folder();
    let here = folder.path();
    fs::copy(data().join("u8_full.mrc"), here.join("c.mrc")).unwrap();
    assert_eq!(run(here, "--bits 5 --outpath out --report r.jsonl c.mrc").0, Some(0));
    fs::write(here.join("out/b.hdf"), "another").unwrap();
    let record = fs::read(here.join("r.jsonl")).unwrap();
    let line =
        "--bits 5 --outpath out --report r.jsonl --resume r.jsonl --dry-run a.mrc b.mrcs c.mrc none.mrc";
    let (status, said, complaint) = run(here, line);
    assert_eq!(status, Some(1), "what would fail fails: {complaint}");
    assert!(
        said.contains("a.mrc -> out/a.hdf: 1 image of ") && said.contains(": would be written"),
        "{said}"
    );
    assert!(said.contains("c.mrc: done before"), "{said}");
    assert!(
        complaint.contains("b.mrcs: out/b.hdf already exists") && complaint.contains("none.mrc: cannot open"),
        "{complaint}"
    );
    assert!(
        complaint.contains("1 file would be written: about ")
            && complaint.contains(", 1 file skipped; nothing was written"),
        "{complaint}"
    );
    assert!(fs::read(here.join("r.jsonl")).unwrap() == record && !here.join("out/a.hdf").exists());
    let (status, _, complaint) = run(here, "--bits 5 --outpath new/deep --report new.jsonl --dry-run a.mrc");
    assert!(
        status == Some(0) && !here.join("new").exists() && !here.join("new.jsonl").exists(),
        "{complaint}"
    );
    let (status, said, complaint) = run(here, "expand --outpath back --dry-run out/c.hdf");
    assert!(
        status == Some(0) && said.contains("out/c.hdf -> back/c.mrc") && !here.join("back").exists(),
        "{said}{complaint}"
    );
    let (status, said, _) = run(here, "--settle 60 --dry-run a.mrc");
    assert!(status == Some(0) && said.contains("left for later"), "{said}");
}

/// Sizes in bytes as a line of a dry run has them, and of the output that is made then.
#[test]
fn sizes_are_foretold() {
    use e2compress_fixtures::made::{Mrc, Noise};
    let folder = tempdir().unwrap();
    let here = folder.path();
    let mut noise = Noise(3);
    let pixels = (0..256 * 256 * 9).map(|_| noise.normal());
    fs::write(here.join("n.mrcs"), Mrc::floats(256, 256, 9, pixels).bytes).unwrap();
    for bits in ["3", "6", "auto", "-1"] {
        let (status, said, complaint) = run(here, &format!("--bits {bits} --dry-run --outpath out n.mrcs"));
        assert_eq!(status, Some(0), "{complaint}");
        let ratio: f64 = said.split_once(" (").unwrap().1.split_once('x').unwrap().0.parse().unwrap();
        assert_eq!(run(here, &format!("--bits {bits} --outpath out --overwrite n.mrcs")).0, Some(0));
        let length = |name: &str| fs::metadata(here.join(name)).unwrap().len() as f64;
        let true_ratio = length("n.mrcs") / length("out/n.hdf");
        assert!((ratio / true_ratio - 1.0).abs() < 0.05, "{bits}: {ratio} {true_ratio}");
    }
}

#[test]
fn quiet_leaves_errors_and_warnings() {
    let folder = folder();
    let here = folder.path();
    let (status, said, complaint) = run(here, "-q -v 1 --bits 5 -j 1 --resume none.jsonl a.mrc");
    assert_eq!((status, said + &complaint), (Some(0), String::new()));
    let (status, said, complaint) = run(here, "--quiet --bits 5 --overwrite a.mrc none.mrc");
    assert!(
        status == Some(1) && said.is_empty() && complaint.contains("none.mrc: cannot open"),
        "{said}{complaint}"
    );
    let mut longer = fs::read(here.join("a.mrc")).unwrap();
    longer.extend([0; 5]);
    fs::write(here.join("longer.mrc"), longer).unwrap();
    let (status, said, complaint) = run(here, "--quiet --bits 5 longer.mrc");
    assert!(
        status == Some(0) && said.is_empty() && complaint.contains("after the last section"),
        "{said}{complaint}"
    );
    let (status, said, complaint) = run(here, "verify -q a.hdf longer.hdf a.hdf");
    assert_eq!((status, said.as_str()), (Some(0), ""), "{complaint}");
    assert!(!complaint.contains("verified"), "{complaint}");
    let (status, _, complaint) = run(here, "verify -q a.hdf none.hdf b.mrcs");
    assert!(status == Some(1) && complaint.contains("none.hdf"), "{complaint}");
}

#[test]
fn a_folder_that_is_waited_for_may_be_empty() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    fs::create_dir_all(here.join("in/below")).unwrap();
    for line in [
        "--bits 5 -r --settle 60 --outpath out --report r.jsonl --resume r.jsonl in",
        "--bits 5 -r --settle 60 --dry-run in",
        "expand -r --settle 60 --outpath back in",
        "--bits 5 -r --shard 2/3 --outpath out in",
    ] {
        let (status, said, complaint) = run(here, line);
        assert!(status == Some(0) && said.is_empty(), "{line}: {said}{complaint}");
        assert!(complaint.contains("note: there is no file in in, in/below yet"), "{line}: {complaint}");
        assert_eq!(run(here, &format!("-q {line}").replace("-q expand", "expand -q")).2, "", "{line}");
    }
    // Nobody waits for it: it may be another folder than the one that was meant.
    let (status, _, complaint) = run(here, "--bits 5 -r --outpath out in");
    assert!(status == Some(2) && complaint.contains("there is no file in in"), "{complaint}");
    // A folder that is not there is never waited for.
    assert_eq!(run(here, "--bits 5 -r --settle 60 --outpath out none").0, Some(1));
}

#[test]
fn a_dry_run_says_what_is_replaced_in_place() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(run(here, "--bits 0 a.mrc b.mrcs").0, Some(0));
    let (status, said, complaint) = run(here, "--bits 5 --dry-run a.hdf");
    assert!(status == Some(0) && said.contains(": would be replaced in place\n"), "{said}{complaint}");
    assert!(complaint.contains("1 file would be replaced in place: about "), "{complaint}");
    let (_, _, complaint) = run(here, "--bits 5 --dry-run --overwrite a.hdf b.mrcs");
    assert!(complaint.contains("2 files would be written, 1 of them replaced in place: "), "{complaint}");
}
