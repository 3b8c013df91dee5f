//! A place in a file that moves forward: what tags are read through. Values are skipped, so that pixels are never
//! read here.

use super::error::DmError;
use crate::error::Error;
use crate::io::reading;
use crate::io::source::Source;

/// Bytes read at once.
const WINDOW: usize = 16 << 10;

/// Reads a file from front to back.
pub struct Cursor<'s> {
    source: &'s dyn Source,
    length: u64,
    at: u64,
    window: Vec<u8>,
    /// Where the window starts in the file.
    start: u64,
}

impl<'s> Cursor<'s> {
    /// Starts at a place.
    pub fn new(source: &'s dyn Source, at: u64) -> Result<Self, Error> {
        let length = reading::length(source)?;
        Ok(Self { source, length, at, window: Vec::new(), start: 0 })
    }

    /// Returns the place.
    pub fn place(&self) -> u64 {
        self.at
    }

    /// Returns how many bytes follow.
    pub fn rest(&self) -> u64 {
        self.length.saturating_sub(self.at)
    }

    /// Moves on over bytes that are there.
    pub fn skip(&mut self, bytes: u128) -> Result<(), Error> {
        let there = u64::try_from(bytes).ok().filter(|bytes| *bytes <= self.rest());
        let bytes = there.ok_or(DmError::CutShort { at: self.at, promised: bytes, rest: self.rest() })?;
        self.at += bytes;
        Ok(())
    }

    /// Reads so many bytes, fewer than a window has.
    pub fn bytes(&mut self, count: usize) -> Result<&[u8], Error> {
        let at = self.at;
        self.skip(count as u128)?;
        let end = self.start + self.window.len() as u64;
        if at < self.start || at + count as u64 > end {
            self.window = reading::read_up_to(self.source, at, WINDOW.max(count))?;
            self.start = at;
        }
        let from = (at - self.start) as usize;
        // What was promised is there, unless the file is being changed.
        let cut = DmError::CutShort { at, promised: count as u128, rest: 0 };
        Ok(self.window.get(from..from + count).ok_or(cut)?)
    }

    /// Reads a byte.
    pub fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.bytes(1)?[0])
    }

    /// Reads so many bytes into an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }
}
