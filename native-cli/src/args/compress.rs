//! The options of compressing, those of the original among them.

use std::path::PathBuf;

use clap::Args;
use e2compress_core::{Level, Memory, Options, PixelEncoding};

use super::lists::{Lists, RECURSIVE_TO_HDF, Tree};
use super::shared::{Common, Limiting, Reading};
use super::values::{level, stored};

/// Help of --strict where files may be skipped.
const STRICT_OF_BEFORE: &str = "Exit with status 1 if there was any warning, also about a file that --resume skips; outputs \
    stay. Notes, such as of inputs that changed just before they were read, are no warnings";

/// The options of `e2compress`.
#[derive(Args, Debug)]
#[command(mut_arg("recursive", |recursive| recursive.help(RECURSIVE_TO_HDF)))]
#[command(mut_arg("strict", |strict| strict.help(STRICT_OF_BEFORE)))]
#[allow(clippy::struct_excessive_bools, reason = "every flag of the command line is one")]
pub struct CompressArgs {
    /// MRC (.gz, .bz2 and .zst too), TIFF, EER, DM3, DM4, SER, SPIDER, IMAGIC or EMAN2 HDF5 files to compress;
    /// a name ending in .mrcs is a stack of images, any other one image or volume
    #[arg(required_unless_present = "files_from", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub lists: Lists,

    /// Bits to keep per pixel, 2 to 16, or auto: as few as keep 99 % of the information at every frequency, for each image;
    /// auto:0.1% keeps 99.9 %. Raw movie frames need 2-4, averaged micrographs 4-6. 0 stores compressed 32-bit floats; below
    /// 0 stores floats uncompressed
    #[arg(long, default_value = "10", value_name = "BITS", value_parser = stored, allow_hyphen_values = true, overrides_with = "bits")]
    bits: PixelEncoding,

    /// Deflate level, 0 (none) to 9 (smallest, slowest); no effect on the image [default: 1]
    #[arg(long, value_name = "LEVEL", value_parser = level, allow_hyphen_values = true, overrides_with = "compresslevel")]
    compresslevel: Option<Level>,

    #[command(flatten)]
    limiting: Limiting,

    #[command(flatten)]
    pub reading: Reading,

    /// Compare every pixel of each output with the input before the output gets its name
    #[arg(long)]
    pub verify: bool,

    /// Skip the read-back check of outputs, and the comparison that --report implies
    #[arg(long, conflicts_with = "verify")]
    pub no_verify: bool,

    /// Replace existing files; without it only one that holds the same picture is replaced
    #[arg(long)]
    pub overwrite: bool,

    /// Take HDF5 files that are not sound, and replace an input although more is lost than bits
    #[arg(long)]
    pub force: bool,

    /// Append a line of JSON per file to this one: sizes, SHA-256, range, errors. Implies --verify
    /// unless --no-verify is given
    #[arg(long, value_name = "FILE.jsonl")]
    pub report: Option<PathBuf>,

    /// Skip files that this report lists as done with the same options and version, under any path, if the
    /// output still has its recorded SHA-256 and the input is unchanged or deleted. May be given several times: a
    /// file that is done in one report is done
    #[arg(long, value_name = "FILE.jsonl")]
    pub resume: Vec<PathBuf>,

    /// With --resume: take files whose recorded names, lengths and times of change are unchanged for unchanged, without
    /// reading them for their SHA-256
    #[arg(long, requires = "resume")]
    pub quick: bool,

    #[command(flatten)]
    pub tree: Tree,

    #[command(flatten)]
    pub common: Common,

    /// Accepted for existing scripts, without effect
    #[arg(long, value_name = "PID", allow_hyphen_values = true, hide = true, overrides_with = "ppid")]
    ppid: Option<i64>,
}

impl CompressArgs {
    /// Returns what decides the bytes of the outputs.
    pub fn options(&self, memory: Memory) -> Options {
        let limits = self.limiting.rule().unwrap_or_default();
        let verify = self.compares();
        Options { stored: self.bits, level: self.compresslevel, limits, verify, memory, ..Options::default() }
    }

    /// Tells whether outputs are compared with their inputs.
    pub fn compares(&self) -> bool {
        self.verify || self.report.is_some() && !self.no_verify
    }
}
