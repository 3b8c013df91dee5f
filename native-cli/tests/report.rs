//! `e2compress report`: what records say together, what is missing of a list, and lines that are no lines of a record.

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

/// A folder with three micrographs, of which two are done, and one file that is none and failed.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    let here = folder.path();
    for name in ["a.mrc", "b.mrc", "c.mrc"] {
        fs::copy(data().join("u16_micrograph.mrc"), here.join(name)).unwrap();
    }
    fs::write(here.join("bad.mrc"), "none").unwrap();
    let (status, ..) = run(here, "--bits 5 --outpath out --report r.jsonl a.mrc b.mrc bad.mrc");
    assert_eq!(status, Some(1));
    folder
}

fn json(folder: &Path, line: &str) -> Value {
    let (_, said, complaint) = run(folder, line);
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{line}: {said}{complaint}"))
}

#[test]
fn records_are_summed_up() {
    let folder = folder();
    let here = folder.path();
    let (status, said, complaint) = run(here, "report r.jsonl");
    assert_eq!((status, &*complaint), (Some(1), ""));
    for words in [
        "3 files: 2 done, 1 failed",
        "sizes: ",
        "compared with their inputs: 2 of 2 files",
        "bad.mrc: failed: ",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let found = json(here, "report --json r.jsonl");
    let length = |name: &str| fs::metadata(here.join(name)).unwrap().len();
    assert_eq!(found["input_bytes"], length("a.mrc") + length("b.mrc"));
    assert_eq!(found["output_bytes"], length("out/a.hdf") + length("out/b.hdf"));
    assert_eq!((&found["done"], &found["failed"], &found["verified"]), (&2.into(), &1.into(), &2.into()));
    let largest = found["largest_in_steps"].as_f64().unwrap();
    assert!(largest > 0.25 && largest < 0.51, "nothing is clipped, so half a step: {largest}");
    // The latest line counts, in whichever order reports are given.
    fs::copy(here.join("a.mrc"), here.join("bad.mrc")).unwrap();
    let _ = done(PROGRAM, here, "--bits 5 --outpath out --report later.jsonl bad.mrc");
    for line in
        ["report r.jsonl later.jsonl", "report later.jsonl r.jsonl", "report r.jsonl r.jsonl later.jsonl"]
    {
        let (status, said, _) = run(here, line);
        assert!(status == Some(0) && said.contains("3 files: 3 done, 0 failed"), "{line}: {said}");
    }
    // So it does when they are joined; lines of earlier versions have no time: in one report the last one counts then, and of
    // several reports what is done.
    for (order, status) in [(["r.jsonl", "later.jsonl"], 0), (["later.jsonl", "r.jsonl"], 1)] {
        let joined = order.map(|name| fs::read_to_string(here.join(name)).unwrap()).concat();
        fs::write(here.join("joined.jsonl"), &joined).unwrap();
        assert_eq!(run(here, "report joined.jsonl").0, Some(0), "{order:?}");
        fs::write(here.join("joined.jsonl"), untimed(&joined)).unwrap();
        assert_eq!(run(here, "report joined.jsonl").0, Some(status), "{order:?}");
        for name in order {
            fs::write(
                here.join(format!("old.{name}")),
                untimed(&fs::read_to_string(here.join(name)).unwrap()),
            )
            .unwrap();
        }
        assert_eq!(run(here, &format!("report old.{} old.{}", order[0], order[1])).0, Some(0), "{order:?}");
    }
}

/// Lines without their times.
fn untimed(record: &str) -> String {
    let untimed = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        assert!(line.as_object_mut().unwrap().remove("time_ns").is_some(), "{line}");
        format!("{line}\n")
    };
    record.lines().map(untimed).collect()
}

#[test]
fn what_failed_after_it_was_done_is_told_whichever_record_has_it() {
    let folder = folder();
    let here = folder.path();
    let picture = fs::read(here.join("a.mrc")).unwrap();
    fs::write(here.join("list"), "a.mrc\nb.mrc\n").unwrap();
    let other: Vec<u8> =
        picture.iter().enumerate().map(|(at, byte)| if at < 1024 { *byte } else { !byte }).collect();
    fs::write(here.join("a.mrc"), other).unwrap();
    let again = "--bits 5 --outpath out --report s.jsonl --resume r.jsonl --resume s.jsonl a.mrc b.mrc";
    assert_eq!(run(here, again).0, Some(1), "another picture has its output");
    for reports in ["r.jsonl s.jsonl", "s.jsonl r.jsonl"] {
        let (status, said, _) = run(here, &format!("report --strict {reports} --files-from list"));
        assert!(status == Some(1) && said.contains("2 files expected: 1 done, 1 failed"), "{said}");
    }
    // As it was again, and so is its output.
    fs::write(here.join("a.mrc"), picture).unwrap();
    let (status, _, complaint) = run(here, again);
    assert!(status == Some(0) && complaint.contains("2 skipped"), "{complaint}");
    let (status, said, _) = run(here, "report s.jsonl r.jsonl --files-from list");
    assert!(status == Some(0) && said.contains("2 files expected: 2 done, 0 failed"), "{said}");
    let length = || fs::metadata(here.join("s.jsonl")).unwrap().len();
    let before = length();
    assert_eq!((run(here, again).0, length()), (Some(0), before), "it is said once");
}

