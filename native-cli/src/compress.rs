//! `e2compress FILE...`

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use e2compress_core::Comparison;
use e2compress_core::{
    Compressor, FORMATS, Memory, OpenOptions, Options, Report, VerifyOptions, Warning, open_with, verify,
};
use serde_json::Value;

use crate::args::CompressArgs;
use crate::exit::Failure;
use crate::files::fingerprint::Fingerprint;
use crate::files::huge_pages;
use crate::files::input::InputFile;
use crate::files::journal::{self, Journal, JournalWriter};
use crate::files::output::Output;
use crate::files::plan::Paths;
use crate::files::replace::Place;
use crate::files::sanitize::display;
use crate::fmt;
use crate::run::{self, Context, Job};
use crate::soundness;
use crate::spelling;
use crate::terminal::Outcome;

/// Compresses every file and returns the exit status.
pub fn run(args: &CompressArgs) -> Result<u8, Failure> {
    refuse_misspelt_commands(&args.files).map_err(Failure::usage)?;
    let job = CompressJob::new(args).map_err(Failure::usage)?;
    run::run(&args.files, |_| "hdf", &args.common, &job)
}

/// Refuses inputs that are not there and look like a command.
fn refuse_misspelt_commands(inputs: &[PathBuf]) -> anyhow::Result<()> {
    for input in inputs {
        if let Some(command) = spelling::near_command(input.as_os_str())
            && fs::symlink_metadata(input).is_err()
        {
            let name = display(input);
            bail!(
                "there is no file {name}: if the command {command} is meant, it comes first. Nothing was written"
            );
        }
    }
    Ok(())
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

    /// A list of files that is not the one that was meant shows in files that cannot be opened. It must not cost
    /// those that can.
    fn look(&self, planned: &[Paths]) -> anyhow::Result<()> {
        if !planned.iter().any(Paths::replaces_input) {
            return Ok(());
        }
        let options = self.args.options(Memory::DEFAULT);
        let problems: Vec<String> = planned
            .iter()
            .filter_map(|paths| {
                let keep_packed = self.args.reading.no_unpack;
                let opened = InputFile::open(&paths.input)
                    .and_then(|file| file.keep_packed(keep_packed).images().map(drop));
                let problem = opened.err()?;
                // An original that was deleted after its output was proven is not needed.
                let done = self.resume.as_ref().is_some_and(|journal| journal.proves(paths, &options));
                (!done).then(|| format!("{}: {problem:#}", display(&paths.input)))
            })
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(anyhow!(
            "{}\nFiles were to be replaced, so all inputs are looked at first: nothing was written",
            problems.join("\n")
        ))
    }

    fn run(&self, scratch: &mut Scratch, paths: &Paths, context: &Context<'_>) -> anyhow::Result<Outcome> {
        let options = self.args.options(context.memory);
        if self.resume.as_ref().is_some_and(|journal| journal.proves(paths, &options)) {
            let line = format!("{}: done before, as {}", display(&paths.input), display(&paths.output));
            return Ok(Outcome { line, warnings: Vec::new(), grew: false });
        }
        let outcome = self.compress(scratch, paths, &options, context);
        let Some(report) = &self.report else { return outcome.map(|(outcome, _)| outcome) };
        match outcome {
            Ok((outcome, line)) => {
                let added = report.add(&line.unwrap_or_default());
                added.context("the output is in place, but not in the report")?;
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
        let file = InputFile::open(&paths.input)?.keep_packed(self.args.reading.no_unpack);
        // Names that are not Unicode are recorded with replacement characters.
        let name = paths.input.to_string_lossy();
        let images = file.images()?;
        let place = Place::find(paths, &*images, self.args.overwrite)?;
        let notes = soundness::check(&file, &*images, self.args.force, paths, context)?;
        let output = Output::create(&paths.output, place.replaces())?;
        let meter = context.meter(paths, file.length());
        let outcome = compressor.compress(&*images, &name, &mut output.sink(), options, &meter);
        drop(meter);
        let mut report = file.unless_changed(outcome)?;
        // What is odd about the input, too, goes into the record.
        report.warnings.splice(0..0, notes);
        place.check_losses(&report, self.args.force)?;
        let stays = place.is_better_kept(&report, file.length());
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
        let line_of_report = if self.report.is_some() {
            let of_input = Fingerprint::of(File::open(&paths.input)?)?;
            let of_output = if stays { of_input.clone() } else { Fingerprint::of(output.stream()?)? };
            file.unless_changed(Ok(()))?;
            Some(journal::done(paths, options, &report, (&of_input, &of_output), comparison.as_ref()))
        } else {
            None
        };
        if !stays {
            place.check(&*open_with(FORMATS, &written, "output.hdf", &OpenOptions::default())?)?;
            output.commit(context.committed)?;
        }
        let done = Done {
            contents: fmt::contents(&*images),
            input_bytes: file.length(),
            time: start.elapsed(),
            report,
            comparison,
            replaced: place.replaces_another(),
        };
        if stays {
            let line = done.line_of_kept(paths);
            // Nothing of the output's is true of what stays.
            let warnings = done.report.warnings.into_iter().filter(Warning::is_of_input).collect();
            return Ok((Outcome { line, warnings, grew: false }, line_of_report));
        }
        let line = done.line(paths, options, self.args.common.verbose);
        let grew = done.report.output_bytes > done.input_bytes;
        Ok((Outcome { line, warnings: done.report.warnings, grew }, line_of_report))
    }
}

/// A file that is done.
struct Done {
    /// What is in it, in words.
    contents: String,
    /// Length of the input in bytes.
    input_bytes: u64,
    /// Time from opening the input to the rename.
    time: Duration,
    /// What the core reports.
    report: Report,
    /// The output beside the input, if that was asked for.
    comparison: Option<Comparison>,
    /// Another file gave way to it.
    replaced: bool,
}

impl Done {
    /// Words the line for a file that stays as it is.
    fn line_of_kept(&self, paths: &Paths) -> String {
        let Self { contents, input_bytes, .. } = self;
        let size = fmt::bytes(*input_bytes);
        let name = display(&paths.input);
        format!("{name}: {contents}, {size}, kept as it is: it has no more bits, and would not get smaller")
    }

    /// Words the line for a file.
    fn line(&self, paths: &Paths, options: &Options, verbose: u8) -> String {
        let Self { contents, input_bytes, time, report, comparison, replaced } = self;
        let sizes = fmt::sizes(*input_bytes, report.output_bytes);
        let mut parts = vec![contents.clone(), sizes, report.stored(options.stored)];
        if let Some(Comparison { largest, rms, half_step, rounded, .. }) = *comparison {
            parts.push(format!("verified: {}", fmt::differences(largest, rms, half_step)));
            parts.extend(fmt::rounded(rounded));
        }
        parts.extend(fmt::growth(*input_bytes, report.output_bytes, report.stored_bytes, report.images));
        if *replaced {
            parts.push("replaced".into());
        }
        if verbose > 0 {
            parts.push(fmt::speed(*input_bytes, time.as_secs_f64()));
        }
        format!("{} -> {}: {}", display(&paths.input), display(&paths.output), parts.join(", "))
    }
}
