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
        Trial::test("a session's folders are those of its name", names).with_ignored_flag(!there),
        Trial::test("the service takes files once, when they have settled", settles),
    ]
}

/// Has systemd read the units of a session, with what was edited for it, and returns what it says.
fn verified(session: &str, edited: Option<&str>, level: &str) -> Result<String, Failed> {
    let work = Work::new(0)?;
    let program = built().ok_or("the command cannot be built")?.join("e2compress");
    let names = ["service", "timer"].map(|kind| format!("e2compress@{session}.{kind}"));
    for (unit, name) in [SERVICE, TIMER].into_iter().zip(&names) {
        let text = fs::read_to_string(script(unit))?;
        fs::write(work.path(unit), text.replace(INSTALLED, program.to_str().ok_or("no Unicode")?))?;
        std::os::unix::fs::symlink(work.path(unit), work.path(name))?;
    }
    if let Some(edited) = edited {
        let folder = work.path(&format!("e2compress@{session}.service.d"));
        fs::create_dir(&folder)?;
        fs::write(folder.join("override.conf"), edited)?;
    }
    let mut command = work.command("systemd-analyze");
    command.args(["verify", "--man=no"]).args(&names).env("SYSTEMD_LOG_LEVEL", level);
    // Where what is edited for a unit is looked for; the system's units follow.
    command.env("SYSTEMD_UNIT_PATH", format!("{}:", work.path("").display()));
    let output = command.output()?;
    succeeded(&command, &output)?;
    // What it makes of a unit is on standard output, and what it complains of on standard error.
    Ok(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

fn units_are_valid() -> Outcome {
    let said = verified("x", None, "info")?;
    if said.is_empty() { Ok(()) } else { Err(said.into()) }
}

fn names() -> Outcome {
    let document = fs::read_to_string(script("../../docs/clusters.md"))?;
    let edited = document.split("    [Service]\n").nth(1).and_then(|rest| rest.lines().next());
    let edited = format!("[Service]\n{}\n", edited.ok_or("the document edits no unit")?.trim());
    for (session, edited, folder) in [
        ("session1", None, "session1"),
        ("24nov27-grid2", None, "24nov27-grid2"),
        ("-a-", None, "-a-"),
        ("a.b_c", None, "a.b_c"),
        ("grid2", Some(&*edited), "grid 2, left"),
    ] {
        // At this level it says what it makes of each line, once.
        let said = verified(session, edited, "debug")?;
        for (name, parent) in [("IN", "data"), ("OUT", "archive")] {
            let mut lines = said.lines().filter_map(|line| line.trim().strip_prefix("Environment: "));
            let found = lines.rfind(|line| line.starts_with(&format!("{name}=")));
            if found != Some(&format!("{name}=/{parent}/{folder}")) {
                return Err(format!("{session}: {found:?}").into());
            }
        }
    }
    Ok(())
}

/// Returns the words of the service's command, with these values in place of its variables.
fn words(values: [(&str, &str); 3]) -> Result<Vec<String>, Failed> {
    let text = fs::read_to_string(script(SERVICE))?;
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).ok_or(format!("no {key}"));
    let environment = line("Environment=")?;
    let mut command = line("ExecStart=")?.to_owned();
    for (name, value) in values {
        if !environment.contains(&format!("\"{name}=")) || !command.contains(&format!("${{{name}}}")) {
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