#[test]
fn several_sets_of_options_are_told() {
    let folder = folder();
    let here = folder.path();
    fs::write(here.join("list"), "a.mrc\nb.mrc\nc.mrc\n").unwrap();
    let _ = done(PROGRAM, here, "--bits 4 --outpath trial --report trial.jsonl c.mrc");
    let (_, said, _) = run(here, "report r.jsonl --files-from list");
    assert!(!said.contains("sets of options"), "{said}");
    let (_, said, _) = run(here, "report r.jsonl trial.jsonl --files-from list");
    assert!(said.contains("made with 2 different sets of options"), "{said}");
    let found = json(here, "report --json r.jsonl trial.jsonl --files-from list");
    let sets: Vec<_> = found["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| (&set["options"]["bits"], &set["files"]))
        .collect();
    assert_eq!(sets, [(&4.into(), &1.into()), (&5.into(), &2.into())]);
}

#[test]
fn what_is_not_in_the_list_does_not_make_it_incomplete() {
    let folder = folder();
    let here = folder.path();
    fs::write(here.join("list"), "a.mrc\nb.mrc\n").unwrap();
    let (status, said, _) = run(here, "report r.jsonl --files-from list");
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("bad.mrc: failed: ") && said.contains(" (not in the list)"), "{said}");
    assert_eq!(
        run(here, "report --failed r.jsonl --files-from list"),
        (Some(0), String::new(), String::new())
    );
    assert_eq!(json(here, "report --json r.jsonl --files-from list")["unfinished"][0]["expected"], false);
    assert_eq!(run(here, "report r.jsonl").0, Some(1), "without a list all are expected");
    fs::remove_file(here.join("bad.mrc")).unwrap();
    let (status, said, _) = run(here, "report r.jsonl");
    assert!(
        status == Some(1)
            && said.contains("bad.mrc: failed: ")
            && said.contains(" (it is not there any more)"),
        "{said}"
    );
}

#[test]
fn what_is_missing_of_a_list_is_named() {
    let folder = folder();
    let here = folder.path();
    fs::write(here.join("list"), "a.mrc\n./b.mrc\na.mrc\n").unwrap();
    fs::write(here.join("longer"), "a.mrc\nb.mrc\nc.mrc\nno where.mrc\n").unwrap();
    let text = fs::read_to_string(here.join("r.jsonl")).unwrap();
    let good: Vec<&str> = text.lines().filter(|line| !line.contains("bad.mrc")).collect();
    fs::write(here.join("good.jsonl"), good.join("\n")).unwrap();
    let (status, said, complaint) = run(here, "report good.jsonl --files-from list");
    assert!(
        status == Some(0) && said.contains("2 files expected: 2 done, 0 failed, 0 missing"),
        "{said}{complaint}"
    );
    let (status, said, _) = run(here, "report good.jsonl --files-from longer");
    assert!(status == Some(1) && said.contains("4 files expected: 2 done, 0 failed, 2 missing"), "{said}");
    assert!(said.contains("  c.mrc: missing") && said.contains("  no where.mrc: missing"), "{said}");
    assert_eq!(
        json(here, "report --json good.jsonl --files-from longer")["missing"].as_array().unwrap().len(),
        2
    );
    // An original that was deleted is not missing: it is done.
    fs::remove_file(here.join("a.mrc")).unwrap();
    assert_eq!(run(here, "report good.jsonl --files-from list").0, Some(0));
    // Of many the first are named.
    let many: Vec<String> = (0..100).map(|number| format!("m{number:03}.mrc")).collect();
    fs::write(here.join("many"), many.join("\n")).unwrap();
    let (status, said, _) = run(here, "report good.jsonl --files-from many");
    assert!(status == Some(1) && said.contains("m007.mrc") && !said.contains("m008.mrc"), "{said}");
    assert!(said.contains("and 92 more"), "{said}");
}

