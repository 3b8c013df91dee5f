//! The steps before originals are deleted, as the guide prints them, cut short and repeated.

#![cfg(unix)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, data};
use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// Returns the steps of the guide.
fn steps() -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide.md");
    let text = fs::read_to_string(guide).unwrap();
    let (_, steps) = text.split_once("## Deleting originals with a clear conscience").unwrap();
    let lines = steps.lines().skip_while(|line| !line.starts_with("    "));
    let steps: Vec<&str> = lines.take_while(|line| line.starts_with("    ")).collect();
    assert!(steps.len() > 6 && steps.last().unwrap().contains("rm "), "{steps:?}");
    steps.join("\n")
}

/// Runs steps in a folder until one fails.
fn run(folder: &Path, steps: &str) -> Output {
    let programs = Path::new(PROGRAM).parent().map(Path::to_owned).into_iter();
    let others = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(programs.chain(env::split_paths(&others))).unwrap();
    Command::new("sh").args(["-e", "-c", steps]).current_dir(folder).env("PATH", path).output().unwrap()
}

fn succeed(folder: &Path, steps: &str, when: &str) {
    let run = run(folder, steps);
    assert!(run.status.success(), "{when}: {}{}", String::from_utf8_lossy(&run.stdout), complaint(&run));
}

/// Makes a folder with originals of such names in `raw`, each with noise of its own.
fn originals(names: &[&str]) -> TempDir {
    let folder = tempdir().unwrap();
    let raw = folder.path().join("raw");
    fs::create_dir(&raw).unwrap();
    for (seed, name) in (1..).zip(names) {
        write(raw.join(name), seed);
    }
    folder
}

fn write(path: PathBuf, seed: u64) {
    let pixels = Noise(seed).take(192 * 128).map(|value| 10.0 * value + 100.0);
    fs::write(path, Mrc::floats(192, 128, 1, pixels).bytes).unwrap();
}

#[test]
fn the_steps_can_be_repeated_after_originals_were_deleted() {
    let folder = originals(&["a.mrc", "b.mrc"]);
    let here = folder.path();
    let steps = steps();
    // The last step was killed after the first file.
    let (all_but_last, _) = steps.rsplit_once('\n').unwrap();
    succeed(here, &format!("{all_but_last}\nrm raw/a.mrc"), "first");
    succeed(here, all_but_last, "again");
    // A new file on the next day.
    write(here.join("raw/c.mrc"), 3);
    succeed(here, &steps, "with a new file");
    assert!(!here.join("raw/b.mrc").exists() && here.join("raw/c.mrc").exists());
    succeed(here, &steps, "once more");
    let verify = "e2compress verify --strict small --against raw --options-of done.jsonl";
    let again = run(here, verify);
    let said = complaint(&again);
    assert!(again.status.success(), "{said}");
    assert!(said.contains("2 outputs whose originals are gone were not compared"), "{said}");
    // Without the record, or with an output of other bytes, that is no proof.
    assert!(!run(here, "e2compress verify --strict small --against raw").status.success());
    let mut output = fs::read(here.join("small/a.hdf")).unwrap();
    *output.last_mut().unwrap() ^= 1;
    fs::write(here.join("small/a.hdf"), output).unwrap();
    let changed = run(here, verify);
    assert!(!changed.status.success() && complaint(&changed).contains("none of the originals"), "changed");
}

#[test]
fn what_was_never_compared_needs_its_original() {
    let folder = originals(&["a.mrc", "b.mrc"]);
    let here = folder.path();
    succeed(here, "e2compress --bits 5 --no-verify --outpath small --report done.jsonl raw/*.mrc", "made");
    fs::remove_file(here.join("raw/a.mrc")).unwrap();
    let run = run(here, "e2compress verify small --against raw --options-of done.jsonl");
    assert!(
        !run.status.success() && complaint(&run).contains("none of the originals"),
        "{}",
        complaint(&run)
    );
}

#[test]
fn half_of_a_deleted_pair_is_no_original() {
    for (gone, left) in [("hed", "img"), ("img", "hed")] {
        let folder = originals(&[]);
        let here = folder.path();
        for (name, extension) in [("a", "hed"), ("a", "img"), ("b", "hed"), ("b", "img")] {
            let from = data().join(format!("formats/imagic/intg_big.{extension}"));
            fs::copy(from, here.join(format!("raw/{name}.{extension}"))).unwrap();
        }
        let steps = format!(
            "e2compress --bits 5 --strict --outpath small --report done.jsonl --resume done.jsonl raw/*.{left}
             find raw -name '*.{left}' | sort > list
             e2compress report --strict --files-from list done.jsonl
             e2compress verify --strict small --against raw --options-of done.jsonl"
        );
        succeed(here, &steps, left);
        fs::remove_file(here.join(format!("raw/a.{gone}"))).unwrap();
        succeed(here, &steps, &format!("{left} alone"));
        succeed(here, &format!("{steps}\nrm raw/a.{left}\n{steps}"), &format!("without {left}"));
        // The pixels of another file are no half of the pair.
        fs::copy(data().join("u8_full.mrc"), here.join("raw/a.img")).unwrap();
        let other = run(here, "e2compress --bits 5 --outpath small --resume done.jsonl raw/a.img");
        assert!(!other.status.success(), "{}", complaint(&other));
    }
}

