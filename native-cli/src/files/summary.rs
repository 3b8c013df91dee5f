//! What reports say of all files together. Kept is an entry for each input that they name, however many lines there are.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use e2compress_core::record::{DONE, FAILED, Figures, INTERRUPTED, Kind, Line, RESOLVED};

use crate::files::journal::{Name, absolute_name};
use crate::files::journal_line::Lines;
use crate::files::sanitize::display;
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
    /// It is no image, failed before and is all right now: it counts for nothing.
    Resolved,
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
    sizes: (u64, u64),
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
    /// The report in which that stands.
    report: u32,
    /// When that was written, where it is known.
    time: Option<u64>,
}

impl Known {
    /// Tells whether this counts beside what was read of the same input before: the later one does. Where lines have no time,
    /// as those of earlier versions, it is in one report the last line, since a file that failed after it was done may have
    /// changed; and of several reports what is done, since nothing tells which run was the later one.
    fn counts_beside(&self, before: &Self) -> bool {
        match (before.time, self.time) {
            (Some(before), Some(time)) if before != time => before < time,
            _ => before.report == self.report || self.state.is_fine() || !before.state.is_fine(),
        }
    }
}

/// What reports say of each input.
#[derive(Default)]
pub struct Summary {
    files: BTreeMap<Name, Known>,
    /// The report that is being read.
    report: u32,
    /// Sets of options, as lines have them.
    options: BTreeMap<String, usize>,
    /// Lines that count for nothing.
    pub skipped: u64,
    /// The only inputs that matter, where not all do.
    only: Option<HashSet<Name>>,
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
        self.done + self.failed + self.interrupted
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
                // Of very many others nothing more is read.
                Kind::Line(line) if !self.wants(&line.input.name()) => found += 1,
                Kind::Line(line) => match self.state(&line, text) {
                    Some(state) => {
                        found += 1;
                        // The output of an image is HDF5; anything else is copied under its own name.
                        let is_other = !line.output.name().ends_with(b".hdf");
                        let known = Known { state, is_other, report: self.report, time: line.time };
                        self.take(&line.input.name(), known);
                    }
                    None => other += 1,
                },
            }
        }
        if found == 0 && other > 0 {
            bail!("{}", no_record(&name));
        }
        self.skipped += cut + other;
        Ok(skipped_lines(cut + other, &name))
    }

    /// Tells whether an input matters.
    fn wants(&self, name: &[u8]) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(name))
    }

    /// Takes the word of a line.
    fn take(&mut self, name: &[u8], known: Known) {
        match self.files.get_mut(name) {
            Some(before) if !known.counts_beside(before) => {}
            Some(before) => *before = known,
            None => {
                self.files.insert(name.into(), known);
            }
        }
    }

    /// Reads what a line says of its input; `None` where it is not what this program writes.
    fn state(&mut self, line: &Line<'_>, text: &[u8]) -> Option<State> {
        let Figures { truncated, warnings, verified, largest_in_steps, problem } = Figures::of(text)?;
        match &*line.status {
            DONE => Some(State::Done(Box::new(Done {
                sizes: line.sizes()?,
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
                State::Resolved => {}
            }
        }
        totals
    }
}

/// Finds what of some files and folders is not done, by these reports together. Of reports without an end, such as pipes,
/// nothing is known.
pub fn unresolved<'p>(
    reports: impl Iterator<Item = &'p PathBuf>,
    others: impl Iterator<Item = &'p PathBuf>,
) -> BTreeSet<Name> {
    let only: HashSet<Name> = others.map(|other| absolute_name(other)).collect();
    if only.is_empty() {
        return BTreeSet::new();
    }
    let mut summary = Summary { only: Some(only), ..Summary::default() };
    let reports: BTreeSet<&PathBuf> = reports.filter(|report| report.is_file()).collect();
    for report in reports {
        // Reports that are none were refused, and lines that are none were told.
        let _ = summary.read(report);
    }
    summary.unfinished().map(|(name, _)| name.clone()).collect()
}
