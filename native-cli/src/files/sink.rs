//! Files as the core's sink.

use std::fs::File;
use std::io;

use e2compress_core::Sink;

/// A file that is written.
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
