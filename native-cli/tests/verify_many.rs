//! `verify` of many files, beside their originals and the options they were made with; warnings as data; and answers that
//! must reach somebody.

use std::fs;
use std::path::Path;
use std::process::Output;
#[cfg(target_os = "linux")]
use std::process::{Command, Stdio};

use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, data};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");
const NAMES: [&str; 3] = ["f32_around_zero.mrc", "f32_outliers.mrc", "f32_stack.mrcs"];

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    e2compress_fixtures::run(PROGRAM, folder, words)
}

/// Status, standard output and standard error of a command line.
fn run(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    let run = e2compress(folder, &line.split(' ').collect::<Vec<_>>());
    (run.status.code(), String::from_utf8(run.stdout.clone()).unwrap(), complaint(&run))
}

/// A folder with originals in `raw`, and in `out` what was made of them with a record of it.
fn made(options: &str) -> TempDir {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("raw")).unwrap();
    for name in NAMES {
        fs::copy(data().join(name), folder.path().join("raw").join(name)).unwrap();
    }
    let names = NAMES.map(|name| format!("raw/{name}")).join(" ");
    let (status, _, complaint) =
        run(folder.path(), &format!("{options} --outpath out --report r.jsonl {names}"));
    assert_eq!(status, Some(0), "{complaint}");
    folder
}

#[test]
fn each_file_is_checked_alone_or_beside_the_original_of_its_name() {
    let folder = made("--bits 5");
    let here = folder.path();
    let (status, said, complaint) = run(here, "verify out");
    assert_eq!((status, said.lines().count()), (Some(0), 3), "{complaint}");
    assert!(!said.contains("every code is right"), "{said}");
    assert!(complaint.ends_with("e2compress: 3 files verified, 0 failed\n"), "{complaint}");
    // What compressing warned of comes again.
    assert!(complaint.contains("out/f32_outliers.hdf: warning: the step between codes"), "{complaint}");
    let (status, said, complaint) = run(here, "verify out --against raw");
    assert_eq!((status, said.matches("every code is right").count()), (Some(0), 3), "{complaint}");
    // A list without a name is no success, and a copy is what it is a copy of.
    fs::write(here.join("empty"), "\n").unwrap();
    assert_eq!(run(here, "verify --files-from empty").0, Some(2));
    fs::copy(here.join("out/f32_stack.hdf"), here.join("copy.hdf")).unwrap();
    assert_eq!(run(here, "verify copy.hdf out/f32_stack.hdf").0, Some(0));
    // Of exactly two names the second is the original; of two from a list it is not.
    let two = "out/f32_around_zero.hdf raw/f32_around_zero.mrc";
    assert!(run(here, &format!("verify {two}")).1.contains("every code is right"));
    fs::write(here.join("list"), two.replace(' ', "\n")).unwrap();
    let (status, said, _) = run(here, "verify --files-from list");
    assert_eq!((status, said.lines().count(), said.contains("every code")), (Some(0), 2, false), "{said}");
    let (_, said, _) = run(here, &format!("verify {two} out/f32_stack.hdf"));
    assert!(said.lines().count() == 3 && !said.contains("every code is right"), "{said}");
}

#[test]
fn one_bad_file_is_named_among_many() {
    let folder = made("--bits 5");
    let here = folder.path();
    let bytes = fs::read(here.join("out/f32_outliers.hdf")).unwrap();
    fs::write(here.join("out/f32_outliers.hdf"), &bytes[..bytes.len() - 9]).unwrap();
    fs::remove_file(here.join("raw/f32_stack.mrcs")).unwrap();
    let (status, said, complaint) = run(here, "verify out --against raw");
    assert_eq!((status, said.lines().count()), (Some(1), 1));
    let lines: Vec<&str> = complaint.lines().collect();
    assert!(lines[0].starts_with("e2compress: out/f32_outliers.hdf: ") && lines[0].contains("cut off"));
    assert!(lines[1].contains("none of the originals has its name"), "{complaint}");
    assert_eq!(lines[2], "e2compress: 2 of 3 files failed:");
    assert_eq!(lines.len(), 5, "{complaint}");
    let (status, said, complaint) = run(here, "verify out raw/f32_outliers.mrc --fail-fast");
    assert_eq!((status, said.lines().count()), (Some(1), 1));
    assert!(complaint.contains("2 of 4 files not tried"), "{complaint}");
    let (status, said, _) = run(here, "verify --json out --against raw");
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((status, lines.len()), (Some(1), 3));
    let statuses: Vec<&Value> = lines.iter().map(|line| &line["status"]).collect();
    assert_eq!(statuses, ["sound", "failed", "failed"]);
    assert_eq!(lines[0]["original"], "raw/f32_around_zero.mrc");
    assert!(lines[0]["comparison"]["rms"].is_number() && lines[0]["warnings"].is_array(), "{said}");
    assert!(lines[1]["problem"].as_str().unwrap().contains("cut off"), "{said}");
    // An empty folder is no folder of sound files.
    fs::create_dir(here.join("none")).unwrap();
    assert_eq!(run(here, "verify none").0, Some(2));
}

