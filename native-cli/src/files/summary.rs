//! What reports say of all files together. Kept is an entry for each input that they name, however many lines there are.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, bail};
use e2compress_core::record::{DONE, FAILED, Figures, INTERRUPTED, Kind, Line, Order, RESOLVED};

use crate::files::journal::Name;
use crate::files::journal_line::Lines;
use crate::files::outputs::Lost;
pub use crate::files::proven::Half;
use crate::files::proven::half;
use crate::files::said_before::Wanted;
use crate::files::sanitize::display;
use crate::files::written::{Descent, Written};
use crate::fmt::{no_record, skipped_lines};

/// Characters of the longest problem that is kept; a path and a reason fit.
const LONGEST_PROBLEM: usize = 4096;

/// Sets of options that are told apart.
const MOST_OPTIONS: usize = 1000;

/// What became of an input.
pub enum State {
    /// It is done.
    Done(Box<Done>),
    /// It failed, and why.
    Failed(Box<str>),
    /// The program was asked to stop while it was at work.
    Interrupted,
    /// It is no image, failed before and is all right now; or it is done under another name. It counts for nothing.
    Resolved,
    /// It was done, but its output is not there any more.
    Lost(Lost),
}

impl State {
    /// Tells whether there is nothing left to do.
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Resolved)
    }
}

/// What is recorded of an input that is done.
pub struct Done {
    /// What was warned of, in words.
    pub warnings: Vec<String>,
    /// The absolute path of its output.
    pub output: Name,
    /// Bytes of input and output.
    pub sizes: (u64, u64),
    /// What tells the input's bytes from others.
    pub of_input: Option<Half>,
    /// What tells the output's bytes from others.
    pub of_output: Option<Half>,
    /// Which of the sets of options that reports have it was made with.
    options: usize,
    truncated: u64,
    verified: bool,
    /// The input stayed as it was, so that there is nothing to compare.
    stayed: bool,
    largest_in_steps: Option<f64>,
    /// When the output was written; `None` where none was.
    written: Option<u64>,
}

/// What is known of an input.
pub struct Known {
    /// What became of it.
    pub state: State,
    /// It is a folder, or a file of one that was to be copied: no list of images names it.
    pub is_other: bool,
    order: Order,
    /// The newest time of any line about it.
    pub newest: Option<u64>,
}

impl Known {
    /// Tells whether this counts beside what was read of the same input before: the later one does; where nothing tells which
    /// that is, what is done.
    fn counts_beside(&self, before: &Self) -> bool {
        self.order.is_after(before.order, self.state.is_fine() || !before.state.is_fine())
    }
}

/// What reports say of each input.
#[derive(Default)]
pub struct Summary {
    files: BTreeMap<Name, Known>,
    /// What was written last, by the paths of outputs.
    outputs: HashMap<Name, Written>,
    descent: Descent,
    /// The report that is being read.
    report: usize,
    /// Sets of options, as lines have them.
    options: BTreeMap<String, usize>,
    /// Lines that count for nothing.
    pub skipped: u64,
    /// What alone matters, where not all does.
    pub only: Option<Wanted>,
}

/// What reports say of all inputs together.
#[derive(Default)]
pub struct Totals {
    /// Inputs that are done.
    pub done: u64,
    /// Inputs that failed.
    pub failed: u64,
    /// Inputs that were at work when the program was asked to stop.
    pub interrupted: u64,
    /// Inputs whose output is not there any more.
    pub gone: u64,
    /// Inputs whose output was replaced by that of another.
    pub replaced: u64,
    /// Bytes of the inputs that are done.
    pub before: u64,
    /// Bytes of their outputs.
    pub after: u64,
    /// Pixels outside the ranges.
    pub truncated: u64,
    /// Files with such pixels.
    pub truncated_files: u64,
    /// Files that were compared with their inputs.
    pub verified: u64,
    /// Files with an output that was not.
    pub uncompared: u64,
    /// The largest difference.
    pub largest_in_steps: Option<f64>,
    /// Sets of options that files were made with, by their numbers, and how many files each.
    pub options: BTreeMap<usize, u64>,
    /// Number of warnings.
    pub warnings: u64,
    /// Files with warnings.
    pub warned_files: u64,
    /// When the first and the last output were written.
    written: Option<(u64, u64)>,
}

