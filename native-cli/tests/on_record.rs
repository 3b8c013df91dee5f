//! What a run puts on record that could not be done: what is no image, folders, and inputs that are not there.

use std::fs;
use std::path::Path;

use e2compress_fixtures::{data, done, told};
use tempfile::tempdir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// Runs the command in a folder; returns status, standard output and standard error.
fn run(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    told(PROGRAM, folder, line)
}

#[cfg(unix)]
#[test]
fn what_is_no_image_is_on_record_when_it_fails() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    fs::create_dir_all(here.join("tree/deep")).unwrap();
    fs::create_dir_all(here.join("out")).unwrap();
    fs::copy(data().join("u16_micrograph.mrc"), here.join("tree/deep/a.mrc")).unwrap();
    fs::write(here.join("tree/notes.txt"), "notes").unwrap();
    fs::write(here.join("out/notes.txt"), "others").unwrap();
    let line = "--bits 5 -r --copy-others --outpath out --report r.jsonl --resume r.jsonl tree";
    let (status, _, complaint) = run(here, line);
    assert!(status == Some(1) && complaint.contains("1 of 2 files failed"), "{complaint}");
    let (status, said, _) = run(here, "report r.jsonl");
    assert!(status == Some(1) && said.contains("2 files: 1 done, 1 failed"), "{said}");
    assert!(said.contains("tree/notes.txt: failed: tree/notes.txt: out/notes.txt already exists"), "{said}");
    // A list of images cannot have it.
    let (status, failed, complaint) = run(here, "report --failed r.jsonl");
    assert!(
        status == Some(1) && failed.is_empty() && complaint.contains("is left out"),
        "{failed}{complaint}"
    );
    assert!(complaint.trim_end().ends_with("tree/notes.txt"), "{complaint}");
    fs::write(here.join("tree/bad.mrc"), "none").unwrap();
    assert_eq!(run(here, line).0, Some(1));
    let failed = run(here, "report --failed r.jsonl").1;
    assert!(failed.ends_with("tree/bad.mrc\n") && failed.lines().count() == 1, "{failed}");
    fs::copy(here.join("tree/deep/a.mrc"), here.join("tree/bad.mrc")).unwrap();
    fs::write(here.join("again"), failed).unwrap();
    let again = "--bits 5 --outpath out --report r.jsonl --files-from again";
    assert_eq!(run(here, again).0, Some(0));
    fs::remove_file(here.join("tree/bad.mrc")).unwrap();
    // What is all right now is said once, and is no file that was done.
    fs::remove_file(here.join("out/notes.txt")).unwrap();
    for _ in 0..2 {
        assert_eq!(run(here, line).0, Some(0));
        let (status, said, complaint) = run(here, "report r.jsonl");
        assert!(status == Some(0) && said.contains("2 files: 2 done, 0 failed"), "{said}{complaint}");
    }
    let record = fs::read_to_string(here.join("r.jsonl")).unwrap();
    assert_eq!(record.matches("\"status\":\"resolved\"").count(), 1, "{record}");
    // Whichever report says it.
    let (failed, rest): (Vec<&str>, Vec<&str>) =
        record.lines().partition(|line| line.contains("\"status\":\"failed\""));
    fs::write(here.join("1.jsonl"), failed.join("\n")).unwrap();
    fs::write(here.join("2.jsonl"), rest.join("\n")).unwrap();
    for reports in ["1.jsonl 2.jsonl", "2.jsonl 1.jsonl"] {
        assert_eq!(run(here, &format!("report {reports}")).0, Some(0), "{reports}");
    }
    assert_eq!(run(here, "report 1.jsonl").0, Some(1));
}

#[cfg(unix)]
#[test]
fn folders_that_cannot_be_read_are_on_record() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    // By a path that is longer than the system takes, a folder can be read by nobody, whoever runs this.
    let deep = |top: &str| (0..12).fold(here.join(top), |folder, _| folder.join("n".repeat(200)));
    for top in ["tree", "below"] {
        fs::create_dir_all(deep(top)).unwrap();
    }
    fs::rename(here.join("below"), deep("tree").join("below")).unwrap();
    fs::copy(data().join("u16_micrograph.mrc"), here.join("tree/a.mrc")).unwrap();
    let (status, _, complaint) = run(here, "--bits 5 -r --outpath new --report d.jsonl tree");
    assert!(status == Some(1) && complaint.contains("cannot read the folder"), "{complaint}");
    let (status, said, _) = run(here, "report d.jsonl");
    assert!(status == Some(1) && said.contains("2 files: 1 done, 1 failed"), "{said}");
    assert!(said.contains("failed: cannot read the folder tree/"), "{said}");
}

#[test]
fn inputs_that_are_not_there_are_on_record() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    fs::copy(data().join("u16_micrograph.mrc"), here.join("a.mrc")).unwrap();
    let _ = done(PROGRAM, here, "--bits 5 a.mrc");
    for (line, words) in [
        ("--bits 5 -r --outpath new", "none: failed: cannot open"),
        // Other files were to be replaced, so nothing was done.
        ("--bits 4 a.hdf", "none: failed: cannot open"),
    ] {
        let _ = fs::remove_file(here.join("n.jsonl"));
        assert_eq!(run(here, &format!("{line} --report n.jsonl none")).0, Some(1));
        let (status, said, _) = run(here, "report n.jsonl");
        assert!(status == Some(1) && said.contains(words), "{line}: {said}");
    }
    assert_eq!(run(here, "--bits 5 -r --outpath new --report p.jsonl x*.mrc").0, Some(1));
    let (status, said, _) = run(here, "report p.jsonl");
    assert!(status == Some(1) && said.contains("a pattern that no file matches"), "{said}");
}
