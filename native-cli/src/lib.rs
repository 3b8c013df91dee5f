//! The command `e2compress`: MRC micrographs, movies and volumes to compressed EMAN2 HDF5, and back.
//!
//! The rules live in `e2compress-core`; this crate knows files, terminals and threads. It is a library so
//! that any program can be the command: `src/main.rs` is one, the tests of the workspace build another.
//!
//! `args` is the command line. Each command has a file of its own, and `run` takes many inputs through
//! one of them. `files` is the only place that opens, writes, renames or removes a file, and `fmt` the
//! only one that words figures.

mod answer;
mod args;
mod bar;
mod compress;
mod done;
mod exit;
mod expand;
mod files;
mod info;
mod misspelt;
mod others;
mod plan;
mod predict;
mod report;
mod room;
mod run;
mod signals;
mod soundness;
mod spelling;
mod tally;
mod terminal;
mod verify;
mod version;
mod warnings;

use e2compress_core::words as fmt;

use std::io::stderr;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::args::{Command, CommandLine};
use crate::exit::Failure;
use crate::terminal::print;

/// Returns the definition of the command line, from which its completions and manual pages are generated.
#[must_use]
pub fn command_line() -> clap::Command {
    CommandLine::command()
}

/// Runs the command line of this process and returns its exit status.
#[must_use]
pub fn main() -> ExitCode {
    let words = spelling::spelt_out(std::env::args_os());
    let CommandLine { command, compress } =
        CommandLine::try_parse_from(&words).unwrap_or_else(|problem| misspelt::exit(&problem, &words));
    let outcome = match command {
        None => compress::run(&compress),
        Some(Command::Expand(args)) => expand::run(&args),
        Some(Command::Verify(args)) => verify::run(&args),
        Some(Command::Plan(args)) => plan::run(&args),
        Some(Command::Info(args)) => info::run(&args),
        Some(Command::Report(args)) => report::run(&args),
    };
    ExitCode::from(outcome.unwrap_or_else(|Failure { status, problem }| {
        print(stderr(), format_args!("e2compress: {problem:#}"));
        status
    }))
}
