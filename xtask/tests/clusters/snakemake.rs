//! `Snakefile`, run here by the Snakemake that `E2COMPRESS_SNAKEMAKE` names.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use libtest_mimic::{Failed, Trial};

use crate::{Outcome, Work, lines, name, script, succeeded, with_extension};

/// Files of the list, and batches.
const FILES: u32 = 41;
const BATCHES: usize = 5;

pub fn trials() -> Vec<Trial> {
    let there = env::var_os("E2COMPRESS_SNAKEMAKE").is_some();
    let name = "Snakemake runs batches that failed, and those of new files";
    vec![
        Trial::test(name, batches).with_ignored_flag(!there),
        Trial::test("Snakemake hands over batches of any length", long_names).with_ignored_flag(!there),
        Trial::test("Snakemake takes names as they are typed", as_typed).with_ignored_flag(!there),
    ]
}

/// Runs Snakemake; true when it succeeds.
fn snakemake(work: &Work, batches: usize) -> Result<bool, Failed> {
    snakemake_into(work, "out", batches)
}

/// Runs Snakemake, the folder for the outputs being that one; true when it succeeds.
fn snakemake_into(work: &Work, out: &str, batches: usize) -> Result<bool, Failed> {
    let program = env::var_os("E2COMPRESS_SNAKEMAKE").ok_or("no Snakemake")?;
    let mut command = work.command(program);
    command.arg("--snakefile").arg(script("Snakefile")).args(["--cores", "2", "--keep-going", "--config"]);
    command.args(["list=list".to_owned(), format!("out={out}"), format!("batches={batches}")]);
    // What it keeps for its user's other runs stays out of this.
    let output = command.env("XDG_CACHE_HOME", work.path("cache")).env("HOME", work.path("home")).output()?;
    if output.status.success() || output.status.code() == Some(1) {
        return Ok(output.status.success());
    }
    succeeded(&command, &output).map(|()| false)
}

/// Returns when each batch was done.
fn done(work: &Work) -> Result<BTreeMap<PathBuf, SystemTime>, Failed> {
    let marks = with_extension(&work.path("out.batches"), "done")?;
    marks.into_iter().map(|mark| Ok((mark.clone(), fs::metadata(&mark)?.modified()?))).collect()
}

/// Fails unless exactly these are there, and those that were there before did not run again.
fn expect(work: &Work, before: &BTreeMap<PathBuf, SystemTime>, batches: usize, ran: usize) -> Outcome {
    let now = done(work)?;
    let new = now.iter().filter(|(mark, time)| before.get(*mark) != Some(time)).count();
    if (now.len(), new) != (batches, ran) {
        return Err(
            format!("{} batches are done, {new} of them anew, not {batches} and {ran}", now.len()).into()
        );
    }
    Ok(())
}

/// A batch whose names are longer than a word of a command may be.
fn long_names() -> Outcome {
    /// Bytes of the longest word, as Linux bounds it (`MAX_ARG_STRLEN`).
    const WORD: usize = 128 << 10;
    let work = Work::new(0)?;
    let folder = format!("in/{0}/{0}/{0}", "n".repeat(200));
    fs::create_dir_all(work.path(&folder))?;
    let names: Vec<String> = (0..250).map(|number| format!("{folder}/{number}.mrc")).collect();
    for (number, name) in (0..).zip(&names) {
        work.image(name, number)?;
    }
    if names.iter().map(String::len).sum::<usize>() < WORD {
        return Err("the names are short".into());
    }
    work.list(&names)?;
    if !snakemake(&work, 1)? {
        return Err("the batch is compressed".into());
    }
    work.complete(&with_extension(&work.path("out.batches"), "jsonl")?)?;
    work.as_plain()
}

fn as_typed() -> Outcome {
    for (typed, meant) in
        [("arc/", "arc"), ("two words", "two words"), ("-arc", "-arc"), ("20241127", "20241127")]
    {
        let work = Work::new(3)?;
        if !snakemake_into(&work, typed, 2)? {
            return Err(format!("{typed}: the list is compressed").into());
        }
        let records = with_extension(&work.path(&format!("{meant}.batches")), "jsonl")?;
        work.complete(&records)?;
        let outputs = with_extension(&work.path(meant), "hdf")?.len();
        if outputs != 3 || fs::read(work.path(&format!("{meant}.report")))?.is_empty() {
            return Err(format!("{typed}: {outputs} outputs are there, and a report").into());
        }
    }
    let work = Work::new(0)?;
    work.list(&[])?;
    if snakemake(&work, 1)? { Err("an empty list is no mistake".into()) } else { Ok(()) }
}

fn batches() -> Outcome {
    let work = Work::new(FILES)?;
    let records = || with_extension(&work.path("out.batches"), "jsonl");
    let bad = FILES / 2;
    fs::write(work.path(&name(bad)), "no image")?;
    if snakemake(&work, BATCHES)? {
        return Err("a file that is no image fails its batch".into());
    }
    expect(&work, &BTreeMap::new(), BATCHES - 1, BATCHES - 1)?;
    if work.report(&records()?)?.status.code() != Some(1) || lines(&records()?, "done") != FILES as usize - 1
    {
        return Err("all files but one are done".into());
    }

    let before = done(&work)?;
    work.image(&name(bad), bad)?;
    if !snakemake(&work, BATCHES)? {
        return Err("the file is an image now".into());
    }
    expect(&work, &before, BATCHES, 1)?;

    let before = done(&work)?;
    let mut names: Vec<_> = (0..FILES).map(name).collect();
    names.insert(bad as usize, "in/new.mrc".into());
    work.image("in/new.mrc", FILES)?;
    work.list(&names)?;
    if !snakemake(&work, BATCHES)? {
        return Err("a new file is compressed".into());
    }
    expect(&work, &before, BATCHES, 1)?;
    // The others of its batch were not done again.
    if lines(&records()?, "done") != names.len() {
        return Err(format!("{} files were done", lines(&records()?, "done")).into());
    }
    work.complete(&records()?)?;
    if fs::read(work.path("out.report"))?.is_empty() {
        return Err("the report is empty".into());
    }
    work.as_plain()
}