impl Totals {
    /// Returns the number of inputs.
    pub fn files(&self) -> u64 {
        self.done + self.unfinished()
    }

    /// Returns the number of inputs that are not done.
    pub fn unfinished(&self) -> u64 {
        self.failed + self.interrupted + self.gone + self.replaced
    }

    /// Returns the seconds from the first output to the last, if there are several.
    pub fn seconds(&self) -> Option<f64> {
        let (first, last) = self.written.filter(|_| self.done > 1)?;
        Some((last - first) as f64 / 1e9)
    }

    fn add(&mut self, done: &Done) {
        self.done += 1;
        // A record that was tampered with must not end the program.
        self.before = self.before.saturating_add(done.sizes.0);
        self.after = self.after.saturating_add(done.sizes.1);
        self.truncated = self.truncated.saturating_add(done.truncated);
        self.truncated_files += u64::from(done.truncated > 0);
        self.verified += u64::from(done.verified);
        self.uncompared += u64::from(!done.verified && !done.stayed);
        *self.options.entry(done.options).or_default() += 1;
        self.warnings += done.warnings.len() as u64;
        self.warned_files += u64::from(!done.warnings.is_empty());
        self.largest_in_steps = match (self.largest_in_steps, done.largest_in_steps) {
            (Some(largest), Some(next)) => Some(largest.max(next)),
            (largest, next) => largest.or(next),
        };
        if let Some(written) = done.written {
            let (first, last) = self.written.unwrap_or((written, written));
            self.written = Some((first.min(written), last.max(written)));
        }
    }
}

impl Summary {
    /// Begins a summary of what alone matters.
    pub fn only(wanted: Wanted) -> Self {
        Self { only: Some(wanted), ..Self::default() }
    }

    /// Adds what a report says. Returns a note about lines that count for nothing.
    pub fn read(&mut self, report: &Path) -> anyhow::Result<Option<String>> {
        self.report += 1;
        let name = display(report).to_string();
        let reading = || format!("cannot read the report {name}");
        let mut lines = Lines::new(BufReader::new(File::open(report).with_context(reading)?));
        let (mut found, mut cut, mut other) = (0u64, 0u64, 0u64);
        while let Some((text, ..)) = lines.next().with_context(reading)? {
            match Kind::of(text) {
                Kind::Blank => {}
                Kind::Cut => cut += 1,
                Kind::Other => other += 1,
                Kind::Line(line) => {
                    let (input, output) = (line.input.name(), line.output.name());
                    // Of very many others nothing more is read.
                    let names = match &mut self.only {
                        Some(only) => only.names(&input, &output),
                        None => Some((Name::from(&*input), Name::from(&*output))),
                    };
                    match names.map(|(input, output)| (self.state(&line, &output), input, output)) {
                        None => found += 1,
                        Some((Some(state), input, output)) => {
                            found += 1;
                            self.take(line.time, state, input, output);
                        }
                        Some((None, ..)) => other += 1,
                    }
                }
            }
        }
        if found == 0 && other > 0 {
            bail!("{}", no_record(&name));
        }
        self.skipped += cut + other;
        Ok(skipped_lines(cut + other, &name))
    }

    /// Takes the word of a line.
    fn take(&mut self, time: Option<u64>, state: State, input: Name, output: Name) {
        let order = Order { record: self.report, time };
        // The output of an image is HDF5; anything else is copied under its own name.
        let is_other = !output.ends_with(b".hdf");
        if let State::Done(done) = &state {
            if input.ends_with(b".hdf") {
                self.descent.add(done.of_input, done.of_output);
            }
            let is_later = self.outputs.get(&output).is_none_or(|before| order.is_after(before.order, true));
            if is_later {
                let Done { of_input, of_output, sizes: (_, bytes), .. } = **done;
                let written = Written { input: input.clone(), of_input, bytes, of_output, order };
                self.outputs.insert(output, written);
            }
        }
        let mut known = Known { state, is_other, order, newest: time };
        match self.files.get_mut(&input) {
            Some(before) => {
                known.newest = before.newest.max(time);
                if known.counts_beside(before) {
                    *before = known;
                } else {
                    before.newest = known.newest;
                }
            }
            None => drop(self.files.insert(input, known)),
        }
    }

