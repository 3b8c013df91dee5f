//! Where bytes go: the second of the two doors between the core and the world.

use std::io;

/// Takes bytes at an offset. A file, a browser's access handle and a vector in a test are three
/// implementations.
///
/// The core writes an output in ascending order without gaps, except for the superblock (the
/// first 96 bytes), which comes last, and its signature (the first 8 bytes) after the rest of it: until
/// then no reader takes the file for an HDF5 file.
pub trait Sink {
    /// Stores all of `bytes` from `offset` on, growing the store when needed.
    ///
    /// # Errors
    /// Whatever the underlying store reports; a partial write is an error.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
}

impl Sink for Vec<u8> {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let end = start.checked_add(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        if self.len() < end {
            self.resize(end, 0);
        }
        self[start..end].copy_from_slice(bytes);
        Ok(())
    }
}
