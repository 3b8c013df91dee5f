//! The source of bytes: the first of the two doors between the core and the world.

use std::io;

/// Bytes at an offset. A file, a browser blob and a vector in a test are three implementations.
///
/// The core calls it from one thread only, the one that called [`crate::compress()`]; that thread
/// may read ahead while a thread pool computes.
pub trait Source {
    /// Returns the length in bytes.
    ///
    /// # Errors
    /// Whatever the underlying store reports.
    fn len(&self) -> io::Result<u64>;

    /// Fills all of `bytes` from `offset` on.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when the source ends before `bytes` is full, and whatever
    /// the underlying store reports.
    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()>;

    /// Tells whether there is nothing to read.
    ///
    /// # Errors
    /// See [`Source::len`].
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

impl Source for &[u8] {
    fn len(&self) -> io::Result<u64> {
        Ok(<[u8]>::len(self) as u64)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let found = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..)?.get(..bytes.len()))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        bytes.copy_from_slice(found);
        Ok(())
    }
}
