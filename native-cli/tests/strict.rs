//! Warnings that stay failures: of files that were done before, by --strict, and in what reports say together.

use std::fs;
use std::path::Path;

use e2compress_fixtures::{data, told};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// Runs the command in a folder; returns status, standard output and standard error.
fn run(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    told(env!("CARGO_BIN_EXE_e2compress"), folder, line)
}

/// A folder with a micrograph whose hot pixels cost the picture, and one without.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("raw")).unwrap();
    for (from, name) in [("auto-bits/hot_pixels.mrc", "lost.mrc"), ("u16_micrograph.mrc", "good.mrc")] {
        fs::copy(data().join(from), folder.path().join("raw").join(name)).unwrap();
    }
    fs::write(folder.path().join("list"), "raw/good.mrc\nraw/lost.mrc\n").unwrap();
    folder
}

const RUN: &str =
    "--bits 5 --strict --outpath out --report r.jsonl --resume r.jsonl raw/good.mrc raw/lost.mrc";

#[test]
fn warnings_of_files_done_before_count() {
    let folder = folder();
    let here = folder.path();
    let (status, _, complaint) = run(here, RUN);
    assert!(status == Some(1) && complaint.contains("the picture is lost"), "{complaint}");
    // However often, however it is found out, and whatever is left of the originals.
    for more in ["", " --quick", " --dry-run", " --quiet"] {
        let (status, said, complaint) = run(here, &format!("{RUN}{more}"));
        assert_eq!(status, Some(1), "{more}: {said}{complaint}");
        let why = "status 1: 1 warning in 1 file done before, and --strict is given";
        assert!(complaint.contains(why), "{more}: {complaint}");
    }
    let (_, _, complaint) = run(here, RUN);
    assert!(complaint.contains("2 skipped, 0 warnings and 1 before, 0 failed"), "{complaint}");
    fs::remove_file(here.join("raw/lost.mrc")).unwrap();
    assert_eq!(run(here, RUN).0, Some(1), "the picture is lost all the same");
    let without = RUN.replace("--strict ", "");
    assert_eq!(run(here, &without).0, Some(0));
    assert_eq!(run(here, &RUN.replace(" raw/lost.mrc", "")).0, Some(0), "it is no file of this run");
}

#[test]
fn a_warning_counts_whatever_stands_before_its_line() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(run(here, RUN).0, Some(1));
    let record = fs::read_to_string(here.join("r.jsonl")).unwrap();
    // What editors put before a text, and what a crashed machine leaves within one.
    for noise in ["\u{feff}", "\0\0\0"] {
        let noisy = record.replace("{\"commit\":", &format!("{noise}{{\"commit\":"));
        fs::write(here.join("r.jsonl"), noisy).unwrap();
        let (status, _, complaint) = run(here, RUN);
        let why = "status 1: 1 warning in 1 file done before, and --strict is given";
        assert!(status == Some(1) && complaint.contains(why), "{noise:?}: {complaint}");
        let (status, said, complaint) = run(here, "report --strict r.jsonl");
        assert!(status == Some(1) && said.contains("2 files: 2 done"), "{noise:?}: {said}{complaint}");
        assert!(complaint.contains("status 1: 1 warning in 1 file"), "{noise:?}: {complaint}");
    }
}

#[test]
fn a_file_in_place_keeps_its_warning() {
    let folder = folder();
    let here = folder.path();
    let _ = run(here, "--bits 0 --outpath . raw/lost.mrc");
    let line = "--bits 5 --strict --report r.jsonl --resume r.jsonl lost.hdf";
    assert_eq!(run(here, line).0, Some(1));
    // Once more without the record, its codes are kept, and of what they lost before nothing is known.
    let _ = run(here, "--bits 5 --report r.jsonl lost.hdf");
    assert_eq!(run(here, line).0, Some(1));
}

#[test]
fn reports_name_what_was_warned_of() {
    let folder = folder();
    let here = folder.path();
    let _ = run(here, RUN);
    let (status, said, complaint) = run(here, "report r.jsonl");
    assert_eq!((status, &*complaint), (Some(0), ""));
    assert!(said.contains("1 warning in 1 file\n") && said.contains("lost.mrc: warning: "), "{said}");
    assert!(said.contains("the picture is lost"), "{said}");
    for more in ["", " --files-from list", " --json", " --failed"] {
        let (status, _, complaint) = run(here, &format!("report --strict r.jsonl{more}"));
        assert!(status == Some(1) && complaint.contains("1 warning in 1 file, and --strict"), "{complaint}");
    }
    let found: Value = serde_json::from_str(&run(here, "report --json r.jsonl").1).unwrap();
    let warned = found["warned"].as_array().unwrap();
    assert!(warned.len() == 1 && warned[0]["input"].as_str().unwrap().ends_with("/lost.mrc"), "{found}");
    assert!(warned[0]["warnings"][0].as_str().unwrap().contains("the picture is lost"), "{found}");
    // Of other files nothing is said.
    fs::write(here.join("good"), "raw/good.mrc\n").unwrap();
    let (status, said, _) = run(here, "report --strict r.jsonl --files-from good");
    assert!(status == Some(0) && said.contains("0 warnings") && !said.contains("lost.mrc"), "{said}");
    // Of many the first are named.
    let text = fs::read_to_string(here.join("r.jsonl")).unwrap();
    let lost = text.lines().find(|line| line.contains("lost.mrc")).unwrap();
    let many: Vec<String> =
        (0..20).map(|number| lost.replace("lost.mrc", &format!("{number:02}.mrc"))).collect();
    fs::write(here.join("many.jsonl"), many.join("\n")).unwrap();
    let (_, said, _) = run(here, "report many.jsonl");
    assert!(
        said.contains("07.mrc: warning") && !said.contains("08.mrc") && said.contains("and 12 more"),
        "{said}"
    );
}