#[test]
fn files_are_checked_against_options_and_records() {
    let folder = made("--bits 5 --nooutliers");
    let here = folder.path();
    let pair = "verify out/f32_around_zero.hdf raw/f32_around_zero.mrc";
    for (line, status) in [
        (format!("{pair} --bits 5 --nooutliers"), 0),
        (format!("{pair} --options-of r.jsonl"), 0),
        ("verify out --against raw --options-of r.jsonl".into(), 0),
        (format!("{pair} --bits 5"), 1),
        (format!("{pair} --bits 6 --nooutliers"), 1),
        (format!("{pair} --nooutliers"), 1),
        (format!("{pair} --bits 5 --range=-1,1"), 1),
        (format!("{pair} --bits 0"), 1),
        // Without an original nothing gives a range.
        ("verify out --options-of r.jsonl".into(), 2),
        (format!("{pair} --options-of r.jsonl --bits 5"), 2),
        (format!("{pair} --options-of raw/f32_around_zero.mrc"), 2),
        (format!("{pair} --options-of none.jsonl"), 2),
    ] {
        let (found, said, complaint) = run(here, &line);
        assert_eq!(found, Some(status), "{line}: {said}{complaint}");
        match status {
            0 => assert!(said.lines().all(|line| line.ends_with("stored as the options say")), "{said}"),
            1 => assert!(complaint.contains("but the options make it"), "{complaint}"),
            _ => assert_eq!(said, ""),
        }
    }
    // The record is of what was written, wherever that is now, and of the path where something else is now.
    fs::rename(here.join("out"), here.join("moved")).unwrap();
    assert_eq!(run(here, "verify moved --against raw --options-of r.jsonl").0, Some(0));
    let (status, ..) = run(here, "--bits 5 --outpath out raw/f32_around_zero.mrc");
    assert_eq!(status, Some(0));
    assert_eq!(run(here, &format!("{pair} --options-of r.jsonl")).0, Some(1));
    // A file that no line is about.
    fs::rename(here.join("out/f32_around_zero.hdf"), here.join("other.hdf")).unwrap();
    let (status, _, complaint) = run(here, "verify other.hdf raw/f32_around_zero.mrc --options-of r.jsonl");
    assert!(status == Some(1) && complaint.contains("has no line about it"), "{complaint}");
}

#[test]
fn warnings_are_counted_repeated_and_recorded() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let mut noise = Noise(5);
    let mut values: Vec<f32> = (0..4096).map(|_| noise.normal()).collect();
    fs::write(here.join("good.mrc"), Mrc::floats(64, 64, 1, values.clone()).bytes).unwrap();
    values[7] = 1e5;
    fs::write(here.join("bad.mrc"), Mrc::floats(64, 64, 1, values).bytes).unwrap();
    let (status, _, complaint) = run(here, "--bits 5 --report r.jsonl bad.mrc good.mrc");
    assert_eq!(status, Some(0));
    let ending = "e2compress: 1 warning about 1 of 2 files:\n  bad.mrc: warning: the step between codes is larger \
                  than sigma in the image: the picture is lost; use more bits\n";
    // Nothing but the totals follows.
    let (_, after) = complaint.split_once(ending).unwrap_or_else(|| panic!("{complaint}"));
    assert!(after.starts_with("e2compress: 2 files written, ") && after.lines().count() == 1, "{complaint}");
    let record = fs::read_to_string(here.join("r.jsonl")).unwrap();
    let lines: Vec<Value> = record.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bad = lines.iter().find(|line| line["input"]["path"].as_str().unwrap().ends_with("bad.mrc")).unwrap();
    assert_eq!(bad["warning_kinds"][0], "picture_lost", "{bad}");
    assert!(bad["warnings"][0].as_str().unwrap().contains("the picture is lost"), "{bad}");
    // Outputs stay.
    let (status, said, complaint) = run(here, "--strict --overwrite --bits 5 bad.mrc good.mrc");
    assert_eq!((status, said.lines().count()), (Some(1), 2));
    assert!(
        complaint.contains("status 1: 1 warning about 1 of 2 files, and --strict is given"),
        "{complaint}"
    );
    assert!(here.join("bad.hdf").exists() && here.join("good.hdf").exists());
    assert_eq!(run(here, "--strict --overwrite --bits 5 good.mrc").0, Some(0));
    // The other commands, too: bytes that lie behind the last section.
    let mut longer = fs::read(here.join("good.mrc")).unwrap();
    longer.extend([0; 5]);
    fs::write(here.join("longer.mrc"), longer).unwrap();
    for command in ["info", "info --json", "expand --overwrite --outpath back"] {
        assert_eq!(run(here, &format!("{command} longer.mrc")).0, Some(0), "{command}");
        let (status, said, complaint) = run(here, &format!("{command} --strict longer.mrc"));
        assert!(status == Some(1) && !said.is_empty() && complaint.contains("--strict"), "{command}");
        assert_eq!(run(here, &format!("{command} --strict good.mrc")).0, Some(0), "{command}");
    }
    let said = run(here, "info --json longer.mrc").1;
    let line: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(line["warning_kinds"], serde_json::json!(["after_last_section"]), "{said}");
}

