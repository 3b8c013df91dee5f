//! `e2compress report` beside the disk: outputs that are not there any more, or are another's; folders with new names; clocks
//! that differ.

use std::fs;
use std::path::Path;

use e2compress_fixtures::{data, done, told};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// Runs the command in a folder; returns status, standard output and standard error.
fn run(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    told(PROGRAM, folder, line)
}

/// A folder with three micrographs, all of them done, and a list of them.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("raw")).unwrap();
    for name in ["a", "b", "c"] {
        fs::copy(data().join("u16_micrograph.mrc"), here.join(format!("raw/{name}.mrc"))).unwrap();
    }
    fs::write(here.join("list"), "raw/a.mrc\nraw/b.mrc\nraw/c.mrc\n").unwrap();
    let _ = done(PROGRAM, here, &format!("{RUN} --files-from list"));
    folder
}

const RUN: &str = "--bits 5 --outpath out --report r.jsonl --resume r.jsonl";

fn json(folder: &Path, line: &str) -> Value {
    let (_, said, complaint) = run(folder, line);
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{line}: {said}{complaint}"))
}

fn count(folder: &Path, record: &str) -> usize {
    fs::read_to_string(folder.join(record)).unwrap().lines().count()
}

#[test]
fn outputs_that_are_not_there_are_not_done() {
    let folder = folder();
    let here = folder.path();
    let reports = ["report r.jsonl", "report --strict r.jsonl", "report --strict --files-from list r.jsonl"];
    for report in reports {
        assert_eq!(run(here, report).0, Some(0), "{report}");
    }
    // Killed before the rename: the line is there, the output has its hidden name.
    fs::rename(here.join("out/a.hdf"), here.join("out/.a.hdf.e2compress-0.part")).unwrap();
    let mut longer = fs::read(here.join("out/b.hdf")).unwrap();
    longer.push(0);
    fs::write(here.join("out/b.hdf"), longer).unwrap();
    for report in reports {
        let (status, said, _) = run(here, report);
        assert!(status == Some(1) && said.contains("2 outputs are not there any more"), "{report}: {said}");
        assert!(said.contains(": 1 done, 0 failed"), "{report}: {said}");
        assert!(said.contains("raw/a.mrc: its output is not there any more\n"), "{report}: {said}");
        assert!(said.contains("raw/b.mrc: its output is not there any more: the file has another"), "{said}");
    }
    let found = json(here, "report --json r.jsonl");
    assert_eq!((&found["done"], &found["gone"], &found["replaced"]), (&1.into(), &2.into(), &0.into()));
    assert_eq!(found["unfinished"][0]["status"], "gone");
    fs::remove_file(here.join("out/b.hdf")).unwrap();
    // What is not there is done again.
    let (_, failed, _) = run(here, "report --failed r.jsonl");
    assert_eq!(failed.lines().count(), 2, "{failed}");
    fs::write(here.join("again"), failed).unwrap();
    let _ = done(PROGRAM, here, &format!("{RUN} --files-from again"));
    for report in reports {
        assert_eq!(run(here, report).0, Some(0), "{report}");
    }
    // A folder that takes the name is no output; all outputs gone, their folder still there, is no other machine.
    for name in ["a", "b", "c"] {
        fs::remove_file(here.join(format!("out/{name}.hdf"))).unwrap();
    }
    fs::create_dir(here.join("out/a.hdf")).unwrap();
    let (status, said, _) = run(here, "report r.jsonl");
    assert!(status == Some(1) && said.contains("3 outputs are not there any more"), "{said}");
}

#[test]
fn outputs_whose_folders_are_elsewhere_are_not_called_complete() {
    let folder = folder();
    let here = folder.path();
    fs::rename(here.join("out"), here.join("elsewhere")).unwrap();
    let words = "3 outputs were not looked at, since their folders are not here";
    for (report, wanted) in [
        ("report r.jsonl", 0),
        ("report --strict r.jsonl", 1),
        ("report --files-from list r.jsonl", 1),
        ("report --failed --files-from list r.jsonl", 1),
        ("report --failed r.jsonl", 0),
        ("report --failed --strict r.jsonl", 1),
        ("report --json --strict r.jsonl", 1),
    ] {
        let (status, said, complaint) = run(here, report);
        let all = said + &complaint;
        assert!(status == Some(wanted) && all.contains(words) || report.contains("json"), "{report}: {all}");
    }
    assert_eq!(json(here, "report --json r.jsonl")["unseen"], 3);
    // One folder that is here: the others have gone.
    let other = "--bits 5 --outpath more --report r.jsonl raw/a.mrc";
    fs::copy(here.join("raw/a.mrc"), here.join("raw/d.mrc")).unwrap();
    let _ = done(PROGRAM, here, &other.replace("a.mrc", "d.mrc"));
    let (status, said, _) = run(here, "report r.jsonl");
    assert!(status == Some(1) && said.contains("3 outputs are not there any more"), "{said}");
}

