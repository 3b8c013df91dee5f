//! The record of a run: a line of JSON for each file, with what it takes to delete originals with a
//! clear conscience, or to go on where a run ended.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf, absolute};
use std::sync::Mutex;

use anyhow::{Context, bail};
use e2compress_core::verify::Comparison;
use e2compress_core::{LimitRule, Options, PixelEncoding, Report};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::names::shown;
use crate::plan::Job;

/// Bytes read at once.
const PIECE_BYTES: usize = 1 << 20;

/// Where lines are added.
pub struct Record {
    path: PathBuf,
    file: Mutex<File>,
}

impl Record {
    /// Opens a record to add to.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.with_context(|| format!("the report {} can't be written", shown(path)))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file) })
    }

    /// Adds a line and brings it to disk.
    pub fn add(&self, line: &Value) -> anyhow::Result<()> {
        let mut file = self.file.lock().expect("no holder of this lock panics");
        file.write_all(format!("{line}\n").as_bytes())
            .and_then(|()| file.sync_data())
            .with_context(|| format!("the report {} can't be written", shown(&self.path)))
    }
}

/// A file that is known byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    bytes: u64,
    sha256: String,
}

impl Fingerprint {
    /// Of all that can be read.
    pub fn of(mut file: impl Read) -> std::io::Result<Self> {
        let (mut hasher, mut piece, mut bytes) = (Sha256::new(), vec![0; PIECE_BYTES], 0);
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(Self { bytes, sha256: format!("{:x}", hasher.finalize()) }),
                count => {
                    hasher.update(&piece[..count]);
                    bytes += count as u64;
                }
            }
        }
    }

    fn from_line(line: &Value, which: &str) -> Option<Self> {
        let found = line.get(which)?;
        Some(Self { bytes: found.get("bytes")?.as_u64()?, sha256: found.get("sha256")?.as_str()?.to_owned() })
    }

    fn json(&self, path: &Path) -> Value {
        json!({ "path": named(path), "bytes": self.bytes, "sha256": self.sha256 })
    }
}

/// A path that means the same from any folder.
fn named(path: &Path) -> String {
    absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}

/// What decides the output's bytes.
pub fn options_in_words(options: &Options) -> Value {
    let bits = match options.stored {
        PixelEncoding::Raw => -1,
        PixelEncoding::Floats => 0,
        PixelEncoding::Codes(bits) => i64::from(bits.get()),
    };
    let limits = match options.limits {
        LimitRule::All => json!(null),
        LimitRule::NoOutliers => json!("nooutliers"),
        LimitRule::Explicit(limits) => json!({ "range": [limits.low, limits.high] }),
        LimitRule::Sigma { below, above } => json!({ "sigrange": [below, above] }),
    };
    json!({ "bits": bits, "compresslevel": options.level.unwrap_or_default().get(), "limits": limits })
}

/// The line of a file that was done.
pub fn done(
    job: &Job,
    options: &Options,
    report: &Report,
    (input, output): (&Fingerprint, &Fingerprint),
    comparison: Option<&Comparison>,
) -> Value {
    json!({
        "status": "done",
        "version": env!("CARGO_PKG_VERSION"),
        "options": options_in_words(options),
        "input": input.json(&job.input),
        "output": output.json(&job.output),
        "images": report.images,
        "pixels": report.pixels,
        "range": report.range.map(|(low, high)| [low, high]),
        "step": report.step.map(|(fine, coarse)| [fine, coarse]),
        "truncated": report.truncated,
        "error": comparison.map(|found| json!({
            "largest": found.largest,
            "rms": found.rms,
            "half_step": found.half_step,
            "nan": found.nan,
            "infinite": found.infinite,
        })),
        "warnings": report.warnings,
    })
}

/// The line of a file that failed.
pub fn failed(job: &Job, options: &Options, problem: &anyhow::Error) -> Value {
    json!({
        "status": "failed",
        "version": env!("CARGO_PKG_VERSION"),
        "options": options_in_words(options),
        "input": { "path": named(&job.input) },
        "output": { "path": named(&job.output) },
        "problem": format!("{problem:#}"),
    })
}

/// What a record says was done.
#[derive(Default)]
pub struct Past(HashMap<(String, String), Value>);

impl Past {
    /// Reads a record; one that isn't there yet says nothing. A last line that was cut short by the end of
    /// a run counts as none.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let file = match File::open(path) {
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            file => file.with_context(|| format!("the report {} can't be read", shown(path)))?,
        };
        let mut past = HashMap::new();
        let mut lines = BufReader::new(file).split(b'\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let line = line.with_context(|| format!("the report {} can't be read", shown(path)))?;
            let Ok(line) = serde_json::from_slice::<Value>(&line) else {
                if lines.peek().is_none() {
                    break;
                }
                bail!("line {} of {} is no line of a report", number + 1, shown(path));
            };
            let path_of = |which: &str| Some(line.get(which)?.get("path")?.as_str()?.to_owned());
            if let (Some(input), Some(output)) = (path_of("input"), path_of("output")) {
                past.insert((input, output), line);
            }
        }
        Ok(Self(past))
    }

    /// Whether a file was done with these options, and its output is proven to be there.
    pub fn proves(&self, job: &Job, options: &Options) -> bool {
        let Some(line) = self.0.get(&(named(&job.input), named(&job.output))) else { return false };
        let same = line.get("status") == Some(&json!("done"))
            && line.get("version") == Some(&json!(env!("CARGO_PKG_VERSION")))
            && line.get("options") == Some(&options_in_words(options));
        let is = |path: &Path, which| {
            let found = File::open(path).and_then(Fingerprint::of);
            found.is_ok_and(|found| Some(found) == Fingerprint::from_line(line, which))
        };
        same && is(&job.output, "output")
            && (job.replaces_input() || !job.input.exists() || is(&job.input, "input"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_proves_what_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let job = Job { input: path("a.mrc"), output: path("a.hdf") };
        std::fs::write(&job.input, "pixels").unwrap();
        std::fs::write(&job.output, "codes").unwrap();
        let (options, record) = (Options::default(), path("r.jsonl"));
        let print = |path: &Path| Fingerprint::of(File::open(path).unwrap()).unwrap();
        let prints = (&print(&job.input), &print(&job.output));
        let line = done(&job, &options, &Report::default(), prints, None);
        assert!(!Past::read(&record).unwrap().proves(&job, &options));
        Record::open(&record).unwrap().add(&line).unwrap();
        let past = Past::read(&record).unwrap();
        assert!(past.proves(&job, &options));
        let other = Options { limits: LimitRule::NoOutliers, ..options };
        assert!(!past.proves(&job, &other));
        std::fs::write(&job.input, "pixelz").unwrap();
        assert!(!past.proves(&job, &options));
        std::fs::remove_file(&job.input).unwrap();
        assert!(past.proves(&job, &options), "an original that was deleted is not needed");
        std::fs::write(&job.output, "codez").unwrap();
        assert!(!past.proves(&job, &options));
    }

    #[test]
    fn a_line_that_was_cut_short_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("r.jsonl");
        std::fs::write(&record, "{}\n{\"status\": \"do").unwrap();
        assert!(Past::read(&record).is_ok());
        std::fs::write(&record, "nonsense\n{}\n").unwrap();
        assert!(Past::read(&record).is_err());
    }
}
