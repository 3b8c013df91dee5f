//! Files of the operating system as sources and sinks.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::sink::Sink;
use super::source::Source;

impl Source for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        // One thread reads, so the file's own position is as good as any.
        let mut file = self;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(bytes)
    }
}

impl Sink for File {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        self.write_all(bytes)
    }
}
