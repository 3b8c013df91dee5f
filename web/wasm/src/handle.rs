//! A synchronous access handle as the core's sink, and as the source of what was written.

use std::io;

use e2compress_core::Sink;
use e2compress_core::Source;
use web_sys::{FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

use crate::failure::{io_error, storage_full};

/// Bytes gathered before they are written: chunks are small, and each write is a call of the
/// browser.
const GATHERED: usize = 4 << 20;

/// An output in the browser's own storage.
pub struct HandleSink<'a> {
    handle: &'a FileSystemSyncAccessHandle,
    /// Where `gathered` belongs.
    start: u64,
    gathered: Vec<u8>,
}

impl<'a> HandleSink<'a> {
    pub fn new(handle: &'a FileSystemSyncAccessHandle) -> Self {
        Self { handle, start: 0, gathered: Vec::with_capacity(GATHERED) }
    }

    /// Writes what is gathered.
    pub fn flush(&mut self) -> io::Result<()> {
        let length = self.gathered.len();
        if length > 0 {
            let options = FileSystemReadWriteOptions::new();
            options.set_at(self.start as f64);
            let stored = self
                .handle
                .write_with_u8_array_and_options(&self.gathered, &options)
                .map_err(|exception| io_error(&exception))?;
            // Chromium has been seen to return an error code as a huge count instead of throwing.
            if stored != length as f64 {
                return Err(storage_full(&format!("{stored} of {length} bytes stored")));
            }
            self.start += length as u64;
            self.gathered.clear();
        }
        Ok(())
    }
}

impl Sink for HandleSink<'_> {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let follows = self.start + self.gathered.len() as u64 == offset;
        if !follows || self.gathered.len() + bytes.len() > GATHERED {
            self.flush()?;
            self.start = offset;
        }
        self.gathered.extend_from_slice(bytes);
        Ok(())
    }
}

/// What an output holds.
pub struct HandleSource<'a>(pub &'a FileSystemSyncAccessHandle);

impl Source for HandleSource<'_> {
    fn len(&self) -> io::Result<u64> {
        self.0.get_size().map(|size| size as u64).map_err(|exception| io_error(&exception))
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(offset as f64);
        let read = self.0.read_with_u8_array_and_options(bytes, &options);
        let read = read.map_err(|exception| io_error(&exception))?;
        if read == bytes.len() as f64 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
