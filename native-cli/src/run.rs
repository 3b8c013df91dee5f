//! Takes many inputs through one command: several files at a time, all of them computed in one pool.

use std::io::{self, stderr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use e2compress_core::{Images, Memory};

use crate::args::{Common, Strictness, Threads};
use crate::exit::{self, Failure};
use crate::files::folders::Mirrored;
use crate::files::inputs::{Input, Inputs};
use crate::files::nested::check_nested;
use crate::files::output::Committed;
use crate::files::plan::{Paths, check_folders, create_folders, place, place_of, plan};
use crate::files::sanitize::display;
use crate::files::settled::changed_within;
use crate::files::temp;
use crate::fmt::{self, counted};
use crate::others::Others;
use crate::room;
use crate::signals::Interrupt;
use crate::tally::{Ending, Tally};
use crate::terminal::{Meter, Outcome, Terminal, print};
use crate::warnings::Warnings;

/// Bytes of memory that reading takes of all files at once, but for one that needs more than its share.
const BESIDE: u64 = 256 << 20;

/// Does something to each file.
pub trait Job: Sync {
    /// What a thread keeps from file to file.
    type Scratch: Default;

    /// Looks at all inputs, and at whatever else must be right, before anything is written.
    fn look(&self, _inputs: &Inputs, _planned: &[Paths]) -> Result<(), Failure> {
        Ok(())
    }

    /// Returns where the report of the run goes, if one is asked for.
    fn report(&self) -> Option<&Path> {
        None
    }

    /// Opens what is written beside the outputs, whose folder is there.
    fn begin(&self, _planned: &[Paths]) -> anyhow::Result<()> {
        Ok(())
    }

    /// Puts on record what became of what is no image: a folder that was to be read, or a file of one that was to be copied.
    /// `problem` is why it failed.
    fn record_other(
        &self,
        _other: &Paths,
        _problem: Option<&str>,
        _context: &Context<'_>,
    ) -> anyhow::Result<()> {
        Ok(())
    }

    /// Tells what [`Self::run`] would do with an input, without writing anything.
    fn foresee(&self, paths: &Paths, context: &Context<'_>) -> anyhow::Result<Outcome>;

    /// Turns one input into its output.
    fn run(
        &self,
        scratch: &mut Self::Scratch,
        paths: &Paths,
        context: &Context<'_>,
    ) -> anyhow::Result<Outcome>;
}

/// Gives a job what it needs of the run.
pub struct Context<'a> {
    /// The memory one file may take.
    pub memory: Memory,
    /// The outputs so far.
    pub committed: &'a Committed,
    /// Where outcomes are shown.
    pub terminal: &'a Terminal,
    interrupt: &'a Interrupt,
    large: Mutex<()>,
    /// Bytes of memory that reading the file may take while others are read.
    beside: u64,
}

impl Context<'_> {
    /// Waits for the file's turn if it needs much memory beyond [`Self::memory`], which files may take at the
    /// same time. So what all files take does not grow with their number.
    pub fn turn(&self, images: &dyn Images) -> Option<MutexGuard<'_, ()>> {
        (images.memory() > self.beside).then(|| self.large.lock().expect("no holder of this lock panics"))
    }

    /// Shows progress on an input.
    pub fn meter<'c>(&'c self, paths: &'c Paths) -> Meter<'c> {
        self.terminal.meter(&paths.input, self.interrupt)
    }

    /// Tells whether the program was asked to stop.
    pub fn interrupted(&self) -> bool {
        self.interrupt.came()
    }
}

/// Runs a job on every input and returns the exit status; `extension` names that of an input's output. `replaces` tells
/// whether other files of folders, which are copied along, may take the place of files that are there.
pub fn run(
    inputs: &Inputs,
    extension: impl Fn(&Path) -> &'static str,
    common: &Common,
    others: &Others,
    job: &impl Job,
) -> Result<u8, Failure> {
    let planned = plan(&inputs.files, common.outpath.as_deref(), extension).map_err(Failure::usage)?;
    refuse_nested(inputs, &planned, common, others, job.report()).map_err(Failure::usage)?;
    let interrupt = Interrupt::install().context("cannot install signal handlers")?;
    job.look(inputs, &planned)?;
    let outpath = common.outpath.as_deref();
    outpath.map_or(Ok(()), |outpath| check_folders(outpath, &planned)).map_err(Failure::usage)?;
    if !common.dry_run {
        let create = |outpath| create_folders(outpath, &planned, &Mirrored::new(&inputs.folders, outpath));
        outpath.map_or(Ok(()), create).map_err(Failure::usage)?;
        job.begin(&planned).map_err(Failure::usage)?;
    }
    let Outcomes { left, warned } = run_planned(inputs, &planned, common, others, &interrupt, job)
        .map_err(|problem| Failure { status: interrupt.status().unwrap_or(exit::FAILED), problem })?;
    let failed = left > 0 || common.strictness.strict && warned > 0;
    Ok(if failed { interrupt.status().unwrap_or(exit::FAILED) } else { exit::DONE })
}