#[test]
fn a_folder_of_a_list_stands_for_the_files_in_it() {
    let folder = folder();
    let here = folder.path();
    fs::create_dir_all(here.join("raw/grid")).unwrap();
    for name in ["raw/a.mrc", "raw/grid/b.mrc"] {
        fs::copy(here.join("a.mrc"), here.join(name)).unwrap();
    }
    fs::write(here.join("list"), "raw\n").unwrap();
    let _ = done(PROGRAM, here, "--bits 5 -r --files-from list --report tree.jsonl");
    let (status, said, complaint) = run(here, "report -r tree.jsonl --files-from list");
    assert!(
        status == Some(0) && said.contains("2 files expected: 2 done, 0 failed, 0 missing"),
        "outputs beside them are not expected: {said}{complaint}"
    );
    fs::write(here.join("raw/grid/text.mrc"), "hello").unwrap();
    let (status, said, _) = run(here, "report --recursive tree.jsonl --files-from list");
    assert!(status == Some(1) && said.contains("text.mrc: missing"), "what came since: {said}");
    let (status, said, complaint) = run(here, "report tree.jsonl --files-from list");
    assert!(
        status == Some(1) && said.contains("raw: missing") && complaint.contains("with -r (--recursive)"),
        "{said}{complaint}"
    );
}

#[cfg(unix)]
#[test]
fn a_folder_may_be_reached_in_several_ways() {
    let folder = folder();
    let here = folder.path();
    std::os::unix::fs::symlink(here, here.join("link")).unwrap();
    fs::create_dir(here.join("below")).unwrap();
    fs::write(here.join("list"), "link/a.mrc\nbelow/../b.mrc\nbad.mrc\n").unwrap();
    let (_, said, _) = run(here, "report r.jsonl --files-from list");
    assert!(said.contains("3 files expected: 2 done, 1 failed, 0 missing"), "{said}");
}

