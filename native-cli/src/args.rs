//! The command line, option for option that of EMAN2's `e2compress.py`.

mod commands;
mod compress;
mod lists;
mod report;
mod shared;
mod values;

use clap::{Parser, Subcommand};

use crate::version;
pub use commands::{ExpandArgs, InfoArgs, PlanArgs, VerifyArgs};
pub use compress::CompressArgs;
pub use lists::{Lists, Tree};
pub use report::{Expected, ReportArgs};
pub use shared::{Common, Quiet, Reading, Strictness, Threads};

const EXAMPLES: &str = "\
Examples:
  Movies of counted electrons, 4 bits, all cores, into another folder:
      e2compress --bits 4 --outpath ../movies_4bit *.mrcs

  Aligned micrographs, 5 bits, without the few most extreme pixels:
      e2compress --bits 5 --nooutliers --outpath ../mics_5bit *.mrc

EMAN2 reads the outputs as ordinary images. Other programs see the stored
integers, which are the original values up to a factor and an offset.";

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

    /// Sums up what reports of --report say: files done and failed, sizes, errors, warnings
    ///
    /// Of several lines about an input the latest counts, by the time that each has; so reports of several programs can be
    /// given together, or joined, in any order. The exit status is 0 if all is done, 1 if a file failed, is missing, or none
    /// is named at all, 2 if a report cannot be read.
    Report(ReportArgs),
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use e2compress_core::{Level, LimitRule, Limits, Memory, Options, PixelEncoding, PixelType};

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
    fn lists_and_letters() {
        let arguments = parsed("-r0qj4 --files-from - --shard 3/8 --settle 60 --dry-run").unwrap();
        assert!(arguments.files.is_empty() && arguments.lists.null && arguments.lists.recursive);
        assert_eq!(arguments.lists.shard.unwrap().to_string(), "3/8");
        let common = &arguments.common;
        assert!(common.dry_run && common.quiet.quiet && common.settle == 60 && common.threads.count() == 4);
        assert_eq!(parsed("--resume a --resume b --quick c").unwrap().resume.len(), 2);
        for words in
            ["-0 a.mrc", "--settle 86401 a.mrc", "--quick a.mrc", "--copy-others -r a", "--shard 0/1 a"]
        {
            assert!(parsed(words).is_err(), "{words}");
        }
        for command in ["expand", "verify", "info", "plan"] {
            assert!(
                command_line(&format!("{command} -r -0 --files-from list --shard 1/2")).is_ok(),
                "{command}"
            );
        }
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
