//! System calls that fail, each at every time it is called, by a library loaded into the program.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

use e2compress_fixtures::complaint;
use libtest_mimic::Trial;

use crate::place::{Outcome, Place, ended, expected, hold, large};

const EIO: &str = "5";
const ENOSPC: &str = "28";

pub fn trials() -> Vec<Trial> {
    let compiled = library().is_some();
    let mut trials = Vec::new();
    for (call, must_fail) in [
        ("pread", true),
        ("pwrite", true),
        ("fsync", true),
        ("rename", true),
        ("mkdir", true),
        // The program does without, or says why it cannot.
        ("open", false),
        ("stat", false),
        ("flock", false),
        ("close", false),
        ("write", false),
    ] {
        for (error, number) in [("input/output error", EIO), ("no space", ENOSPC)] {
            let name = format!("{call} fails at every call: {error}");
            let test = move || at_every_call(call, number, must_fail);
            trials.push(Trial::test(name, test).with_ignored_flag(!compiled));
        }
    }
    for call in ["pread", "pwrite"] {
        for how in ["short", "interrupted"] {
            let test = move || goes_on(call, how);
            trials
                .push(Trial::test(format!("{call} is {how} every time"), test).with_ignored_flag(!compiled));
        }
    }
    for (name, way, call, check, words) in [
        ("a bit that changes on its way to the disk", COMPRESS, "pwrite", None, READ_BACK),
        ("a bit that changes on its way to the disk, going back to MRC", EXPAND, "pwrite", None, READ_BACK),
        (
            "a bit that changes on its way from the disk, with --verify",
            COMPRESS,
            "pread",
            Some("--verify"),
            "was not kept",
        ),
    ] {
        let test = move || is_found(way, call, check, words);
        trials.push(Trial::test(name, test).with_ignored_flag(!compiled));
    }
    trials
}

/// The library, compiled once, if the machine has a C compiler.
pub fn library() -> Option<&'static PathBuf> {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let compile = || {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join("failing.so");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real_faults/failing.c"))
            .arg("-ldl")
            .output();
        match compiled {
            Ok(output) if output.status.success() => Some(library),
            Ok(output) => panic!("failing.c: {}", complaint(&output)),
            Err(_) => None,
        }
    };
    LIBRARY.get_or_init(compile).as_ref()
}

const WORDS: [&str; 5] = ["--bits", "-1", "--outpath", "new/out", "--overwrite"];
const OUTPUT: &str = "new/out/a.hdf";

fn run(place: &Place, call: &str, at: u32, how: &str) -> Output {
    let mut command = place.command(&WORDS);
    command.arg("a.mrc");
    failing(command, place, call, at, how)
}

pub fn failing(mut command: Command, place: &Place, call: &str, at: u32, how: &str) -> Output {
    command.env("LD_PRELOAD", library().expect("compiled")).env("FAIL_CALL", call);
    command.env("FAIL_AT", at.to_string()).env("FAIL_HOW", how).env("FAIL_MARK", place.path("mark"));
    command.output().expect("the program starts")
}

fn at_every_call(call: &'static str, number: &'static str, must_fail: bool) -> Outcome {
    let new = expected("a.mrc", &large(), &WORDS[..2]);
    let mut failed = 0;
    for at in 0.. {
        let place = Place::new();
        place.file("a.mrc", large());
        // The folder is there, with an older output in it, unless making it is what fails.
        if call != "mkdir" {
            std::fs::create_dir_all(place.path("new/out"))?;
            place.file(OUTPUT, "old");
        }
        let run = run(&place, call, at, number);
        let what = || format!("{call} {at}: {}: {}", run.status, complaint(&run));
        let output = place.bytes(OUTPUT);
        match run.status.code() {
            Some(0) => hold(output == new, what)?,
            Some(1 | 2) => {
                hold(
                    ["e2compress: ", "error: "].iter().any(|start| complaint(&run).starts_with(start)),
                    what,
                )?;
                hold(output == b"old" || output == new || output.is_empty() && call == "mkdir", what)?;
                failed += 1;
            }
            _ => return Err(what().into()),
        }
        let caused = std::fs::remove_file(place.path("mark")).is_ok();
        hold(!caused || !must_fail || !run.status.success(), || format!("not told: {}", what()))?;
        if call != "mkdir" {
            let found = place.names("new/out");
            hold(found == ["a.hdf"], || format!("{found:?} after {}", what()))?;
        }
        if !caused {
            hold(run.status.success(), what)?;
            return hold(!must_fail || failed == at && at > 0, || format!("{failed} of {at} were told"));
        }
    }
    Ok(())
}

fn goes_on(call: &'static str, how: &'static str) -> Outcome {
    let place = Place::new();
    place.file("a.mrc", large());
    ended(&run(&place, call, 0, how), 0, "")?;
    hold(place.bytes(OUTPUT) == expected("a.mrc", &large(), &WORDS[..2]), || "other bytes".into())
}

const READ_BACK: &str = "the bytes read back differ from those written";

/// A command over one file, floats as they are, so that every bit matters.
#[derive(Clone, Copy)]
struct Way {
    words: &'static [&'static str],
    input: &'static str,
    output: &'static str,
}

const COMPRESS: Way = Way { words: &["--bits", "-1", "--overwrite"], input: "in/a.mrc", output: "a.hdf" };
const EXPAND: Way = Way { words: &["expand", "--overwrite"], input: "in/a.hdf", output: "a.mrc" };

impl Way {
    /// A folder with the input in a folder of it, and an older output.
    fn place(self) -> Place {
        let place = Place::new();
        std::fs::create_dir(place.path("in")).expect("a folder");
        place.file("in/a.mrc", large());
        if self.input == EXPAND.input {
            assert!(place.run(&["--bits", "-1", "in/a.mrc"]).status.success());
        }
        place.file(self.output, "old");
        place
    }

    fn command(self, place: &Place, check: Option<&str>) -> Command {
        let mut command = place.command(self.words);
        command.args(check).args(["--outpath", ".", self.input]);
        command
    }
}

/// A bit that changes in any of the calls that move pixels is found before the old output is replaced. One that is
/// read wrong may also be one that nothing depends on: then the output is right.
fn is_found(way: Way, call: &'static str, check: Option<&str>, words: &str) -> Outcome {
    let place = way.place();
    ended(&way.command(&place, None).output()?, 0, "")?;
    let new = place.bytes(way.output);
    let mut found = 0;
    for at in 0.. {
        let place = way.place();
        let corrupt = |check| failing(way.command(&place, check), &place, call, at, "corrupt");
        let run = corrupt(check);
        let what = || format!("{call} {at}: {}: {}", run.status, complaint(&run));
        if std::fs::remove_file(place.path("mark")).is_err() {
            ended(&run, 0, "")?;
            return hold(found > 0, || format!("{found} of {at} changes were found"));
        }
        place.holds(&[way.output, "in"])?;
        if run.status.success() {
            hold(call == "pread" && at > 0 && place.bytes(way.output) == new, what)?;
            continue;
        }
        hold(run.status.code() == Some(1) && complaint(&run).contains(words), what)?;
        hold(place.bytes(way.output) == b"old", what)?;
        found += 1;
        // It is the check that finds it: without, the changed bit stays.
        if at == 0 {
            ended(&corrupt(Some("--no-verify")), 0, "")?;
            hold(place.bytes(way.output) != new, || "no bit was changed".into())?;
        }
    }
    Ok(())
}