#[test]
fn an_output_that_is_anothers_now_is_not_done() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let picture = fs::read(data().join("u16_micrograph.mrc")).unwrap();
    for (name, change) in [("ra", 0), ("rb", 1)] {
        fs::create_dir(here.join(name)).unwrap();
        let mut picture = picture.clone();
        *picture.last_mut().unwrap() ^= change;
        fs::write(here.join(name).join("a.mrc"), picture).unwrap();
    }
    let _ = done(PROGRAM, here, "--bits 5 --outpath out --report r.jsonl ra/a.mrc");
    let _ = done(PROGRAM, here, "--bits 5 --outpath out --report r.jsonl --overwrite rb/a.mrc");
    fs::write(here.join("list"), "ra/a.mrc\n").unwrap();
    for report in ["report --strict r.jsonl", "report --strict --files-from list r.jsonl"] {
        let (status, said, _) = run(here, report);
        assert!(status == Some(1) && said.contains("1 output was replaced by another"), "{report}: {said}");
        assert!(said.contains("ra/a.mrc: its output was replaced by that of "), "{report}: {said}");
    }
    let found = json(here, "report --json r.jsonl");
    assert_eq!((&found["done"], &found["replaced"]), (&1.into(), &1.into()));
    assert_eq!(found["unfinished"][0]["status"], "replaced");
    // One input under two names is no other.
    fs::rename(here.join("rb"), here.join("rc")).unwrap();
    let _ = done(PROGRAM, here, "--bits 5 --outpath out --report r.jsonl rc/a.mrc");
    fs::write(here.join("list"), "rb/a.mrc\nrc/a.mrc\n").unwrap();
    let (status, said, _) = run(here, "report --strict --files-from list r.jsonl");
    assert!(status == Some(0) && said.contains("2 files expected: 2 done"), "{said}");
    // The later one by time, whatever the order of lines.
    let text = fs::read_to_string(here.join("r.jsonl")).unwrap();
    let turned: Vec<&str> = text.lines().rev().collect();
    fs::write(here.join("turned.jsonl"), turned.join("\n")).unwrap();
    let (status, said, _) = run(here, "report turned.jsonl");
    assert!(status == Some(1) && said.contains("2 done") && said.contains("1 output was replaced"), "{said}");
}

#[test]
fn a_folder_with_a_new_name_is_complete_after_the_next_run() {
    let folder = folder();
    let here = folder.path();
    fs::rename(here.join("raw"), here.join("new")).unwrap();
    fs::rename(here.join("out"), here.join("small")).unwrap();
    let list = fs::read_to_string(here.join("list")).unwrap().replace("raw/", "new/");
    fs::write(here.join("list"), list).unwrap();
    assert_eq!(run(here, "report --files-from list r.jsonl").0, Some(1));
    let again = format!("{} --files-from list", RUN.replace("--outpath out", "--outpath small"));
    for quick in ["", " --quick", ""] {
        let (status, said, complaint) = run(here, &format!("{again}{quick}"));
        assert_eq!((status, said.matches("done before").count()), (Some(0), 3), "{complaint}");
        assert_eq!(count(here, "r.jsonl"), 6, "each new name once");
    }
    for report in ["report --strict --files-from list r.jsonl", "report --strict r.jsonl"] {
        let (status, said, _) = run(here, report);
        assert!(status == Some(0) && said.contains(": 3 done, 0 failed"), "{report}: {said}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("new", here.join("link")).unwrap();
        let linked = format!("{} link/a.mrc", RUN.replace("--outpath out", "--outpath small"));
        let _ = done(PROGRAM, here, &linked);
        assert_eq!(count(here, "r.jsonl"), 6, "another spelling is no new name");
    }
    // Whose output has gone has not moved: another's content does not stand for it.
    fs::remove_file(here.join("small/a.hdf")).unwrap();
    let (status, said, _) = run(here, "report r.jsonl");
    assert!(status == Some(1) && said.contains("2 done") && said.contains("not there any more"), "{said}");
    let (status, said, _) = run(here, "report --files-from list r.jsonl");
    assert!(
        status == Some(1) && said.contains("3 files expected: 2 done, 0 failed, 1 output is not"),
        "{said}"
    );
}

/// A record with each line changed.
fn edited(record: &str, change: impl Fn(&mut Value)) -> String {
    let line = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        change(&mut line);
        format!("{line}\n")
    };
    record.lines().map(line).collect()
}

