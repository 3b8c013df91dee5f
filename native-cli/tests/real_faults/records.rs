//! Records: a program that is ended at any moment, and records that are no files.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::symlink;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use e2compress_fixtures::complaint;
use libtest_mimic::{Failed, Trial};

use crate::calls::{failing, library};
use crate::meanwhile::{begun, slow};
use crate::place::{Outcome, Place, SIGNATURE, ended, hold, large, signal, small, trial};

pub fn trials() -> Vec<Trial> {
    let compiled = library().is_some();
    let mut trials = vec![
        trial("a record that cannot be written", compiled, unwritable),
        trial("a record that nobody reads", true, unread),
        trial("records that are pipes and devices", true, devices),
        trial("an interrupted file is not failed", true, interrupted),
        trial("a record reads nothing twice", fs::exists("/proc/self/io").is_ok_and(|is| is), read_once),
        trial("a record of an input that is removed meanwhile", true, removed),
        trial("killed at the rename, with a record", compiled, unnamed),
    ];
    for call in ["fsync", "fdatasync", "rename", "write", "pwrite"] {
        let name = format!("killed at every {call}, with a record, the input being replaced");
        trials.push(Trial::test(name, move || killed(call)).with_ignored_flag(!compiled));
    }
    trials
}

/// Options that make another file of a compressed file each time.
const WORDS: [&str; 8] = ["--bits", "5", "--sigrange", "3,3", "--report", "r.jsonl", "--resume", "r.jsonl"];

fn in_place(place: &Place, name: &str) -> Command {
    place.command(&[&WORDS[..], &[name]].concat())
}

/// A folder with an HDF file that has bits to lose.
fn with_floats(folder: &str) -> Place {
    let place = Place::new();
    fs::create_dir(place.path(folder)).expect("a folder");
    place.file(format!("{folder}/x.mrc"), small());
    let name = format!("{folder}/x.mrc");
    assert!(place.run(&["--bits", "-1", &name]).status.success());
    place
}

/// The record says that the file is done, and the report that its output is not there; the next run mends it.
fn unnamed() -> Outcome {
    let place = Place::new();
    place.file("x.mrc", small());
    let words = ["--bits", "5", "--outpath", "out", "--report", "r.jsonl", "--resume", "r.jsonl", "x.mrc"];
    fs::create_dir(place.path("out")).expect("a folder");
    let run = failing(place.command(&words), &place, "rename", 0, "killed");
    hold(!run.status.success() && !place.path("out/x.hdf").exists(), || "it was not killed".into())?;
    let record = String::from_utf8_lossy(&place.bytes("r.jsonl")).into_owned();
    hold(record.contains("\"status\":\"done\""), || format!("the line comes first: {record}"))?;
    let told = place.run(&["report", "r.jsonl"]);
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    hold(
        told.status.code() == Some(1)
            && said.contains("1 file: 0 done, 0 failed, 1 output is not there any more"),
        || said.clone(),
    )?;
    ended(&place.run(&words), 0, "")?;
    ended(&place.run(&["report", "--strict", "r.jsonl"]), 0, "")
}

/// Whatever the record says by then, the file ends as it does undisturbed, and stays so under another path.
fn killed(call: &'static str) -> Outcome {
    let place = with_floats("d");
    let old = place.bytes("d/x.hdf");
    ended(&in_place(&place, "d/x.hdf").output()?, 0, "")?;
    let new = place.bytes("d/x.hdf");
    for at in 0.. {
        let place = with_floats("d");
        hold(place.bytes("d/x.hdf") == old, || "another file to begin with".into())?;
        let run = failing(in_place(&place, "d/x.hdf"), &place, call, at, "killed");
        // The filter for renaming is there from the start, and whether it was met shows in how it ended.
        let caused = fs::remove_file(place.path("mark")).is_ok() && !run.status.success();
        let what = || format!("{call} {at}: {}: {}", run.status, complaint(&run));
        hold(caused || run.status.success(), what)?;
        let found = place.bytes("d/x.hdf");
        hold(found == old || found == new, what)?;
        ended(&in_place(&place, "d/x.hdf").output()?, 0, "")?;
        hold(place.bytes("d/x.hdf") == new, || format!("another result: {}", what()))?;
        symlink("d", place.path("link"))?;
        let again = in_place(&place, "link/x.hdf").output()?;
        ended(&again, 0, "")?;
        fs::rename(place.path("d"), place.path("e"))?;
        ended(&in_place(&place, "e/x.hdf").output()?, 0, "")?;
        hold(place.bytes("e/x.hdf") == new, || format!("compressed twice: {}", what()))?;
        hold(place.names("e") == ["x.hdf", "x.mrc"], || format!("left over: {:?}", place.names("e")))?;
        if !caused || call == "rename" {
            return hold(at > 0 || call == "rename" && caused, || format!("{call} was never called"));
        }
    }
    Ok(())
}

