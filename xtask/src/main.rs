//! Commands of the project, run as `cargo xtask COMMAND`.

mod audit;
mod bench;
mod fuzz;
mod install;
mod tally;
mod wasm;

use std::env;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::tally::Tally;

const HELP: &str = "\
cargo xtask test    installs what the tests need (apt, pip, npm, rustup), runs every check and test, and
                    ends with a line `N passed, N failed`; E2COMPRESS_REAL_DATA names a folder of
                    real micrographs, without it those tests are reported as skipped
cargo xtask bench   speed and size beside peers, as ratios in one run; `bench quick` for the short form;
                    `bench memory` for the peak of memory on 8 GB, which takes 10 GB of disk
cargo xtask instructions
                    instructions a pixel of the hot loops, by callgrind, beside the recorded ones;
                    `instructions record` records them
cargo xtask fuzz [SECONDS]
                    libFuzzer on every target of fuzz/, so many seconds each (300); needs a nightly toolchain
cargo xtask soak [MINUTES]
                    generated files, any options, runs ended at random moments; so many minutes (5)
cargo xtask audit   licences, sources and known vulnerabilities of dependencies, by cargo-deny and npm";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let outcome = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test"] => test(),
        ["bench"] => bench::bench(false).map(|()| true),
        ["bench", "quick"] => bench::bench(true).map(|()| true),
        ["bench", "memory"] => bench::memory().map(|()| true),
        ["instructions"] => bench::instructions(false).map(|()| true),
        ["instructions", "record"] => bench::instructions(true).map(|()| true),
        ["audit"] => audit::audit(),
        ["fuzz"] => fuzz::fuzz(300),
        ["fuzz", seconds] => seconds.parse().context("seconds are a number").and_then(fuzz::fuzz),
        ["soak"] => soak("5"),
        ["soak", minutes] => soak(minutes),
        ["help" | "--help"] | [] => {
            println!("{HELP}");
            Ok(true)
        }
        _ => Err(anyhow::anyhow!("unknown command\n{HELP}")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("xtask: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs everything; true when nothing failed.
fn test() -> anyhow::Result<bool> {
    enter_project()?;
    install::packages()?;
    let python = install::python("target/python", "tests/readers/requirements.txt")?;
    let pako = install::pako()?;
    let mut tally = Tally::default();
    tally.check("formatting", cargo().args(["fmt", "--all", "--check"]))?;
    tally.check(
        "lints",
        cargo().args(["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]),
    )?;
    tally.check(
        "documentation",
        cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    tally.check("release build", cargo().args(["build", "--release"]))?;
    tally.tests(
        "core without threads",
        cargo().args(["test", "-p", "e2compress-core", "--no-default-features"]),
    )?;
    tally
        .tests("command with libhdf5", cargo().args(["test", "-p", "e2compress", "--features", "libhdf5"]))?;
    miri(&mut tally)?;
    tally.tests(
        "workspace",
        cargo()
            .args(["test", "--workspace", "--no-fail-fast"])
            .env("E2COMPRESS_PYTHON", python)
            .envs(pako.map(|folder| ("E2COMPRESS_PAKO", folder))),
    )?;
    // Nothing is timed here: only whether the commands that README names still run to their end.
    tally.check("benchmarks", Command::new(env::current_exe()?).args(["bench", "quick"]))?;
    fuzz::check(&mut tally)?;
    audit::check(&mut tally)?;
    tally.tests("browser", Command::new("npm").arg("test").current_dir("web"))?;
    Ok(tally.conclude())
}

/// The loops behind the one unsafe call of the core, in Miri: with AVX2, so that the call is made, and
/// without, so that it must not be.
fn miri(tally: &mut Tally) -> anyhow::Result<()> {
    let names = ["unsafe code in Miri, AVX2", "unsafe code in Miri, no AVX2"];
    if !install::miri()? {
        for name in names {
            tally.skip(name, "rustup is not there to install Miri");
        }
        return Ok(());
    }
    for (name, features) in names.into_iter().zip(["+avx2", "-avx2"]) {
        tally.tests(
            name,
            Command::new("rustup")
                .args(["run", "nightly", "cargo", "miri", "test"])
                .args(["-p", "e2compress-core", "--lib", "every_vector_unit"])
                .env("RUSTFLAGS", format!("-Ctarget-feature={features}"))
                // The property tests take their seed from the system.
                .env("MIRIFLAGS", "-Zmiri-disable-isolation")
                .env("PROPTEST_CASES", "2"),
        )?;
    }
    Ok(())
}

/// Compresses and ends runs for so many minutes; true when every output was right.
fn soak(minutes: &str) -> anyhow::Result<bool> {
    enter_project()?;
    install::packages()?;
    run(cargo().args(["build", "--release", "--quiet", "-p", "e2compress"]))?;
    let soak = ["run", "--quiet", "-p", "e2compress-tests", "--bin", "soak", "--", minutes];
    Ok(cargo().args(soak).status()?.success())
}

/// Goes to the folder of the workspace.
fn enter_project() -> anyhow::Result<()> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(1).context("the workspace has a folder")?;
    env::set_current_dir(root).with_context(|| format!("{} can't be entered", root.display()))
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command that must succeed.
fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("{command:?} can't be started"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
