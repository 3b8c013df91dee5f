//! What a journal proves to be done, judged by the content of files: a link, another spelling or a folder with a new
//! name repeats nothing, and a journal cannot be wrong about a file that was not renamed after all.
//!
//! A journal may have a line for every file there ever was. Kept are one entry for each name of this run, and two
//! numbers for each line whose output is as long as a file that stands where an output of this run goes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use anyhow::{Context, bail};
use e2compress_core::record::{self, DONE, Fingerprint, Kind, Line, Named, Order};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::files::fingerprint;
use crate::files::journal::absolute_name;
use crate::files::journal_line::Lines;
use crate::files::pairs::{Was, is_there, other_half};
use crate::files::plan::Paths;
use crate::files::sanitize::display;
use crate::files::settled::modified;
use crate::fmt::{no_record, skipped_lines};
use crate::terminal::Before;
use crate::version::VERSION;

/// Half of a SHA-256, which tells files apart as well.
pub type Half = u128;

/// Knows what was done before with the options of this run, by one journal or several. A file that is done by one of them is
/// done, whatever failed later, so that journals can be joined in any order; unless it was made otherwise after that.
pub struct Proven {
    journals: Vec<PathBuf>,
    chosen: Value,
    /// Times are trusted.
    quick: bool,
    known: Mutex<Known>,
}

/// What the journals say that matters here.
#[derive(Default)]
struct Known {
    /// Bytes of each journal that were read.
    read: Vec<u64>,
    /// The last line that says "done" about each pair of names of this run, and when it was written.
    by_names: HashMap<Half, Option<(Order, Last)>>,
    /// Output and input of what was done, and what was warned of; no input where another version did it.
    done: BTreeMap<(Half, Option<Half>), (Before, At)>,
    /// Lengths of the outputs in `done`.
    lengths: HashSet<u64>,
}

/// Where a line is: its order has the number of its journal.
#[derive(Clone, Copy)]
struct At {
    order: Order,
    /// The byte where it begins.
    byte: u64,
}

impl At {
    fn new(journal: usize, byte: u64, line: &Line<'_>) -> Self {
        Self { order: Order { record: journal, time: line.time }, byte }
    }
}

/// What the last line that says "done" about a pair of names says.
#[derive(Clone, Copy)]
enum Last {
    /// It was done with the same options and version.
    Done(Option<Seen>, Before),
    /// It was done otherwise.
    Otherwise,
}

/// Lengths and times of an input and its output when they were recorded.
#[derive(Clone, Copy)]
struct Seen {
    input: (u64, u64),
    output: (u64, u64),
}

impl Seen {
    fn of(line: &Line<'_>) -> Option<Self> {
        let of = |named: &Named<'_>| Some((named.fingerprint()?.bytes, named.modified?));
        Some(Self { input: of(&line.input)?, output: of(&line.output)? })
    }

    /// Tells whether both files are as they were, as far as that shows. An original that was deleted is not needed.
    fn holds(self, paths: &Paths) -> bool {
        seen(&paths.output, None) == Some(self.output)
            && (paths.replaces_input()
                || seen(&paths.input, other_half(&paths.input).as_deref()) == Some(self.input)
                || !is_there(&paths.input, Was { bytes: self.input.0, modified: Some(self.input.1) }))
    }
}

/// Returns length and time of a file as they are recorded: of a pair, of both together.
fn seen(path: &Path, other: Option<&Path>) -> Option<(u64, u64)> {
    let of = |path: &Path| {
        let there = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some((there.len(), modified(&there)?))
    };
    let (length, time) = of(path)?;
    let (more, later) = other.and_then(of).unwrap_or_default();
    Some((length + more, time.max(later)))
}

impl Proven {
    /// Reads journals for a run with these options; `quick` tells that times are trusted. Returns notes for the person with
    /// it: a journal that is not there yet is empty, and lines that were cut short count as none.
    pub fn read(
        journals: &[PathBuf],
        planned: &[Paths],
        chosen: Value,
        quick: bool,
    ) -> anyhow::Result<(Self, Vec<String>)> {
        let mut known = Known::default();
        known.by_names.extend(planned.iter().map(|paths| (names(paths), None)));
        let lengths: HashSet<u64> =
            planned.iter().filter_map(|paths| Some(fs::metadata(&paths.output).ok()?.len())).collect();
        let proven = Self { journals: journals.to_vec(), chosen, quick, known: Mutex::default() };
        let mut notes = Vec::new();
        for journal in journals {
            let read = proven.read_whole(journal, &mut known, &mut notes, &lengths)?;
            known.read.push(read);
        }
        Ok((Self { known: Mutex::new(known), ..proven }, notes))
    }

