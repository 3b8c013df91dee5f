//! `array.sh` as a shell runs it, with Slurm's variables and without Slurm: names of lists and folders as people type them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use libtest_mimic::{Failed, Trial};

use crate::{Outcome, Work, lines, name, said, script, succeeded};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("array.sh takes names as they are typed", as_typed),
        Trial::test("array.sh says what is missing", missing),
    ]
}

/// Runs a task of three in `folder`.
fn task(work: &Work, folder: &Path, task: u32, words: &[&str]) -> Result<Output, Failed> {
    let mut command = work.command("sh");
    command.current_dir(folder).arg(script("array.sh")).args(words);
    command.env("SLURM_CPUS_PER_TASK", "1");
    command.env("SLURM_ARRAY_TASK_ID", task.to_string()).env("SLURM_ARRAY_TASK_COUNT", "3");
    Ok(command.output()?)
}

/// Returns the names in a folder, hidden ones included, in order.
fn names(folder: &Path) -> Result<Vec<OsString>, Failed> {
    let mut names =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>, Failed>>()?;
    names.sort();
    Ok(names)
}

fn as_typed() -> Outcome {
    let work = Work::new(4)?;
    // The folder that is named, from the folder `at`, and the one that is meant. What is `.` or `..` is there before.
    for (typed, at, meant) in [
        ("arc", "plain", "plain/arc"),
        ("arc/", "slash", "slash/arc"),
        ("arc///", "slashes", "slashes/arc"),
        ("./arc/", "dot", "dot/arc"),
        ("deep/er/arc/", "deep", "deep/deep/er/arc"),
        ("two words/", "spaces", "spaces/two words"),
        ("-arc", "dash", "dash/-arc"),
        ("--help/", "option", "option/--help"),
        ("a*[b]$c'd", "signs", "signs/a*[b]$c'd"),
        (".", "here/inside", "here/inside"),
        ("./", "here too/inside", "here too/inside"),
        ("..", "above/inside/deep", "above/inside"),
        ("arc/.", "last/run", "last/run/arc"),
        ("../arc/", "beside/inside", "beside/arc"),
        ("ABSOLUTE/arc/", "whole", "absolute/arc"),
    ] {
        let (at, out) = (work.path(at), work.path(meant));
        fs::create_dir_all(&at)?;
        fs::create_dir_all(if typed.ends_with('.') { &out } else { out.parent().ok_or("no parent")? })?;
        let typed = typed.replace("ABSOLUTE", work.path("absolute").to_str().ok_or("no Unicode")?);
        let list: String = (0..4).map(|number| format!("{}\n", work.path(&name(number)).display())).collect();
        // Of a name that begins with a dash and has a space; beside the outputs of `.` it would be one more file.
        let list_folder = if out == at { work.path("") } else { at.clone() };
        fs::write(list_folder.join("-a list"), list)?;
        let list = if out == at { work.path("-a list").display().to_string() } else { "-a list".to_owned() };
        for number in 1..=3 {
            let output = task(&work, &at, number, &[&list, &typed, "--bits", "4"])?;
            succeeded(&work.command(format!("array.sh {list} {typed}")), &output)?;
        }
        let mut beside = out.clone().into_os_string();
        beside.push(".records");
        let records: Vec<_> =
            (1..=3).map(|number| PathBuf::from(&beside).join(format!("{number}.jsonl"))).collect();
        if lines(&records, "done") != 4 {
            return Err(format!("{typed}: the records beside it have {}", lines(&records, "done")).into());
        }
        let outputs = names(&out)?.into_iter().filter(|name| name.display().to_string().ends_with(".hdf"));
        let hidden = names(&out)?.iter().any(|name| name.display().to_string().starts_with('.'));
        if outputs.count() != 4 || hidden {
            return Err(format!("{typed}: {:?} are in it", names(&out)?).into());
        }
        // As the document has it, and once more, for which nothing is left to do.
        let mut report = work.command("e2compress");
        report.current_dir(&at).arg("report").arg(format!("--files-from={list}")).arg("--").args(&records);
        said(&mut report)?;
        succeeded(&work.command("array.sh again"), &task(&work, &at, 1, &[&list, &typed, "--bits", "4"])?)?;
        if lines(&records, "done") != 4 {
            return Err(format!("{typed}: done again").into());
        }
    }
    Ok(())
}

fn missing() -> Outcome {
    let work = Work::new(0)?;
    fs::write(work.path("empty"), "")?;
    for (words, expected) in [
        (&[][..], "name the list and the folder"),
        (&["list"], "name the list and the folder"),
        (&["list", ""], "name the list and the folder"),
        (&["list", "/"], "not /"),
        (&["list", "//"], "not /"),
        (&["nowhere", "arc"], "nowhere"),
        (&["empty", "arc"], "names no file"),
    ] {
        let output = task(&work, &work.path(""), 1, words)?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() != Some(2) || !told.contains(expected) {
            return Err(format!("{words:?}: {} {told}", output.status).into());
        }
        if names(&work.path(""))? != ["empty", "in", "list"] {
            return Err(format!("{words:?}: {:?} are there", names(&work.path(""))?).into());
        }
    }
    Ok(())
}
