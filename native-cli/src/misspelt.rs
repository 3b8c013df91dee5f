//! Options that this program does not have, and what people mean by them.

use std::io::stderr;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit;
use crate::terminal::print;

/// Options of other programs, and the ones to write for them: first with dashes, then with what it takes.
const MEANT: [(&[&str], &str); 12] = [
    (
        &["-o", "-d", "--outdir", "--out-dir", "--output", "--output-dir", "--outfolder", "--odir"],
        "--outpath FOLDER",
    ),
    (
        &["--outfile", "--out-file", "--outname", "--output-file", "--ofile"],
        "--outpath FOLDER; outputs have the names of their inputs, with the extension of their format",
    ),
    (
        &["-t", "-p", "-J", "--jobs", "--nthreads", "--num-threads", "--cpus", "--ncpu", "--nproc"],
        "--threads N",
    ),
    (&["-b", "--nbits", "--numbits"], "--bits BITS"),
    (
        &["-l", "-c", "--level", "--compression", "--complevel", "--compression-level"],
        "--compresslevel LEVEL",
    ),
    (&["--no-outliers", "--no_outliers", "--outliers"], "--nooutliers"),
    (&["--sigma", "--sigmas", "--sig-range"], "--sigrange BELOW,ABOVE"),
    (&["--minmax", "--limits"], "--range MIN,MAX"),
    (&["-n", "--dryrun", "--simulate"], "--dry-run"),
    (&["-i", "--list", "--filelist"], "--files-from LIST"),
    (&["-f", "--replace", "--clobber"], "--overwrite, or --force for HDF5 files that are not sound"),
    (&["-R"], "--recursive"),
];

/// Finds what to write for an option.
fn meant(option: &str) -> Option<&'static str> {
    let name = option.split('=').next().unwrap_or_default();
    MEANT.iter().find(|(others, _)| others.contains(&name)).map(|(_, ours)| *ours)
}

/// Says what is wrong with a command line, or what was asked for, and ends the program.
pub fn exit(problem: &clap::Error) -> ! {
    if problem.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::String(option)) = problem.get(ContextKind::InvalidArg)
        && let Some(ours) = meant(option)
    {
        print(stderr(), format_args!("error: there is no option {option}: use {ours}"));
        print(stderr(), format_args!("\nFor more information, try '--help'."));
        std::process::exit(exit::USAGE.into());
    }
    if !problem.use_stderr() {
        problem.exit(); // what was asked for, which fits
    }
    print(stderr(), format_args!("{}", problem.render().to_string().trim_end()));
    std::process::exit(exit::USAGE.into());
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::args::CommandLine;

    #[test]
    fn what_is_meant_is_there_and_what_is_written_is_not() {
        let line = CommandLine::command();
        for (others, ours) in MEANT {
            let word = ours.split([' ', ',']).next().and_then(|word| word.strip_prefix("--"));
            assert!(line.get_arguments().any(|argument| argument.get_long() == word), "{ours}");
            for other in others {
                let problem = CommandLine::try_parse_from(["e2compress", other, "a.mrc"]).err();
                assert_eq!(problem.map(|found| found.kind()), Some(ErrorKind::UnknownArgument), "{other}");
            }
        }
        assert_eq!(meant("--outdir=x"), Some("--outpath FOLDER"));
        assert_eq!(meant("--unknown"), None);
    }
}