    /// Reads a journal and returns how far.
    fn read_whole(
        &self,
        journal: &Path,
        known: &mut Known,
        notes: &mut Vec<String>,
        lengths: &HashSet<u64>,
    ) -> anyhow::Result<u64> {
        let name = display(journal);
        let file = match fs::metadata(journal) {
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => {
                notes.push(format!("there is no report {name} yet, so nothing counts as done before"));
                return Ok(0);
            }
            // Reading a pipe would wait, and some devices never end.
            Ok(there) if !there.is_file() => {
                bail!("cannot read the report {name}: not a regular file. Nothing was written")
            }
            _ => File::open(journal),
        };
        let reading = || format!("cannot read the report {name}");
        let mut lines = Lines::new(BufReader::new(file.with_context(reading)?));
        let (mut found, mut cut, mut other, mut read) = (0u64, 0u64, 0u64, 0);
        while let Some((text, length, ended)) = lines.next().with_context(reading)? {
            match Kind::of(text) {
                Kind::Blank => {}
                Kind::Cut => cut += 1,
                Kind::Other => other += 1,
                Kind::Line(line) => {
                    found += 1;
                    let at = At::new(known.read.len(), read, &line);
                    self.take(known, &line, at, |length| lengths.contains(&length));
                }
            }
            // A last line without an end may be one that is being written.
            read += if ended { length } else { 0 };
        }
        if found == 0 && other > 0 {
            bail!("{}. Nothing was written", no_record(&name.to_string()));
        }
        notes.extend(skipped_lines(cut + other, &name.to_string()));
        Ok(read)
    }

    /// Takes what a line says. What failed left everything as it was.
    fn take(&self, known: &mut Known, line: &Line<'_>, at: At, matters: impl Fn(u64) -> bool) {
        let prints = line.output.fingerprint().zip(line.input.fingerprint());
        let (DONE, Some((output, input))) = (&*line.status, prints) else { return };
        let (same_options, this_version) = (line.options() == self.chosen, line.version == VERSION);
        // A record may have lines of very many other files: only what matters here is read once more.
        let before = || {
            let remarks = line.remarks();
            let warnings = remarks.warnings.len().try_into().unwrap_or(u32::MAX);
            Before { warnings, lost: remarks.is_lost() }
        };
        if let Some(last) = known.by_names.get_mut(&hash(&line.input.name(), &line.output.name())) {
            let is_same = same_options && this_version;
            // Where nothing tells which of two is later, what is done is.
            let otherwise = is_same || matches!(last, Some((_, Last::Otherwise)));
            if last.is_none_or(|(before, _)| at.order.is_after(before, otherwise)) {
                let now = if is_same { Last::Done(Seen::of(line), before()) } else { Last::Otherwise };
                *last = Some((at.order, now));
            }
        }
        if same_options
            && matters(output.bytes)
            && let Some((of_output, of_input)) = half(&output).zip(half(&input))
        {
            let contents = (of_output, this_version.then_some(of_input));
            if known.done.get(&contents).is_none_or(|(_, last)| at.order.is_after(last.order, true)) {
                known.done.insert(contents, (before(), at));
            }
            known.lengths.insert(output.bytes);
        }
    }

