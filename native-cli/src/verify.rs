//! `e2compress verify FILE [ORIGINAL]`

use std::io::{stderr, stdout};

use anyhow::{Context as _, bail};
use e2compress_core::{Images, Memory, VerifyOptions, verify};

use crate::args::VerifyArgs;
use crate::exit::{self, Failure};
use crate::files::input::{CHANGED, InputFile};
use crate::files::sanitize::display;
use crate::fmt;
use crate::run::start_pool;
use crate::signals::Interrupt;
use crate::terminal::{Outcome, Terminal, print};

/// Checks a file, beside its original if there is one, and returns the exit status.
pub fn run(args: &VerifyArgs) -> Result<u8, Failure> {
    let options = VerifyOptions { memory: Memory::for_threads(start_pool(&args.threads)?, 1) };
    let interrupt = Interrupt::install().context("cannot install signal handlers")?;
    let terminal = Terminal::new(1);
    let outcome = check(args, &options, &terminal, &interrupt);
    drop(terminal);
    let name = display(&args.file);
    match outcome {
        Ok(Outcome { line, warnings, .. }) => {
            print(stdout(), format_args!("{name}: {line}"));
            for warning in warnings {
                print(stderr(), format_args!("{name}: warning: {warning}"));
            }
            Ok(exit::DONE)
        }
        Err(problem) => {
            print(stderr(), format_args!("e2compress: {name}: {problem:#}"));
            Ok(interrupt.status().unwrap_or(exit::FAILED))
        }
    }
}

/// Checks a file and words the outcome.
fn check(
    args: &VerifyArgs,
    options: &VerifyOptions,
    terminal: &Terminal,
    interrupt: &Interrupt,
) -> anyhow::Result<Outcome> {
    let file = InputFile::open(&args.file)?.keep_packed(args.reading.no_unpack);
    let images = file.images_to_verify()?;
    let name = args.original.as_deref().map_or_else(String::new, |path| display(path).to_string());
    let of_original = || format!("the original, {name}");
    let original = args.original.as_deref().map(InputFile::open).transpose().with_context(of_original)?;
    let original = original.map(|original| original.keep_packed(args.reading.no_unpack));
    let original_images = original.as_ref().map(InputFile::images).transpose().with_context(of_original)?;
    let meter = terminal.meter(&args.file, file.length(), interrupt);
    let outcome =
        verify(&*images, original_images.as_deref().map(|images| images as &dyn Images), options, &meter);
    drop(meter);
    for read in [Some(&file), original.as_ref()].into_iter().flatten() {
        if !read.is_unchanged() {
            bail!("{} {CHANGED}", display(read.path()));
        }
    }
    let report = outcome?;
    let mut parts = vec!["sound".to_owned(), fmt::contents(&*images)];
    match &report.comparison {
        None => parts.push(format!("{} of pixels", fmt::bytes(report.stored_bytes))),
        Some(found) => {
            parts.push(fmt::differences(found.largest, found.rms, found.half_step));
            parts.extend(fmt::rounded(found.rounded));
            if found.half_step.is_some() {
                parts.push(fmt::clipped(found.truncated, Some(report.pixels)));
            }
        }
    }
    let warnings = [report.warnings, report.losses].concat();
    Ok(Outcome { line: parts.join(", "), warnings, grew: false })
}
