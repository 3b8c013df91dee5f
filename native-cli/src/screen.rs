//! The terminal: progress on standard error when that is one, outcomes on standard output.

use std::cell::Cell;
use std::io::{Write, stderr, stdout};
use std::path::Path;

use e2compress_core::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::interrupt::Interrupt;
use crate::names::shown;
use crate::plan::Job;

/// Prints a line. When nobody listens any more (a closed pipe), the work goes on all the same.
pub fn say(mut to: impl Write, line: std::fmt::Arguments<'_>) {
    let _ = writeln!(to, "{line}");
}

/// What is shown while files are worked on.
pub struct Screen {
    bars: MultiProgress,
    files: ProgressBar,
}

impl Screen {
    /// For so many files.
    pub fn new(files: usize) -> Self {
        let bars = MultiProgress::new();
        let files = bars.add(ProgressBar::new(files as u64));
        files.set_style(style("{pos} of {len} files {wide_bar} {elapsed}"));
        Self { bars, files }
    }

    /// Shows how far a file of so many bytes is, as long as the meter lives.
    pub fn meter<'a>(&'a self, input: &Path, bytes: u64, interrupt: &'a Interrupt) -> Meter<'a> {
        let bar = self.bars.add(ProgressBar::new(bytes));
        bar.set_style(style("{msg} {wide_bar} {percent} % {binary_bytes_per_sec} {eta}"));
        bar.set_message(shown(input).to_string());
        Meter { screen: self, bar, length: bytes, shown: Cell::new(0), interrupt }
    }

    /// Says what was done to a file.
    pub fn done(&self, job: &Job, outcome: &Outcome) {
        self.files.inc(1);
        self.bars.suspend(|| {
            say(stdout(), format_args!("{}", outcome.line));
            for warning in &outcome.warnings {
                say(stderr(), format_args!("{}: warning: {warning}", shown(&job.input)));
            }
        });
    }

    /// Says what went wrong.
    pub fn failed(&self, message: &str) {
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

/// What became of a file, in words.
pub struct Outcome {
    /// For standard output.
    pub line: String,
    /// For standard error.
    pub warnings: Vec<String>,
}

/// Shows the core's progress as bytes of the input.
pub struct Meter<'a> {
    screen: &'a Screen,
    bar: ProgressBar,
    length: u64,
    shown: Cell<u64>,
    interrupt: &'a Interrupt,
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.screen.bars.remove(&self.bar);
    }
}

impl Progress for Meter<'_> {
    fn advanced(&self, done: u64, total: u64) {
        let position = u128::from(self.length) * u128::from(done) / u128::from(total.max(1));
        self.bar.inc(position as u64 - self.shown.replace(position as u64));
    }

    fn cancelled(&self) -> bool {
        self.interrupt.came()
    }
}
