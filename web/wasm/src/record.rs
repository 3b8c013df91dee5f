//! Lines of a record, as `--report` writes them and `--resume` reads them.

use std::collections::BTreeMap;

use e2compress_core::record::{
    Build, DONE, FAILED, Fingerprint, Kind, LONGEST_LINE, Line, Order, Recorded, Side,
};
use e2compress_core::{record, stem, words};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_bindgen::prelude::*;

use crate::plain::plain;
use crate::rendering::Rendering;
use crate::settings::Settings;

/// Version of the program, which lines carry.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A file that is named in a line.
#[derive(Deserialize)]
struct Named {
    path: String,
    bytes: u64,
    sha256: String,
}

/// What a line of a finished file is made from. JSON stays text on its way through JavaScript, whose numbers would lose
/// what kind they were.
#[derive(Deserialize)]
struct Finished {
    commit: String,
    /// When it is written, in nanoseconds since 1970.
    time: u64,
    options: String,
    report: String,
    /// What a comparison with the input found, if there was one.
    error: Option<String>,
    input: Named,
    output: Named,
}

/// What a line of a file that failed is made from.
#[derive(Deserialize)]
struct Failed {
    commit: String,
    time: u64,
    options: String,
    /// Folder and name of the input.
    folder: String,
    name: String,
    problem: String,
}

fn build(commit: &str) -> Build<'_> {
    Build { version: VERSION, commit, features: &[] }
}

/// Returns what decides an output's bytes, as a line has it.
#[wasm_bindgen(js_name = recordedOptions)]
#[must_use]
pub fn recorded_options(settings: &Settings, rendering: Rendering) -> String {
    record::options_json(settings.options(), false, rendering.into_options().eer).to_string()
}

/// Returns the line of a finished file.
///
/// # Errors
/// None that can be foreseen.
#[wasm_bindgen(js_name = finishedLine)]
pub fn finished_line(finished: &str) -> Result<String, JsError> {
    let Finished { commit, time, options, report, error, input, output } = serde_json::from_str(finished)?;
    let json = |text: &str| serde_json::from_str::<Value>(text);
    let error = error.as_deref().map(json).transpose()?;
    let [input, output] =
        [input, output].map(|Named { path, bytes, sha256 }| (path, Fingerprint { bytes, sha256 }));
    // Browsers do not tell when an output of theirs was written.
    let sides = [&input, &output].map(|(path, print)| Side {
        path: path.as_bytes(),
        recorded: Some(Recorded { print, modified: None }),
    });
    let mut line =
        record::done(build(&commit), &json(&options)?, sides.into(), &json(&report)?, error.as_ref());
    record::stamp(&mut line, time);
    Ok(line.to_string())
}

/// Returns the line of a file that failed.
///
/// # Errors
/// None that can be foreseen.
#[wasm_bindgen(js_name = failedLine)]
pub fn failed_line(failed: &str) -> Result<String, JsError> {
    let Failed { commit, time, options, folder, name, problem } = serde_json::from_str(failed)?;
    let options = serde_json::from_str(&options)?;
    let paths = [format!("{folder}{name}"), format!("{folder}{}.hdf", stem(&name))];
    let [input, output] = paths.each_ref().map(String::as_bytes);
    let mut line = record::unfinished(FAILED, build(&commit), &options, (input, output), &problem);
    record::stamp(&mut line, time);
    Ok(line.to_string())
}

/// A file that a record says is done by this version.
#[derive(Clone, Serialize)]
struct Entry {
    /// Name of the input, without folders.
    name: String,
    /// Its length in bytes.
    bytes: u64,
    /// Its SHA-256.
    sha256: String,
    /// What decided the output's bytes.
    options: String,
    /// That it is done, and how its output is called, in words.
    words: String,
    /// What was warned of then.
    warnings: Vec<String>,
    notes: Vec<String>,
    /// A picture was lost.
    lost: bool,
}

/// What a record says.
#[derive(Serialize)]
struct Record {
    entries: Vec<Entry>,
    /// Files that they are of: one whose path can be read in two ways has two entries.
    done: u64,
    /// Lines of files.
    lines: u64,
    /// What there is to say of lines that count for nothing.
    note: Option<String>,
}

/// Words that so many outputs of so many files are larger than their inputs.
#[wasm_bindgen]
#[must_use]
pub fn grown(grew: u32, files: u32) -> String {
    words::grown(grew as usize, files as usize)
}

/// Reads a record piece by piece.
#[wasm_bindgen]
#[derive(Default)]
pub struct RecordReader {
    /// The beginning of a line whose end is still to come.
    begun: Vec<u8>,
    /// What the last line about each pair of names says, if that is that it was done; and when it was written.
    last: BTreeMap<(Vec<u8>, Vec<u8>), (Order, Vec<Entry>)>,
    lines: u64,
    skipped: u64,
}

#[wasm_bindgen]
impl RecordReader {
    /// Nothing read yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the bytes that follow.
    pub fn take(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            // What is too long is no line of this program's: its beginning is enough to know it by.
            let room = LONGEST_LINE - self.begun.len();
            self.begun.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    /// Returns what it says; `name` is the record's.
    ///
    /// # Errors
    /// When it is no record.
    pub fn finish(mut self, name: &str) -> Result<JsValue, JsError> {
        self.end_line();
        if self.lines == 0 && self.skipped > 0 {
            return Err(JsError::new(&words::no_record(name)));
        }
        plain(&Record {
            done: self.last.values().map(|(_, entries)| u64::from(!entries.is_empty())).sum(),
            entries: self.last.into_values().flat_map(|(_, entries)| entries).collect(),
            lines: self.lines,
            note: words::skipped_lines(self.skipped, name),
        })
    }

    fn end_line(&mut self) {
        match Kind::of(&self.begun) {
            Kind::Blank => {}
            Kind::Cut | Kind::Other => self.skipped += 1,
            Kind::Line(line) => {
                self.lines += 1;
                let order = Order { record: 0, time: line.time };
                let names = (line.input.name().into_owned(), line.output.name().into_owned());
                if self.last.get(&names).is_none_or(|(before, _)| order.is_after(*before, true)) {
                    self.last.insert(names, (order, entries_of(&line).unwrap_or_default()));
                }
            }
        }
        self.begun.clear();
    }
}

/// Returns what a line says is done by this version, under each name that its paths can be read to have.
fn entries_of(line: &Line<'_>) -> Option<Vec<Entry>> {
    if line.status != DONE || line.version != VERSION {
        return None;
    }
    // Without what was made nothing is proven.
    line.output.fingerprint()?;
    let Fingerprint { bytes, sha256 } = line.input.fingerprint()?;
    let remarks = line.remarks();
    let lost = remarks.is_lost();
    let entry = |separators: &[char]| {
        let name = |path: &str| path.rsplit(separators).next().unwrap_or_default().to_owned();
        Entry {
            name: name(&line.input.path),
            bytes,
            sha256: sha256.clone(),
            options: line.options().to_string(),
            words: words::done_before(&name(&line.output.path)),
            warnings: remarks.warnings.clone(),
            notes: remarks.notes.clone(),
            lost,
        }
    };
    // A backslash is a part of a name, but between folders on Windows: nothing in a line tells which. Outputs are named
    // after their inputs: what no input has in its name, no output has.
    let [here, there] = SEPARATORS.map(entry);
    Some(if here.name == there.name { vec![there] } else { vec![here, there] })
}

/// What stands between the parts of a path, on most systems and on Windows.
const SEPARATORS: [&[char]; 2] = [&['/'], &['/', '\\']];
