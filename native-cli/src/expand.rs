//! `e2compress expand FILE...`

use std::path::Path;

use anyhow::Context;
use e2compress_core::expand::extension;
use e2compress_core::formats::mrc::Mode;
use e2compress_core::{ExpandOptions, expand};
use indicatif::HumanBytes;

use crate::arguments::Expand;
use crate::compress::unchanged;
use crate::file::{FileSink, FileSource};
use crate::input::{self, Library};
use crate::names::shown;
use crate::output::Output;
use crate::plan::Job;
use crate::run::{Desk, Task};
use crate::screen::Outcome;

impl Task for Expand {
    type Tools = ();

    fn run(&self, (): &mut (), job: &Job, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
        let (source, state) = FileSource::open(&job.input)?;
        let library = Library::of(&job.input);
        let input = input::open(&source, &job.input, &library)?;
        // An original that was compressed may still be there.
        let create = if self.overwrite { Output::create } else { Output::create_new };
        let output = create(&job.output)?;
        let meter = desk.meter(job, state.length);
        let options = ExpandOptions { mode: self.mode.0 };
        let outcome = expand(input.reader(), &mut FileSink(output.file()), &options, &meter);
        drop(meter);
        let report = unchanged(&source, job, state, outcome)?;
        if !self.no_verify {
            report.manifest.check(&FileSource::of(output.file())?).context("the output was not kept")?;
        }
        output.keep(desk.written)?;
        let images = if report.images == 1 { "1 image" } else { &format!("{} images", report.images) };
        let line = format!(
            "{} -> {}: {images}, {} -> {}, {}",
            shown(&job.input),
            shown(&job.output),
            HumanBytes(state.length),
            HumanBytes(report.output_bytes),
            named(report.mode),
        );
        Ok(Outcome { line, warnings: report.warnings })
    }
}

/// The extension of the output of a file; what can't be opened will be told when its turn comes.
pub fn output_extension(input: &Path) -> &'static str {
    let (opened, library) = (FileSource::open(input).ok(), Library::of(input));
    let reader = opened.as_ref().and_then(|(source, _)| input::open(source, input, &library).ok());
    reader.map_or("mrc", |input| extension(input.reader()))
}

fn named(mode: Mode) -> &'static str {
    match mode {
        Mode::Bytes => "mode 0 (bytes)",
        Mode::Shorts => "mode 1 (16-bit integers)",
        Mode::Floats => "mode 2 (32-bit floats)",
        Mode::UnsignedShorts => "mode 6 (unsigned 16-bit integers)",
        Mode::Halves => "mode 12 (16-bit floats)",
    }
}
