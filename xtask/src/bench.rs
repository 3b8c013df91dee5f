//! Benchmarks: ratios in one run, and instruction counts.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::command::{enter_project, optimising_cargo, run, target};
use crate::environments::BENCHES;
use crate::{dist, needs, wasm};

/// Where instruction counts are recorded: a loop and its instructions per pixel, a line each.
const RECORD: &str = "benches/instructions.tsv";

/// Pixels a loop runs over once.
const PIXELS: f64 = 65536.0;

/// Python's parts: whole programs, and what proofs, volumes and small images cost.
const WHOLE: &str = "benches/whole.py";
const TRUST: &str = "benches/trust.py";

/// The part of it that drives a browser.
const PAGE: &str = "web/scripts/bench-page.mjs";

/// The static program beside the ordinary one.
const STATIC: &str = "benches/static.py";

/// A difference that is worth a word.
const NOTEWORTHY: f64 = 0.02;

/// Runs every benchmark but that of memory.
pub fn bench(quick: bool) -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    let python = BENCHES.program();
    build()?;
    let quick = quick.then_some("quick");
    println!("== steps");
    run(bench_program().arg("stages"))?;
    println!("\n== estimates");
    run(&mut estimates())?;
    println!("\n== WebAssembly");
    wasm::images()?;
    println!("\n== deflate");
    run(bench_program().arg("codecs").arg(&python).args(quick))?;
    println!("\n== whole programs");
    run(Command::new(&python).arg(WHOLE).arg(program()).args(quick))?;
    println!("\n== proofs, volumes and small images");
    run(Command::new(&python).arg(TRUST).arg(program()).args(quick))?;
    println!("\n== many threads");
    run(bench_program().arg("scaling").arg(program()))?;
    println!("\n== movies");
    build_movies()?;
    run(Command::new(movies_program()).arg(&python).arg(program()).args(quick))
}

/// Movies beside libtiff.
pub fn movies() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    run(optimising_cargo().args(["build", "--release", "--quiet", "-p", "e2compress"]))?;
    build_movies()?;
    run(Command::new(movies_program()).arg(BENCHES.program()).arg(program()))
}

/// The page in Chromium beside the command.
pub fn page() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH_PAGE)?;
    run(optimising_cargo().args(["build", "--release", "--quiet", "-p", "e2compress"]))?;
    run(Command::new("node").arg(PAGE).arg(fs::canonicalize(program())?).arg(BENCHES.program()))
}

/// What proofs, volumes and small images cost.
pub fn trust() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    let python = BENCHES.program();
    run(optimising_cargo().args(["build", "--release", "--quiet", "-p", "e2compress"]))?;
    run(Command::new(python).arg(TRUST).arg(program()))
}

/// The static program beside the ordinary one.
pub fn of_static() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    needs::demand(needs::DIST)?;
    run(optimising_cargo().args(["build", "--release", "--quiet", "-p", "e2compress"]))?;
    run(Command::new(BENCHES.program()).arg(STATIC).arg(program()).arg(dist::program_of_this_machine()?))
}

/// What estimating the noise costs, and how far predicted sizes are from real ones.
pub fn estimate() -> anyhow::Result<()> {
    enter_project()?;
    run(optimising_cargo().args(["build", "--release", "--quiet", "-p", "e2compress-bench"]))?;
    run(&mut estimates())
}

/// The program that measures it, with the real images where there are any.
fn estimates() -> Command {
    let mut command = bench_program();
    command.arg("estimate").args(env::var_os("E2COMPRESS_REAL_DATA"));
    command
}

/// What more cores than this machine has would wait for.
pub fn scaling() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    build()?;
    run(bench_program().arg("scaling").arg(program()))
}

/// Peak memory of the command on inputs of 8 GB.
pub fn memory() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    let python = BENCHES.program();
    build()?;
    run(Command::new(python).arg(WHOLE).arg(program()).arg("memory"))
}

/// The programs to be measured, one after the other: built together, the core would have the threads of one in both.
fn build() -> anyhow::Result<()> {
    run(optimising_cargo().args(["build", "--release", "--quiet", "-p", "e2compress"]))?;
    run(optimising_cargo().args(["build", "--release", "--quiet", "-p", "e2compress-bench"]))
}

/// The program that decodes movies on several threads.
fn build_movies() -> anyhow::Result<()> {
    let words =
        ["build", "--release", "--quiet", "-p", "e2compress-bench", "--bin", "e2compress-bench-movies"];
    run(optimising_cargo().args(words).args(["--features", "threads"]))
}

fn movies_program() -> PathBuf {
    target().join("release/e2compress-bench-movies")
}

/// The command.
fn program() -> PathBuf {
    target().join("release/e2compress")
}

/// The program of `benches`.
pub fn bench_program() -> Command {
    Command::new(target().join("release/e2compress-bench"))
}

/// Counts the instructions of each hot loop and compares or records them.
pub fn instructions(record: bool) -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::INSTRUCTIONS)?;
    run(optimising_cargo().args(["build", "--release", "--quiet", "-p", "e2compress-bench"]))?;
    let names = bench_program().arg("loops").output()?.stdout;
    let names = String::from_utf8(names)?;
    let recorded = recorded()?;
    let mut lines = String::new();
    println!("instructions per pixel{:>12}{:>10}", "now", "recorded");
    for name in names.lines() {
        // The difference of three runs and one leaves out everything but the loop.
        let now = (counted(name, 3)? - counted(name, 1)?) / 2.0 / PIXELS;
        let before = recorded.get(name);
        let change = before.map_or(0.0, |before| now / before - 1.0);
        let word = match change {
            change if change > NOTEWORTHY => format!("  {:+.1} %: slower", change * 100.0),
            change if change < -NOTEWORTHY => format!("  {:+.1} %: faster", change * 100.0),
            _ => String::new(),
        };
        let before = before.map_or("-".into(), |before| format!("{before:.3}"));
        println!("{name:22}{now:12.3}{before:>10}{word}");
        lines.extend([name, "\t", &format!("{now:.3}"), "\n"]);
    }
    if record {
        fs::write(RECORD, lines)?;
    }
    Ok(())
}

fn recorded() -> anyhow::Result<BTreeMap<String, f64>> {
    let text = fs::read_to_string(RECORD).unwrap_or_default();
    let entry = |line: &str| {
        let (name, count) = line.split_once('\t').context("a tab is missing")?;
        Ok((name.to_owned(), count.parse()?))
    };
    text.lines().map(entry).collect::<anyhow::Result<_>>().with_context(|| format!("{RECORD} is damaged"))
}

/// Instructions of the whole program when it runs a loop so many times.
fn counted(name: &str, times: u32) -> anyhow::Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(target().join("release/e2compress-bench"))
        .args(["loop", name, &times.to_string()])
        .output()
        .context("valgrind cannot be started")?;
    let words = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{name}: {words}");
    }
    let count =
        words.lines().find_map(|line| line.split_once("Collected :")).context("callgrind gave no count")?;
    Ok(count.1.trim().parse()?)
}
