//! `e2compress`: MRC micrographs, movies and volumes to compressed EMAN2 HDF5.
//!
//! The rules live in `e2compress-core`; this program knows files, terminals and threads.

mod arguments;
mod file;
mod interrupt;
mod memory;
mod names;
mod output;
mod part;
mod plan;
mod run;
mod summary;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

/// Exit status when a file failed.
const FAILED: u8 = 1;

/// Exit status when the command line makes no sense; nothing was written.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    let jobs = match plan::plan(&arguments.files, arguments.outpath.as_deref()) {
        Ok(jobs) => jobs,
        Err(problem) => {
            run::say(std::io::stderr(), format_args!("e2compress: {problem:#}"));
            return ExitCode::from(USAGE);
        }
    };
    let outcome = interrupt::Interrupt::listen()
        .context("signals can't be listened to")
        .and_then(|interrupt| Ok((run::run(&jobs, &arguments, &interrupt)?, interrupt)));
    match outcome {
        Ok((0, _)) => ExitCode::SUCCESS,
        Ok((_, interrupt)) => ExitCode::from(interrupt.status().unwrap_or(FAILED)),
        Err(problem) => {
            run::say(std::io::stderr(), format_args!("e2compress: {problem:#}"));
            ExitCode::from(FAILED)
        }
    }
}
