//! `e2compress FILE...`

use std::time::Instant;

use anyhow::{Context, Error, anyhow, bail};
use e2compress_core::{Compressor, Input, Options, verify};

use crate::arguments::Compress;
use crate::file::{FileSink, FileSource, State};
use crate::memory::large_pages;
use crate::output::Output;
use crate::plan::Job;
use crate::run::{Desk, Task};
use crate::screen::Outcome;
use crate::summary::{Done, line};

/// Compressors and what they keep from file to file.
pub struct Tools(Compressor);

impl Default for Tools {
    fn default() -> Self {
        Self(Compressor::with_memory(large_pages))
    }
}

impl Task for Compress {
    type Tools = Tools;

    fn run(&self, Tools(compressor): &mut Tools, job: &Job, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
        let start = Instant::now();
        let (source, state) = FileSource::open(&job.input)?;
        // Names that aren't Unicode are recorded with replacement characters.
        let name = job.input.to_string_lossy();
        let input = Input::open(&source, &name)?;
        refuse_loss(&input, job)?;
        let reader = input.reader();
        let options: Options = self.options(desk.memory);
        let output = Output::create(&job.output)?;
        let meter = desk.meter(job, state.length);
        let outcome = compressor.compress(reader, &name, &mut FileSink(output.file()), &options, &meter);
        drop(meter);
        let report = unchanged(&source, job, state, outcome)?;
        let comparison = if self.verify {
            let written = FileSource::of(output.file())?;
            let meter = desk.meter(job, state.length);
            let outcome = Input::open(&written, "output.hdf")
                .and_then(|written| verify(&written, Some(reader), &meter));
            drop(meter);
            let outcome = unchanged(&source, job, state, outcome);
            outcome.context("the output did not pass --verify and was not kept")?.comparison
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
        Ok(Outcome { line: line(job, &done, &options, self.common.verbose), warnings: done.report.warnings })
    }
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
