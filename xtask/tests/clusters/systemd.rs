//! The units of the timer: what systemd says of them, and what their command does every minute.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};

use crate::{Outcome, Work, answers, built, lines, said, script, succeeded};

const SERVICE: &str = "e2compress@.service";
const TIMER: &str = "e2compress@.timer";

/// Where the unit expects the program.
const INSTALLED: &str = "/usr/bin/e2compress";

pub fn trials() -> Vec<Trial> {
    let there = answers("systemd-analyze", "--version");
    vec![
        Trial::test("systemd takes the units", units_are_valid).with_ignored_flag(!there),
        Trial::test("the service takes files once, when they have settled", settles),
    ]
}

fn units_are_valid() -> Outcome {
    let work = Work::new(0)?;
    let program = built().ok_or("the command cannot be built")?.join("e2compress");
    for unit in [SERVICE, TIMER] {
        let text = fs::read_to_string(script(unit))?;
        fs::write(work.path(unit), text.replace(INSTALLED, program.to_str().ok_or("no Unicode")?))?;
    }
    let mut command = work.command("systemd-analyze");
    command.args(["verify", "--man=no", "e2compress@x.service", "e2compress@x.timer"]);
    for name in ["e2compress@x.service", "e2compress@x.timer"] {
        std::os::unix::fs::symlink(work.path(&name.replace('x', "")), work.path(name))?;
    }
    let output = command.output()?;
    succeeded(&command, &output)?;
    if output.stderr.is_empty() { Ok(()) } else { Err(format!("{output:?}").into()) }
}

/// Returns the words of the service's command, with these values in place of its variables.
fn words(values: [(&str, &str); 3]) -> Result<Vec<String>, Failed> {
    let text = fs::read_to_string(script(SERVICE))?;
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).ok_or(format!("no {key}"));
    let environment = line("Environment=")?;
    let mut command = line("ExecStart=")?.to_owned();
    for (name, value) in values {
        if !environment.contains(&format!("{name}=")) || !command.contains(&format!("${{{name}}}")) {
            return Err(format!("{name} is no variable of the service").into());
        }
        command = command.replace(&format!("${{{name}}}"), value);
    }
    Ok(command.split(' ').map(str::to_owned).collect())
}

fn settles() -> Outcome {
    let work = Work::new(1)?;
    let words = words([("IN", "in"), ("OUT", "out"), ("SETTLE", "3")])?;
    if words[0] != INSTALLED {
        return Err(format!("the service runs {}", words[0]).into());
    }
    let run = || said(work.command("e2compress").args(&words[1..]));
    let done = || lines(&[work.path("out.jsonl")], "done");
    // As long as writing it took, it may be old already.
    work.image("in/000.mrc", 0)?;
    run()?;
    if done() != 0 || work.path("out/000.hdf").exists() {
        return Err("a file that has just been written is taken".into());
    }
    sleep(Duration::from_secs(4));
    work.image("in/001.mrc", 1)?;
    run()?;
    if done() != 1 || !work.path("out/000.hdf").exists() {
        return Err("a file that has settled is not taken".into());
    }
    sleep(Duration::from_secs(4));
    run()?;
    if done() != 2 || !work.path("out/001.hdf").exists() {
        return Err("the next file is not taken, or the first again".into());
    }
    Ok(())
}