/// There is no output without its line.
fn unwritable() -> Outcome {
    let words = ["--report", "r.jsonl", "--bits", "5", "a.mrc"];
    for call in ["write", "fdatasync"] {
        for at in 0.. {
            let place = Place::new();
            place.file("a.mrc", small());
            let run = failing(place.command(&words), &place, call, at, "28");
            let caused = fs::remove_file(place.path("mark")).is_ok();
            let what = || format!("{call} {at}: {}: {}", run.status, complaint(&run));
            let recorded = String::from_utf8_lossy(&place.bytes("r.jsonl")).contains(r#""status":"done""#);
            hold(place.bytes("a.hdf").is_empty() || recorded, what)?;
            hold(run.status.success() == place.bytes("a.hdf").starts_with(SIGNATURE), what)?;
            hold(place.left_over().is_empty(), what)?;
            // What was cut short is closed by the next run.
            ended(&place.run(&[&words[..], &["--resume", "r.jsonl"]].concat()), 0, "")?;
            hold(place.bytes("a.hdf").starts_with(SIGNATURE), what)?;
            if !caused {
                break;
            }
        }
    }
    Ok(())
}

fn at_once(mut command: Command) -> Result<Output, std::io::Error> {
    let start = Instant::now();
    let run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
    assert!(start.elapsed() < Duration::from_secs(60), "it waited");
    Ok(run)
}

/// A pipe without a reader is refused; one whose reader takes nothing ends in an error, and sooner by a signal.
fn unread() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    place.script("mkfifo r");
    let run = at_once(place.command(&["--report", "r", "--outpath", "out", "a.mrc"]))?;
    ended(&run, 2, "nobody reads it")?;
    let run = at_once(place.command(&["--resume", "r", "a.mrc"]))?;
    ended(&run, 2, "not a regular file")?;
    hold(!place.path("a.hdf").exists(), || "something was written".into())?;
    // More lines than a pipe holds.
    let inputs: Vec<String> = (0..200).map(|number| format!("in/{number:03}.mrc")).collect();
    fs::create_dir(place.path("in"))?;
    for input in &inputs {
        place.file(input, small());
    }
    let reader = OpenOptions::new().read(true).write(true).open(place.path("r"))?;
    let words = ["--report", "r", "--bits", "5", "--outpath", "out"];
    let mut command = place.command(&words);
    command.args(&inputs);
    let run = at_once(command)?;
    ended(&run, 1, "cannot write the report r: nobody reads it")?;
    let outputs = place.names("out").len();
    hold((1..200).contains(&outputs), || format!("{outputs} outputs"))?;
    let mut command = place.heeding(&words);
    let child = command.args(&inputs).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    std::thread::sleep(Duration::from_secs(1));
    signal(&child, "TERM");
    ended(&child.wait_with_output()?, 143, "interrupted")?;
    drop(reader);
    Ok(())
}

