//! Fuzzing: libFuzzer on every target of `fuzz/`, which needs a nightly compiler; and changed fields of HDF5 files, the
//! reader beside libhdf5, which is one of the tests for some seconds.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;

use crate::command::enter_project;
use crate::environments::{CARGO_FUZZ, READERS};
use crate::needs;
use crate::tally::Tally;

/// Seconds a target gets as part of all tests, and the seed of its chances: what fails there fails again.
const SHORT: u32 = 8;
const SHORT_SEED: u32 = 11;

/// Longer inputs find nothing that shorter ones do not, slower.
const LONGEST_INPUT: u32 = 16 << 10;

/// An input that takes longer, in seconds, or more memory, in MiB, counts as a fault. With every check of the
/// compiler, beside other work on the machine, the slowest of the right ones take seconds.
const MOST_SECONDS: u32 = 60;
const MOST_MEMORY: u32 = 1024;

/// Runs every target for so many seconds.
pub fn fuzz(seconds: u32) -> anyhow::Result<bool> {
    enter_project()?;
    needs::demand(needs::FUZZ)?;
    let mut tally = Tally::default();
    run(&mut tally, seconds, None)?;
    changed_fields(&mut tally, seconds)?;
    Ok(tally.conclude())
}

/// Runs every target for a short time, as a part of all tests.
pub fn check(tally: &mut Tally) -> anyhow::Result<()> {
    run(tally, SHORT, Some(SHORT_SEED))
}

/// Runs every target; without a seed each time on other inputs.
fn run(tally: &mut Tally, seconds: u32, seed: Option<u32>) -> anyhow::Result<()> {
    let program = CARGO_FUZZ.program();
    for target in targets()? {
        // What is found joins the seeds of the next run, but not the project's.
        let found = format!("target/fuzz-corpus/{target}");
        fs::create_dir_all(&found)?;
        let mut command = Command::new(&program);
        command
            .env("RUSTUP_TOOLCHAIN", "nightly")
            .env("RAYON_NUM_THREADS", "1")
            // The code is safe Rust; an address sanitizer would halve the speed and find nothing.
            .args(["fuzz", "run", "--sanitizer", "none", "--target-dir", "target/fuzz"])
            .args([&target, &found, &format!("fuzz/corpus/{target}"), "--"])
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={LONGEST_INPUT}"))
            .arg(format!("-timeout={MOST_SECONDS}"))
            .arg(format!("-rss_limit_mb={MOST_MEMORY}"))
            // 0 has one drawn.
            .arg(format!("-seed={}", seed.unwrap_or(0)));
        tally.check(&format!("fuzz {target}"), &mut command)?;
    }
    Ok(())
}

/// Changes fields of HDF5 files for so many seconds, others each time.
fn changed_fields(tally: &mut Tally, seconds: u32) -> anyhow::Result<()> {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is wrong")?.as_secs();
    let mut command = Command::new("cargo");
    command
        .env("E2COMPRESS_PYTHON", READERS.program())
        .env("E2COMPRESS_FUZZ_SECONDS", seconds.to_string())
        .env("E2COMPRESS_FUZZ_SEED", seed.to_string())
        .args(["test", "-p", "e2compress-tests", "--test", "hdf_reader", "--", "changed fields"]);
    tally.check(&format!("fuzz changed fields, seed {seed}"), &mut command)
}

/// The names of the targets.
fn targets() -> anyhow::Result<Vec<String>> {
    let entries = fs::read_dir("fuzz/fuzz_targets").context("fuzz/fuzz_targets cannot be read")?;
    let paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    let mut names: Vec<String> =
        paths.iter().filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    Ok(names)
}
