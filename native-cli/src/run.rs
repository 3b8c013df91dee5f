//! Runs the jobs: several files at a time, all of them computed in one pool.

use std::cell::Cell;
use std::io::{Write, stderr, stdout};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, bail};
use e2compress_core::options::Memory;
use e2compress_core::{Compressor, Input, Options, Watch};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::arguments::Arguments;
use crate::file::{FileSink, FileSource};
use crate::interrupt::Interrupt;
use crate::memory::large_pages;
use crate::names::shown;
use crate::output::{Output, Written};
use crate::part;
use crate::plan::Job;
use crate::summary::{Done, line};

/// Files that are open at the same time, at most; enough to hide the wait for the disk between
/// small files.
const MOST_AT_ONCE: usize = 4;

/// Pixels of a wave for each thread, so that all have work to the end of it.
const WAVE_PIXELS_PER_THREAD: u64 = 512 << 10;

/// Runs all jobs and returns how many failed or were not done. Outcomes are printed as they come,
/// failures once more at the end.
pub fn run(jobs: &[Job], arguments: &Arguments, interrupt: &Interrupt) -> anyhow::Result<usize> {
    let threads = arguments.threads();
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .with_context(|| format!("{threads} threads could not be started"))?;
    if arguments.verbose > 0 {
        let unit = if threads == 1 { "thread" } else { "threads" };
        say(stderr(), format_args!("e2compress: {threads} {unit}"));
    }
    part::remove_left_over(jobs.iter().map(|job| job.output.as_path()));
    let at_once = jobs.len().min(threads).min(MOST_AT_ONCE);
    let options = arguments.options(memory(threads, at_once));
    let screen = Screen::new(jobs.len());
    let failures = Mutex::new(Vec::new());
    let written = Written::default();
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut compressor = Compressor::with_memory(large_pages);
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if interrupt.came() {
                break;
            }
            match run_one(&mut compressor, job, &options, &screen, &written, interrupt) {
                Ok(done) => {
                    finished.fetch_add(1, Ordering::Relaxed);
                    screen.done(job, &done, &options, arguments.verbose);
                }
                Err(_) if interrupt.came() => break,
                Err(problem) => {
                    let message = format!("{}: {problem:#}", shown(&job.input));
                    screen.failed(&message);
                    failures.lock().expect("no holder of this lock panics").push(message);
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
    let failures = failures.into_inner().expect("no holder of this lock panics");
    if jobs.len() > 1 && !failures.is_empty() {
        say(stderr(), format_args!("e2compress: {} of {} files failed:", failures.len(), jobs.len()));
        for message in &failures {
            say(stderr(), format_args!("  {message}"));
        }
    }
    let left = jobs.len() - finished.into_inner();
    if interrupt.came() {
        say(stderr(), format_args!("e2compress: interrupted; {left} of {} files were not done", jobs.len()));
    }
    Ok(left)
}

/// The memory one file may take when so many are worked on at once.
fn memory(threads: usize, at_once: usize) -> Memory {
    Memory {
        hold: Memory::DEFAULT.hold / at_once as u64,
        wave: Memory::DEFAULT.wave.max(WAVE_PIXELS_PER_THREAD * threads as u64 / at_once as u64),
    }
}

fn run_one(
    compressor: &mut Compressor,
    job: &Job,
    options: &Options,
    screen: &Screen,
    written: &Written,
    interrupt: &Interrupt,
) -> anyhow::Result<Done> {
    let start = Instant::now();
    let (source, state) = FileSource::open(&job.input)?;
    // Names that aren't Unicode are recorded with replacement characters.
    let name = job.input.to_string_lossy();
    let input = Input::open(&source, &name)?;
    if let Input::Eman(eman) = &input
        && !eman.left_behind().is_empty()
        && job.replaces_input()
    {
        bail!(
            "replacing it would lose {}; write to another folder with --outpath. The file is as it was",
            eman.left_behind().join(", ")
        );
    }
    let reader = input.reader();
    let output = Output::create(&job.output)?;
    let bar = screen.bar(&shown(&job.input).to_string(), state.length);
    let watch = Meter { bar: &bar, length: state.length, shown: Cell::new(0), interrupt };
    let outcome = compressor.compress(reader, &name, &mut FileSink(output.file()), options, &watch);
    screen.remove(&bar);
    if !source.is_still(&job.input, state) {
        let changed = "it changed while it was read; compress it again when nobody writes to it any more";
        return Err(outcome.map_or_else(
            |problem| anyhow::Error::new(problem).context(changed),
            |_| anyhow::anyhow!(changed),
        ));
    }
    let report = outcome?;
    output.keep(written)?;
    Ok(Done { shape: reader.shape(0), input_bytes: state.length, time: start.elapsed(), report })
}

/// Prints a line. When nobody listens any more (a closed pipe), the work goes on all the same.
pub fn say(mut to: impl Write, line: std::fmt::Arguments<'_>) {
    let _ = writeln!(to, "{line}");
}

/// The terminal: progress on standard error when that is one, outcomes on standard output.
struct Screen {
    bars: MultiProgress,
    files: ProgressBar,
}

impl Screen {
    fn new(files: usize) -> Self {
        let bars = MultiProgress::new();
        let files = bars.add(ProgressBar::new(files as u64));
        files.set_style(style("{pos} of {len} files {wide_bar} {elapsed}"));
        Self { bars, files }
    }

    fn bar(&self, name: &str, bytes: u64) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new(bytes));
        bar.set_style(style("{msg} {wide_bar} {percent} % {binary_bytes_per_sec} {eta}"));
        bar.set_message(name.to_owned());
        bar
    }

    fn remove(&self, bar: &ProgressBar) {
        bar.finish_and_clear();
        self.bars.remove(bar);
    }

    fn done(&self, job: &Job, done: &Done, options: &Options, verbose: u8) {
        self.files.inc(1);
        self.bars.suspend(|| {
            say(stdout(), format_args!("{}", line(job, done, options, verbose)));
            for warning in &done.report.warnings {
                say(stderr(), format_args!("{}: warning: {warning}", shown(&job.input)));
            }
        });
    }

    fn failed(&self, message: &str) {
        self.files.inc(1);
        self.bars.suspend(|| say(stderr(), format_args!("e2compress: {message}")));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.files.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is a constant")
}

/// Shows the core's progress as bytes of the input.
struct Meter<'a> {
    bar: &'a ProgressBar,
    length: u64,
    shown: Cell<u64>,
    interrupt: &'a Interrupt,
}

impl Watch for Meter<'_> {
    fn progress(&self, done: u64, total: u64) {
        let position = u128::from(self.length) * u128::from(done) / u128::from(total.max(1));
        self.bar.inc(position as u64 - self.shown.replace(position as u64));
    }

    fn cancelled(&self) -> bool {
        self.interrupt.came()
    }
}
