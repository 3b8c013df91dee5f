//! What a journal proves to be done, judged by the content of files: a link, another spelling or a folder with a new
//! name repeats nothing, and a journal cannot be wrong about a file that was not renamed after all.
//!
//! A journal may have a line for every file there ever was. Kept are one entry for each name of this run, and two
//! numbers for each line whose output is as long as a file that stands where an output of this run goes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use anyhow::{Context, bail};
use e2compress_core::record::{DONE, Fingerprint, Kind, Line};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::files::fingerprint;
use crate::files::journal::absolute_name;
use crate::files::journal_line::Lines;
use crate::files::plan::Paths;
use crate::files::sanitize::display;
use crate::fmt::{no_record, skipped_lines};
use crate::version::VERSION;

/// Half of a SHA-256, which tells files apart as well.
type Half = u128;

/// Knows what was done before with the options of this run.
pub struct Proven {
    path: PathBuf,
    chosen: Value,
    known: Mutex<Known>,
}

/// What a journal says that matters here.
#[derive(Default)]
struct Known {
    /// Bytes of the journal that were read.
    read: u64,
    /// The last line about each pair of names of this run.
    by_names: HashMap<Half, Last>,
    /// Output and input of what was done; no input where another version did it.
    done: BTreeSet<(Half, Option<Half>)>,
    /// Lengths of the outputs in `done`.
    lengths: HashSet<u64>,
}

/// What the last line about a pair of names says.
#[derive(Clone, Copy)]
enum Last {
    /// There is no line.
    Nothing,
    /// It was done with the same options and version.
    Done { output: Half, input: Half },
    /// It was not, or otherwise.
    Otherwise,
}

impl Proven {
    /// Reads a journal for a run with these options. Returns notes for the person with it: one that is not there yet is
    /// empty, and lines that were cut short count as none.
    pub fn read(path: &Path, planned: &[Paths], chosen: Value) -> anyhow::Result<(Self, Vec<String>)> {
        let mut known = Known::default();
        known.by_names.extend(planned.iter().map(|paths| (names(paths), Last::Nothing)));
        let name = display(path);
        let mut proven = Self { path: path.to_owned(), chosen, known: Mutex::default() };
        let file = match fs::metadata(path) {
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => {
                proven.known = Mutex::new(known);
                let note = format!("there is no report {name} yet, so nothing counts as done before");
                return Ok((proven, vec![note]));
            }
            // Reading a pipe would wait, and some devices never end.
            Ok(there) if !there.is_file() => {
                bail!("cannot read the report {name}: not a regular file. Nothing was written")
            }
            _ => File::open(path),
        };
        let reading = || format!("cannot read the report {name}");
        let file = file.with_context(reading)?;
        let lengths: HashSet<u64> =
            planned.iter().filter_map(|paths| Some(fs::metadata(&paths.output).ok()?.len())).collect();
        let mut lines = Lines::new(BufReader::new(file));
        let (mut found, mut cut, mut other) = (0u64, 0u64, 0u64);
        while let Some((line, length, ended)) = lines.next().with_context(reading)? {
            match Kind::of(line) {
                Kind::Blank => {}
                Kind::Cut => cut += 1,
                Kind::Other => other += 1,
                Kind::Line(line) => {
                    found += 1;
                    proven.take(&mut known, &line, |length| lengths.contains(&length));
                }
            }
            // A last line without an end may be one that is being written.
            known.read += if ended { length } else { 0 };
        }
        if found == 0 && other > 0 {
            bail!("{}. Nothing was written", no_record(&name.to_string()));
        }
        proven.known = Mutex::new(known);
        Ok((proven, Vec::from_iter(skipped_lines(cut + other, &name.to_string()))))
    }

    /// Takes what a line says.
    fn take(&self, known: &mut Known, line: &Line<'_>, matters: impl Fn(u64) -> bool) {
        let is_done = line.status == DONE && line.options() == self.chosen;
        let prints = is_done.then(|| Some((line.output.fingerprint()?, line.input.fingerprint()?))).flatten();
        let halves = prints.as_ref().and_then(|(output, input)| Some((half(output)?, half(input)?)));
        let this_version = line.version == VERSION;
        if let Some(last) = known.by_names.get_mut(&hash(&line.input.path, &line.output.path)) {
            *last = match halves {
                Some((output, input)) if this_version => Last::Done { output, input },
                _ => Last::Otherwise,
            };
        }
        if let (Some((print, _)), Some((output, input))) = (prints, halves)
            && matters(print.bytes)
        {
            known.done.insert((output, this_version.then_some(input)));
            known.lengths.insert(print.bytes);
        }
    }

    /// Reads what was added to the journal meanwhile, by this program and others.
    fn up_to_date(&self) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().expect("no holder of this lock panics");
        // What cannot be read proves nothing.
        let _ = self.read_on(&mut known);
        known
    }

    fn read_on(&self, known: &mut Known) -> io::Result<()> {
        if !fs::metadata(&self.path).is_ok_and(|now| now.is_file() && now.len() > known.read) {
            return Ok(());
        }
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(known.read))?;
        let mut lines = Lines::new(BufReader::new(file));
        while let Some((line, length, true)) = lines.next()? {
            known.read += length;
            if let Kind::Line(line) = Kind::of(line) {
                self.take(known, &line, |_| true);
            }
        }
        Ok(())
    }

    /// Tells whether a file was done and its output is proven to be there.
    pub fn proves(&self, paths: &Paths) -> bool {
        let known = self.up_to_date();
        let last = known.by_names.get(&names(paths)).copied().unwrap_or(Last::Nothing);
        let length = fs::metadata(&paths.output).map(|there| there.len());
        let may_be = length.is_ok_and(|length| known.lengths.contains(&length));
        drop(known);
        let in_place = paths.replaces_input();
        if !may_be || !in_place && matches!(last, Last::Otherwise) {
            return false;
        }
        let of = |path: &Path| half(&fingerprint::of(&File::open(path).ok()?).ok()?);
        let Some(there) = of(&paths.output) else { return false };
        if in_place {
            // Whatever was said later, and by whichever version: compressing it once more would lose bits once more.
            return self.inputs_of(there).next().is_some();
        }
        // An original that was deleted is not needed.
        let original = if paths.input.exists() { Some(of(&paths.input)) } else { None };
        let is_original = |input: Half| original.is_none_or(|found| found == Some(input));
        match last {
            Last::Done { output, input } => there == output && is_original(input),
            Last::Nothing => self.inputs_of(there).flatten().any(is_original),
            Last::Otherwise => false,
        }
    }

    /// Lists what an output was made from.
    fn inputs_of(&self, output: Half) -> impl Iterator<Item = Option<Half>> {
        let known = self.known.lock().expect("no holder of this lock panics");
        let range = (output, None)..=(output, Some(Half::MAX));
        known.done.range(range).map(|(_, input)| *input).collect::<Vec<_>>().into_iter()
    }
}

/// Returns half of a SHA-256; `None` where it is none.
fn half(print: &Fingerprint) -> Option<Half> {
    let whole = Some(&print.sha256).filter(|text| text.len() == 64)?;
    Half::from_str_radix(whole.get(..32)?, 16).ok()
}

/// Stands for a pair of names.
fn names(paths: &Paths) -> Half {
    hash(&absolute_name(&paths.input), &absolute_name(&paths.output))
}

fn hash(input: &str, output: &str) -> Half {
    let whole = Sha256::new().chain_update(input).chain_update([0]).chain_update(output).finalize();
    Half::from_be_bytes(*whole.first_chunk().expect("it is longer"))
}

#[cfg(test)]
mod tests;
