//! `e2compress FILE...`

use std::fs;
use std::io::stderr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use e2compress_core::Comparison;
use e2compress_core::record::{self, Fingerprint, Recorded};
use e2compress_core::{Compressor, Error, Memory, Options, Report, Warning, foresee};
use serde_json::Value;

use crate::args::{CompressArgs, Reading};
use crate::done::Done;
use crate::exit::Failure;
use crate::files::fingerprint::{self, Hash};
use crate::files::huge_pages;
use crate::files::input::InputFile;
use crate::files::inputs::{Inputs, Kinds, Taken};
use crate::files::journal;
use crate::files::journal_writer::{self, JournalWriter, NotRecorded, Times};
use crate::files::output::Output;
use crate::files::plan::Paths;
use crate::files::proven::Proven;
use crate::files::replace::{self, Place};
use crate::files::said_before::SaidBefore;
use crate::files::sanitize::display;
use crate::files::settled::changed_within;
use crate::files::source::FileSource;
use crate::fmt;
use crate::others::Others;
use crate::predict::{self, MOST_IMAGES};
use crate::run::{self, Context, Job};
use crate::soundness;
use crate::spelling;
use crate::tally::just_changed;
use crate::terminal::{Outcome, print};

/// Compresses every file and returns the exit status.
pub fn run(args: &CompressArgs) -> Result<u8, Failure> {
    refuse_misspelt_commands(&args.files).map_err(Failure::usage)?;
    let outpath = args.common.outpath.as_deref();
    let taken = Taken {
        outpath,
        tree: Some(args.tree),
        settle: args.common.settle,
        of_run: args.report.iter().chain(&args.resume).map(PathBuf::as_path).collect(),
        ..Taken::to_read(Kinds::Compressed)
    };
    let inputs = Inputs::gather(&args.files, &args.lists, &taken).map_err(Failure::usage)?;
    let others = Others::new(args.tree, args.overwrite);
    run::run(&inputs, |_| "hdf", &args.common, &others, &CompressJob::new(args))
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
    /// What the journals say of the options.
    chosen: Value,
    report: OnceLock<JournalWriter>,
    resume: OnceLock<Proven>,
    /// What the journals say of what is planned, with the length that the report had before they were read.
    said: OnceLock<(SaidBefore, u64)>,
}

impl<'a> CompressJob<'a> {
    fn new(args: &'a CompressArgs) -> Self {
        let Reading { no_unpack, .. } = args.reading;
        let eer = args.reading.eer().unwrap_or_default();
        let chosen = record::options_json(&args.options(Memory::DEFAULT), no_unpack, eer);
        Self { args, chosen, report: OnceLock::new(), resume: OnceLock::new(), said: OnceLock::new() }
    }

    /// Puts on record that a file is done, where no line says so under its names of now or a later one says otherwise: its folder
    /// was moved, or it failed meanwhile and is now as it was.
    fn record_done_before(&self, paths: &Paths, context: &Context<'_>) -> anyhow::Result<()> {
        if self.said.get().is_none_or(|(said, _)| said.says_done(paths)) {
            return Ok(());
        }
        let line = self.resume.get().and_then(|resume| resume.line(paths));
        line.map_or(Ok(()), |line| self.record(line, context))
    }

    /// Tells whether a file was done before, and words it.
    fn done_before(&self, paths: &Paths) -> Option<Outcome> {
        let before = self.resume.get()?.proof(paths)?;
        let words = fmt::done_before(&display(&paths.output).to_string());
        Some(Outcome { before, ..Outcome::skipped(format!("{}: {words}", display(&paths.input))) })
    }

    /// Looks at the journals before anything is written.
    fn look_at_journals(&self, inputs: &Inputs, planned: &[Paths]) -> anyhow::Result<()> {
        let quiet = self.args.common.quiet.quiet;
        let note = |note| {
            if !quiet {
                print(stderr(), format_args!("e2compress: note: {note}"));
            }
        };
        if let Some(report) = &self.args.report {
            journal_writer::check(report, planned)?.map(note);
        }
        if !self.args.resume.is_empty() {
            let (proven, notes) =
                Proven::read(&self.args.resume, planned, self.chosen.clone(), self.args.quick)?;
            notes.into_iter().for_each(note);
            self.resume.get_or_init(|| proven);
        }
        if self.args.report.is_some() {
            let others =
                inputs.others.iter().chain(&inputs.of_run).chain(&inputs.folders).map(|other| &other.path);
            let length = self.args.report.as_ref().and_then(|report| Some(fs::metadata(report).ok()?.len()));
            let journals = self.args.report.iter().chain(&self.args.resume);
            let said = SaidBefore::read(journals, planned, others);
            self.said.get_or_init(|| (said, length.unwrap_or_default()));
        }
        Ok(())
    }