    /// Reads what a line says of its input; `None` where it is not what this program writes.
    fn state(&mut self, line: &Line<'_>, output: &Name) -> Option<State> {
        let Figures { truncated, warnings, verified, largest_in_steps, problem } = line.figures()?;
        match &*line.status {
            DONE => Some(State::Done(Box::new(Done {
                output: output.clone(),
                sizes: line.sizes()?,
                of_input: line.input.fingerprint().as_ref().and_then(half),
                of_output: line.output.fingerprint().as_ref().and_then(half),
                options: self.number(line.options().to_string()),
                truncated,
                warnings,
                verified,
                stayed: line.stayed(),
                largest_in_steps,
                written: line.output.modified.filter(|_| !line.stayed()),
            }))),
            FAILED => {
                let problem = problem.unwrap_or_default();
                Some(State::Failed(problem.chars().take(LONGEST_PROBLEM).collect()))
            }
            INTERRUPTED => Some(State::Interrupted),
            RESOLVED => Some(State::Resolved),
            _ => None,
        }
    }

    /// Numbers a set of options. Those beyond so many are one.
    fn number(&mut self, options: String) -> usize {
        let next = self.options.len();
        match self.options.get(&options) {
            Some(&number) => number,
            None if next >= MOST_OPTIONS => next,
            None => *self.options.entry(options).or_insert(next),
        }
    }

    /// Lists sets of options that files were made with, as text in JSON, and how many files each.
    pub fn options<'s>(&'s self, totals: &'s Totals) -> impl Iterator<Item = (&'s str, u64)> {
        self.options.iter().filter_map(|(text, number)| Some((&**text, *totals.options.get(number)?)))
    }

    /// Lists the inputs, in the order of their names.
    pub fn files(&self) -> impl Iterator<Item = (&Name, &Known)> {
        self.files.iter()
    }

    /// Returns what became of an input, if that is known.
    pub fn state_of(&self, input: &[u8]) -> Option<&State> {
        self.files.get(input).map(|known| &known.state)
    }

    /// Says what became of an input.
    pub fn set_state(&mut self, input: &Name, state: State) {
        if let Some(known) = self.files.get_mut(input) {
            known.state = state;
        }
    }

    /// Lists what was written last, by the absolute paths of outputs.
    pub fn outputs(&self) -> impl Iterator<Item = (&Name, &Written)> {
        self.outputs.iter()
    }

    /// Returns what was written to an output last.
    pub fn written(&self, output: &[u8]) -> Option<&Written> {
        self.outputs.get(output)
    }

    /// Tells whether what was written last has replaced the output of an input. What was made from that output, as in its own
    /// place with fewer bits, is what has become of it.
    pub fn is_replaced(&self, input: &Name, done: &Done, by: &Written) -> bool {
        by.replaces(input, done) && !self.descent.leads(done.of_output, by.of_input)
    }

    /// Lists the inputs that are not done, in the order of their names.
    pub fn unfinished(&self) -> impl Iterator<Item = (&Name, &Known)> {
        self.files().filter(|(_, known)| !known.state.is_fine())
    }

    /// Sums up those inputs that count.
    pub fn totals(&self, counts: impl Fn(&Name) -> bool) -> Totals {
        let mut totals = Totals::default();
        for (_, known) in self.files().filter(|(name, _)| counts(name)) {
            match &known.state {
                State::Done(done) => totals.add(done),
                State::Failed(_) => totals.failed += 1,
                State::Interrupted => totals.interrupted += 1,
                State::Lost(Lost::Gone(_)) => totals.gone += 1,
                State::Lost(Lost::Replaced(_)) => totals.replaced += 1,
                State::Resolved => {}
            }
        }
        totals
    }
}
