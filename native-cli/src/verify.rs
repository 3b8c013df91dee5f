//! `e2compress verify FILE...`

use std::io::stderr;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use e2compress_core::{
    EerRendering, Images, Memory, Options, VerifyOptions, VerifyReport, check_options, verify,
};
use serde::Serialize;

use crate::answer::{Unheard, answer, answer_json};
use crate::args::VerifyArgs;
use crate::exit::{self, Failure};
use crate::files::input::{CHANGED, InputFile};
use crate::files::originals::{Pair, pair};
use crate::files::recorded::{Original, Recorded};
use crate::files::sanitize::display;
use crate::fmt;
use crate::run::{conclude, start_pool};
use crate::signals::Interrupt;
use crate::terminal::{Terminal, print, warned};
use crate::warnings::Warnings;

/// Checks files, beside their originals where there are any, and returns the exit status.
pub fn run(args: &VerifyArgs) -> Result<u8, Failure> {
    let (pairs, problems) =
        pair(&args.files, &args.lists, &args.against, args.quiet.quiet).map_err(Failure::usage)?;
    let options = Asked::new(args, &pairs).map_err(Failure::usage)?;
    let interrupt = Interrupt::install().context("cannot install signal handlers")?;
    let memory = Memory::for_threads(start_pool(&args.threads, &interrupt)?, 1);
    let terminal = Terminal::new(pairs.iter().map(|pair| &*pair.file), args.quiet);
    let checker = Checker { args, options, memory, terminal: &terminal, interrupt: &interrupt };
    let (mut warnings, mut left) = (Warnings::default(), pairs.len() + problems.len());
    let mut outlived = 0;
    for problem in &problems {
        print(stderr(), format_args!("e2compress: {problem}"));
    }
    let files = left;
    let mut failures = problems;
    for pair in &pairs {
        if interrupt.came() || args.fail_fast && !failures.is_empty() {
            break;
        }
        let outcome = checker.check(pair);
        if outcome.is_err() && interrupt.came() {
            break;
        }
        left -= usize::from(outcome.is_ok());
        let told = terminal.beside(&pair.file, || tell(args, pair, &outcome));
        match outcome {
            Ok(Found { report, has_outlived, .. }) => {
                outlived += u64::from(has_outlived);
                // What was warned of then is on record, and nothing about the original is left to be done.
                if !has_outlived {
                    warnings.add(&pair.file, &report.warnings);
                }
            }
            Err(problem) => failures.push(format!("{}: {problem:#}", display(&pair.file))),
        }
        if let Err(unheard) = told {
            return Ok(unheard.status());
        }
    }
    drop(terminal);
    warnings.conclude(pairs.len(), args.strictness);
    // Who wants no notes must not believe that these were compared, either.
    if outlived > 0 {
        print(stderr(), format_args!("e2compress: note: {}", not_compared(outlived)));
    }
    if pairs.len() > 1 && left == 0 && !args.quiet.quiet {
        let files = fmt::counted(pairs.len() as u64, "file");
        print(stderr(), format_args!("e2compress: {files} verified, 0 failed"));
    }
    conclude(files, left, &failures, args.fail_fast, interrupt.came());
    let failed = left > 0 || args.strictness.strict && warnings.count() > 0;
    Ok(if failed { interrupt.status().unwrap_or(exit::FAILED) } else { exit::DONE })
}

/// Words how many files were left without a comparison, and why that is no failure.
fn not_compared(outputs: u64) -> String {
    let (whose, were, they) =
        if outputs == 1 { ("original is", "was", "it") } else { ("originals are", "were", "they") };
    let outputs = fmt::counted(outputs, "output");
    format!(
        "{outputs} whose {whose} gone {were} not compared now: the record says that {they} {were} before, of these very bytes. If a disk is only not mounted, mount it and verify again"
    )
}

/// Words that the folder of an original is not there.
fn away(original: &Path) -> anyhow::Error {
    anyhow!(
        "by the record it was compared with {}, and the folder of that is not there: mount its disk, or name the original with \
         --against; if it was deleted with its folder, verify the file without --against and --options-of",
        display(original)
    )
}

/// The options that files shall have been made with.
enum Asked {
    /// Any.
    Nothing,
    /// These.
    Options(Options),
    /// Those of a record.
    Recorded(Recorded),
}

impl Asked {
    fn new(args: &VerifyArgs, pairs: &[Pair]) -> anyhow::Result<Self> {
        let options = args.options(Memory::DEFAULT);
        if (options.is_some() || args.options_of.is_some())
            && pairs.iter().any(|pair| pair.original.is_none())
        {
            bail!(
                "what range options give can be told beside the original alone: name it, or give --against"
            );
        }
        let Some(record) = &args.options_of else { return Ok(options.map_or(Self::Nothing, Self::Options)) };
        let files: Vec<&Path> = pairs.iter().map(|pair| pair.file.as_path()).collect();
        Recorded::read(record, &files).map(Self::Recorded)
    }

