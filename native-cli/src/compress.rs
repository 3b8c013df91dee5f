//! `e2compress FILE...`

use std::fs::File;
use std::io::Seek;
use std::time::Instant;

use anyhow::{Context, Error, anyhow, bail};
use e2compress_core::{Compressor, Input, Options, verify};
use serde_json::Value;

use crate::arguments::Compress;
use crate::file::{FileSink, FileSource, State};
use crate::input::{self, Library};
use crate::memory::large_pages;
use crate::names::shown;
use crate::output::Output;
use crate::plan::Job;
use crate::record::{self, Fingerprint, Past, Record};
use crate::run::{Desk, Task};
use crate::screen::Outcome;
use crate::summary::Done;

/// Compressors and what they keep from file to file.
pub struct Tools(Compressor);

impl Default for Tools {
    fn default() -> Self {
        Self(Compressor::with_memory(large_pages))
    }
}

/// The task, with its records.
pub struct Recorded<'a> {
    arguments: &'a Compress,
    record: Option<Record>,
    past: Option<Past>,
}

impl<'a> Recorded<'a> {
    /// Opens the records that are asked for.
    pub fn open(arguments: &'a Compress) -> anyhow::Result<Self> {
        // Before anything is added to it: they may be one file.
        let past = arguments.resume.as_deref().map(Past::read).transpose()?;
        let record = arguments.report.as_deref().map(Record::open).transpose()?;
        Ok(Self { arguments, record, past })
    }
}

impl Task for Recorded<'_> {
    type Tools = Tools;

    fn run(&self, tools: &mut Tools, job: &Job, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
        let options = self.arguments.options(desk.memory);
        if self.past.as_ref().is_some_and(|past| past.proves(job, &options)) {
            let line = format!("{}: done before, as {}", shown(&job.input), shown(&job.output));
            return Ok(Outcome { line, warnings: Vec::new() });
        }
        let outcome = self.arguments.compress(tools, job, &options, desk, self.record.is_some());
        let Some(record) = &self.record else { return outcome.map(|(outcome, _)| outcome) };
        match outcome {
            Ok((outcome, line)) => {
                let added = record.add(&line.unwrap_or_default());
                added.context("the output is in its place, but not in the report")?;
                Ok(outcome)
            }
            Err(problem) => {
                record.add(&record::failed(job, &options, &problem))?;
                Err(problem)
            }
        }
    }
}

impl Compress {
    /// Compresses a file; gives its line for the record, too, if it is recorded.
    fn compress(
        &self,
        Tools(compressor): &mut Tools,
        job: &Job,
        options: &Options,
        desk: &Desk<'_>,
        recorded: bool,
    ) -> anyhow::Result<(Outcome, Option<Value>)> {
        let start = Instant::now();
        let (source, state) = FileSource::open(&job.input)?;
        // Names that aren't Unicode are recorded with replacement characters.
        let name = job.input.to_string_lossy();
        let library = Library::of(&job.input);
        let input = input::open(&source, &job.input, &library)?;
        refuse_loss(&input, job)?;
        let reader = input.reader();
        let output = Output::create(&job.output)?;
        let meter = desk.meter(job, state.length);
        let outcome = compressor.compress(reader, &name, &mut FileSink(output.file()), options, &meter);
        drop(meter);
        let report = unchanged(&source, job, state, outcome)?;
        let written = FileSource::of(output.file())?;
        if let Some(manifest) = report.manifest.as_ref().filter(|_| !self.no_verify) {
            manifest.check(&written).context("the output was not kept")?;
        }
        let comparison = if self.verify || recorded {
            let meter = desk.meter(job, state.length);
            let outcome = Input::open(&written, "output.hdf")
                .and_then(|written| verify(&written, Some(reader), &meter));
            drop(meter);
            let outcome = unchanged(&source, job, state, outcome);
            outcome.context("the output did not pass --verify and was not kept")?.comparison
        } else {
            None
        };
        let line = if recorded {
            let prints =
                (Fingerprint::of(File::open(&job.input)?)?, Fingerprint::of(rewound(output.file())?)?);
            unchanged(&source, job, state, Ok(()))?;
            Some(record::done(job, options, &report, (&prints.0, &prints.1), comparison.as_ref()))
        } else {
            None
        };
        output.keep(desk.written)?;
        let done = Done {
            shape: reader.shape(0),
            input_bytes: state.length,
            time: start.elapsed(),
            report,
            comparison,
        };
        let words = crate::summary::line(job, &done, options, self.common.verbose);
        Ok((Outcome { line: words, warnings: done.report.warnings }, line))
    }
}

fn rewound(mut file: &File) -> std::io::Result<&File> {
    file.rewind()?;
    Ok(file)
}

/// An HDF file that holds more than images is not replaced.
fn refuse_loss(input: &Input<'_>, job: &Job) -> anyhow::Result<()> {
    if let Input::Eman(eman) = input
        && !eman.left_behind().is_empty()
        && job.replaces_input()
    {
        bail!(
            "replacing it would lose {}; write to another folder with --outpath. The file is as it was",
            eman.left_behind().join(", ")
        );
    }
    Ok(())
}

/// The outcome, unless the input is no longer what it was when it was opened.
pub fn unchanged<T>(
    source: &FileSource,
    job: &Job,
    state: State,
    outcome: Result<T, e2compress_core::Error>,
) -> anyhow::Result<T> {
    if source.is_still(&job.input, state) {
        return Ok(outcome?);
    }
    let changed = "it changed while it was read; try again when nobody writes to it any more";
    Err(match outcome {
        Ok(_) => anyhow!(changed),
        Err(problem) => Error::new(problem).context(changed),
    })
}
