//! Which files a command takes, besides those that are named on the command line.

use std::path::PathBuf;

use clap::Args;

use crate::files::shard::Shard;

/// Lists, shares of them, and folders.
#[derive(Args, Debug, Default)]
pub struct Lists {
    /// Also take the files that this list names, one per line; - is standard input
    #[arg(long, value_name = "LIST")]
    pub files_from: Option<PathBuf>,

    /// Names in the list end in NUL bytes, as find -print0 writes them, and may hold line breaks
    #[arg(long, short = '0', requires = "files_from")]
    pub null: bool,

    /// Take the I-th of N shares of all files, numbered from 1: the I-th file, the I+N-th and so on
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, allow_hyphen_values = true)]
    pub shard: Option<Shard>,

    /// Take the files of known formats in folders, and in the folders below them
    #[arg(long, short)]
    pub recursive: bool,
}

/// Help of --recursive where outputs are HDF files.
pub const RECURSIVE_TO_HDF: &str = "Take the files of known formats in folders, and in the folders below them; outputs in \
    --outpath lie in the same folders. HDF files are taken only with an --outpath that is another folder";

/// Help of --recursive where outputs are MRC files.
pub const RECURSIVE_TO_MRC: &str = "Take the HDF files in folders, and in the folders below them; outputs in --outpath lie in the same folders";

/// What becomes of the other files of folders.
#[derive(Args, Clone, Copy, Debug)]
pub struct Tree {
    /// With --recursive and --outpath: copy the files of other formats along, but for those of --report, --resume and
    /// --files-from. Links that lead nowhere, pipes and devices stay behind, counted and named
    #[arg(long, requires = "recursive", requires = "outpath")]
    pub copy_others: bool,
}
