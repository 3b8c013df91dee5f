//! `e2compress verify FILE [ORIGINAL]`

use std::io::{stderr, stdout};
use std::path::Path;

use anyhow::{Context, bail};
use e2compress_core::{Input, verify};
use indicatif::HumanBytes;

use crate::FAILED;
use crate::arguments::VerifyArguments;
use crate::file::{FileSource, State};
use crate::input::{self, Library};
use crate::interrupt::Interrupt;
use crate::names::shown;
use crate::screen::{Outcome, Screen, say};
use crate::summary::{differences, images, truncated};

/// Says whether a file is sound, and right; returns the exit status.
pub fn run(arguments: &VerifyArguments) -> anyhow::Result<u8> {
    arguments.threads.start_pool()?;
    let interrupt = Interrupt::listen().context("signals can't be listened to")?;
    let screen = Screen::new(1);
    let outcome = check(arguments, &screen, &interrupt);
    drop(screen);
    let name = shown(&arguments.file);
    match outcome {
        Ok(Outcome { line, warnings }) => {
            say(stdout(), format_args!("{name}: {line}"));
            for warning in warnings {
                say(stderr(), format_args!("{name}: warning: {warning}"));
            }
            Ok(0)
        }
        Err(problem) => {
            say(stderr(), format_args!("e2compress: {name}: {problem:#}"));
            Ok(interrupt.status().unwrap_or(FAILED))
        }
    }
}

/// A file while it is read.
struct Opened<'a> {
    path: &'a Path,
    source: FileSource,
    state: State,
    library: Library,
}

impl<'a> Opened<'a> {
    fn open(path: &'a Path) -> anyhow::Result<Self> {
        let (source, state) = FileSource::open(path)?;
        Ok(Self { path, source, state, library: Library::of(path) })
    }

    fn input(&self) -> anyhow::Result<Input<'_>> {
        input::open(&self.source, self.path, &self.library)
    }
}

fn check(arguments: &VerifyArguments, screen: &Screen, interrupt: &Interrupt) -> anyhow::Result<Outcome> {
    let file = Opened::open(&arguments.file)?;
    let input = file.input()?;
    let other = || format!("the original, {}", arguments.original.as_deref().map_or_else(String::new, named));
    let original = arguments.original.as_deref().map(Opened::open).transpose().with_context(other)?;
    let original_input = original.as_ref().map(Opened::input).transpose().with_context(other)?;
    let meter = screen.meter(&arguments.file, file.state.length, interrupt);
    let outcome = verify(&input, original_input.as_ref().map(Input::reader), &meter);
    drop(meter);
    for Opened { path, source, state, .. } in [Some(&file), original.as_ref()].into_iter().flatten() {
        if !source.is_still(path, *state) {
            bail!("{} changed while it was read; try again when nobody writes to it any more", shown(path));
        }
    }
    let report = outcome?;
    let mut parts = vec!["sound".to_owned(), images(report.images, input.reader().shape(0))];
    match &report.comparison {
        None => parts.push(format!("{} of pixels", HumanBytes(report.stored_bytes))),
        Some(found) => {
            parts.push(differences(found));
            if found.half_step.is_some() {
                parts.push(truncated(found.truncated, report.pixels));
            }
        }
    }
    Ok(Outcome { line: parts.join(", "), warnings: report.warnings })
}

fn named(path: &Path) -> String {
    shown(path).to_string()
}