    /// Finds out whether an input can be opened, now that others are to be replaced.
    fn cannot_be_opened(&self, paths: &Paths) -> Option<anyhow::Error> {
        // What is left for later need not be whole yet.
        let settle = self.args.common.settle;
        if settle > 0 && changed_within(&paths.input, Duration::from_secs(settle)) {
            return None;
        }
        let opened =
            InputFile::open(&paths.input).and_then(|file| file.told(&self.args.reading).images().map(drop));
        let problem = opened.err()?;
        // An original that was deleted after its output was proven is not needed.
        self.done_before(paths).is_none().then_some(problem)
    }

    /// Opens the report, if there is one.
    fn open_report(&self, planned: &[Paths]) -> anyhow::Result<()> {
        if let Some(path) = &self.args.report {
            let times = self.said.get().map(|(said, length)| Times::new(said.newest(), *length));
            let times = times.unwrap_or_default();
            let report = JournalWriter::open(path, planned, times)?;
            self.report.get_or_init(|| report);
        }
        Ok(())
    }

    /// Puts on record what keeps all files from being taken.
    fn record_refused(&self, planned: &[Paths], refused: &[(&Paths, anyhow::Error)]) -> anyhow::Result<()> {
        if self.args.common.dry_run {
            return Ok(());
        }
        self.open_report(planned)?;
        let Some(report) = self.report.get() else { return Ok(()) };
        refused.iter().try_for_each(|(paths, problem)| {
            let line = journal::unfinished(record::FAILED, paths, &self.chosen, &format!("{problem:#}"));
            report.add(line, || false)
        })
    }
}

impl Job for CompressJob<'_> {
    type Scratch = Scratch;

    fn report(&self) -> Option<&Path> {
        self.args.report.as_deref()
    }

    /// A list of files that is not the one that was meant shows in files that cannot be opened. It must not cost
    /// those that can.
    fn look(&self, inputs: &Inputs, planned: &[Paths]) -> Result<(), Failure> {
        self.look_at_journals(inputs, planned).map_err(Failure::usage)?;
        if !planned.iter().any(Paths::replaces_input) {
            return Ok(());
        }
        let refused: Vec<(&Paths, anyhow::Error)> =
            planned.iter().filter_map(|paths| Some((paths, self.cannot_be_opened(paths)?))).collect();
        if refused.is_empty() {
            return Ok(());
        }
        self.record_refused(planned, &refused)?;
        let problems: Vec<String> = refused
            .iter()
            .map(|(paths, problem)| format!("{}: {problem:#}", display(&paths.input)))
            .collect();
        Err(Failure::from(anyhow!(
            "{}\nFiles were to be replaced, so all inputs are looked at first: nothing was written",
            problems.join("\n")
        )))
    }

    fn begin(&self, planned: &[Paths]) -> anyhow::Result<()> {
        self.open_report(planned)
    }

    fn record_other(
        &self,
        other: &Paths,
        problem: Option<&str>,
        context: &Context<'_>,
    ) -> anyhow::Result<()> {
        let (status, problem) = match problem {
            Some(problem) if context.interrupted() => (record::INTERRUPTED, problem),
            Some(problem) => (record::FAILED, problem),
            // Only what failed before need be said to be all right.
            None if self.said.get().is_some_and(|(said, _)| said.is_unfinished(&other.input)) => {
                (record::RESOLVED, "none any more")
            }
            None => return Ok(()),
        };
        self.record(journal::unfinished(status, other, &self.chosen, problem), context)
    }

    fn foresee(&self, paths: &Paths, context: &Context<'_>) -> anyhow::Result<Outcome> {
        if let Some(outcome) = self.done_before(paths) {
            return Ok(outcome);
        }
        let file = InputFile::open(&paths.input)?.told(&self.args.reading).fill_unwritten(self.args.force);
        let images = file.images()?;
        let _turn = context.turn(&*images);
        let place = Place::find(paths, &*images, self.args.overwrite)?;
        let notes = soundness::foresee(&file, &*images, self.args.force)?;
        Output::check(&paths.output)?;
        let name = paths.input.to_string_lossy();
        let meter = context.meter(paths);
        let options = self.args.options(context.memory);
        let outcome = foresee(&*images, &name, &options, MOST_IMAGES, &meter);
        let mut prediction = file.unless_changed(outcome)?;
        prediction.foreseen.warnings.splice(0..0, notes);
        place.foresee(&prediction.foreseen, self.args.force)?;
        Ok(predict::outcome(paths, &*images, file.length(), prediction, place.replaces_another()))
    }

    fn run(&self, scratch: &mut Scratch, paths: &Paths, context: &Context<'_>) -> anyhow::Result<Outcome> {
        if let Some(outcome) = self.done_before(paths) {
            self.record_done_before(paths, context)?;
            return Ok(outcome);
        }
        let options = self.args.options(context.memory);
        let problem = match self.compress(scratch, paths, &options, context) {
            Err(problem) => problem,
            done => return done,
        };
        // Another program may have replaced it by its compressed form meanwhile.
        if paths.replaces_input()
            && let Some(outcome) = self.done_before(paths)
        {
            return Ok(outcome);
        }
        let status = if context.interrupted() { record::INTERRUPTED } else { record::FAILED };
        match self.record(journal::unfinished(status, paths, &self.chosen, &format!("{problem:#}")), context)
        {
            Err(unrecorded) if problem.downcast_ref::<NotRecorded>().is_none() => {
                Err(problem.context(format!("{unrecorded:#}")))
            }
            _ => Err(problem),
        }
    }
}

