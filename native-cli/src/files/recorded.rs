//! The options that a record says files were made with.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use e2compress_core::{LimitRule, Memory, Options, PixelEncoding};
use serde_json::Value;

use crate::files::fingerprint::Fingerprint;
use crate::files::journal::absolute_name;
use crate::files::journal_line::{Kind, Lines};
use crate::files::sanitize::display;
use crate::files::source::FileSource;

/// What a record says of some files.
pub struct Recorded {
    record: PathBuf,
    /// By the SHA-256 of the output.
    by_content: HashMap<String, Value>,
    /// By the output's absolute path.
    by_path: HashMap<String, Value>,
}

impl Recorded {
    /// Reads what a record says of the outputs `files`. Of several lines about one the last counts; lines that are cut
    /// short count for nothing.
    pub fn read(record: &Path, files: &[&Path]) -> anyhow::Result<Self> {
        let reading = || format!("cannot read the report {}", display(record));
        let lengths: Vec<u64> =
            files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len())).collect();
        let paths: Vec<String> = files.iter().map(|file| absolute_name(file)).collect();
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
            if paths.iter().any(|named| named == &line.output.path) {
                found.by_path.insert(line.output.path.to_string(), line.options());
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
        let print = || Fingerprint::of(&FileSource::open(file).ok()?.0).ok();
        let by_content = if self.by_content.is_empty() { None } else { print() };
        let options = by_content.and_then(|print| self.by_content.get(&print.sha256));
        let options = options.or_else(|| self.by_path.get(&absolute_name(file)));
        let Some(options) = options else {
            bail!("{} has no line about it", display(&self.record));
        };
        parsed(options, memory)
            .ok_or_else(|| anyhow!("its options in {} cannot be read", display(&self.record)))
    }
}

/// Reads options as a record has them.
fn parsed(options: &Value, memory: Memory) -> Option<Options> {
    let pair = |limits: &Value| {
        let [first, second] = limits.as_array()?.as_slice() else { return None };
        Some((first.as_f64()?, second.as_f64()?))
    };
    let limits = match options.get("limits")? {
        Value::Null => LimitRule::All,
        Value::String(name) if name == "nooutliers" => LimitRule::NoOutliers,
        limits => match (limits.get("range"), limits.get("sigrange")) {
            (Some(range), _) => pair(range).and_then(|(low, high)| LimitRule::explicit(low, high).ok())?,
            (_, Some(sigmas)) => {
                pair(sigmas).and_then(|(below, above)| LimitRule::sigmas(below, above).ok())?
            }
            _ => return None,
        },
    };
    let stored = match options.get("bits")? {
        Value::String(auto) => PixelEncoding::parse(auto).ok()?,
        bits => PixelEncoding::from_bits(bits.as_i64()?).ok()?,
    };
    Some(Options { stored, limits, memory, ..Options::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_come_back() {
        for (limits, rule) in [
            (json!(null), LimitRule::All),
            (json!("nooutliers"), LimitRule::NoOutliers),
            (json!({ "range": [-1.5f32, 0.1f32] }), LimitRule::explicit(-1.5, 0.1).unwrap()),
            (json!({ "sigrange": [2.0, 3.5] }), LimitRule::sigmas(2.0, 3.5).unwrap()),
        ] {
            let options =
                parsed(&json!({ "bits": 5, "compresslevel": 1, "limits": limits }), Memory::DEFAULT);
            assert_eq!(options, Some(Options { limits: rule, ..Options::bits(5).unwrap() }));
        }
        for odd in [json!({ "bits": 1, "limits": null }), json!({ "bits": 5, "limits": "all" }), json!({})] {
            assert_eq!(parsed(&odd, Memory::DEFAULT), None);
        }
    }
}
