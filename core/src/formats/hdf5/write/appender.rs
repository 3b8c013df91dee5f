//! The file as one growing end, gathered into large writes.

use crc32fast::Hasher;

use super::superblock::SIGNATURE;
use super::{ALIGNMENT, SUPERBLOCK_BYTES, superblock};
use crate::error::Error;
use crate::io::output::Written;
use crate::io::sink::Sink;

/// Bytes gathered before they are written.
const GATHERED_BYTES: usize = 1 << 20;

/// Appends to a sink and knows the address of what it appends.
pub struct Appender<'s> {
    sink: &'s mut dyn Sink,
    /// Where the gathered bytes will be written.
    flushed: u64,
    gathered: Vec<u8>,
    /// Of everything behind the superblock.
    checksum: Hasher,
}

impl<'s> Appender<'s> {
    /// An empty file, with room for the superblock.
    #[must_use]
    pub fn new(sink: &'s mut dyn Sink) -> Self {
        let gathered = Vec::with_capacity(GATHERED_BYTES);
        Self { sink, flushed: SUPERBLOCK_BYTES, gathered, checksum: Hasher::new() }
    }

    /// The address of what is appended next.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.flushed + self.gathered.len() as u64
    }

    /// Appends bytes and returns their address.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn append(&mut self, bytes: &[u8]) -> Result<u64, Error> {
        let address = self.end();
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
        Ok(address)
    }

    /// Appends zeros up to an address where metadata may start, and returns it.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn align(&mut self) -> Result<u64, Error> {
        let end = self.end();
        let padding = end.next_multiple_of(ALIGNMENT as u64) - end;
        self.append(&[0; ALIGNMENT][..padding as usize])?;
        Ok(self.end())
    }

    fn flush(&mut self) -> Result<(), Error> {
        if !self.gathered.is_empty() {
            write(self.sink, self.flushed, &self.gathered)?;
            self.flushed += self.gathered.len() as u64;
            self.gathered.clear();
        }
        Ok(())
    }

    /// Writes what is gathered and then the superblock, its signature last: a sink that fails
    /// halfway through a write holds no HDF5 file.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn finish(mut self, root: super::Group) -> Result<Written, Error> {
        self.flush()?;
        let superblock = superblock(root, self.flushed);
        let (signature, rest) = superblock.split_at(SIGNATURE.len());
        write(self.sink, SIGNATURE.len() as u64, rest)?;
        write(self.sink, 0, signature)?;
        Ok(Written { length: self.flushed, head: superblock, checksum: self.checksum.finalize() })
    }
}

fn write(sink: &mut dyn Sink, offset: u64, bytes: &[u8]) -> Result<(), Error> {
    let length = bytes.len() as u64;
    sink.write_at(offset, bytes).map_err(|cause| Error::Write { offset, length, cause })
}
