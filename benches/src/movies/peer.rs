//! libtiff, called through Python, and the command as a process.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The program beside this crate's sources.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/movies_peer.py");

/// A Python that decodes what it is told to.
pub struct Libtiff {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

/// What libtiff made of a movie.
pub struct Decoded {
    /// Seconds of CPU time.
    pub seconds: f64,
    /// Sum of all counts of the last frame.
    pub sum: u64,
}

impl Libtiff {
    /// Starts it, and prints which libtiff it is.
    pub fn start(python: &str) -> io::Result<Self> {
        let mut child =
            Command::new(python).arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let mut peer = Self { child, to, from: BufReader::new(from) };
        println!("{}", peer.ask("version")?);
        Ok(peer)
    }

    /// Decodes all strips of all frames, on one thread.
    pub fn decode(&mut self, path: &Path) -> io::Result<Decoded> {
        let answer = self.ask(&format!("decode\t{}", path.display()))?;
        let (seconds, sum) = two(&answer)?;
        Ok(Decoded { seconds, sum: sum as u64 })
    }

    /// Runs the command on a movie: seconds of CPU time, peak of memory in MB.
    pub fn compress(&mut self, program: &str, movie: &Path, out: &Path) -> io::Result<(f64, u64)> {
        let words = [program, &movie.to_string_lossy(), &out.to_string_lossy()].join("\t");
        let (seconds, peak) = two(&self.ask(&format!("compress\t{words}"))?)?;
        Ok((seconds, peak as u64))
    }

    fn ask(&mut self, question: &str) -> io::Result<String> {
        writeln!(self.to, "{question}")?;
        let mut answer = String::new();
        self.from.read_line(&mut answer)?;
        if answer.is_empty() {
            return Err(io::Error::other("Python has ended: what it said is above"));
        }
        Ok(answer.trim_end().into())
    }
}

/// Parses two numbers.
fn two(answer: &str) -> io::Result<(f64, f64)> {
    let numbers: Result<Vec<f64>, _> = answer.split(' ').map(str::parse).collect();
    match numbers.map_err(io::Error::other)?[..] {
        [first, second] => Ok((first, second)),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

impl Drop for Libtiff {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
