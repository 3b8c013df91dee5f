//! The file as one growing end whose metadata is aligned.

use super::superblock::SIGNATURE;
use super::{ALIGNMENT, Group, SUPERBLOCK_BYTES, superblock};
use crate::error::Error;
use crate::io::output::{Output, Written};
use crate::io::sink::Sink;

/// Appends to a sink and knows the address of what it appends.
pub struct Appender<'s>(Output<'s>);

impl<'s> Appender<'s> {
    /// Starts an empty file, with room for the superblock.
    #[must_use]
    pub fn new(sink: &'s mut dyn Sink) -> Self {
        Self(Output::new(sink, SUPERBLOCK_BYTES))
    }

    /// Tells where the next byte will be.
    pub(crate) fn end(&self) -> u64 {
        self.0.end()
    }

    /// Appends bytes and returns their address.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn append(&mut self, bytes: &[u8]) -> Result<u64, Error> {
        self.0.append(bytes)
    }

    /// Goes past bytes that are in the sink already, and returns their address.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub(crate) fn skip(&mut self, bytes: u64) -> Result<u64, Error> {
        self.0.skip(bytes)
    }

    /// Appends zeros up to an address where metadata may start, and returns it.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn align(&mut self) -> Result<u64, Error> {
        let end = self.0.end();
        let padding = end.next_multiple_of(ALIGNMENT as u64) - end;
        self.0.append(&[0; ALIGNMENT][..padding as usize])?;
        Ok(self.0.end())
    }

    /// Writes what is gathered and then the superblock, its signature last.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn finish(mut self, root: Group) -> Result<Written, Error> {
        self.0.flush()?;
        let superblock = superblock(root, self.0.end());
        self.0.finish(superblock, SIGNATURE.len())
    }
}