    /// Returns those of one file, if any are asked for.
    fn of(&self, file: &Path, memory: Memory) -> anyhow::Result<Option<Options>> {
        Ok(match self {
            Self::Nothing => None,
            Self::Options(options) => Some(Options { memory, ..*options }),
            Self::Recorded(recorded) => Some(recorded.options(file, memory)?),
        })
    }
}

/// A file that is what it should be.
struct Found {
    report: VerifyReport,
    /// Its original is gone: it is what was compared with it when it was recorded.
    has_outlived: bool,
    /// What there is to say of it.
    line: String,
}

/// What checking a file takes.
struct Checker<'a> {
    args: &'a VerifyArgs,
    options: Asked,
    memory: Memory,
    terminal: &'a Terminal,
    interrupt: &'a Interrupt,
}

impl Checker<'_> {
    /// Checks a file and words the outcome.
    fn check(&self, pair: &Pair) -> anyhow::Result<Found> {
        let recorded = match (&self.options, &pair.original) {
            (Asked::Recorded(record), Some(Err(problem))) if problem.is_absent => {
                record.original_of(&pair.file, None)
            }
            (Asked::Recorded(record), Some(Ok(original))) => record.original_of(&pair.file, Some(original)),
            _ => Original::Unknown,
        };
        let has_outlived = matches!(recorded, Original::Gone);
        let original = match &pair.original {
            _ if has_outlived => None,
            Some(Err(problem)) => {
                return Err(match &recorded {
                    Original::Away(path) => away(path),
                    _ => anyhow!("{}", problem.words),
                });
            }
            Some(Ok(original)) => Some(original.as_path()),
            None => None,
        };
        let asked = if has_outlived { None } else { self.options.of(&pair.file, self.memory)? };
        let file = InputFile::open(&pair.file)?.told(&self.args.reading);
        let images = file.images_to_verify()?;
        let name = original.map_or_else(String::new, |path| display(path).to_string());
        let of_original = || format!("the original, {name}");
        let original = original.map(InputFile::open).transpose().with_context(of_original)?;
        // What is asked for counts, else what the file says of how it was made.
        let recorded = match (&original, self.args.reading.eer()) {
            (Some(_), None) => EerRendering::recorded(&images.attributes(0)?),
            _ => None,
        };
        let original = original.map(|original| original.told(&self.args.reading).rendered(recorded));
        let original_images =
            original.as_ref().map(InputFile::images).transpose().with_context(of_original)?;
        let beside = original_images.as_deref().map(|images| images as &dyn Images);
        let meter = self.terminal.meter(&pair.file, self.interrupt);
        let mut outcome = verify(&*images, beside, &VerifyOptions { memory: self.memory }, &meter);
        if let (Some(original), Some(options), Ok(_)) = (beside, &asked, &outcome) {
            let meter = self.terminal.meter(&pair.file, self.interrupt);
            if let Err(problem) = check_options(&*images, original, options, &meter) {
                outcome = Err(problem);
            }
        }
        for read in [Some(&file), original.as_ref()].into_iter().flatten() {
            if !read.is_unchanged() {
                bail!("{} {CHANGED}", display(read.path()));
            }
        }
        let report = outcome?;
        let mut line = report.words(&*images);
        if asked.is_some() {
            line.push_str(", stored as the options say");
        }
        if has_outlived {
            line.push_str(", as it was recorded: its original is gone");
        }
        Ok(Found { report, has_outlived, line })
    }
}

/// What a file is, for programs.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    original: Option<&'a str>,
    /// `sound` or `failed`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    report: Option<&'a VerifyReport>,
}

/// Says what a file is: on standard output if it is sound or if programs read it, otherwise on standard error.
fn tell(args: &VerifyArgs, pair: &Pair, outcome: &anyhow::Result<Found>) -> Result<(), Unheard> {
    let name = display(&pair.file);
    if args.json {
        let has_outlived = outcome.as_ref().is_ok_and(|found| found.has_outlived);
        let original = pair.original.as_ref().and_then(|original| original.as_ref().ok());
        let original = original.filter(|_| !has_outlived);
        let report = outcome.as_ref().ok().map(|found| &found.report);
        let told = answer_json(&Line {
            file: &pair.file.to_string_lossy(),
            original: original.map(|path| path.to_string_lossy()).as_deref(),
            status: if report.is_some() { "sound" } else { "failed" },
            problem: outcome.as_ref().err().map(|problem| format!("{problem:#}")),
            report,
        });
        match told {
            Ok(told) => told?,
            Err(problem) => print(stderr(), format_args!("e2compress: {name}: {problem:#}")),
        }
    }
    match outcome {
        Ok(Found { line, report, .. }) => {
            if !args.json && !args.quiet.quiet {
                answer(format_args!("{name}: {line}"))?;
            }
            for warning in report.warnings.iter().filter(|found| !(args.quiet.quiet && found.is_note())) {
                print(stderr(), format_args!("{}", warned(&pair.file, warning)));
            }
        }
        Err(problem) => print(stderr(), format_args!("e2compress: {name}: {problem:#}")),
    }
    Ok(())
}