    /// Reads what was added to the journals meanwhile, by this program and others.
    fn up_to_date(&self) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().expect("no holder of this lock panics");
        for (number, journal) in self.journals.iter().enumerate() {
            // What cannot be read proves nothing.
            let _ = self.read_on(journal, number, &mut known);
        }
        known
    }

    fn read_on(&self, journal: &Path, number: usize, known: &mut Known) -> io::Result<()> {
        let mut read = known.read.get(number).copied().unwrap_or(0);
        if !fs::metadata(journal).is_ok_and(|now| now.is_file() && now.len() > read) {
            return Ok(());
        }
        let mut file = File::open(journal)?;
        file.seek(SeekFrom::Start(read))?;
        let mut lines = Lines::new(BufReader::new(file));
        while let Some((text, length, true)) = lines.next()? {
            let start = read;
            read += length;
            if let Some(known) = known.read.get_mut(number) {
                *known = read;
            }
            if let Kind::Line(line) = Kind::of(text) {
                self.take(known, &line, At::new(number, start, &line), |_| true);
            }
        }
        Ok(())
    }

    /// Looks for a proof that a file was done and its output is there; returns what was warned of then.
    pub fn proof(&self, paths: &Paths) -> Option<Before> {
        let known = self.up_to_date();
        let last = known.by_names.get(&names(paths)).copied().flatten().map(|(_, last)| last);
        let length = fs::metadata(&paths.output).map(|there| there.len());
        let may_be = length.is_ok_and(|length| known.lengths.contains(&length));
        drop(known);
        let in_place = paths.replaces_input();
        match last {
            Some(Last::Done(Some(seen), before)) if self.quick && seen.holds(paths) => return Some(before),
            Some(Last::Otherwise) if !in_place => return None,
            _ if !may_be => return None,
            _ => {}
        }
        let of = |path: &Path| half(&fingerprint::of(&File::open(path).ok()?).ok()?);
        let of_input = |path: &Path| half(&fingerprint::of_input(path).ok()?);
        let there = of(&paths.output)?;
        let inputs = self.inputs_of(there, in_place);
        if in_place {
            return inputs.map(|(_, (before, _))| before).reduce(Before::worse);
        }
        let mut inputs = inputs.peekable();
        inputs.peek()?;
        // An original that was deleted is not needed.
        let original = if paths.input.exists() { Some(of_input(&paths.input)) } else { None };
        let is_of = |input: Option<Half>| original.is_none_or(|found| found.is_some() && found == input);
        let found = inputs.find(|&(input, _)| is_of(input)).map(|(_, (before, _))| before);
        found.or_else(|| self.proof_of_half(paths, there))
    }

    /// Looks for a proof that a pair was done, of which one file was deleted: by what was recorded of both together.
    fn proof_of_half(&self, paths: &Paths, output: Half) -> Option<Before> {
        other_half(&paths.input).filter(|other| !other.exists())?;
        let mut found = self.inputs_of(output, false).map(|(_, found)| found);
        found
            .find(|&(_, at)| self.input_at(at).is_some_and(|was| !is_there(&paths.input, was)))
            .map(|(before, _)| before)
    }

    /// Reads a line again, and finds out what its input was.
    fn input_at(&self, at: At) -> Option<Was> {
        let text = self.text_at(at)?;
        let Kind::Line(line) = Kind::of(&text) else { return None };
        Was::of(&line.input)
    }

    /// Reads a line again.
    fn text_at(&self, at: At) -> Option<Vec<u8>> {
        let mut file = File::open(self.journals.get(at.order.record)?).ok()?;
        file.seek(SeekFrom::Start(at.byte)).ok()?;
        Lines::new(BufReader::new(file)).next().ok()?.map(|(text, ..)| text.to_owned())
    }

    /// Finds the line that says of a file that it was done, to be said once more where no line says so or a later one says
    /// otherwise; with its names of now.
    pub fn line(&self, paths: &Paths) -> Option<Value> {
        let output = half(&fingerprint::of(&File::open(&paths.output).ok()?).ok()?)?;
        let of_input = || half(&fingerprint::of_input(&paths.input).ok()?);
        let input = if paths.replaces_input() || !paths.input.exists() { None } else { Some(of_input()) };
        let is_half = other_half(&paths.input).is_some_and(|other| !other.exists());
        let is_proof = |of: Option<Half>, at: At| {
            input.is_none_or(|input| input.is_some() && input == of)
                || is_half && self.input_at(at).is_some_and(|was| !is_there(&paths.input, was))
        };
        let proofs = self.inputs_of(output, paths.replaces_input());
        let mut proofs: Vec<At> =
            proofs.filter(|&(of, (_, at))| is_proof(of, at)).map(|(_, (_, at))| at).collect();
        proofs.sort_by_key(|at| (at.order.record, at.byte));
        let later = |before: At, at: At| if at.order.is_after(before.order, true) { at } else { before };
        let text = self.text_at(proofs.into_iter().reduce(later)?)?;
        let Kind::Line(line) = Kind::of(&text) else { return None };
        let mut line = serde_json::from_slice(line.text()).ok()?;
        record::rename(&mut line, &absolute_name(&paths.input), &absolute_name(&paths.output));
        Some(line)
    }

    /// Lists what an output was made from, and what was warned of. What is `in_place` was made by whichever version, since
    /// compressing it once more would lose bits once more; of anything else other versions prove nothing.
    fn inputs_of(&self, output: Half, in_place: bool) -> impl Iterator<Item = (Option<Half>, (Before, At))> {
        let known = self.known.lock().expect("no holder of this lock panics");
        let range = (output, None)..=(output, Some(Half::MAX));
        known
            .done
            .range(range)
            .map(|((_, input), found)| (*input, *found))
            .filter(|(input, _)| in_place || input.is_some())
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// Returns half of a SHA-256; `None` where it is none.
pub fn half(print: &Fingerprint) -> Option<Half> {
    let whole = Some(&print.sha256).filter(|text| text.len() == 64)?;
    Half::from_str_radix(whole.get(..32)?, 16).ok()
}

/// Stands for a pair of names.
fn names(paths: &Paths) -> Half {
    hash(&absolute_name(&paths.input), &absolute_name(&paths.output))
}

fn hash(input: &[u8], output: &[u8]) -> Half {
    let whole = Sha256::new().chain_update(input).chain_update([0]).chain_update(output).finalize();
    Half::from_be_bytes(*whole.first_chunk().expect("it is longer"))
}

#[cfg(test)]
mod tests;
