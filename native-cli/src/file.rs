//! Files as the core's source and sink.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, bail};

use e2compress_core::io::sink::Sink;
use e2compress_core::io::source::Source;

/// A file that is read.
pub struct FileSource(File);

impl FileSource {
    /// Opens a file, and tells its state.
    pub fn open(path: &Path) -> anyhow::Result<(Self, State)> {
        // Opening a pipe would wait for somebody to write to it.
        if !fs::metadata(path).context("can't be opened")?.is_file() {
            bail!("is not a regular file");
        }
        let file = File::open(path).context("can't be opened")?;
        let state = State::of(&file.metadata()?);
        Ok((Self(file), state))
    }

    /// What is written to an output.
    pub fn of(output: &File) -> io::Result<Self> {
        output.try_clone().map(Self)
    }

    /// Whether the file, and what now has its name, is still as it was. A name that is gone is no
    /// change: what was read was whole.
    pub fn is_still(&self, path: &Path, state: State) -> bool {
        let same = |metadata: Metadata| State::of(&metadata) == state;
        self.0.metadata().is_ok_and(same) && fs::metadata(path).map_or(true, same)
    }
}

/// What tells that a file was written to, or is another one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// In bytes.
    pub length: u64,
    modified: Option<SystemTime>,
}

impl State {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
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

/// An output file.
pub struct FileSink<'a>(pub &'a File);

impl Sink for FileSink<'_> {
    #[cfg(unix)]
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(self.0, bytes, offset)
    }

    #[cfg(windows)]
    fn write_at(&mut self, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = std::os::windows::fs::FileExt::seek_write(self.0, bytes, offset)?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            offset += count as u64;
            bytes = &bytes[count..];
        }
        Ok(())
    }
}