fn devices() -> Outcome {
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).matches(r#""status":"done""#).count();
    let place = Place::new();
    place.file("a.mrc", small());
    place.file("b.mrc", small());
    let with = |report: &str| at_once(place.command(&["--report", report, "a.mrc", "b.mrc"]));
    ended(&with("/dev/null")?, 0, "")?;
    let run = with("/dev/stdout")?;
    ended(&run, 0, "")?;
    hold(lines(&run.stdout) == 2, || "no lines on standard output".into())?;
    // A file behind it is not written over.
    let run = place.script(r#"exec "$0" --report /dev/stdout a.mrc b.mrc > out.txt"#);
    ended(&run, 0, "")?;
    let text = place.bytes("out.txt");
    let outcomes = String::from_utf8_lossy(&text).matches(" -> ").count();
    hold(lines(&text) == 2 && outcomes >= 2, || String::from_utf8_lossy(&text).into_owned())?;
    let run = place
        .script(r#"mkfifo p; timeout 60 cat p > got & "$0" --report p a.mrc b.mrc; s=$?; wait; exit $s"#);
    ended(&run, 0, "")?;
    hold(lines(&place.bytes("got")) == 2, || "the pipe lacks lines".into())?;
    let before = place.bytes("a.hdf");
    let run = at_once(place.command(&["--overwrite", "--bits", "4", "--report", "/dev/full", "a.mrc"]))?;
    ended(&run, 1, "cannot write the report /dev/full: No space left")?;
    hold(place.bytes("a.hdf") == before, || "an output that is not recorded".into())?;
    ended(&with(".")?, 2, "is a folder")?;
    for path in ["/dev/zero", "/dev/null", "."] {
        ended(&at_once(place.command(&["--resume", path, "a.mrc"]))?, 2, "not a regular file")?;
    }
    hold(place.left_over().is_empty(), || format!("{:?}", place.left_over()))
}

fn interrupted() -> Outcome {
    let place = Place::new();
    slow(&place, "a.mrc");
    let child = begun(&place, &["--report", "r.jsonl", "--threads", "1", "a.mrc"], "");
    signal(&child, "INT");
    signal(&child, "CONT");
    ended(&child.wait_with_output()?, 130, "interrupted")?;
    let record = String::from_utf8_lossy(&place.bytes("r.jsonl")).into_owned();
    hold(record.lines().count() == 1 && record.contains(r#""status":"interrupted""#), || record.clone())
}

/// Bytes that a run of the program reads, by the system's account of what a shell waited for.
fn read_by(place: &Place, words: &str) -> Result<u64, Failed> {
    let run = place.script(&format!(r#""$0" --bits 5 --outpath out {words} && cat /proc/$$/io"#));
    ended(&run, 0, "")?;
    fs::remove_dir_all(place.path("out"))?;
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("rchar: "));
    Ok(line.ok_or("no account of what was read")?.parse()?)
}

/// The hashes of a record are those of what was read anyway.
fn read_once() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", large());
    ended(&place.run(&["--bits", "8", "a.mrc"]), 0, "")?;
    for input in ["a.mrc", "a.hdf"] {
        ended(&place.run(&["--bits", "5", "--outpath", "out", input]), 0, "")?;
        let output = place.bytes("out/a.hdf").len() as u64;
        fs::remove_dir_all(place.path("out"))?;
        let of = |words: &str| read_by(&place, &format!("{words} {input}"));
        let (plain, unchecked) = (of("")?, of("--no-verify")?);
        let (recorded, compared) = (of("--no-verify --report r.jsonl")?, of("--report r.jsonl")?);
        let verified = of("--verify")?;
        let figures =
            || format!("{input}: {plain}, {unchecked}, {recorded}, {verified}, {compared}; output {output}");
        // Headers, and the record itself.
        let little = 64 << 10;
        hold(plain >= unchecked + output, figures)?;
        hold(recorded <= unchecked + output + little, figures)?;
        hold(compared <= verified + little, figures)?;
    }
    Ok(())
}

/// The input's name is not needed any more.
fn removed() -> Outcome {
    let place = Place::new();
    slow(&place, "a.mrc");
    let length = fs::metadata(place.path("a.mrc"))?.len();
    let words = ["--report", "r.jsonl", "--no-verify", "--threads", "1", "--bits", "2", "a.mrc"];
    let child = begun(&place, &words, "");
    let removed = fs::remove_file(place.path("a.mrc"));
    signal(&child, "CONT");
    ended(&child.wait_with_output()?, 0, "")?;
    removed?;
    let record = String::from_utf8_lossy(&place.bytes("r.jsonl")).into_owned();
    let there = place.bytes("a.hdf").starts_with(SIGNATURE);
    hold(there && record.contains(&format!(r#""input":{{"bytes":{length},"#)), || record.clone())
}