/// Sets the times of all lines of a record an hour ahead.
fn set_ahead(record: &Path) {
    let ahead = |line: &mut Value| {
        line["time_ns"] = (line["time_ns"].as_u64().unwrap() + 3_600_000_000_000).into();
    };
    fs::write(record, edited(&fs::read_to_string(record).unwrap(), ahead)).unwrap();
}

#[test]
fn what_is_written_later_is_later_whatever_the_clock_says() {
    // With and without --resume, into the same record and into another one.
    for (more, reports) in [
        ("--report r.jsonl", "r.jsonl"),
        ("--report r.jsonl --resume r.jsonl", "r.jsonl"),
        ("--report s.jsonl --resume r.jsonl", "r.jsonl s.jsonl"),
        ("--report s.jsonl --resume r.jsonl", "s.jsonl r.jsonl"),
    ] {
        let folder = folder();
        let here = folder.path();
        set_ahead(&here.join("r.jsonl"));
        let whole = fs::read(here.join("raw/a.mrc")).unwrap();
        fs::write(here.join("raw/a.mrc"), &whole[..whole.len() / 2]).unwrap();
        let again = format!("--bits 5 --outpath out {more} raw/a.mrc");
        assert_eq!(run(here, &again).0, Some(1), "{more}");
        let (status, said, _) = run(here, &format!("report {reports}"));
        assert!(status == Some(1) && said.contains("3 files: 2 done, 1 failed"), "{more}: {said}");
        // A failure with a clock that is ahead, mended.
        for record in reports.split(' ') {
            set_ahead(&here.join(record));
        }
        fs::write(here.join("raw/a.mrc"), &whole).unwrap();
        let again = again.replace("--resume r.jsonl", "--resume r.jsonl --resume s.jsonl");
        assert_eq!(run(here, &again).0, Some(0), "{more}");
        let (status, said, _) = run(here, &format!("report {reports}"));
        assert!(status == Some(0) && said.contains("3 files: 3 done"), "{more}: {said}");
    }
}

#[test]
fn the_last_output_of_an_input_is_the_one_that_is_proven() {
    // A trial with other bits that is removed, and a folder that is moved out and back.
    let folder = folder();
    let here = folder.path();
    let _ = done(PROGRAM, here, "--bits 4 --outpath trial --report r.jsonl raw/a.mrc");
    fs::remove_file(here.join("trial/a.hdf")).unwrap();
    assert_eq!(run(here, "report r.jsonl").0, Some(1));
    for lines in [5, 5] {
        let _ = done(PROGRAM, here, &format!("{RUN} --files-from list"));
        assert_eq!(count(here, "r.jsonl"), lines, "once");
        assert_eq!(run(here, "report --strict --files-from list r.jsonl").0, Some(0));
    }
    for (from, to) in [("out", "small"), ("small", "out")] {
        fs::rename(here.join(from), here.join(to)).unwrap();
        let again = RUN.replace("--outpath out", &format!("--outpath {to}"));
        let _ = done(PROGRAM, here, &format!("{again} --files-from list"));
        let (status, said, _) = run(here, "report --strict --files-from list r.jsonl");
        assert!(status == Some(0) && said.contains("3 done"), "{to}: {said}");
    }
}

#[test]
fn an_output_of_the_same_bytes_is_not_replaced() {
    let folder = folder();
    let here = folder.path();
    // Codes that stay: the output of the output, in its own place.
    let _ = done(PROGRAM, here, "--bits 5 --report r.jsonl out/a.hdf out/b.hdf out/c.hdf");
    let (status, said, _) = run(here, "report --strict r.jsonl");
    assert!(status == Some(0) && said.contains("6 done"), "{said}");
}

#[test]
fn what_is_made_of_an_output_in_its_own_place_replaces_it_for_nobody() {
    let folder = folder();
    let here = folder.path();
    for bits in [4, 3, 2] {
        let _ = done(PROGRAM, here, &format!("--bits {bits} --report r.jsonl out/a.hdf"));
        for report in ["report r.jsonl", "report --files-from list r.jsonl"] {
            let (status, said, complaint) = run(here, report);
            assert!(status == Some(0) && !said.contains("replaced"), "{bits}: {said}{complaint}");
        }
        assert_eq!(run(here, "report --failed r.jsonl").1, "");
    }
    // What has another length now is no such thing.
    fs::write(here.join("out/a.hdf"), "short").unwrap();
    let (status, said, _) = run(here, "report --files-from list r.jsonl");
    assert!(status == Some(1) && said.contains("raw/a.mrc: its output is not there any more"), "{said}");
}

