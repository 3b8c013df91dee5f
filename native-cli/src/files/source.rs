//! Files as the core's source.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use anyhow::{Context, bail};
use e2compress_core::Source;

use crate::files::metadata::FileState;
use crate::files::settled::modified;

/// A file that is read.
pub struct FileSource(File);

impl FileSource {
    /// Opens a file and returns its state with it.
    pub fn open(path: &Path) -> anyhow::Result<(Self, FileState)> {
        // Opening a pipe would wait for somebody to write to it.
        let there = fs::metadata(path).map_err(|problem| unopened(path, problem))?;
        if there.is_dir() {
            bail!("not a regular file but a folder; -r (--recursive) takes the files in folders");
        }
        if !there.is_file() {
            bail!("not a regular file");
        }
        let file = File::open(path).context("cannot open")?;
        let state = FileState::of(&file.metadata()?);
        Ok((Self(file), state))
    }

    /// Reads what is written to an open file.
    pub fn of(file: &File) -> io::Result<Self> {
        file.try_clone().map(Self)
    }

    /// Returns the file itself.
    pub fn as_file(&self) -> &File {
        &self.0
    }

    /// Counts nanoseconds since 1970 to the last change of its content, where the system knows.
    pub fn modified(&self) -> Option<u64> {
        modified(&self.0.metadata().ok()?)
    }

    /// Tells whether the file, and what now has its name, is still as it was. A name that is gone is no
    /// change: what was read was whole.
    pub fn is_still(&self, path: &Path, state: FileState) -> bool {
        let same = |metadata: Metadata| FileState::of(&metadata) == state;
        self.0.metadata().is_ok_and(same) && fs::metadata(path).map_or(true, same)
    }
}

/// Words why a file cannot be opened. A shell that finds no file for a pattern hands over the pattern.
fn unopened(path: &Path, problem: io::Error) -> anyhow::Error {
    let missing = problem.kind() == io::ErrorKind::NotFound;
    let is_pattern = path.to_string_lossy().contains(['*', '?', '[']);
    let problem = anyhow::Error::new(problem);
    if missing && is_pattern {
        return problem.context("cannot open: it is a pattern that no file matches");
    }
    problem.context("cannot open")
}

impl Source for FileSource {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, bytes, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, mut offset: u64, mut bytes: &mut [u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = std::os::windows::fs::FileExt::seek_read(&self.0, bytes, offset)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            offset += count as u64;
            bytes = &mut bytes[count..];
        }
        Ok(())
    }
}
