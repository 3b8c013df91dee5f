//! The options that a record says files were made with.

use std::collections::HashMap;
use std::fs::{self, File};
use std::hash::Hash;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use e2compress_core::record::{DONE, Kind, Order, options_from};
use e2compress_core::{Memory, Options};
use serde_json::Value;

use crate::files::fingerprint;
use crate::files::journal::{Name, absolute_name, path_of};
use crate::files::journal_line::Lines;
use crate::files::pairs::{Was, is_half, is_left_of, is_there};
use crate::files::places::Places;
use crate::files::plan::stem;
use crate::files::sanitize::display;
use crate::files::source::FileSource;

/// What became of the original that a file was compared with.
pub enum Original {
    /// It was deleted: its folder is there without it.
    Gone,
    /// The folder that it was in, by this path, is not there.
    Away(PathBuf),
    /// It is there, or the record does not say that they were compared.
    Unknown,
}

/// What a record says of some files.
pub struct Recorded {
    record: PathBuf,
    /// By the SHA-256 of the output, with the order of the line.
    by_content: HashMap<String, (Order, Value)>,
    /// What was compared with its input before its line was written, by the SHA-256 of the output: absolute paths of inputs and
    /// what they were.
    compared: HashMap<String, Vec<(Name, Was)>>,
    /// By the output's absolute path.
    by_path: HashMap<Name, (Order, Value)>,
}

/// Keeps what the later of two lines says.
fn keep<K: Eq + Hash>(of: &mut HashMap<K, (Order, Value)>, key: K, (order, options): (Order, Value)) {
    if of.get(&key).is_none_or(|(before, _)| order.is_after(*before, true)) {
        of.insert(key, (order, options));
    }
}

impl Recorded {
    /// Reads what a record says of the outputs `files`. Of several lines about one the latest counts; lines that are cut
    /// short count for nothing.
    pub fn read(record: &Path, files: &[&Path]) -> anyhow::Result<Self> {
        let reading = || format!("cannot read the report {}", display(record));
        let lengths: Vec<u64> =
            files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len())).collect();
        let paths: Vec<Name> = files.iter().map(|file| absolute_name(file)).collect();
        let mut found = Self {
            record: record.to_owned(),
            by_content: HashMap::new(),
            compared: HashMap::new(),
            by_path: HashMap::new(),
        };
        if !fs::metadata(record).with_context(reading)?.is_file() {
            bail!("{} is no regular file", display(record));
        }
        let mut known = false;
        let mut lines = Lines::new(BufReader::new(File::open(record).with_context(reading)?));
        while let Some((text, ..)) = lines.next().with_context(reading)? {
            let Kind::Line(line) = Kind::of(text) else { continue };
            known = true;
            let order = Order { record: 0, time: line.time };
            // What failed left nothing.
            let Some(print) = line.output.fingerprint() else { continue };
            if lengths.contains(&print.bytes) {
                let figures = line.figures().unwrap_or_default();
                if let Some(was) = Was::of(&line.input)
                    && line.status == DONE
                    && (figures.verified || line.stayed())
                {
                    let inputs = found.compared.entry(print.sha256.clone()).or_default();
                    inputs.push((line.input.name().into(), was));
                }
                keep(&mut found.by_content, print.sha256, (order, line.options()));
            }
            let name = line.output.name();
            if paths.iter().any(|named| **named == *name) {
                keep(&mut found.by_path, (&*name).into(), (order, line.options()));
            }
        }
        if !known {
            bail!("{} is no report of --report", display(record));
        }
        Ok(found)
    }

    /// Finds out what became of the original of its name that a file, as it is, was compared with. `left` is an original that is
    /// there: it may be one file of a pair, of which the other one was deleted.
    pub fn original_of(&self, file: &Path, left: Option<&Path>) -> Original {
        // Most originals are whole, and then the file need not be read for its SHA-256.
        if self.compared.is_empty() || left.is_some_and(|left| !is_half(left)) {
            return Original::Unknown;
        }
        let print = FileSource::open(file).ok().and_then(|(source, _)| fingerprint::of(&source).ok());
        let Some(inputs) = print.and_then(|print| self.compared.get(&print.sha256)) else {
            return Original::Unknown;
        };
        let is_of_its_name = |name: &Name| {
            let input = path_of(name);
            input.is_absolute() && stem(&input) == stem(file)
        };
        if !inputs.iter().all(|(name, _)| is_of_its_name(name)) {
            return Original::Unknown;
        }
        // Of a file whose folder is not there nobody knows here whether it was deleted: its disk may not be mounted.
        let mut places = Places::default();
        let (here, away): (Vec<_>, Vec<_>) = inputs.iter().partition(|(name, _)| places.has_folder_of(name));
        let is_gone = |(name, was): &&(Name, Was)| !is_there(&path_of(name), *was);
        match (&here[..], &away[..]) {
            ([], [.., (name, _)]) => Original::Away(path_of(name)),
            (here, _) if here.iter().all(is_gone) => {
                let is_left = |left: &Path| here.iter().any(|(_, was)| is_left_of(left, *was));
                if left.is_none_or(is_left) { Original::Gone } else { Original::Unknown }
            }
            _ => Original::Unknown,
        }
    }

    /// Returns the options that a file was made with: those of the output of the same bytes, wherever it was written,
    /// otherwise those of the output of the same path.
    pub fn options(&self, file: &Path, memory: Memory) -> anyhow::Result<Options> {
        let print = || fingerprint::of(&FileSource::open(file).ok()?.0).ok();
        let by_content = if self.by_content.is_empty() { None } else { print() };
        let options = by_content.and_then(|print| self.by_content.get(&print.sha256));
        let options = options.or_else(|| self.by_path.get(&absolute_name(file)));
        let Some((_, options)) = options else {
            bail!("{} has no line about it", display(&self.record));
        };
        options_from(options, memory)
            .ok_or_else(|| anyhow!("its options in {} cannot be read", display(&self.record)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_latest_line_about_a_file_has_its_options() {
        let folder = tempfile::tempdir().unwrap();
        let (file, record) = (folder.path().join("a.hdf"), folder.path().join("r.jsonl"));
        fs::write(&file, "codes").unwrap();
        let print = fingerprint::of(&FileSource::open(&file).unwrap().0).unwrap();
        let line = |bits: u32, time: u64, sha256: &str| {
            let line = json!({
                "commit": "", "status": DONE, "version": "1", "time_ns": time,
                "options": { "bits": bits, "compresslevel": 1, "limits": null },
                "input": { "path": "/a.mrc" },
                "output": { "path": file.to_str().unwrap(), "bytes": print.bytes, "sha256": sha256 },
            });
            format!("{line}\n")
        };
        // By content, and by path alone.
        for sha256 in [&*print.sha256, "of another"] {
            fs::write(&record, line(8, 2, sha256) + &line(4, 1, sha256)).unwrap();
            let recorded = Recorded::read(&record, &[&file]).unwrap();
            let options = recorded.options(&file, Memory::DEFAULT).unwrap();
            assert_eq!(options, Options::bits(8).unwrap(), "{sha256}");
        }
    }
}