#[test]
fn a_warning_that_was_accepted_is_no_failure_once_the_original_is_gone() {
    let folder = originals(&[]);
    let here = folder.path();
    fs::copy(data().join("../../examples/micrograph.mrc"), here.join("raw/h.mrc")).unwrap();
    let verify = "e2compress verify --strict small --against raw --options-of done.jsonl";
    succeed(here, "e2compress --bits 2 --outpath small --report done.jsonl raw/h.mrc", "made");
    let warned = run(here, verify);
    assert!(
        !warned.status.success() && complaint(&warned).contains("picture is lost"),
        "{}",
        complaint(&warned)
    );
    fs::remove_file(here.join("raw/h.mrc")).unwrap();
    write(here.join("raw/n.mrc"), 1);
    let later = "e2compress --bits 5 --outpath small --report done.jsonl raw/n.mrc";
    succeed(here, &format!("{later}\n{verify}"), "later");
}

#[test]
fn originals_on_a_disk_that_is_not_mounted_are_not_gone() {
    let folder = originals(&["a.mrc", "b.mrc"]);
    let here = folder.path();
    succeed(here, "e2compress --bits 5 --outpath small --report done.jsonl raw/*.mrc", "made");
    let verify = |words: &str| run(here, &format!("e2compress verify {words} --options-of done.jsonl"));
    // The folder is not there: it cannot be asked, and what was in it is not gone.
    fs::rename(here.join("raw"), here.join("elsewhere")).unwrap();
    fs::create_dir(here.join("empty")).unwrap();
    let refused = verify("-q small --against raw");
    let said = complaint(&refused);
    assert!(refused.status.code() == Some(2) && said.contains("raw, given with --against"), "{said}");
    assert!(said.contains("mount its disk"), "{said}");
    let failed = verify("-q small --against empty");
    let said = complaint(&failed);
    assert!(
        failed.status.code() == Some(1) && said.matches("the folder of that is not there").count() > 1,
        "{said}"
    );
    assert!(!said.contains("not compared now"), "{said}");
    // An original that was moved is compared, and alone every file can be verified.
    assert!(verify("small --against elsewhere").status.success());
    succeed(here, "e2compress verify small", "alone");
    // Nothing tells an empty mount point from a folder whose files were deleted: that is said even if notes are not wanted.
    fs::create_dir(here.join("raw")).unwrap();
    let passed = verify("-q small --against raw");
    let said = complaint(&passed);
    assert!(
        passed.status.success() && said.contains("2 outputs whose originals are gone were not compared"),
        "{said}"
    );
    // The record knows an original by its new place as well, and it was deleted there.
    fs::remove_dir(here.join("raw")).unwrap();
    let moved = "e2compress --bits 5 --outpath small --report done.jsonl --resume done.jsonl elsewhere/*.mrc";
    succeed(here, moved, "moved");
    fs::remove_file(here.join("elsewhere/a.mrc")).unwrap();
    let passed = verify("small --against elsewhere");
    let said = complaint(&passed);
    assert!(passed.status.success() && said.contains("1 output whose original is gone"), "{said}");
}

/// Makes an output of a pair in `raw`, with a record.
fn made_of_a_pair(here: &Path) {
    fs::create_dir(here.join("raw")).unwrap();
    for extension in ["hed", "img"] {
        let from = data().join(format!("formats/imagic/intg_big.{extension}"));
        fs::copy(from, here.join(format!("raw/a.{extension}"))).unwrap();
    }
    succeed(here, "e2compress --bits 5 --outpath small --report done.jsonl raw/a.img", "made");
}

#[test]
fn a_pair_whose_headers_are_damaged_is_not_gone() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    made_of_a_pair(here);
    fs::create_dir(here.join("moved")).unwrap();
    for name in ["a.hed", "a.img"] {
        fs::rename(here.join("raw").join(name), here.join("moved").join(name)).unwrap();
    }
    let verify = "e2compress verify small --against moved --options-of done.jsonl";
    succeed(here, verify, "moved");
    let mut headers = fs::read(here.join("moved/a.hed")).unwrap();
    headers[..1024].fill(0);
    fs::write(here.join("moved/a.hed"), headers).unwrap();
    let failed = run(here, verify);
    let said = complaint(&failed);
    assert!(!failed.status.success() && said.contains("headers (.hed) are invalid"), "{said}");
}

#[test]
fn a_new_file_is_no_half_of_a_deleted_pair() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    made_of_a_pair(here);
    for name in ["a.hed", "a.img"] {
        fs::remove_file(here.join("raw").join(name)).unwrap();
    }
    fs::create_dir(here.join("moved")).unwrap();
    for raw in ["raw", "moved"] {
        let verify = format!("e2compress verify small --against {raw} --options-of done.jsonl");
        succeed(here, &verify, "deleted");
        fs::write(here.join(raw).join("a.img"), [7; 1024]).unwrap();
        let failed = run(here, &verify);
        let said = complaint(&failed);
        assert!(!failed.status.success() && said.contains("is needed as well"), "{raw}: {said}");
        fs::remove_file(here.join(raw).join("a.img")).unwrap();
    }
}