#[test]
fn what_is_expected_adds_up() {
    let folder = folder();
    let here = folder.path();
    fs::write(here.join("raw/bad.mrc"), "none").unwrap();
    let _ = run(here, "--bits 5 --outpath out --report r.jsonl raw/good.mrc raw/lost.mrc raw/bad.mrc");
    fs::write(here.join("some"), "raw/good.mrc\nraw/../raw/good.mrc\nnone.mrc\n").unwrap();
    let (status, said, _) = run(here, "report r.jsonl --files-from some");
    assert_eq!(status, Some(1));
    let lines: Vec<&str> = said.lines().take(2).collect();
    assert_eq!(
        lines,
        ["2 files expected: 1 done, 0 failed, 1 missing", "2 files not in the list: 1 done, 1 failed"]
    );
    let found: Value = serde_json::from_str(&run(here, "report --json r.jsonl --files-from some").1).unwrap();
    let count = |name: &str| found[name].as_u64().unwrap();
    assert_eq!([count("expected"), count("done"), count("failed")], [2, 1, 0], "{found}");
    let others =
        serde_json::json!({ "files": 2, "done": 1, "failed": 1, "interrupted": 0, "gone": 0, "replaced": 0 });
    assert_eq!((&found["others"], found["missing"].as_array().unwrap().len()), (&others, 1), "{found}");
    assert_eq!(count("input_bytes"), fs::metadata(here.join("raw/good.mrc")).unwrap().len());
}

/// The way to be sure, step by step as the guide has it: none of them lets a lost picture pass.
#[test]
fn no_step_before_deleting_lets_a_lost_picture_pass() {
    let folder = folder();
    let here = folder.path();
    for line in [
        RUN,
        RUN,
        "report --strict --files-from list r.jsonl",
        "verify --strict out --against raw --options-of r.jsonl",
    ] {
        let (status, said, complaint) = run(here, line);
        assert_eq!(status, Some(1), "{line}: {said}{complaint}");
    }
}

#[test]
fn records_without_a_comparison_do_not_pass() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    for name in ["a.mrc", "b.mrc", "c.mrc"] {
        fs::copy(data().join("u16_micrograph.mrc"), here.join(name)).unwrap();
    }
    let compress = "--bits 8 --outpath out --report r.jsonl";
    let report = || run(here, "report --strict r.jsonl");
    assert_eq!(run(here, &format!("{compress} a.mrc")).0, Some(0));
    assert_eq!(report().0, Some(0));
    assert_eq!(run(here, &format!("{compress} --no-verify b.mrc c.mrc")).0, Some(0));
    let (status, said, complaint) = report();
    let words = "2 files were not compared with their inputs (--no-verify)";
    assert!(status == Some(1) && said.contains(words) && complaint.contains(words), "{said}{complaint}");
    assert_eq!(run(here, "report r.jsonl").0, Some(0));
    // What was done before keeps its line; a comparison takes its place.
    assert_eq!(run(here, &format!("{compress} --resume r.jsonl a.mrc b.mrc c.mrc")).0, Some(0));
    assert_eq!(report().0, Some(1));
    assert_eq!(run(here, &format!("{compress} --overwrite b.mrc c.mrc")).0, Some(0));
    assert_eq!(report().0, Some(0));
}

#[test]
fn a_few_clipped_pixels_are_counted_and_no_warning() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let mut header = fs::read(data().join("u16_micrograph.mrc")).unwrap();
    header.truncate(1024);
    for (words, sides) in [(0, [256, 256, 1]), (7, [256, 256, 1])] {
        for (word, side) in (words..).zip(sides) {
            header[4 * word..][..4].copy_from_slice(&i32::to_le_bytes(side));
        }
    }
    // Of 65536 pixels 655 are no more than one in a hundred, 656 are.
    for (name, clipped) in [("few.mrc", 655), ("many.mrc", 656)] {
        let value = |pixel: u16| if pixel < clipped { 60 + pixel % 9 } else { pixel % 11 };
        let pixels = (0..=u16::MAX).flat_map(|pixel| value(pixel).to_le_bytes());
        fs::write(here.join(name), header.iter().copied().chain(pixels).collect::<Vec<u8>>()).unwrap();
    }
    let line = "--bits 5 --strict --range=0,10";
    let (status, said, complaint) = run(here, &format!("{line} few.mrc"));
    assert!(status == Some(0) && said.contains("655 pixels clipped"), "{said}{complaint}");
    assert!(!complaint.contains("warning"), "{complaint}");
    let (status, _, complaint) = run(here, &format!("{line} many.mrc"));
    assert!(status == Some(1) && complaint.contains("1.0 % of the pixels are clipped"), "{complaint}");
    // The guide's number is the rule's.
    let guide = fs::read_to_string(data().join("../../docs/guide.md")).unwrap();
    let words = guide.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("limits that clip every pixel of an image or more than one in a hundred"));
    assert!(words.contains("clip no more than one in a hundred"), "where it speaks of --strict");
}
