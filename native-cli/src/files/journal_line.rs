//! Lines of a journal as they are read back, one at a time: a journal may be larger than memory. Lines that were cut
//! short, because a program was ended or a disk was full, are known and skipped.

use std::borrow::Cow;
use std::io::{self, BufRead};

use serde::Deserialize;
use serde_json::Value;

use crate::files::fingerprint::Fingerprint;
use crate::files::journal::{EER, NO_UNPACK};

/// How every line begins; a test holds the writer to it.
const START: &[u8] = br#"{"commit":"#;

/// Bytes of the longest line that is looked at. What is longer is none of this program.
const LONGEST: usize = 1 << 24;

/// What the file says of one run on one file, as far as it matters later.
#[derive(Deserialize)]
pub struct Line<'a> {
    /// What became of it.
    #[serde(borrow)]
    pub status: Cow<'a, str>,
    /// Version of the program.
    #[serde(borrow)]
    pub version: Cow<'a, str>,
    options: Value,
    /// What was read.
    #[serde(borrow)]
    pub input: Named<'a>,
    /// What was written.
    #[serde(borrow)]
    pub output: Named<'a>,
}

/// A file, and what was in it.
#[derive(Deserialize)]
pub struct Named<'a> {
    /// Its absolute path.
    #[serde(borrow)]
    pub path: Cow<'a, str>,
    bytes: Option<u64>,
    sha256: Option<String>,
    /// When it was written, in nanoseconds since 1970.
    #[serde(default, rename = "modified_ns")]
    pub modified: Option<u64>,
}

impl Line<'_> {
    /// Returns the options that decided the output's bytes. A record of before some of them were recorded had
    /// their defaults.
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
    /// Returns what was in it, if that is recorded.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        Some(Fingerprint { bytes: self.bytes?, sha256: self.sha256.clone()? })
    }
}

/// What a line of a file is.
pub enum Kind<'a> {
    /// Nothing.
    Blank,
    /// A whole line of a journal.
    Line(Box<Line<'a>>),
    /// The beginning of one.
    Cut,
    /// Something else.
    Other,
}

impl<'a> Kind<'a> {
    /// Tells what a line is, without its end.
    pub fn of(line: &'a [u8]) -> Self {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Self::Blank;
        }
        match serde_json::from_slice(line) {
            Ok(line) => Self::Line(Box::new(line)),
            Err(_) if line.starts_with(START) || START.starts_with(line) => Self::Cut,
            Err(_) => Self::Other,
        }
    }
}

/// The lines of a file.
pub struct Lines<R> {
    from: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Begins to read lines.
    pub fn new(from: R) -> Self {
        Self { from, line: Vec::new() }
    }

    /// Reads the next line. Returns it with its length in the file, and whether its end is there; of a line that is too
    /// long only the beginning is kept.
    pub fn next(&mut self) -> io::Result<Option<(&[u8], u64, bool)>> {
        self.line.clear();
        let mut length = 0;
        loop {
            let piece = match self.from.fill_buf() {
                Err(problem) if problem.kind() == io::ErrorKind::Interrupted => continue,
                piece => piece?,
            };
            let end = piece.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(piece.len(), |end| end + 1);
            let kept = end.unwrap_or(taken).min(LONGEST - self.line.len());
            self.line.extend_from_slice(&piece[..kept]);
            self.from.consume(taken);
            length += taken as u64;
            if end.is_some() || taken == 0 {
                return Ok((length > 0).then_some((&self.line, length, end.is_some())));
            }
        }
    }
}

/// Tells whether a file is a journal: some line of it is one's, or there is nothing but lines that were cut short. It
/// reads no further than it must, and not on for ever.
pub fn is_journal(from: impl BufRead) -> io::Result<bool> {
    let (mut lines, mut read, mut other) = (Lines::new(from), 0, false);
    while let Some((line, length, _)) = lines.next()? {
        match Kind::of(line) {
            Kind::Line(_) => return Ok(true),
            Kind::Other => other = true,
            Kind::Blank | Kind::Cut => {}
        }
        read += length;
        if other && read > LONGEST as u64 {
            break;
        }
    }
    Ok(!other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_told_from_other_files() {
        let whole = r#"{"commit":"","status":"done","version":"1","options":{},"input":{"path":"a"},"output":{"path":"b"}}"#;
        let cut = r#"{"commit":"","sta"#;
        for text in
            ["", "\n", cut, "{", whole, &format!("{cut}\n{whole}"), &format!("\0\0\0\n{whole}\n{cut}")]
        {
            assert!(is_journal(text.as_bytes()).unwrap(), "{text}");
        }
        for text in ["nonsense", "{}", "{\n  \"commit\": 1\n}\n", "\0", &format!("{cut}\n[]\n")] {
            assert!(!is_journal(text.as_bytes()).unwrap(), "{text}");
        }
    }

    #[test]
    fn lines_have_lengths_and_ends() {
        let mut lines = Lines::new(&b"ab\n\nc"[..]);
        assert_eq!(lines.next().unwrap(), Some((&b"ab"[..], 3, true)));
        assert_eq!(lines.next().unwrap(), Some((&b""[..], 1, true)));
        assert_eq!(lines.next().unwrap(), Some((&b"c"[..], 1, false)));
        assert_eq!(lines.next().unwrap(), None);
        // As long as a file without lines is, no more of it is kept than a line may have.
        let long = vec![b'x'; LONGEST + 9];
        let mut lines = Lines::new(&long[..]);
        let (line, length, ended) = lines.next().unwrap().unwrap();
        assert_eq!((line.len(), length, ended), (LONGEST, long.len() as u64, false));
    }
}
