//! Lines of a record as they are read back. Lines that were cut short, because a program or a machine was ended or a disk was full, are
//! known and skipped.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::options::{EER, NO_UNPACK};
use super::write::Fingerprint;

/// How every line begins; a test holds the writer to it.
const START: &[u8] = br#"{"commit":"#;

/// What editors put in front of text in UTF-8, and so before the first line, or within where files were joined.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes of the longest line that is looked at. What is longer is none of this program.
pub const LONGEST_LINE: usize = 1 << 24;

/// What the record says of one run on one file, as far as it matters later.
#[derive(Debug, Deserialize)]
pub struct Line<'a> {
    /// The line itself, without what is no part of it.
    #[serde(skip)]
    pub(super) text: &'a [u8],
    /// What became of it.
    #[serde(borrow)]
    pub status: Cow<'a, str>,
    /// Version of the program.
    #[serde(borrow)]
    pub version: Cow<'a, str>,
    options: Value,
    /// When it was written, in nanoseconds since 1970.
    #[serde(default, rename = "time_ns")]
    pub time: Option<u64>,
    /// What was read.
    #[serde(borrow)]
    pub input: Named<'a>,
    /// What was written.
    #[serde(borrow)]
    pub output: Named<'a>,
}

/// A file, and what was in it.
#[derive(Debug, Deserialize)]
pub struct Named<'a> {
    /// Its path, as it was recorded.
    #[serde(borrow)]
    pub path: Cow<'a, str>,
    path_bytes: Option<String>,
    bytes: Option<u64>,
    sha256: Option<String>,
    /// When it was written, in nanoseconds since 1970.
    #[serde(default, rename = "modified_ns")]
    pub modified: Option<u64>,
}

impl Line<'_> {
    /// Returns the bytes of the line, without what editors and crashed machines leave around it.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.text
    }

    /// Returns the options that decided the output's bytes. A record of before some of them were recorded had
    /// their defaults.
    #[must_use]
    pub fn options(&self) -> Value {
        let mut options = self.options.clone();
        if let Some(options) = options.as_object_mut() {
            options.entry(NO_UNPACK).or_insert(false.into());
            options.entry(EER).or_insert(Value::Null);
        }
        options
    }
}

impl Named<'_> {
    /// Returns the bytes of the path, which its text replaces where they are not Unicode.
    #[must_use]
    pub fn name(&self) -> Cow<'_, [u8]> {
        let bytes = self.path_bytes.as_deref().and_then(from_hexadecimal);
        bytes.map_or_else(|| Cow::Borrowed(self.path.as_bytes()), Cow::Owned)
    }

    /// Returns what was in it, if that is recorded.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        Some(Fingerprint { bytes: self.bytes?, sha256: self.sha256.clone()? })
    }
}

/// Reads bytes in hexadecimal; `None` where they are none.
fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().map(|digit| char::from(digit).to_digit(16)).collect::<Option<Vec<u32>>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| u8::try_from(high << 4 | low).ok()).collect()
}

/// What a line of a file is.
#[derive(Debug)]
pub enum Kind<'a> {
    /// Nothing.
    Blank,
    /// A whole line of a record.
    Line(Box<Line<'a>>),
    /// The beginning of one, or NUL bytes in the place of one.
    Cut,
    /// Something else.
    Other,
}

impl<'a> Kind<'a> {
    /// Tells what a line is, without its end.
    #[must_use]
    pub fn of(line: &'a [u8]) -> Self {
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        let blank = line.trim_ascii().is_empty();
        // What was not on disk yet when a machine crashed reads as NUL bytes.
        let fits = line.len() < LONGEST_LINE;
        let is_nothing = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
        let start = line.iter().position(|byte| !is_nothing(byte)).unwrap_or(line.len());
        let end = line.iter().rposition(|byte| !is_nothing(byte)).map_or(start, |last| last + 1);
        let line = line.get(start..end).unwrap_or_default();
        if line.is_empty() {
            return match (blank, fits) {
                (true, _) => Self::Blank,
                (false, true) => Self::Cut,
                (false, false) => Self::Other,
            };
        }
        // A list would be taken for the fields in order.
        if !line.starts_with(b"{") {
            return Self::Other;
        }
        match serde_json::from_slice(line) {
            Ok(read) => Self::Line(Box::new(Line { text: line, ..read })),
            Err(_) if line.starts_with(START) || START.starts_with(line) => Self::Cut,
            Err(_) => Self::Other,
        }
    }
}
