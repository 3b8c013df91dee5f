//! A process that has little: file descriptors, memory, terminals, an environment, a working folder.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use e2compress_fixtures::complaint;
use libtest_mimic::Trial;

use crate::place::{Outcome, Place, SIGNATURE, ended, expected, hold, large, signal, small, text, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("ten thousand files in one call", true, many),
        trial("few file descriptors", true, descriptors),
        trial("any amount of memory", true, memory),
        trial("more threads than can be", true, threads),
        trial("nobody to hear", true, unheard),
        trial("what was asked for cannot be printed", true, unprinted),
        trial("no environment", true, no_environment),
        trial("no working folder", true, no_working_folder),
    ]
}

fn many() -> Outcome {
    const COUNT: usize = 10_000;
    let place = Place::new();
    fs::create_dir(place.path("in"))?;
    for number in 0..COUNT {
        place.file(format!("in/{number:05}.mrc"), small());
    }
    place.file("in/00777.mrc", "no image");
    let run = place.script(r#"exec "$0" --bits 5 --outpath out in/*.mrc"#);
    ended(&run, 1, "1 of 10000 files failed")?;
    let names = place.names("out");
    let outputs = names.iter().filter(|name| place.bytes(format!("out/{name}")).starts_with(SIGNATURE));
    hold(names.len() == COUNT - 1 && outputs.count() == COUNT - 1, || format!("{} files", names.len()))?;
    hold(run.stdout.split(|byte| *byte == b'\n').count() == COUNT, || "a line each".into())
}

/// From too few to start to enough for all.
fn descriptors() -> Outcome {
    let place = Place::new();
    let inputs: Vec<String> = (0..20).map(|number| format!("{number}.mrc")).collect();
    for input in &inputs {
        place.file(input, small());
    }
    let mut done = 0;
    for limit in 3..=16 {
        let run = place.script(&format!(
            r#"ulimit -n {limit}; exec "$0" --threads 8 --outpath out{limit} {}"#,
            inputs.join(" ")
        ));
        let folder = place.path(format!("out{limit}"));
        let names = fs::read_dir(&folder).map_or(0, Iterator::count);
        let whole = inputs.iter().filter(|input| {
            let output = folder.join(input.as_str()).with_extension("hdf");
            fs::read(output).is_ok_and(|bytes| bytes.starts_with(SIGNATURE))
        });
        let what = || format!("{limit}: {}: {names} files: {}", run.status, complaint(&run));
        hold(names == whole.count(), what)?;
        match run.status.code() {
            Some(0) => {
                hold(names == inputs.len(), what)?;
                done = limit;
            }
            // Without a descriptor for a library the system does not start it.
            Some(127) => hold(names == 0, what)?,
            Some(1 | 2) => hold(complaint(&run).contains("Too many open files"), what)?,
            _ => return Err(what().into()),
        }
    }
    hold(done == 16, || "16 are not enough".into())
}

/// The system may end a program that gets no memory, but no output suffers.
fn memory() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", large());
    let new = expected("a.mrc", &large(), &[]);
    let mut done = false;
    for mebibytes in (4..400).step_by(9) {
        place.file("a.hdf", "old");
        let script = format!(r#"ulimit -v {}; exec "$0" --overwrite --threads 2 a.mrc"#, mebibytes << 10);
        let run = place.script(&script);
        let output = place.bytes("a.hdf");
        done = run.status.success();
        hold(output == if done { &new[..] } else { b"old" }, || format!("{mebibytes}: {}", run.status))?;
        // With too little for its start the system ends it.
        let told = !run.stderr.is_empty() || run.status.code().is_none();
        hold(done || told, || format!("{mebibytes}: without a word"))?;
    }
    hold(done, || "400 MiB are not enough".into())?;
    place.holds(&["a.hdf", "a.mrc"])
}

fn threads() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    // The threads that do start race for what is left.
    for _ in 0..20 {
        let script = r#"ulimit -v 500000; exec "$0" --threads 1024 a.mrc"#;
        ended(&place.script(script), 1, "cannot start 1024 threads")?;
    }
    for number in ["1025", "999999999", "18446744073709551616"] {
        let run = place.run(&["--threads", number, "a.mrc"]);
        ended(&run, 2, "--threads")?;
    }
    // Starting them takes no time to speak of, and a signal ends it.
    let (start, new) = (Instant::now(), expected("a.mrc", &small(), &[]));
    let whole = start.elapsed();
    for moment in 0..10 {
        let words = ["--overwrite", "--threads", "1024", "a.mrc"];
        let child = place.heeding(&words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        std::thread::sleep(Duration::from_millis(moment * 5));
        signal(&child, "TERM");
        let start = Instant::now();
        let run = child.wait_with_output()?;
        let what = || format!("{}: {}", run.status, complaint(&run));
        hold(start.elapsed() < Duration::from_secs(10) + 20 * whole, what)?;
        hold(matches!(run.status.code(), Some(0 | 143) | None), what)?;
        hold(place.left_over().is_empty(), what)?;
    }
    ended(&place.run(&["--overwrite", "--threads", "1024", "a.mrc"]), 0, "")?;
    hold(place.bytes("a.hdf") == new, || "other bytes".into())
}

/// Closed, full, or broken: the files decide the exit status, not who reads about them.
fn unheard() -> Outcome {
    let new = expected("a.mrc", &small(), &[]);
    for way in ["> /dev/full", "2> /dev/full", "> /dev/full 2>&1", ">&-", "2>&-", ">&- 2>&-", "| true"] {
        let place = Place::new();
        place.file("a.mrc", small());
        let script = format!(r#"("$0" -v 1 a.mrc missing.mrc; echo $? > status) {way}"#);
        place.script(&script);
        hold(place.bytes("status") == b"1\n", || format!("{way}: {:?}", place.bytes("status")))?;
        hold(place.bytes("a.hdf") == new, || format!("{way}: other bytes"))?;
        place.holds(&["a.hdf", "a.mrc", "status"])?;
    }
    Ok(())
}

/// Where the words are all there is, they decide the exit status.
fn unprinted() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    ended(&place.run(&["a.mrc"]), 0, "")?;
    for command in ["info", "info --json", "verify"] {
        ended(&place.script(&format!(r#""$0" {command} a.hdf > /dev/full"#)), 1, "cannot write")?;
        // Once nobody reads any more.
        let piped = r#"{ (trap "" PIPE; while echo; do sleep 0.01; done) 2> /dev/null
            "$0" COMMAND a.hdf; echo $? > status; } | true"#
            .replace("COMMAND", command);
        place.script(&piped);
        hold(place.bytes("status") == b"1\n", || format!("{command}: {:?}", place.bytes("status")))?;
        ended(&place.script(&format!(r#""$0" {command} a.hdf"#)), 0, "")?;
    }
    Ok(())
}

fn no_environment() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    let run = place.command(&["a.mrc"]).env_clear().stdin(Stdio::null()).output()?;
    ended(&run, 0, "")?;
    hold(place.bytes("a.hdf") == expected("a.mrc", &small(), &[]), || "other bytes".into())
}

fn no_working_folder() -> Outcome {
    let place = Place::new();
    let input = place.file("a.mrc", small());
    let run = place.script(r#"mkdir gone && cd gone && rmdir ../gone && exec "$0" a.mrc"#);
    ended(&run, 1, "No such file")?;
    let script = format!(
        r#"mkdir gone && cd gone && rmdir ../gone && exec "$0" --outpath '{}' '{}'"#,
        text(&place.path("out")),
        text(&input)
    );
    ended(&place.script(&script), 0, "")?;
    place.holds(&["a.mrc", "out"])?;
    hold(place.names("out") == ["a.hdf"], || "no output".into())
}
