//! Benchmarks: ratios in one run, and instruction counts.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::command::{build_as_tested, cargo, enter_project, optimising_cargo, run, target};
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

/// The programs that most benchmarks start, and the one that decodes movies.
const COMMAND: &str = "e2compress";
const BENCH: &str = "e2compress-bench";
const ALL: [&str; 2] = [COMMAND, BENCH];
const MOVIES: &str = "e2compress-bench-movies";

/// A difference that is worth a word.
const NOTEWORTHY: f64 = 0.02;

/// The programs that a run of the benchmarks starts.
pub struct Programs {
    /// Their folder.
    folder: PathBuf,
    /// Compiled with every optimisation: what they say of speed is meant.
    pub optimised: bool,
}

impl Programs {
    /// Builds what is measured, one after the other: built together, the core would have the threads of one in all.
    fn optimised(names: &[&str]) -> anyhow::Result<Self> {
        for name in names {
            run(optimising_cargo().args(["build", "--release", "--quiet", "-p", name]))?;
        }
        Ok(Self { folder: target().join("release"), optimised: true })
    }

    /// Builds the tests' own programs: that the benchmarks run to their end is all that is asked.
    fn as_tested(names: &[&str]) -> anyhow::Result<Self> {
        Ok(Self { folder: build_as_tested(names)?, optimised: false })
    }

    /// Builds the program that decodes movies on several threads, last: the others count the time of one.
    fn movies(&self) -> anyhow::Result<Command> {
        let mut build = if self.optimised { optimising_cargo() } else { cargo() };
        build.args(["build", "--quiet", "--bin", MOVIES, "--features"]);
        if self.optimised {
            build.args(["threads", "--release", "-p", BENCH]);
        } else {
            build.args([&format!("{BENCH}/threads"), "--workspace"]);
        }
        run(&mut build)?;
        Ok(Command::new(self.folder.join(MOVIES)))
    }

    /// The command.
    fn command(&self) -> PathBuf {
        self.folder.join(COMMAND)
    }

    /// The program of `benches`.
    pub fn bench(&self) -> Command {
        Command::new(self.folder.join(BENCH))
    }
}

/// How much of the benchmarks is run.
#[derive(Clone, Copy, PartialEq)]
pub enum Extent {
    /// All that `docs/benchmarks.md` shows.
    Whole,
    /// The short form.
    Quick,
    /// The short form to its end, with programs that are there: nothing is meant by what it prints.
    Check,
}

/// Runs every benchmark but that of memory.
pub fn bench(extent: Extent) -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    let python = BENCHES.program();
    let programs = match extent {
        Extent::Whole | Extent::Quick => Programs::optimised(&ALL)?,
        Extent::Check => Programs::as_tested(&ALL)?,
    };
    let command = programs.command();
    let quick = (extent != Extent::Whole).then_some("quick");
    println!("== steps");
    run(programs.bench().arg("stages"))?;
    println!("\n== estimates");
    run(&mut estimates(&programs))?;
    println!("\n== WebAssembly");
    wasm::images(&programs)?;
    println!("\n== deflate");
    run(programs.bench().arg("codecs").arg(&python).args(quick))?;
    println!("\n== whole programs");
    run(Command::new(&python).arg(WHOLE).arg(&command).args(quick))?;
    println!("\n== proofs, volumes and small images");
    run(Command::new(&python).arg(TRUST).arg(&command).args(quick))?;
    println!("\n== many threads");
    run(programs.bench().arg("scaling").arg(&command))?;
    println!("\n== movies");
    run(programs.movies()?.arg(&python).arg(&command).args(quick))
}

/// Movies beside libtiff.
pub fn movies() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    let programs = Programs::optimised(&[COMMAND])?;
    run(programs.movies()?.arg(BENCHES.program()).arg(programs.command()))
}

/// The page in Chromium beside the command.
pub fn page() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH_PAGE)?;
    let command = Programs::optimised(&[COMMAND])?.command();
    run(Command::new("node").arg(PAGE).arg(fs::canonicalize(command)?).arg(BENCHES.program()))
}

/// What proofs, volumes and small images cost.
pub fn trust() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    let command = Programs::optimised(&[COMMAND])?.command();
    run(Command::new(BENCHES.program()).arg(TRUST).arg(command))
}

/// The static program beside the ordinary one.
pub fn of_static() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    needs::demand(needs::DIST)?;
    let command = Programs::optimised(&[COMMAND])?.command();
    run(Command::new(BENCHES.program()).arg(STATIC).arg(command).arg(dist::program_of_this_machine()?))
}

/// What estimating the noise costs, and how far predicted sizes are from real ones.
pub fn estimate() -> anyhow::Result<()> {
    enter_project()?;
    run(&mut estimates(&Programs::optimised(&[BENCH])?))
}

/// The program that measures it, with the real images where there are any.
fn estimates(programs: &Programs) -> Command {
    let mut command = programs.bench();
    command.arg("estimate").args(env::var_os("E2COMPRESS_REAL_DATA"));
    command
}

/// What more cores than this machine has would wait for.
pub fn scaling() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    let programs = Programs::optimised(&ALL)?;
    run(programs.bench().arg("scaling").arg(programs.command()))
}

/// Peak memory of the command on inputs of 8 GB.
pub fn memory() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::BENCH)?;
    let command = Programs::optimised(&[COMMAND])?.command();
    run(Command::new(BENCHES.program()).arg(WHOLE).arg(command).arg("memory"))
}

/// Counts the instructions of each hot loop and compares or records them.
pub fn instructions(record: bool) -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::INSTRUCTIONS)?;
    let programs = Programs::optimised(&[BENCH])?;
    let names = programs.bench().arg("loops").output()?.stdout;
    let names = String::from_utf8(names)?;
    let recorded = recorded()?;
    let mut lines = String::new();
    println!("instructions per pixel{:>12}{:>10}", "now", "recorded");
    for name in names.lines() {
        // The difference of three runs and one leaves out everything but the loop.
        let now = (counted(&programs, name, 3)? - counted(&programs, name, 1)?) / 2.0 / PIXELS;
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
fn counted(programs: &Programs, name: &str, times: u32) -> anyhow::Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(programs.folder.join(BENCH))
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
