//! The options that a record says files were made with.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use e2compress_core::record::{Kind, options_from};
use e2compress_core::{Memory, Options};
use serde_json::Value;

use crate::files::fingerprint;
use crate::files::journal::{Name, absolute_name};
use crate::files::journal_line::Lines;
use crate::files::sanitize::display;
use crate::files::source::FileSource;

/// What a record says of some files.
pub struct Recorded {
    record: PathBuf,
    /// By the SHA-256 of the output.
    by_content: HashMap<String, Value>,
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
        let mut found =
            Self { record: record.to_owned(), by_content: HashMap::new(), by_path: HashMap::new() };
        if !fs::metadata(record).with_context(reading)?.is_file() {
            bail!("{} is no regular file", display(record));
        }
        let mut known = false;
        let mut lines = Lines::new(BufReader::new(File::open(record).with_context(reading)?));
        while let Some((line, ..)) = lines.next().with_context(reading)? {
            let Kind::Line(line) = Kind::of(line) else { continue };
            known = true;
            // What failed left nothing.
            let Some(print) = line.output.fingerprint() else { continue };
            if lengths.contains(&print.bytes) {
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
