//! The terminal: progress on standard error when that is one, outcomes on standard output.

use std::io::{Stderr, Stdout, Write, stderr, stdout};
use std::path::Path;

use e2compress_core::words::Escaped;
use e2compress_core::{Progress, Warning};
use terminal_size::{Height, Width, terminal_size_of};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::args::Quiet;
use crate::bar::Bar;
use crate::files::sanitize::display;
use crate::signals::Interrupt;

/// Columns that the rest of a line is moved to the right, below its beginning.
const INDENT: usize = 4;

/// A stream that people may read at a terminal.
pub trait Told: Write {
    /// Returns the columns of the terminal, if it is one.
    fn width(&self) -> Option<usize>;
}

impl Told for Stdout {
    fn width(&self) -> Option<usize> {
        columns(terminal_size_of(self))
    }
}

impl Told for Stderr {
    fn width(&self) -> Option<usize> {
        columns(terminal_size_of(self))
    }
}

/// Returns the columns; terminals that do not know them say none.
fn columns(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(Width(width), _)| width.into()).filter(|width| *width > 0)
}

/// Prints lines, broken between words where a terminal is narrower. When nobody reads any more (a closed pipe), the work
/// goes on all the same.
pub fn print(mut to: impl Told, lines: std::fmt::Arguments<'_>) {
    let text = fitted(&to, lines);
    let _ = to.write_all(text.as_bytes());
}

/// Makes lines fit where they are read, if that is a terminal.
pub fn fitted(to: &impl Told, lines: std::fmt::Arguments<'_>) -> String {
    let text = plain(lines);
    match to.width() {
        Some(width) => text.lines().map(|line| wrapped(line, width) + "\n").collect(),
        None => text,
    }
}

/// Breaks a line between words. A word that is longer than a line, such as a path, is broken where the line ends.
fn wrapped(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len() + INDENT;
    // Where that leaves no room, lines begin at the edge.
    let indent = if 2 * indent <= width { indent } else { 0 };
    let (mut broken, mut column) = (String::new(), 0);
    let next = |broken: &mut String| {
        broken.push('\n');
        broken.push_str(&" ".repeat(indent));
        indent
    };
    for (place, word) in line.split(' ').enumerate() {
        if place > 0 && column > indent && column + 1 + word.width() > width {
            column = next(&mut broken);
        } else if place > 0 && column < width {
            broken.push(' ');
            column += 1;
        }
        if column + word.width() <= width {
            broken.push_str(word);
            column += word.width();
            continue;
        }
        for letter in word.chars() {
            let wide = letter.width().unwrap_or(0);
            if column > indent && column + wide > width {
                column = next(&mut broken);
            }
            broken.push(letter);
            column += wide;
        }
    }
    broken
}

/// Ends lines with a line break and escapes what a terminal could obey in them. Names are escaped where they are
/// put into words, since a line break in one must not begin a line; this is for what others put into words.
fn plain(lines: std::fmt::Arguments<'_>) -> String {
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
    /// What its record warns of, where it was done before.
    pub before: Before,
}

/// What a record warns of that a file has which was done before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Number of warnings.
    pub warnings: u32,
    /// A picture was lost.
    pub lost: bool,
}

impl Before {
    /// Returns the most that either record warns of.
    pub fn worse(self, other: Self) -> Self {
        Self { warnings: self.warnings.max(other.warnings), lost: self.lost || other.lost }
    }
}

impl Outcome {
    /// Words what became of a file for which nothing is written.
    pub fn skipped(line: String) -> Self {
        Self { line, warnings: Vec::new(), grew: false, bytes: None, before: Before::default() }
    }
}

/// Shows how far the files are.
pub struct Terminal {
    bar: Bar,
    quiet: Quiet,
}

impl Terminal {
    /// Starts to show progress on these files.
    pub fn new<'p>(inputs: impl Iterator<Item = &'p Path>, quiet: Quiet) -> Self {
        Self { bar: Bar::new(inputs, quiet.quiet), quiet }
    }

    /// Shows how far a file is.
    pub fn meter<'a>(&'a self, input: &'a Path, interrupt: &'a Interrupt) -> Meter<'a> {
        Meter { bar: &self.bar, input, interrupt }
    }

    /// Counts a file as done and says something of it.
    pub fn beside<T>(&self, input: &Path, say: impl FnOnce() -> T) -> T {
        self.bar.finished(input, say)
    }

    /// Prints what was done to a file.
    pub fn done(&self, input: &Path, outcome: &Outcome) {
        self.bar.finished(input, || {
            self.line(&outcome.line);
            let wanted = outcome.warnings.iter().filter(|found| !(self.quiet.quiet && found.is_note()));
            for warning in wanted {
                print(stderr(), format_args!("{}", warned(input, warning)));
            }
        });
    }

    /// Prints a line about a file that was not among those that are counted.
    pub fn aside(&self, line: &str) {
        self.bar.aside(|| self.line(line));
    }

    /// Says something about all files while no bar is in the way.
    pub fn between(&self, say: impl FnOnce()) {
        self.bar.aside(say);
    }

    /// Prints a line, unless nobody wants any.
    fn line(&self, line: &str) {
        if !self.quiet.quiet {
            print(stdout(), format_args!("{line}"));
        }
    }

    /// Prints what went wrong with a file, which is one of those that are counted or none.
    pub fn failed(&self, input: Option<&Path>, message: &str) {
        let say = || print(stderr(), format_args!("e2compress: {message}"));
        match input {
            Some(input) => self.bar.finished(input, say),
            None => self.bar.aside(say),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.bar.end();
    }
}

/// Shows the core's progress, and passes an interrupt on to it.
pub struct Meter<'a> {
    bar: &'a Bar,
    input: &'a Path,
    interrupt: &'a Interrupt,
}

impl Progress for Meter<'_> {
    fn advanced(&self, done: u64, total: u64) {
        if self.interrupt.came() {
            // A second Ctrl-C ends the program at once.
            self.bar.end();
        } else {
            self.bar.advanced(self.input, done, total);
        }
    }

    fn cancelled(&self) -> bool {
        let came = self.interrupt.came();
        if came {
            self.bar.end();
        }
        came
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        let line = "a.mrc -> a.hdf: 1 image of 40 x 30, 5 bits, no pixels clipped";
        for width in 24..70 {
            let broken = wrapped(line, width);
            assert!(broken.lines().all(|line| line.width() <= width), "{broken}");
            assert_eq!(
                broken.split_whitespace().collect::<Vec<_>>(),
                line.split_whitespace().collect::<Vec<_>>()
            );
        }
        assert_eq!(
            wrapped("  /a/very/long/path: cannot open", 12),
            "  /a/very/lo\n      ng/pat\n      h:\n      cannot\n      open"
        );
        assert_eq!(wrapped("", 12), "");
        // Names of any length and of wide letters, at their beginning and after other words.
        for line in [
            &"x".repeat(300),
            &format!("a: {} b", "long".repeat(40)),
            &format!("{}: no", "\u{6f22}".repeat(90)),
        ] {
            for width in 2..100 {
                let broken = wrapped(line, width);
                assert!(broken.lines().all(|line| line.width() <= width), "{width}: {broken}");
                let letters = |text: &str| text.split_whitespace().collect::<String>();
                assert_eq!(letters(&broken), letters(line));
            }
        }
    }
}