#[test]
fn names_of_what_is_not_done_are_a_list() {
    let folder = folder();
    let here = folder.path();
    fs::write(here.join("list"), "a.mrc\nbad.mrc\nc.mrc\n").unwrap();
    let (status, failed, _) = run(here, "report --failed r.jsonl --files-from list");
    assert_eq!(status, Some(1));
    let names: Vec<&str> = failed.lines().collect();
    assert!(names.len() == 2 && names[0].ends_with("/bad.mrc") && names[1] == "c.mrc", "{failed}");
    fs::copy(here.join("a.mrc"), here.join("bad.mrc")).unwrap();
    fs::write(here.join("again"), &failed).unwrap();
    let _ = done(PROGRAM, here, "--bits 5 --outpath out --report r.jsonl --files-from again");
    let (status, failed, _) = run(here, "report --failed r.jsonl --files-from list");
    assert_eq!((status, &*failed), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn names_with_line_breaks_end_in_nul_bytes() {
    let folder = folder();
    let here = folder.path();
    let odd = "line\nbreak.mrc";
    fs::write(here.join(odd), "none").unwrap();
    fs::write(here.join("list"), format!("{odd}\0")).unwrap();
    assert_eq!(run(here, "--report odd.jsonl --files-from list -0").0, Some(1));
    let (status, said, complaint) = run(here, "report --failed odd.jsonl");
    assert!(status == Some(2) && said.is_empty() && complaint.contains("--null"), "{said}{complaint}");
    let (status, said, _) = run(here, "report --failed -0 odd.jsonl");
    assert!(status == Some(1) && said.ends_with(&format!("{odd}\0")), "{said}");
    // In text it is on one line.
    let (_, said, _) = run(here, "report odd.jsonl");
    assert!(said.contains(r"line\nbreak.mrc: failed"), "{said}");
}

#[test]
fn lines_that_are_torn_or_foreign_are_told() {
    let folder = folder();
    let here = folder.path();
    let text = fs::read(here.join("r.jsonl")).unwrap();
    let mut torn = text.clone();
    torn.extend(&text[..200]);
    torn.extend(b"\nnonsense\n\0\0\n\n");
    torn.extend(br#"{"commit":"","status":"done","version":"1","options":{},"input":{"path":"x"},"output":{"path":"y"}}"#);
    fs::write(here.join("torn.jsonl"), torn).unwrap();
    let (status, said, complaint) = run(here, "report torn.jsonl");
    assert!(status == Some(1) && said.contains("3 files: 2 done"), "{said}");
    assert!(complaint.contains("skipped 4 lines of torn.jsonl"), "{complaint}");
    // However it is cut, there is an answer.
    let whole: Vec<usize> = (0..text.len()).filter(|place| text[*place] == b'\n').collect();
    for end in (0..text.len()).step_by(97).chain(whole) {
        fs::write(here.join("cut.jsonl"), &text[..end]).unwrap();
        let (status, _, complaint) = run(here, "report cut.jsonl");
        assert!(status == Some(0) || status == Some(1), "{end}: {complaint}");
    }
    for (line, words) in [
        ("report none.jsonl", "cannot read the report none.jsonl"),
        ("report a.mrc", "a.mrc is no report"),
        ("report .", "cannot read the report ."),
        ("report", "<FILE.jsonl>"),
        ("report --failed --json r.jsonl", "cannot be used with"),
        ("report -0 r.jsonl", "required"),
        ("report r.jsonl --files-from none", "cannot read the list none"),
    ] {
        let (status, said, complaint) = run(here, line);
        assert!(
            status == Some(2) && said.is_empty() && complaint.contains(words),
            "{line}: {said}{complaint}"
        );
    }
}

#[test]
fn what_a_crashed_machine_left_is_skipped() {
    let folder = folder();
    let here = folder.path();
    fs::write(here.join("nulls.jsonl"), [0; 5000]).unwrap();
    // Nothing is known to be done, and an array goes on.
    let (status, said, complaint) = run(here, "report nulls.jsonl");
    assert!(status == Some(1) && said.contains("0 files: 0 done"), "{said}{complaint}");
    assert!(complaint.contains("skipped 1 line of nulls.jsonl"), "{complaint}");
    assert_eq!(run(here, "report nulls.jsonl r.jsonl").1.lines().next(), Some("3 files: 2 done, 1 failed"));
    let line =
        "--bits 5 --outpath out --resume r.jsonl --report nulls.jsonl --resume nulls.jsonl a.mrc c.mrc";
    let (status, said, complaint) = run(here, line);
    assert!(status == Some(0) && said.contains("a.mrc: done before"), "{said}{complaint}");
    assert!(complaint.contains("skipped 1 line of nulls.jsonl"), "{complaint}");
    let (status, said, _) = run(here, "report nulls.jsonl");
    assert!(status == Some(0) && said.contains("1 file: 1 done"), "{said}");
}

#[test]
fn reports_that_say_nothing_prove_nothing() {
    let folder = folder();
    let here = folder.path();
    fs::write(here.join("empty.jsonl"), "").unwrap();
    for (line, words) in [
        ("report empty.jsonl", "the report says nothing of any file"),
        ("report empty.jsonl empty.jsonl", "the 2 reports say nothing of any file"),
        ("report --json empty.jsonl", "nothing is known to be done"),
        ("report --failed empty.jsonl", "nothing is known to be done"),
    ] {
        let (status, _, complaint) = run(here, line);
        assert!(status == Some(1) && complaint.contains(words), "{line}: {complaint}");
    }
    // A task whose share is empty does not matter among others.
    fs::copy(here.join("a.mrc"), here.join("bad.mrc")).unwrap();
    let _ = done(PROGRAM, here, "--bits 5 --outpath out --report r.jsonl bad.mrc");
    assert_eq!(run(here, "report empty.jsonl r.jsonl").0, Some(0));
    fs::write(here.join("list"), "a.mrc\n").unwrap();
    let (status, said, complaint) = run(here, "report empty.jsonl --files-from list");
    assert!(
        status == Some(1) && said.contains("1 file expected: 0 done, 0 failed, 1 missing"),
        "{said}{complaint}"
    );
}

#[cfg(unix)]
#[test]
fn a_record_may_be_a_pipe() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let folder = folder();
    let mut child = Command::new(PROGRAM)
        .args(["report", "/dev/stdin"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = fs::read(folder.path().join("r.jsonl")).unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    assert!(String::from_utf8(said).unwrap().contains("3 files: 2 done, 1 failed"));
}

#[test]
fn a_run_of_several_files_ends_with_its_totals() {
    let folder = folder();
    let here = folder.path();
    let last = |line: &str| {
        let (_, _, complaint) = run(here, line);
        complaint.lines().find(|line| line.contains(" written")).unwrap_or_default().to_owned()
    };
    let line = last("--bits 5 --outpath new a.mrc b.mrc nothing.mrc");
    let length = |name: &str| fs::metadata(here.join(name)).unwrap().len();
    assert!(line.starts_with("e2compress: 2 files written, ") && line.contains(", 1 failed, "), "{line}");
    let before = length("a.mrc") + length("b.mrc");
    let after = length("new/a.hdf") + length("new/b.hdf");
    assert!(line.contains(&format!("({:.2}x)", before as f64 / after as f64)), "{line}");
    assert!(last("expand --outpath back new/a.hdf new/b.hdf").contains("2 files written"));
    let again = last("--bits 5 --outpath out --resume r.jsonl a.mrc b.mrc");
    assert!(again.contains("0 files written, 2 skipped, 0 warnings, 0 failed"), "{again}");
    for line in
        ["--bits 5 --overwrite --outpath new a.mrc", "-q --bits 5 --overwrite --outpath new a.mrc b.mrc"]
    {
        assert_eq!(last(line), "", "{line}");
    }
}
