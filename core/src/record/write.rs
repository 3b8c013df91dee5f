//! Lines of a record as they are written.

use serde_json::{Map, Value, json};

use crate::{Comparison, Report, Warning};

/// The program that a line is of.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// Its version.
    pub version: &'a str,
    /// The commit it was built from, or "unknown".
    pub commit: &'a str,
    /// What it was built with besides.
    pub features: &'a [&'a str],
}

/// A file's length and SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A file that is known byte for byte.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// What is in it.
    pub print: &'a Fingerprint,
    /// When it was written, in nanoseconds since 1970, where that is known.
    pub modified: Option<u64>,
}

/// The file that a line names on one side.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The bytes of its path, absolute where the front end knows it.
    pub path: &'a [u8],
    /// What is in it, where that is known.
    pub recorded: Option<Recorded<'a>>,
}

impl Side<'_> {
    fn json(&self) -> Value {
        let mut side = Map::from_iter([("path".into(), String::from_utf8_lossy(self.path).into())]);
        // Paths that are not Unicode would become one where only such bytes tell them apart.
        side.extend(path_bytes(self.path).map(|bytes| (PATH_BYTES.into(), bytes.into())));
        if let Some(Recorded { print, modified }) = self.recorded {
            side.insert("bytes".into(), print.bytes.into());
            side.insert("sha256".into(), print.sha256.as_str().into());
            side.insert("modified_ns".into(), modified.into());
        }
        side.into()
    }
}

/// The field with the bytes of a path that is not Unicode.
const PATH_BYTES: &str = "path_bytes";

/// Returns the bytes of a path in hexadecimal where it is not Unicode, as lines have them beside its text; `None` where
/// the text is enough.
#[must_use]
pub fn path_bytes(path: &[u8]) -> Option<String> {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16));
    let hexadecimal = || path.iter().flat_map(digits).flatten().collect();
    std::str::from_utf8(path).is_err().then(hexadecimal)
}

/// Describes what a compression came to: what a line has of it whatever the files are called.
#[must_use]
pub fn report_json(report: &Report) -> Value {
    let (notes, warnings): (Vec<&Warning>, Vec<&Warning>) =
        report.warnings.iter().partition(|found| found.is_note());
    json!({
        "images": report.images,
        "pixels": report.pixels,
        "range": report.range.map(|(low, high)| [low, high]),
        "step": report.step.map(|(fine, coarse)| [fine, coarse]),
        "truncated": report.truncated,
        "estimates": report.estimates,
        "spread": report.spread,
        "warnings": warnings,
        "warning_kinds": warnings.iter().map(|warning| warning.kind()).collect::<Vec<_>>(),
        "notes": notes,
    })
}

/// Describes how far an output is from its input, every pixel compared.
#[must_use]
pub fn comparison_json(found: &Comparison) -> Value {
    json!({
        "largest": found.largest,
        "rms": found.rms,
        "half_step": found.half_step,
        "nan": found.nan,
        "infinite": found.infinite,
    })
}

/// Returns the line of a file that was done: `report` is what [`report_json`] describes, `error` what
/// [`comparison_json`] does, where the output was compared with its input.
#[must_use]
pub fn done(
    build: Build<'_>,
    options: &Value,
    (input, output): (Side<'_>, Side<'_>),
    report: &Value,
    error: Option<&Value>,
) -> Value {
    let mut line = head(super::DONE, build, options, input, output);
    line.extend(report.as_object().cloned().unwrap_or_default());
    // Every pixel was compared with the input; the figures of `error` are of that.
    line.insert("verified".into(), error.is_some().into());
    line.insert("error".into(), error.cloned().unwrap_or_default());
    line.into()
}

/// Returns the line of a file that was not done: its status is [`FAILED`](super::FAILED) or
/// [`INTERRUPTED`](super::INTERRUPTED).
#[must_use]
pub fn unfinished(
    status: &str,
    build: Build<'_>,
    options: &Value,
    (input, output): (&[u8], &[u8]),
    problem: &str,
) -> Value {
    let side = |path| Side { path, recorded: None };
    let mut line = head(status, build, options, side(input), side(output));
    line.insert("problem".into(), problem.into());
    line.into()
}

/// Puts the time at which a line is written into it, in nanoseconds since 1970: of lines about one file, in whichever records,
/// the latest is known by it.
pub fn stamp(line: &mut Value, time: u64) {
    if let Some(line) = line.as_object_mut() {
        line.insert("time_ns".into(), time.into());
    }
}

/// Gives both files of a line the names they have now.
pub fn rename(line: &mut Value, input: &[u8], output: &[u8]) {
    for (side, path) in [("input", input), ("output", output)] {
        if let Some(named) = line.get_mut(side).and_then(Value::as_object_mut) {
            named.remove(PATH_BYTES);
            named.extend(Side { path, recorded: None }.json().as_object().cloned().unwrap_or_default());
        }
    }
}

/// Returns what all lines have. Names are in alphabetical order, however they are put in: readers know a line that was cut short
/// by its beginning.
fn head(
    status: &str,
    build: Build<'_>,
    options: &Value,
    input: Side<'_>,
    output: Side<'_>,
) -> Map<String, Value> {
    let Build { version, commit, features } = build;
    Map::from_iter([
        ("status".into(), status.into()),
        ("version".into(), version.into()),
        ("commit".into(), commit.into()),
        ("features".into(), features.into()),
        ("options".into(), options.clone()),
        ("input".into(), input.json()),
        ("output".into(), output.json()),
    ])
}
