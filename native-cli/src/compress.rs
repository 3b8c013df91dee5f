//! `e2compress FILE...`

use std::fs::File;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use e2compress_core::Comparison;
use e2compress_core::Shape;
use e2compress_core::{
    Compressor, FORMATS, Images, OpenOptions, Options, Report, VerifyOptions, open_with, verify,
};
use indicatif::HumanBytes;
use serde_json::Value;

use crate::args::CompressArgs;
use crate::exit::Failure;
use crate::files::fingerprint::Fingerprint;
use crate::files::huge_pages;
use crate::files::input::InputFile;
use crate::files::journal::{self, Journal, JournalWriter};
use crate::files::output::Output;
use crate::files::plan::Paths;
use crate::files::sanitize::display;
use crate::fmt;
use crate::run::{self, Context, Job};
use crate::terminal::Outcome;

/// Compresses every file and returns the exit status.
pub fn run(args: &CompressArgs) -> Result<u8, Failure> {
    let job = CompressJob::new(args).map_err(Failure::usage)?;
    run::run(&args.files, |_| "hdf", &args.common, &job)
}

/// A compressor and what it keeps from file to file.
struct Scratch(Compressor);

impl Default for Scratch {
    fn default() -> Self {
        Self(Compressor::with_memory(huge_pages::allocate))
    }
}

/// Compressing, with its journals.
struct CompressJob<'a> {
    args: &'a CompressArgs,
    report: Option<JournalWriter>,
    resume: Option<Journal>,
}

impl<'a> CompressJob<'a> {
    /// Opens the journals that are asked for.
    fn new(args: &'a CompressArgs) -> anyhow::Result<Self> {
        // Before anything is added to it: they may be one file.
        let resume = args.resume.as_deref().map(Journal::read).transpose()?;
        let report = args.report.as_deref().map(JournalWriter::open).transpose()?;
        Ok(Self { args, report, resume })
    }
}

impl Job for CompressJob<'_> {
    type Scratch = Scratch;

    fn run(&self, scratch: &mut Scratch, paths: &Paths, context: &Context<'_>) -> anyhow::Result<Outcome> {
        let options = self.args.options(context.memory);
        if self.resume.as_ref().is_some_and(|journal| journal.proves(paths, &options)) {
            let line = format!("{}: done before, as {}", display(&paths.input), display(&paths.output));
            return Ok(Outcome { line, warnings: Vec::new() });
        }
        let outcome = self.compress(scratch, paths, &options, context);
        let Some(report) = &self.report else { return outcome.map(|(outcome, _)| outcome) };
        match outcome {
            Ok((outcome, line)) => {
                let added = report.add(&line.unwrap_or_default());
                added.context("the output is in its place, but not in the report")?;
                Ok(outcome)
            }
            Err(problem) => {
                report.add(&journal::failed(paths, &options, &problem))?;
                Err(problem)
            }
        }
    }
}

impl CompressJob<'_> {
    /// Compresses a file and returns its line for the report with the outcome, if there is a report.
    fn compress(
        &self,
        Scratch(compressor): &mut Scratch,
        paths: &Paths,
        options: &Options,
        context: &Context<'_>,
    ) -> anyhow::Result<(Outcome, Option<Value>)> {
        let start = Instant::now();
        let file = InputFile::open(&paths.input)?;
        // Names that are not Unicode are recorded with replacement characters.
        let name = paths.input.to_string_lossy();
        let images = file.images()?;
        refuse_loss(&*images, paths)?;
        let output = Output::create(&paths.output)?;
        let meter = context.meter(paths, file.length());
        let outcome = compressor.compress(&*images, &name, &mut output.sink(), options, &meter);
        drop(meter);
        let report = file.unless_changed(outcome)?;
        let written = output.source()?;
        if let Some(manifest) = report.manifest.as_ref().filter(|_| !self.args.no_verify) {
            manifest.check(&written).context("the output was not kept")?;
        }
        let comparison = if self.args.verify || self.report.is_some() {
            let meter = context.meter(paths, file.length());
            let outcome = open_with(
                FORMATS,
                &written,
                "output.hdf",
                &OpenOptions { cross_check: true, ..OpenOptions::default() },
            )
            .and_then(|written| {
                verify(&*written, Some(&*images), &VerifyOptions { memory: context.memory }, &meter)
            });
            drop(meter);
            let outcome = file.unless_changed(outcome);
            outcome.context("the output did not pass --verify and was not kept")?.comparison
        } else {
            None
        };
        let line = if self.report.is_some() {
            let of_input = Fingerprint::of(File::open(&paths.input)?)?;
            let of_output = Fingerprint::of(output.stream()?)?;
            file.unless_changed(Ok(()))?;
            Some(journal::done(paths, options, &report, (&of_input, &of_output), comparison.as_ref()))
        } else {
            None
        };
        output.commit(context.committed)?;
        let done = Done {
            shape: images.shape(0),
            input_bytes: file.length(),
            time: start.elapsed(),
            report,
            comparison,
        };
        let words = done.line(paths, options, self.args.common.verbose);
        Ok((Outcome { line: words, warnings: done.report.warnings }, line))
    }
}

/// Refuses to replace an HDF file that holds more than images.
fn refuse_loss(images: &dyn Images, paths: &Paths) -> anyhow::Result<()> {
    let lost = images.not_carried();
    if !lost.is_empty() && paths.replaces_input() {
        bail!(
            "replacing it would lose {}; write to another folder with --outpath. The file was not changed",
            lost.join(", ")
        );
    }
    Ok(())
}

/// A file that is done.
struct Done {
    /// The shape of its first image.
    shape: Shape,
    /// Length of the input in bytes.
    input_bytes: u64,
    /// Time from opening the input to the rename.
    time: Duration,
    /// What the core reports.
    report: Report,
    /// The output beside the input, if that was asked for.
    comparison: Option<Comparison>,
}

impl Done {
    /// Words the line for a file.
    fn line(&self, paths: &Paths, options: &Options, verbose: u8) -> String {
        let Self { shape, input_bytes, time, report, comparison } = self;
        let ratio = *input_bytes as f64 / report.output_bytes.max(1) as f64;
        let size =
            format!("{} -> {} ({ratio:.2}x)", HumanBytes(*input_bytes), HumanBytes(report.output_bytes));
        let mut parts = vec![fmt::images(report.images, *shape), size, fmt::stored(options.stored)];
        if let (Some((low, high)), Some((fine, coarse))) = (report.range, report.step) {
            parts.push(format!("range {low} to {high}"));
            parts.push(if fine == coarse {
                format!("step {fine}")
            } else {
                format!("steps {fine} to {coarse}")
            });
            parts.push(fmt::truncated(report.truncated, report.pixels));
        }
        if let Some(comparison) = comparison {
            parts.push(format!("verified: {}", fmt::differences(comparison)));
        }
        if verbose > 0 {
            let seconds = time.as_secs_f64();
            let speed = *input_bytes as f64 / 1e6 / seconds.max(1e-9);
            parts.push(format!("{seconds:.2} s, {speed:.0} MB/s"));
        }
        format!("{} -> {}: {}", display(&paths.input), display(&paths.output), parts.join(", "))
    }
}
