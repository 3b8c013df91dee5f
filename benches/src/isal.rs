//! ISA-L as a peer, through Python: its crates have to build assembly first.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The program beside this crate's sources.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/isal_peer.py");

/// A Python that compresses what it is told to.
pub struct Isal {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Isal {
    /// Starts it.
    ///
    /// # Errors
    /// When `python` cannot be started.
    pub fn start(python: &str) -> io::Result<Self> {
        let mut child =
            Command::new(python).arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        Ok(Self { child, to, from: BufReader::new(from) })
    }

    /// Compresses a file in chunks of `size` bytes at level 1: length of all streams, CPU seconds.
    ///
    /// # Errors
    /// When it has ended, as it does without the package.
    pub fn compress(&mut self, file: &Path, size: usize) -> io::Result<(usize, f64)> {
        writeln!(self.to, "{} {size}", file.display())?;
        let mut answer = String::new();
        self.from.read_line(&mut answer)?;
        let (length, seconds) = answer.trim().split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
        let number = |_| io::Error::from(io::ErrorKind::InvalidData);
        Ok((length.parse().map_err(number)?, seconds.parse().map_err(|_| io::ErrorKind::InvalidData)?))
    }
}

impl Drop for Isal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
