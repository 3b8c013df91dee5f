//! Appends an output to a sink and says what was written, for those who read it back.

use super::checksum::{Checksum, Summing};
use super::sink::Sink;
use crate::error::Error;

/// Bytes gathered before they are written.
const GATHERED_BYTES: usize = 1 << 20;

/// A file as one growing end behind a head of fixed length, which is written last.
pub struct Output<'s> {
    sink: &'s mut dyn Sink,
    /// Offset at which the gathered bytes will be written.
    flushed: u64,
    gathered: Vec<u8>,
    /// Checksum of everything behind the head.
    checksum: Summing,
}

/// A finished file, as far as it takes to recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Length in bytes.
    pub length: u64,
    /// First bytes of the output, which were written last.
    pub head: Vec<u8>,
    /// Checksum of the bytes that follow.
    pub checksum: Checksum,
}

impl<'s> Output<'s> {
    /// Starts a file with room for a head of so many bytes.
    #[must_use]
    pub fn new(sink: &'s mut dyn Sink, head_bytes: u64) -> Self {
        let gathered = Vec::with_capacity(GATHERED_BYTES);
        Self { sink, flushed: head_bytes, gathered, checksum: Summing::default() }
    }

    /// Tells where the next byte will be.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.flushed + self.gathered.len() as u64
    }

    /// Appends bytes and returns where they start.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn append(&mut self, bytes: &[u8]) -> Result<u64, Error> {
        let start = self.end();
        self.checksum.update(bytes);
        if self.gathered.len() + bytes.len() > GATHERED_BYTES {
            self.flush()?;
        }
        if bytes.len() > GATHERED_BYTES {
            write(self.sink, self.flushed, bytes)?;
            self.flushed += bytes.len() as u64;
        } else {
            self.gathered.extend_from_slice(bytes);
        }
        Ok(start)
    }

    /// Leaves so many bytes as they are in the sink. What is finished after that has no checksum of its bytes.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn skip(&mut self, bytes: u64) -> Result<u64, Error> {
        self.flush()?;
        let start = self.flushed;
        self.flushed = start.saturating_add(bytes);
        Ok(start)
    }

    /// Writes what is gathered.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn flush(&mut self) -> Result<(), Error> {
        if !self.gathered.is_empty() {
            write(self.sink, self.flushed, &self.gathered)?;
            self.flushed += self.gathered.len() as u64;
            self.gathered.clear();
        }
        Ok(())
    }

    /// Writes what is gathered and then the head, the first `signature` bytes of it last: a sink that
    /// fails halfway through a write holds no file of its format.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn finish(mut self, head: Vec<u8>, signature: usize) -> Result<Written, Error> {
        self.flush()?;
        write(self.sink, signature as u64, &head[signature..])?;
        if signature > 0 {
            write(self.sink, 0, &head[..signature])?;
        }
        Ok(Written { length: self.flushed, head, checksum: self.checksum.finish() })
    }
}

fn write(sink: &mut dyn Sink, offset: u64, bytes: &[u8]) -> Result<(), Error> {
    let length = bytes.len() as u64;
    sink.write_at(offset, bytes).map_err(|cause| Error::Write { offset, length, cause })
}