impl CompressJob<'_> {
    /// Adds a line to the report, if there is one.
    fn record(&self, line: Value, context: &Context<'_>) -> anyhow::Result<()> {
        self.report.get().map_or(Ok(()), |report| report.add(line, || context.interrupted()))
    }

    /// Reads an output back, unless that is not wanted. Returns the fingerprint of what was read, if it is recorded.
    fn read_back(&self, report: &Report, written: &FileSource) -> anyhow::Result<Option<Fingerprint>> {
        let Some(manifest) = report.manifest.as_ref().filter(|_| !self.args.no_verify) else {
            return Ok(None);
        };
        let mut hash = self.args.report.is_some().then(Hash::default);
        let mut take = |piece: &[u8]| {
            if let Some(hash) = &mut hash {
                hash.update(piece);
            }
        };
        manifest.check_and(written, &mut take).context("the output was not kept")?;
        Ok(hash.map(Hash::finish))
    }

    /// Compresses a file. Its line is in the report before the output gets its name: a program that is ended between
    /// the two leaves a line that the file's content refutes, never a file that nobody knows to be compressed.
    fn compress(
        &self,
        Scratch(compressor): &mut Scratch,
        paths: &Paths,
        options: &Options,
        context: &Context<'_>,
    ) -> anyhow::Result<Outcome> {
        let start = Instant::now();
        let file = InputFile::open(&paths.input)?.told(&self.args.reading).fill_unwritten(self.args.force);
        let file = file.fingerprinted(self.args.report.is_some());
        // Names that are not Unicode are recorded with replacement characters.
        let name = paths.input.to_string_lossy();
        let images = file.images()?;
        let _turn = context.turn(&*images);
        let place = Place::find(paths, &*images, self.args.overwrite)?;
        let fresh = just_changed(&paths.input, self.args.common.settle);
        let notes = soundness::check(&file, &*images, self.args.force, paths, context)?;
        let output = Output::create(&paths.output, place.replaces(), file.mode_of_output()?)?;
        let meter = context.meter(paths);
        let outcome = compressor.compress(&*images, &name, &mut output.sink(), options, &meter);
        let mut report = file.unless_changed(outcome).map_err(|problem| {
            let unproven = matches!(problem.downcast_ref(), Some(Error::Verify(_)));
            if unproven {
                problem.context("the output did not pass --verify and was not kept")
            } else {
                problem
            }
        })?;
        // What is odd about the input, too, goes into the record.
        report.warnings.splice(0..0, notes);
        report.warnings.extend(fresh);
        place.check_losses(&report.losses, self.args.force)?;
        let stays = place.is_better_kept(&report, file.length(), options);
        if stays && report.unchanged < report.images {
            forget_output(&mut report);
        }
        let written = output.source()?;
        let of_output = self.read_back(&report, &written)?;
        let line_of_report = if self.args.report.is_some() {
            let of_input = file.fingerprint()?;
            let of_output = match of_output {
                _ if stays => of_input.clone(),
                Some(of_output) => of_output,
                None => fingerprint::of(&written)?,
            };
            let input = Recorded { print: &of_input, modified: file.modified() };
            let modified = if stays { file.modified() } else { written.modified() };
            let output = Recorded { print: &of_output, modified };
            let comparison = report.comparison.as_ref();
            Some(journal::done(paths, &self.chosen, &report, (input, output), comparison))
        } else {
            None
        };
        let record = || line_of_report.map_or(Ok(()), |line| self.record(line, context));
        if stays {
            record()?;
        } else {
            place.check(&written)?;
            let meanwhile = |path: &Path| replace::refuse_another_picture(path, &written);
            output.commit(context.committed, record, meanwhile)?;
        }
        let done = Done {
            contents: fmt::contents(&*images),
            input_bytes: file.length(),
            time: start.elapsed(),
            report,
            replaced: place.replaces_another(),
        };
        if stays {
            let line = done.line_of_kept(paths);
            // Nothing of the output's is true of what stays.
            let warnings = done.report.warnings.into_iter().filter(Warning::is_of_input).collect();
            return Ok(Outcome { warnings, ..Outcome::skipped(line) });
        }
        let line = done.line(paths, options, self.args.common.verbose);
        let grew = done.report.output_bytes > done.input_bytes;
        let bytes = Some((done.input_bytes, done.report.output_bytes));
        Ok(Outcome { warnings: done.report.warnings, grew, bytes, ..Outcome::skipped(line) })
    }
}

/// Takes out of a report what is true of the output alone, where the input stays instead.
fn forget_output(report: &mut Report) {
    report.estimates.clear();
    report.spread.clear();
    (report.worst, report.range, report.step, report.truncated) = (None, None, None, 0);
    report.comparison = report.comparison.map(|_| Comparison::default());
    report.warnings.retain(Warning::is_of_input);
}
