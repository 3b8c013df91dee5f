//! Options that this program does not have, and what people mean by them.

use std::ffi::OsString;
use std::io::stderr;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory as _};

use crate::args::CommandLine;
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
    MEANT.iter().find(|(others, _)| others.contains(&option)).map(|(_, ours)| *ours)
}

/// Says what to write for an option, of a command line whose words are spelt out. Options that its command does not take are
/// none to advise: what the command is for tells why.
fn hint(line: &Command, words: &[OsString], option: &str) -> Option<String> {
    let option = option.split('=').next()?;
    let command = words.get(1).and_then(|word| line.find_subcommand(word));
    let takes = |command: &Command, option: &str| {
        command.get_arguments().any(|argument| argument.get_long() == option.strip_prefix("--"))
    };
    let ours = meant(option);
    let advised =
        |ours: &&str| options_in(ours).into_iter().all(|option| takes(command.unwrap_or(line), option));
    if let Some(ours) = ours.filter(advised) {
        return Some(format!("there is no option {option}: use {ours}"));
    }
    let command = command?;
    let begins = |argument: &Arg| {
        let long = option.strip_prefix("--").filter(|long| !long.is_empty());
        long.zip(argument.get_long()).is_some_and(|(begun, long)| long.starts_with(begun))
    };
    let commands = || [line].into_iter().chain(line.get_subcommands());
    if ours.is_none() && !commands().any(|other| other.get_arguments().any(begins)) {
        return None;
    }
    let purpose = command.get_about()?.to_string();
    let mut letters = purpose.chars();
    let first = letters.next()?.to_lowercase();
    Some(format!("{} has no option {option}: it {first}{}", command.get_name(), letters.as_str()))
}

/// Lists the options that words name.
fn options_in(words: &str) -> Vec<&str> {
    words.split([' ', ',', ';']).filter(|word| word.starts_with("--")).collect()
}

/// Says what is wrong with a command line, or what was asked for, and ends the program.
pub fn exit(problem: &clap::Error, words: &[OsString]) -> ! {
    if problem.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::String(option)) = problem.get(ContextKind::InvalidArg)
        && let Some(hint) = hint(&CommandLine::command(), words, option)
    {
        print(stderr(), format_args!("error: {hint}"));
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
    use clap::Parser as _;

    use super::*;

    /// Says what is said of a command line with an option that is not there, if anything.
    fn said(words: &str) -> Option<String> {
        let words: Vec<OsString> =
            ["e2compress"].into_iter().chain(words.split(' ')).map(OsString::from).collect();
        let problem = CommandLine::try_parse_from(&words).err()?;
        let Some(ContextValue::String(option)) = problem.get(ContextKind::InvalidArg) else { return None };
        (problem.kind() == ErrorKind::UnknownArgument)
            .then(|| hint(&CommandLine::command(), &words, option).unwrap_or_default())
    }

    #[test]
    fn what_is_meant_is_there_and_what_is_written_is_not() {
        for (others, ours) in MEANT {
            for other in others {
                let words = format!("there is no option {other}: use {ours}");
                assert_eq!(said(&format!("{other} a.mrc")), Some(words));
            }
        }
        assert_eq!(said("--outdir=x a.mrc").unwrap(), "there is no option --outdir: use --outpath FOLDER");
        assert_eq!(said("--unknown a.mrc"), Some(String::new()));
    }

    #[test]
    fn what_is_advised_is_an_option_of_the_command() {
        let line = CommandLine::command();
        for command in line.get_subcommands() {
            let name = command.get_name();
            for option in MEANT.iter().flat_map(|(others, _)| *others) {
                let Some(said) = said(&format!("{name} {option} a.mrc")) else { continue };
                let advised = said.split_once(": use ").map_or("", |(_, ours)| ours);
                for ours in options_in(advised) {
                    let has = command.get_arguments().any(|own| own.get_long() == ours.strip_prefix("--"));
                    assert!(has, "{name} {option}: {said}");
                }
                assert!(!advised.is_empty() || said.starts_with(&format!("{name} has no option")), "{said}");
            }
        }
        for (words, purpose) in [
            ("plan -o x", "plan has no option -o: it shows what each number of bits costs"),
            ("plan --outpath x", "plan has no option --outpath: it shows what"),
            ("plan --dry-run x", "plan has no option --dry-run: it shows what"),
            ("info --outp=x a.mrc", "info has no option --outp: it describes files"),
            ("verify -n a.hdf", "verify has no option -n: it checks that files are intact"),
            ("report -t 3", "report has no option -t: it sums up what reports"),
            ("report --bits 5", "report has no option --bits: it sums up what reports"),
            ("expand -b 5 a.hdf", "expand has no option -b: it expands files to MRC"),
            ("plan -t 3", "there is no option -t: use --threads N"),
            ("expand -f a.hdf", "there is no option -f: use --overwrite, or --force"),
            ("report -i list", "there is no option -i: use --files-from LIST"),
        ] {
            let said = said(words).unwrap();
            assert!(said.starts_with(purpose), "{words}: {said}");
        }
        // What is nearly an option of the command is for the parser to say.
        assert_eq!(said("info --jsno a.hdf"), Some(String::new()));
    }
}
