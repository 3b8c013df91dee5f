//! `e2compress`: MRC micrographs, movies and volumes to compressed EMAN2 HDF5, and back.
//!
//! The rules live in `e2compress-core`; this program knows files, terminals and threads.

mod arguments;
mod compress;
mod expand;
mod file;
mod info;
mod input;
mod interrupt;
#[cfg(feature = "libhdf5")]
mod libhdf5;
mod memory;
mod names;
mod output;
mod part;
mod plan;
mod record;
mod run;
mod screen;
mod summary;
mod verify;

use std::io::stderr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use crate::arguments::{Command, CommandLine, Common};
use crate::interrupt::Interrupt;
use crate::run::Task;
use crate::screen::say;

/// Exit status when a file failed.
const FAILED: u8 = 1;

/// Exit status when the command line makes no sense; nothing was written.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let CommandLine { command, compress } = CommandLine::parse();
    match command {
        None => match compress::Recorded::open(&compress) {
            Ok(task) => each(&compress.files, "hdf", &compress.common, &task),
            Err(problem) => {
                say(stderr(), format_args!("e2compress: {problem:#}"));
                ExitCode::from(USAGE)
            }
        },
        Some(Command::Expand(expand)) => each(&expand.files, "mrc", &expand.common, &expand),
        Some(Command::Verify(arguments)) => status(verify::run(&arguments)),
        Some(Command::Info(arguments)) => ExitCode::from(if info::run(&arguments) == 0 { 0 } else { FAILED }),
    }
}

/// Runs a task on every file; `kind` is the format of the outputs.
fn each(files: &[PathBuf], kind: &str, common: &Common, task: &impl Task) -> ExitCode {
    let extension = |input: &Path| if kind == "hdf" { "hdf" } else { expand::output_extension(input) };
    let jobs = match plan::plan(files, common.outpath.as_deref(), extension) {
        Ok(jobs) => jobs,
        Err(problem) => {
            say(stderr(), format_args!("e2compress: {problem:#}"));
            return ExitCode::from(USAGE);
        }
    };
    status(Interrupt::listen().context("signals can't be listened to").and_then(|interrupt| {
        let left = run::run(&jobs, common, &interrupt, task)?;
        Ok(if left == 0 { 0 } else { interrupt.status().unwrap_or(FAILED) })
    }))
}

/// The exit status, or that of a failure that hasn't been told of yet.
fn status(outcome: anyhow::Result<u8>) -> ExitCode {
    ExitCode::from(outcome.unwrap_or_else(|problem| {
        say(stderr(), format_args!("e2compress: {problem:#}"));
        FAILED
    }))
}