#[cfg(unix)]
#[test]
fn an_output_of_which_the_system_tells_nothing_has_not_gone() {
    let folder = folder();
    let here = folder.path();
    fs::rename(here.join("out/a.hdf"), here.join("kept.hdf")).unwrap();
    std::os::unix::fs::symlink("a.hdf", here.join("out/a.hdf")).unwrap();
    let words = "warning: 1 output was not looked at, since it could not be";
    for (report, wanted) in [
        ("report r.jsonl", 0),
        ("report --failed r.jsonl", 0),
        ("report --strict r.jsonl", 1),
        ("report --files-from list r.jsonl", 1),
        ("report --failed --files-from list r.jsonl", 1),
    ] {
        let (status, said, complaint) = run(here, report);
        let all = format!("{said}{complaint}");
        assert!(status == Some(wanted) && all.contains(words), "{report}: {all}");
        assert!(all.contains("raw/a.mrc: its output cannot be looked at: "), "{report}: {all}");
        assert!(!all.contains("any more") && (!report.contains("--failed") || said.is_empty()), "{all}");
    }
    let found = json(here, "report --json r.jsonl");
    assert_eq!((&found["done"], &found["gone"], &found["unseen"]), (&3.into(), &0.into(), &1.into()));
    let problem = found["untold"][0]["problem"].as_str().unwrap();
    assert!(problem.starts_with("its output cannot be looked at: "), "{problem}");
    assert!(found["unfinished"].as_array().unwrap().is_empty());
}

#[test]
fn what_is_written_later_to_a_place_is_later_there_whatever_the_clock_says() {
    let folder = folder();
    let here = folder.path();
    set_ahead(&here.join("r.jsonl"));
    fs::create_dir(here.join("other")).unwrap();
    fs::copy(data().join("u8_full.mrc"), here.join("other/a.mrc")).unwrap();
    let _ = done(PROGRAM, here, &format!("{RUN} --overwrite other/a.mrc"));
    let (status, said, _) = run(here, "report --strict --files-from list r.jsonl");
    assert!(status == Some(1) && said.contains("raw/a.mrc: its output was replaced by that of "), "{said}");
}

#[test]
fn lines_without_a_time_are_older_than_those_with_one() {
    let folder = folder();
    let here = folder.path();
    let text = fs::read_to_string(here.join("r.jsonl")).unwrap();
    let untimed = |line: &mut Value| drop(line.as_object_mut().unwrap().remove("time_ns"));
    fs::write(here.join("old.jsonl"), edited(&text, untimed)).unwrap();
    let whole = fs::read(here.join("raw/a.mrc")).unwrap();
    fs::write(here.join("raw/a.mrc"), &whole[..whole.len() / 2]).unwrap();
    assert_eq!(run(here, "--bits 5 --outpath out --overwrite --report new.jsonl raw/a.mrc").0, Some(1));
    for reports in ["old.jsonl new.jsonl", "new.jsonl old.jsonl"] {
        let (status, said, _) = run(here, &format!("report {reports}"));
        assert!(status == Some(1) && said.contains("3 files: 2 done, 1 failed"), "{reports}: {said}");
    }
}

#[test]
fn a_name_without_a_folder_is_not_looked_at() {
    let folder = folder();
    let here = folder.path();
    let bare = |line: &mut Value| {
        line["input"]["path"] = "p.mrc".into();
        line["output"]["path"] = "p.hdf".into();
    };
    let text = fs::read_to_string(here.join("r.jsonl")).unwrap();
    fs::write(here.join("page.jsonl"), edited(text.lines().next().unwrap(), bare)).unwrap();
    let (status, said, complaint) = run(here, "report r.jsonl page.jsonl");
    assert!(status == Some(0) && said.contains("4 files: 4 done"), "{said}{complaint}");
    assert!(said.contains("warning: 1 output was not looked at, since its folder is not here"), "{said}");
    assert_eq!(run(here, "report --strict r.jsonl page.jsonl").0, Some(1));
    // It is none of the list.
    let (status, said, complaint) = run(here, "report --strict --files-from list r.jsonl page.jsonl");
    assert!(status == Some(0) && !said.contains("not looked at"), "{said}{complaint}");
    let found = json(here, "report --json --files-from list r.jsonl page.jsonl");
    assert_eq!((&found["unseen"], &found["others"]["files"]), (&0.into(), &1.into()));
}
