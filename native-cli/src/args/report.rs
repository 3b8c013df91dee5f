//! The options of `e2compress report`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::shared::Strictness;

/// The options of `e2compress report`.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("names").multiple(true).args(["failed", "files_from"]))]
#[command(mut_arg("strict", |strict| strict.help("Exit with status 1 also if there was any warning about a file, in whichever run")))]
pub struct ReportArgs {
    /// Reports of --report, one or several
    #[arg(required = true, value_name = "FILE.jsonl")]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub expected: Expected,

    /// Print the names of inputs that are not done, as --files-from takes them, and nothing else: those that failed, were
    /// interrupted or are missing, and those whose output has gone or was replaced. Folders, and files that --copy-others was to copy, are left out
    #[arg(long, conflicts_with = "json")]
    pub failed: bool,

    #[command(flatten)]
    pub strictness: Strictness,

    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

/// Which inputs are expected.
#[derive(Args, Debug)]
pub struct Expected {
    /// The inputs that are expected: names that this list has and no report are missing; - is standard input
    #[arg(long, value_name = "LIST")]
    pub files_from: Option<PathBuf>,

    /// Names in the list, and those that --failed prints, end in NUL bytes, and may hold line breaks
    #[arg(long, short = '0', requires = "names")]
    pub null: bool,

    /// Folders in the list stand for the files of known formats in them, and in the folders below them, but for HDF files:
    /// these may be outputs
    #[arg(long, short, requires = "files_from")]
    pub recursive: bool,
}
