//! The options of the commands that follow a word: expand, verify, plan, info.

use std::path::PathBuf;

use clap::Args;
use e2compress_core::{ImageList, Memory, Options, PixelEncoding, Target};

use super::lists::{Lists, RECURSIVE_TO_MRC, Tree};
use super::shared::{Common, Limiting, Quiet, Reading, Strictness, Threads};
use super::values::{AskedMode, mode, stored, target};

/// The options of `e2compress expand`.
#[derive(Args, Debug)]
#[command(mut_arg("recursive", |recursive| recursive.help(RECURSIVE_TO_MRC)))]
pub struct ExpandArgs {
    /// Files to expand: EMAN2's HDF5, or MRC in another mode
    #[arg(required_unless_present = "files_from", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub lists: Lists,

    /// How pixels are stored: auto, or an MRC mode: 0 (bytes), 1 (16-bit integers), 2 (32-bit floats),
    /// 6 (unsigned 16-bit integers), 12 (16-bit floats). auto restores integers as integers
    #[arg(long, value_name = "MODE", default_value = "auto", value_parser = mode, allow_hyphen_values = true)]
    pub mode: AskedMode,

    /// Only these images, numbered from 0: a list such as 0,3,7-9, or all
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub images: Option<ImageList>,

    #[command(flatten)]
    pub reading: Reading,

    /// Replace existing files; without it an output that already exists is an error
    #[arg(long)]
    pub overwrite: bool,

    /// Take HDF5 files that are not sound
    #[arg(long)]
    pub force: bool,

    /// Skip the read-back check of outputs
    #[arg(long)]
    pub no_verify: bool,

    #[command(flatten)]
    pub tree: Tree,

    #[command(flatten)]
    pub common: Common,
}

/// The options of `e2compress verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Files of any format this program reads, or folders of them. Of exactly two files, without --against, the
    /// second is the original of the first
    #[arg(required_unless_present = "files_from", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub lists: Lists,

    /// Originals, or folders of them: each file is checked beside the one that has its name, whatever the
    /// extensions. May be given several times
    #[arg(long, value_name = "FILE|FOLDER")]
    pub against: Vec<PathBuf>,

    /// Check that the range is the one that this number of bits gives for the original. Options that are not
    /// given have the defaults they have when files are compressed
    #[arg(long, value_name = "BITS", value_parser = stored, allow_hyphen_values = true, overrides_with = "bits")]
    bits: Option<PixelEncoding>,

    #[command(flatten)]
    limiting: Limiting,

    /// Check that the range is the one that the options in this report of --report give for the original
    #[arg(long, value_name = "FILE.jsonl", conflicts_with_all = ["bits", "nooutliers", "range", "sigrange"])]
    pub options_of: Option<PathBuf>,

    #[command(flatten)]
    pub reading: Reading,

    #[command(flatten)]
    pub threads: Threads,

    #[command(flatten)]
    pub quiet: Quiet,

    /// Stop after the first file that fails
    #[arg(long)]
    pub fail_fast: bool,

    #[command(flatten)]
    pub strictness: Strictness,

    /// Print one JSON object per line instead of text
    #[arg(long)]
    pub json: bool,
}

impl VerifyArgs {
    /// Returns the options that files are checked against, if any are given.
    pub fn options(&self, memory: Memory) -> Option<Options> {
        let limits = self.limiting.rule();
        (self.bits.is_some() || limits.is_some()).then(|| Options {
            stored: self.bits.unwrap_or_default(),
            limits: limits.unwrap_or_default(),
            memory,
            ..Options::default()
        })
    }
}

/// The options of `e2compress info`.
#[derive(Args, Debug)]
pub struct InfoArgs {
    /// Files of any format this program reads
    #[arg(required_unless_present = "files_from", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub lists: Lists,

    /// Only these images, numbered from 0: a list such as 0,3,7-9, or all; each is described on its own
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub images: Option<ImageList>,

    #[command(flatten)]
    pub reading: Reading,

    #[command(flatten)]
    pub strictness: Strictness,

    /// Print one JSON object per line instead of text
    #[arg(long)]
    pub json: bool,
}

/// The options of `e2compress plan`.
#[derive(Args, Debug)]
pub struct PlanArgs {
    /// Files of any format this program reads
    #[arg(required_unless_present = "files_from", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub lists: Lists,

    /// Only these images, numbered from 0: a list such as 0,3,7-9, or all; each is shown on its own
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub images: Option<ImageList>,

    /// What auto may lose at any frequency, 0.01% to 5%
    #[arg(long, value_name = "TARGET", default_value = "1%", value_parser = target, allow_hyphen_values = true, overrides_with = "target")]
    target: Target,

    #[command(flatten)]
    limiting: Limiting,

    #[command(flatten)]
    pub reading: Reading,

    #[command(flatten)]
    pub threads: Threads,

    /// Print one JSON object per image and line instead of text
    #[arg(long)]
    pub json: bool,
}

impl PlanArgs {
    /// Returns what images are planned with.
    pub fn options(&self, memory: Memory) -> Options {
        let limits = self.limiting.rule().unwrap_or_default();
        Options { stored: PixelEncoding::Auto(self.target), limits, memory, ..Options::default() }
    }
}
