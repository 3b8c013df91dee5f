//! The command line, option for option that of EMAN2's `e2compress.py`.

mod shared;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use e2compress_core::ImageList;
use e2compress_core::Memory;
use e2compress_core::{Level, Options, PixelEncoding, Target};

use crate::version;
pub use shared::{Common, Limiting, Reading, Strictness, Threads};
pub use values::AskedMode;
use values::{level, mode, stored, target};

const EXAMPLES: &str = "\
Examples:
  Movies of counted electrons, 4 bits, all cores, into another folder:
      e2compress --bits 4 --outpath ../movies_4bit *.mrcs

  Aligned micrographs, 5 bits, without the few most extreme pixels:
      e2compress --bits 5 --nooutliers --outpath ../micrographs_5bit *.mrc

EMAN2 reads the outputs as ordinary images. Other programs see the stored integers, which are the
original values up to a factor and an offset.";

/// Compresses cryo-EM images to EMAN2 HDF5, keeping the bits that carry signal.
///
/// Each input (a micrograph, movie, stack, tilt series or volume) gives one .hdf file beside it,
/// or in the folder named by --outpath, and is not changed. An input that is .hdf itself is replaced
/// by its compressed form, unless --outpath is given.
#[derive(Parser, Debug)]
#[command(name = "e2compress", version = version::FULL.as_str(), after_help = EXAMPLES, infer_long_args = true)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct CommandLine {
    /// Other commands.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The options of compressing, which is no subcommand.
    #[command(flatten)]
    pub compress: CompressArgs,
}

/// Other commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Expands files to MRC, for programs that do not read EMAN2 HDF5
    ///
    /// One image or volume becomes .mrc, a stack .mrcs, beside the input or in the folder named by
    /// --outpath.
    Expand(ExpandArgs),

    /// Checks that files are intact and, given their originals, that every pixel is right
    ///
    /// Two names and nothing else: a file and its original. Otherwise each file is checked alone, unless
    /// --against names originals. Alone: every chunk and attribute is present, readable and consistent.
    /// Beside the original: every pixel is stored as the original's value must be, and the largest and the
    /// RMS difference are printed. Given options or a report with them: bits and range are those the
    /// options give. The exit status is 0 if all holds, otherwise 1.
    Verify(VerifyArgs),

    /// Shows what each number of bits costs and saves, and what --bits auto takes; writes nothing
    ///
    /// For each image the noise floor is estimated and a table printed: the step between codes, as it is and beside the
    /// noise, the part of the information that is lost where there is least noise, and the size that is to be expected. Of a
    /// stack the table of its first image, and how the others differ; --images shows each.
    Plan(PlanArgs),

    /// Describes files: dimensions, type, pixel size, bits, range, step, statistics
    Info(InfoArgs),
}

/// The options of `e2compress expand`.
#[derive(Args, Debug)]
pub struct ExpandArgs {
    /// Files to expand: EMAN2's HDF5, or MRC in another mode
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// How pixels are stored: auto, or an MRC mode: 0 (bytes), 1 (16-bit integers), 2 (32-bit floats),
    /// 6 (unsigned 16-bit integers), 12 (16-bit floats). auto restores integers as integers
    #[arg(long, value_name = "MODE", default_value = "auto", value_parser = mode)]
    pub mode: AskedMode,

    /// Only these images, numbered from 0: a list such as 0,3,7-9, or all
    #[arg(long, value_name = "LIST")]
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
    pub common: Common,
}

/// The options of `e2compress verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Files of any format this program reads, or folders of them. Of exactly two files, without --against, the
    /// second is the original of the first
    #[arg(required_unless_present = "files_from", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Also check the files that this text file names, one per line; - is standard input
    #[arg(long, value_name = "LIST")]
    pub files_from: Option<PathBuf>,

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
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Only these images, numbered from 0: a list such as 0,3,7-9, or all; each is described on its own
    #[arg(long, value_name = "LIST")]
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
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Only these images, numbered from 0: a list such as 0,3,7-9, or all; each is shown on its own
    #[arg(long, value_name = "LIST")]
    pub images: Option<ImageList>,

    /// What auto may lose at any frequency, 0.01% to 5%
    #[arg(long, value_name = "TARGET", default_value = "1%", value_parser = target, overrides_with = "target")]
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

/// The options of `e2compress`.
#[derive(Args, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "every flag of the command line is one")]
pub struct CompressArgs {
    /// MRC (.gz, .bz2 and .zst too), TIFF, EER, DM3, DM4, SER, SPIDER, IMAGIC or EMAN2 HDF5 files to compress;
    /// a name ending in .mrcs is a stack of images, any other one image or volume
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

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
    /// output still has its recorded SHA-256 and the input is unchanged or deleted
    #[arg(long, value_name = "FILE.jsonl")]
    pub resume: Option<PathBuf>,

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

#[cfg(test)]
mod tests {
    use super::*;
    use e2compress_core::{LimitRule, Limits, PixelType};

    fn command_line(words: &str) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from(["e2compress"].into_iter().chain(words.split(' ')))
    }

    fn parsed(words: &str) -> Result<CompressArgs, clap::Error> {
        let line = command_line(words)?;
        assert!(line.command.is_none());
        Ok(line.compress)
    }

