//! The options that a record says files were made with.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use e2compress_core::record::{DONE, Figures, Kind, options_from};
use e2compress_core::{Memory, Options};
use serde_json::Value;

use crate::files::fingerprint;
use crate::files::journal::{Name, absolute_name, path_of};
use crate::files::journal_line::Lines;
use crate::files::pairs::is_there;
use crate::files::plan::stem;
use crate::files::sanitize::display;
use crate::files::source::FileSource;

/// What a record says of some files.
pub struct Recorded {
    record: PathBuf,
    /// By the SHA-256 of the output.
    by_content: HashMap<String, Value>,
    /// What was compared with its input before its line was written, by the SHA-256 of the output: absolute paths of inputs and
    /// their bytes.
    compared: HashMap<String, Vec<(Name, u64)>>,
    /// By the output's absolute path.
    by_path: HashMap<Name, Value>,
}

impl Recorded {
    /// Reads what a record says of the outputs `files`. Of several lines about one the last counts; lines that are cut
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
        while let Some((line, ..)) = lines.next().with_context(reading)? {
            let text = line;
            let Kind::Line(line) = Kind::of(text) else { continue };
            known = true;
            // What failed left nothing.
            let Some(print) = line.output.fingerprint() else { continue };
            if lengths.contains(&print.bytes) {
                let figures = Figures::of(text).unwrap_or_default();
                if let Some(input) = line.input.fingerprint()
                    && line.status == DONE
                    && (figures.verified || line.stayed())
                {
                    let inputs = found.compared.entry(print.sha256.clone()).or_default();
                    inputs.push((line.input.name().into(), input.bytes));
                }
                found.by_content.insert(print.sha256, line.options());
            }
            let name = line.output.name();
            if paths.iter().any(|named| **named == *name) {
                found.by_path.insert((&*name).into(), line.options());
            }
        }
        if !known {
            bail!("{} is no report of --report", display(record));
        }
        Ok(found)
    }

    /// Tells whether a file, as it is, was compared with an original of its name that is not there any more.
    pub fn outlived_its_original(&self, file: &Path) -> bool {
        let print = || fingerprint::of(&FileSource::open(file).ok()?.0).ok();
        let print = if self.compared.is_empty() { None } else { print() };
        let Some(inputs) = print.and_then(|print| self.compared.get(&print.sha256)) else { return false };
        let is_gone = |(name, bytes): &(Name, u64)| {
            let input = path_of(name);
            input.is_absolute() && stem(&input) == stem(file) && !is_there(&input, *bytes)
        };
        !inputs.is_empty() && inputs.iter().all(is_gone)
    }

    /// Returns the options that a file was made with: those of the output of the same bytes, wherever it was written,
    /// otherwise those of the output of the same path.
    pub fn options(&self, file: &Path, memory: Memory) -> anyhow::Result<Options> {
        let print = || fingerprint::of(&FileSource::open(file).ok()?.0).ok();
        let by_content = if self.by_content.is_empty() { None } else { print() };
        let options = by_content.and_then(|print| self.by_content.get(&print.sha256));
        let options = options.or_else(|| self.by_path.get(&absolute_name(file)));
        let Some(options) = options else {
            bail!("{} has no line about it", display(&self.record));
        };
        options_from(options, memory)
            .ok_or_else(|| anyhow!("its options in {} cannot be read", display(&self.record)))
    }
}
