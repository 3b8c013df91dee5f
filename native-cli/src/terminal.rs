//! The terminal: progress on standard error when that is one, outcomes on standard output.

use std::cell::Cell;
use std::io::{Write, stderr, stdout};
use std::path::Path;

use e2compress_core::words::Escaped;
use e2compress_core::{Progress, Warning};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Quiet;
use crate::files::sanitize::display;
use crate::signals::Interrupt;

/// Prints lines. When nobody reads any more (a closed pipe), the work goes on all the same.
pub fn print(mut to: impl Write, lines: std::fmt::Arguments<'_>) {
    let _ = to.write_all(plain(lines).as_bytes());
}

/// Ends lines with a line break and escapes what a terminal could obey in them. Names are escaped where they are
/// put into words, since a line break in one must not begin a line; this is for what others put into words.
pub fn plain(lines: std::fmt::Arguments<'_>) -> String {
    let lines = lines.to_string();
    let escaped = lines.split('\n').map(|line| format!("{}\n", Escaped(line)));
    escaped.collect()
}

/// Words a warning about a file.
pub fn warned(input: &Path, warning: &Warning) -> String {
    format!("{}: {}: {warning}", display(input), warning.label())
}

/// Words what became of a file.
pub struct Outcome {
    /// The line for standard output.
    pub line: String,
    /// Warnings for standard error.
    pub warnings: Vec<Warning>,
    /// The output is larger than its input, although it should be smaller.
    pub grew: bool,
    /// Bytes of the input and of the output that was written, or would be; `None` where nothing is.
    pub bytes: Option<(u64, u64)>,
}

impl Outcome {
    /// Words what became of a file for which nothing is written.
    pub fn skipped(line: String) -> Self {
        Self { line, warnings: Vec::new(), grew: false, bytes: None }
    }
}

/// Shows how far the files are.
pub struct Terminal {
    bars: MultiProgress,
    files: ProgressBar,
    quiet: Quiet,
}

impl Terminal {
    /// Starts to show progress on so many files.
    pub fn new(files: usize, quiet: Quiet) -> Self {
        let bars = MultiProgress::new();
        if quiet.quiet {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        let files = bars.add(ProgressBar::new(files as u64));
        files.set_style(style("{pos} of {len} files {wide_bar} {elapsed}"));
        Self { bars, files, quiet }
    }

    /// Shows how far a file of so many bytes is, as long as the meter lives.
    pub fn meter<'a>(&'a self, input: &Path, bytes: u64, interrupt: &'a Interrupt) -> Meter<'a> {
        let bar = self.bars.add(ProgressBar::new(bytes));
        bar.set_style(style("{msg} {wide_bar} {percent} % {binary_bytes_per_sec} {eta}"));
        bar.set_message(display(input).to_string());
        Meter { terminal: self, bar, length: bytes, shown: Cell::new(0), interrupt }
    }

    /// Counts a file as done and says something of it, beside the bars.
    pub fn beside<T>(&self, say: impl FnOnce() -> T) -> T {
        self.files.inc(1);
        self.bars.suspend(say)
    }

    /// Prints what was done to a file.
    pub fn done(&self, input: &Path, outcome: &Outcome) {
        self.files.inc(1);
        self.bars.suspend(|| {
            self.line(&outcome.line);
            for warning in &outcome.warnings {
                print(stderr(), format_args!("{}", warned(input, warning)));
            }
        });
    }

    /// Prints a line about a file that was not among those that are counted.
    pub fn aside(&self, line: &str) {
        self.bars.suspend(|| self.line(line));
    }

    /// Prints a line, unless nobody wants any.
    fn line(&self, line: &str) {
        if !self.quiet.quiet {
            print(stdout(), format_args!("{line}"));
        }
    }

    /// Prints what went wrong with a file.
    pub fn failed(&self, message: &str) {
        self.files.inc(1);
        self.bars.suspend(|| print(stderr(), format_args!("e2compress: {message}")));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.files.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is a constant")
}

/// Shows the core's progress as bytes of the input, and passes an interrupt on to it.
pub struct Meter<'a> {
    terminal: &'a Terminal,
    bar: ProgressBar,
    length: u64,
    shown: Cell<u64>,
    interrupt: &'a Interrupt,
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.terminal.bars.remove(&self.bar);
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