/// Names inside files may hold anything; this one sorts after the one beside it, as a group needs it.
#[test]
fn names_from_inside_files_are_shown_escaped() {
    let folder = made("--bits 8");
    let here = folder.path();
    let file = here.join("out/f32_around_zero.hdf");
    let bytes = fs::read(&file).unwrap();
    for odd in ["Z\x1b[", "\u{9b}b", "\u{202e}", "Z\nb"] {
        let name = b"MRC\0";
        assert_eq!(odd.len(), name.len() - 1);
        let at = bytes.windows(name.len()).position(|found| found == name).expect("the group");
        let mut changed = bytes.clone();
        changed[at..at + odd.len()].copy_from_slice(odd.as_bytes());
        fs::write(&file, changed).unwrap();
        let shown = odd.escape_default().to_string();
        for line in ["info", "info --json", "--force --bits 4 --outpath o --overwrite", "--bits 4", "verify"]
        {
            let (_, said, complaint) = run(here, &format!("{line} out/f32_around_zero.hdf"));
            let all = format!("{said}{complaint}");
            assert!(!all.contains(odd) && !all.contains("\nb"), "{line}: {all}");
            assert!(all.chars().all(|one| one == '\n' || !one.is_control() && one != '\u{202e}'), "{all:?}");
            let named = !line.contains("json") && !["verify", "--bits 4"].contains(&line);
            assert!(!named || all.contains(&shown), "{line}: {all} {shown}");
        }
    }
}

/// What `info`, `verify` and `plan` say must reach somebody.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_nobody_gets_is_a_failure() {
    let folder = made("--bits 5");
    let here = folder.path();
    let commands = [
        "info out/f32_stack.hdf",
        "info --json out/f32_stack.hdf",
        "verify out",
        "verify --json out",
        "plan out/f32_stack.hdf raw/f32_outliers.mrc",
        "plan --json out/f32_stack.hdf raw/f32_outliers.mrc",
    ];
    for command in commands {
        for (to, status, words) in [
            (">/dev/full", 1, "cannot write to standard output: No space left"),
            (">&-", 1, "cannot write to standard output: it is closed"),
            (">/dev/null", 0, ""),
        ] {
            let shell = format!("\"$0\" {command} {to}");
            let run = Command::new("sh").args(["-c", &shell, PROGRAM]).current_dir(here).output().unwrap();
            let complaint = complaint(&run);
            assert_eq!(run.status.code(), Some(status), "{command} {to}: {complaint}");
            assert!(complaint.contains(words) && !complaint.contains("panic"), "{command} {to}: {complaint}");
        }
        // A pipe whose reader is gone before anything is written.
        let mut gone = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
        let pipe = gone.stdin.take().unwrap();
        gone.wait().unwrap();
        let words = command.split(' ');
        let mut run = Command::new(PROGRAM);
        run.args(words).current_dir(here).stdout(pipe).stderr(Stdio::piped());
        let run = run.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!((run.status.code(), complaint(&run)), (Some(1), String::new()), "{command}");
    }
}
