//! The journal of runs, which `--report` writes and `--resume` reads: a line of JSON for each file, with
//! what it takes to delete originals with a clear conscience, or to go on where a run ended.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf, absolute};
use std::sync::Mutex;

use anyhow::{Context, bail};
use e2compress_core::Comparison;
use e2compress_core::{LimitRule, Options, Report, Warning};
use serde_json::{Value, json};

use crate::args::bits;
use crate::files::fingerprint::Fingerprint;
use crate::files::plan::Paths;
use crate::files::sanitize::display;
use crate::version::{COMMIT, FEATURES, VERSION};

/// Adds lines to a journal.
pub struct JournalWriter {
    path: PathBuf,
    file: Mutex<File>,
}

impl JournalWriter {
    /// Opens a journal to add to.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot write the report {}", display(path)))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file) })
    }

    /// Adds a line and brings it to disk.
    pub fn add(&self, line: &Value) -> anyhow::Result<()> {
        let mut file = self.file.lock().expect("no holder of this lock panics");
        file.write_all(format!("{line}\n").as_bytes())
            .and_then(|()| file.sync_data())
            .with_context(|| format!("cannot write the report {}", display(&self.path)))
    }
}

/// Makes a path that means the same from any folder.
fn absolute_name(path: &Path) -> String {
    absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}

/// Describes a file that is known byte for byte.
fn file_json(path: &Path, found: &Fingerprint) -> Value {
    json!({ "path": absolute_name(path), "bytes": found.bytes, "sha256": found.sha256 })
}

/// Describes what decides the output's bytes.
fn options_json(options: &Options) -> Value {
    let limits = match options.limits {
        LimitRule::All => json!(null),
        LimitRule::NoOutliers => json!("nooutliers"),
        LimitRule::Explicit(limits) => json!({ "range": [limits.low, limits.high] }),
        LimitRule::Sigma { below, above } => json!({ "sigrange": [below, above] }),
    };
    json!({ "bits": bits(options.stored), "compresslevel": options.level.unwrap_or_default().get(), "limits": limits })
}

/// Makes the line of a file that was done.
pub fn done(
    paths: &Paths,
    options: &Options,
    report: &Report,
    (input, output): (&Fingerprint, &Fingerprint),
    comparison: Option<&Comparison>,
) -> Value {
    json!({
        "status": "done",
        "version": VERSION,
        "commit": COMMIT,
        "features": FEATURES,
        "options": options_json(options),
        "input": file_json(&paths.input, input),
        "output": file_json(&paths.output, output),
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
        "warning_kinds": report.warnings.iter().map(Warning::kind).collect::<Vec<_>>(),
    })
}

/// Makes the line of a file that failed.
pub fn failed(paths: &Paths, options: &Options, problem: &anyhow::Error) -> Value {
    json!({
        "status": "failed",
        "version": VERSION,
        "commit": COMMIT,
        "features": FEATURES,
        "options": options_json(options),
        "input": { "path": absolute_name(&paths.input) },
        "output": { "path": absolute_name(&paths.output) },
        "problem": format!("{problem:#}"),
    })
}

/// Knows what was done before.
#[derive(Default)]
pub struct Journal(HashMap<(String, String), Value>);

impl Journal {
    /// Reads a journal; one that is not there yet is empty. A last line that was cut short by the end of
    /// a run counts as none.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let file = match File::open(path) {
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            file => file.with_context(|| format!("cannot read the report {}", display(path)))?,
        };
        let mut done = HashMap::new();
        let mut lines = BufReader::new(file).split(b'\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let line = line.with_context(|| format!("cannot read the report {}", display(path)))?;
            let Ok(line) = serde_json::from_slice::<Value>(&line) else {
                if lines.peek().is_none() {
                    break;
                }
                bail!("line {} of {} is not a line of a report", number + 1, display(path));
            };
            let path_of = |which: &str| Some(line.get(which)?.get("path")?.as_str()?.to_owned());
            if let (Some(input), Some(output)) = (path_of("input"), path_of("output")) {
                done.insert((input, output), line);
            }
        }
        Ok(Self(done))
    }

    /// Tells whether a file was done with these options, and its output is proven to be there.
    pub fn proves(&self, paths: &Paths, options: &Options) -> bool {
        let Some(line) = self.0.get(&(absolute_name(&paths.input), absolute_name(&paths.output))) else {
            return false;
        };
        let same = line.get("status") == Some(&json!("done"))
            && line.get("version") == Some(&json!(VERSION))
            && line.get("options") == Some(&options_json(options));
        let is = |path: &Path, which| {
            let found = File::open(path).and_then(Fingerprint::of);
            found.is_ok_and(|found| Some(found) == line.get(which).and_then(Fingerprint::from_json))
        };
        same && is(&paths.output, "output")
            && (paths.replaces_input() || !paths.input.exists() || is(&paths.input, "input"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_proves_what_is_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let paths = Paths { input: path("a.mrc"), output: path("a.hdf") };
        std::fs::write(&paths.input, "pixels").unwrap();
        std::fs::write(&paths.output, "codes").unwrap();
        let (options, file) = (Options::default(), path("r.jsonl"));
        let print = |path: &Path| Fingerprint::of(File::open(path).unwrap()).unwrap();
        let prints = (&print(&paths.input), &print(&paths.output));
        let line = done(&paths, &options, &Report::default(), prints, None);
        assert!(!Journal::read(&file).unwrap().proves(&paths, &options));
        JournalWriter::open(&file).unwrap().add(&line).unwrap();
        let journal = Journal::read(&file).unwrap();
        assert!(journal.proves(&paths, &options));
        let other = Options { limits: LimitRule::NoOutliers, ..options };
        assert!(!journal.proves(&paths, &other));
        std::fs::write(&paths.input, "pixelz").unwrap();
        assert!(!journal.proves(&paths, &options));
        std::fs::remove_file(&paths.input).unwrap();
        assert!(journal.proves(&paths, &options), "an original that was deleted is not needed");
        std::fs::write(&paths.output, "codez").unwrap();
        assert!(!journal.proves(&paths, &options));
    }

    #[test]
    fn a_line_that_was_cut_short_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("r.jsonl");
        std::fs::write(&file, "{}\n{\"status\": \"do").unwrap();
        assert!(Journal::read(&file).is_ok());
        std::fs::write(&file, "nonsense\n{}\n").unwrap();
        assert!(Journal::read(&file).is_err());
    }
}
