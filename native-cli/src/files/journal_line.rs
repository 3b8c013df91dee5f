//! The lines of a file, one at a time: a journal may be larger than memory.

use std::io::{self, BufRead};

use e2compress_core::record::{Kind, LONGEST_LINE};

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
            let kept = end.unwrap_or(taken).min(LONGEST_LINE - self.line.len());
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
        if other && read > LONGEST_LINE as u64 {
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
            ["", "\n", "\0", cut, "{", whole, &format!("{cut}\n{whole}"), &format!("\0\0\0\n{whole}\n{cut}")]
        {
            assert!(is_journal(text.as_bytes()).unwrap(), "{text}");
        }
        for text in ["nonsense", "{}", "{\n  \"commit\": 1\n}\n", &format!("{cut}\n[]\n")] {
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
        let long = vec![b'x'; LONGEST_LINE + 9];
        let mut lines = Lines::new(&long[..]);
        let (line, length, ended) = lines.next().unwrap().unwrap();
        assert_eq!((line.len(), length, ended), (LONGEST_LINE, long.len() as u64, false));
    }
}