    fn options(words: &str) -> Options {
        parsed(words).unwrap().options(Memory::DEFAULT)
    }

    #[test]
    fn defaults_of_the_original() {
        assert_eq!(options("a.mrc"), Options::default());
    }

    #[test]
    fn negative_numbers_with_and_without_an_equals_sign() {
        let limits = LimitRule::Explicit(Limits { low: -1.5, high: 2.0 });
        assert_eq!(options("--range -1.5,2 a.mrc").limits, limits);
        assert_eq!(options("--range=-1.5,2 a.mrc").limits, limits);
        assert_eq!(options("--bits -1 a.mrc").stored, PixelEncoding::Raw);
        assert_eq!(options("--bits=-1 a.mrc").stored, PixelEncoding::Raw);
    }

    #[test]
    fn the_usage_of_the_original() {
        let words = "--nooutliers --outpath ../5bit --threads 32 -v 2 --bits 5 --ppid -2 a.mrc b.mrc";
        let arguments = parsed(words).unwrap();
        assert_eq!(arguments.files.len(), 2);
        assert_eq!(arguments.common.threads.count(), 32);
        assert_eq!(arguments.common.verbose, 2);
        assert_eq!(arguments.options(Memory::DEFAULT).limits, LimitRule::NoOutliers);
    }

    #[test]
    fn abbreviations_work_as_in_the_original() {
        assert_eq!(options("--compress 6 --sig 4,4 a.mrc").level, Level::new(6).ok());
    }

    #[test]
    fn commands() {
        let line = command_line("expand --mode 6 --threads 2 a.hdf b.hdf").unwrap();
        let Some(Command::Expand(expand)) = line.command else { panic!("{line:?}") };
        assert_eq!(
            (expand.files.len(), expand.mode.0, expand.common.threads.count()),
            (2, PixelType::from_mrc_mode(6), 2)
        );
        assert!(matches!(command_line("info --json a.hdf").unwrap().command, Some(Command::Info(_))));
        let line = command_line("verify --threads 2 a.hdf a.mrc").unwrap();
        let Some(Command::Verify(verify)) = line.command else { panic!("{line:?}") };
        assert_eq!((verify.files.len(), verify.threads.count()), (2, 2));
        assert_eq!(verify.options(Memory::DEFAULT), None);
        let line = command_line("verify --nooutliers a.hdf --against a.mrc --against b").unwrap();
        let Some(Command::Verify(verify)) = line.command else { panic!("{line:?}") };
        assert_eq!((verify.files.len(), verify.against.len()), (1, 2));
        assert_eq!(verify.options(Memory::DEFAULT), Some(options("--nooutliers a.mrc")));
        for words in ["verify", "verify --outpath a b.hdf", "verify --options-of r --bits 5 a.hdf a.mrc"] {
            assert!(command_line(words).is_err(), "{words}");
        }
        for words in ["expand", "expand --mode 3 a.hdf", "expand --bits 5 a.hdf", "info"] {
            assert!(command_line(words).is_err(), "{words}");
        }
        // After options of the original, everything is a file.
        assert_eq!(parsed("--bits 5 info a.mrc").unwrap().files, [PathBuf::from("info"), "a.mrc".into()]);
        assert_eq!(parsed("./info").unwrap().files, [PathBuf::from("./info")]);
    }

    #[test]
    fn a_report_implies_comparing_unless_told_otherwise() {
        for (words, compares) in [
            ("a.mrc", false),
            ("--verify a.mrc", true),
            ("--report r a.mrc", true),
            ("--report r --verify a.mrc", true),
            ("--report r --no-verify a.mrc", false),
            ("--no-verify a.mrc", false),
        ] {
            assert_eq!(parsed(words).unwrap().compares(), compares, "{words}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for words in [
            "",
            "--bits 1 a.mrc",
            "--bits 17 a.mrc",
            "--bits x a.mrc",
            "--compresslevel 10 a.mrc",
            "--compresslevel -1 a.mrc",
            "--range 2,1 a.mrc",
            "--range 1 a.mrc",
            "--range 0,nan a.mrc",
            "--range 0,1e30 a.mrc",
            "--sigrange 0,0 a.mrc",
            "--sigrange inf,1 a.mrc",
            "--nooutliers --range 0,1 a.mrc",
            "--sigrange 4,4 --range 0,1 a.mrc",
            "--nooutliers --sigrange 4,4 a.mrc",
            "--threads 0 a.mrc",
            "--threads 1025 a.mrc",
            "--threads 999999999 a.mrc",
            "--verbose 10 a.mrc",
            "--bits 99999999999999999999 a.mrc",
            "--bits 5.0 a.mrc",
            "--range , a.mrc",
            "--range 1, a.mrc",
            "--range 1,2,3 a.mrc",
            "--range -inf,inf a.mrc",
            "--range 1e400,2e400 a.mrc",
            "--range 1e-60,2e-60 a.mrc",
            "--sigrange nan,1 a.mrc",
            "--sigrange -4,4 a.mrc",
            "--sigrange \u{660},\u{661} a.mrc",
            "--threads -1 a.mrc",
            "--threads 99999999999999999999 a.mrc",
            "--verify --no-verify a.mrc",
            "--unknown a.mrc",
        ] {
            assert!(parsed(words.trim()).is_err(), "{words}");
        }
    }
}
