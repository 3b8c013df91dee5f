//! The sink of bytes: the second of the two doors between the core and the world.

use std::io;

/// Takes bytes at an offset. A file, a browser's access handle and a vector in a test are three
/// implementations.
///
/// The core writes an output in ascending order without gaps, except for what makes it a file of its
/// format, which comes last: HDF5's superblock (the first 96 bytes), and its signature (the first 8)
/// after the rest of it, or MRC's header (1024). Until then no reader takes it for one.
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