/// Refuses what cannot be written side by side.
fn refuse_nested(
    inputs: &Inputs,
    planned: &[Paths],
    common: &Common,
    others: &Others,
    report: Option<&Path>,
) -> anyhow::Result<()> {
    let outputs = planned.iter().map(|paths| (paths.output.clone(), Some(&*paths.input)));
    let copy = |other: &Input| place_of(other, common.outpath.as_deref());
    let copied = others.copied(inputs).iter();
    if let Some(report) = report
        && let Some(other) = copied.clone().find(|other| place(&copy(other)) == place(report))
    {
        bail!(
            "the report {} would be the copy of {}: name another file for it. Nothing was written",
            display(report),
            display(&other.path)
        );
    }
    let beside = copied.map(|other| (copy(other), Some(&*other.path)));
    // What is a folder by now is refused as such.
    let report = report.filter(|report| !report.is_dir()).map(|report| (report.to_owned(), None));
    check_nested(outputs.chain(beside).chain(report))
}

/// What became of all files.
struct Outcomes {
    /// Files that failed or were not done, and folders that could not be read.
    left: usize,
    /// Warnings about the others, those that were done before included.
    warned: u64,
}

/// Runs a job on every input. Outcomes are printed as they come, warnings and failures once more at the end.
fn run_planned(
    inputs: &Inputs,
    planned: &[Paths],
    common: &Common,
    others: &Others,
    interrupt: &Interrupt,
    job: &impl Job,
) -> anyhow::Result<Outcomes> {
    let quiet = common.quiet.quiet;
    let odd = inputs.say_what_is_odd(quiet);
    let threads = start_pool(&common.threads, interrupt)?;
    if common.verbose > 0 && !quiet {
        print(stderr(), format_args!("e2compress: {}", counted(threads as u64, "thread")));
    }
    let at_once = planned.len().min(Memory::inputs_at_once(threads)).max(1);
    let terminal = Terminal::new(planned.iter().map(|paths| &*paths.input), common.quiet);
    let (committed, start) = (Committed::default(), Instant::now());
    let memory = Memory::for_threads(threads, at_once);
    let context = Context {
        memory,
        committed: &committed,
        terminal: &terminal,
        interrupt,
        large: Mutex::default(),
        beside: BESIDE / at_once as u64,
    };
    let (failures, warnings) = (Mutex::new(Vec::new()), Mutex::new(Warnings::default()));
    let [next, finished, outputs, grew] = [const { AtomicUsize::new(0) }; 4];
    let stopped = AtomicBool::new(false);
    let tally = Tally::default();
    let fail_at = |input: Option<&Path>, message: String| {
        terminal.failed(input, &message);
        stopped.fetch_or(common.fail_fast, Ordering::Relaxed);
        failures.lock().expect("no holder of this lock panics").push(message);
    };
    let record = |input: &Input, problem: Option<&str>| record_other(job, input, problem, common, &context);
    let fail = |input: &Input, problem: String| {
        let unrecorded = record(input, Some(&problem)).err();
        fail_at(None, unrecorded.map_or(problem.clone(), |unrecorded| format!("{unrecorded:#}: {problem}")));
    };
    let succeed = |input: &Input| {
        if let Err(unrecorded) = record(input, None) {
            fail_at(None, format!("{}: {unrecorded:#}", display(&input.path)));
        }
    };
    inputs.problems.iter().for_each(|unread| fail(&unread.folder, unread.problem.clone()));
    inputs.all_right().for_each(|input| succeed(&input));
    let work = || {
        let mut scratch = Default::default();
        while let Some(paths) = planned.get(next.fetch_add(1, Ordering::Relaxed)) {
            if interrupt.came() || stopped.load(Ordering::Relaxed) {
                break;
            }
            match take(job, &mut scratch, paths, &context, common, &tally) {
                Ok(outcome) => {
                    finished.fetch_add(1, Ordering::Relaxed);
                    outputs.fetch_add(outcome.bytes.is_some().into(), Ordering::Relaxed);
                    grew.fetch_add(outcome.grew.into(), Ordering::Relaxed);
                    terminal.done(&paths.input, &outcome);
                    warnings
                        .lock()
                        .expect("no holder of this lock panics")
                        .add(&paths.input, &outcome.warnings);
                }
                Err(_) if interrupt.came() => break,
                Err(problem) => {
                    fail_at(Some(&paths.input), format!("{}: {problem:#}", display(&paths.input)));
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..at_once {
            scope.spawn(work);
        }
        work();
    });
    let stop = || interrupt.came() || stopped.load(Ordering::Relaxed);
    let copied = others.take(inputs, planned, common, &context, stop, |other, problem| match problem {
        // What was asked to stop has not failed.
        Some(problem) if interrupt.came() => drop(record(other, Some(&problem))),
        Some(problem) => fail(other, problem),
        None => succeed(other),
    });
    drop(terminal);
    let failures = failures.into_inner().expect("no holder of this lock panics");
    let (files, left) = (planned.len() + copied.files, planned.len() - finished.into_inner() + copied.left);
    let (left, grew) = (left + inputs.problems.len(), grew.into_inner());
    if planned.len() > 1 && grew > 0 && !quiet {
        print(stderr(), format_args!("e2compress: {}", fmt::grown(grew, outputs.into_inner())));
    }
    let warnings = warnings.into_inner().expect("no holder of this lock panics");
    warnings.conclude(planned.len(), common.strictness);
    conclude_odd(odd, common.strictness);
    let all = files + inputs.problems.len();
    let ending = Ending {
        files: all,
        settle: common.settle,
        dry_run: common.dry_run,
        strict: common.strictness.strict,
        quiet,
        warnings: warnings.count(),
        failed: failures.len(),
        time: start.elapsed(),
    };
    let before = tally.conclude(&ending);
    conclude(all, left, &failures, stopped.into_inner(), interrupt.came());
    Ok(Outcomes { left, warned: warnings.count() as u64 + before + odd })
}

/// Says at the end that warnings about the inputs as a whole are failures, if they are.
fn conclude_odd(warnings: u64, Strictness { strict }: Strictness) {
    if strict && warnings > 0 {
        print(stderr(), format_args!("e2compress: {}", fmt::strict_status(&counted(warnings, "warning"))));
    }
}

/// Puts on record what became of what is no image. What a dry run finds is on none.
fn record_other(
    job: &impl Job,
    input: &Input,
    problem: Option<&str>,
    common: &Common,
    context: &Context<'_>,
) -> anyhow::Result<()> {
    let output = place_of(input, common.outpath.as_deref());
    let other = Paths { input: input.path.clone(), output };
    if common.dry_run { Ok(()) } else { job.record_other(&other, problem, context) }
}

/// Takes one input: now, or later if it may still be written.
fn take<J: Job>(
    job: &J,
    scratch: &mut J::Scratch,
    paths: &Paths,
    context: &Context<'_>,
    common: &Common,
    tally: &Tally,
) -> anyhow::Result<Outcome> {
    let Common { settle, dry_run, .. } = *common;
    if settle > 0 && changed_within(&paths.input, Duration::from_secs(settle)) {
        tally.later(&paths.input);
        let line = format!(
            "{}: left for later: it changed less than {} ago",
            display(&paths.input),
            counted(settle, "second")
        );
        return Ok(Outcome::skipped(line));
    }
    if dry_run {
        let outcome = job.foresee(paths, context)?;
        tally.written(outcome.bytes);
        if outcome.bytes.is_some() && paths.replaces_input() {
            tally.in_place();
        }
        tally.before(outcome.before);
        return Ok(outcome);
    }
    temp::remove_left_over(&paths.output);
    let mut outcome = job.run(scratch, paths, context)?;
    tally.written(outcome.bytes);
    tally.before(outcome.before);
    tally.take_fresh(&paths.input, &mut outcome.warnings);
    Ok(outcome)
}

/// Prints what failed and what was not done, of so many files.
pub fn conclude(files: usize, left: usize, failures: &[String], stopped: bool, interrupted: bool) {
    let (failed, of_all) = (failures.len(), counted(files as u64, "file"));
    if files > 1 && failed > 0 {
        print(stderr(), format_args!("e2compress: {failed} of {of_all} failed:"));
        for message in failures {
            print(stderr(), format_args!("  {message}"));
        }
    }
    if stopped && left > failed {
        let untried = left - failed;
        print(stderr(), format_args!("e2compress: stopped: {untried} of {of_all} not tried"));
    }
    if interrupted {
        print(stderr(), format_args!("e2compress: interrupted: {left} of {of_all} not done"));
    }
}

/// Starts the worker threads and returns their number, unless the program is asked to stop meanwhile.
pub fn start_pool(threads: &Threads, interrupt: &Interrupt) -> anyhow::Result<usize> {
    let threads = threads.count();
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .spawn_handler(|thread| {
            if interrupt.came() { Err(io::ErrorKind::Interrupted.into()) } else { start_thread(thread) }
        })
        .build_global()
        .with_context(|| format!("cannot start {}", counted(threads as u64, "thread")))?;
    Ok(threads)
}

/// Starts a thread of the pool if there is room for it, and sees it begin. Where memory is limited the
/// last threads would take what those before them need to begin, and the system would end the program.
fn start_thread(thread: rayon::ThreadBuilder) -> io::Result<()> {
    room::find()?;
    let (begun, begins) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        // It waits for this, so the message arrives.
        let _ = begun.send(());
        thread.run();
    })?;
    begins.recv().map_err(io::Error::other)
}
