//! The compressed bytes, in order.

use super::Kind;
use super::error::{StreamError, StreamFault};
use crate::error::Error;
use crate::io::source::Source;

/// Bytes read at once.
const PIECE_BYTES: u64 = 256 << 10;

/// A source that is read once, from its start to its end.
pub struct Input<'a> {
    source: &'a dyn Source,
    kind: Kind,
    length: u64,
    /// The piece at hand, and how much of it was taken.
    piece: Vec<u8>,
    taken: usize,
    /// Where the piece ends.
    end: u64,
}

impl<'a> Input<'a> {
    /// Begins with the first byte.
    pub fn new(source: &'a dyn Source, kind: Kind, length: u64) -> Self {
        Self { source, kind, length, piece: Vec::new(), taken: 0, end: 0 }
    }

    /// Returns the place of the next byte.
    pub fn place(&self) -> u64 {
        self.end - (self.piece.len() - self.taken) as u64
    }

    /// Returns the bytes that are at hand, none at the end alone.
    pub fn piece(&mut self) -> Result<&[u8], Error> {
        if self.taken == self.piece.len() {
            let (offset, length) = (self.end, PIECE_BYTES.min(self.length - self.end));
            self.piece.resize(length as usize, 0);
            self.taken = 0;
            if let Err(cause) = self.source.read_at(offset, &mut self.piece) {
                self.piece.clear();
                return Err(Error::Read { offset, length, cause });
            }
            self.end += length;
        }
        Ok(&self.piece[self.taken..])
    }

    /// Takes so many of the bytes at hand.
    pub fn take(&mut self, bytes: usize) {
        self.taken = (self.taken + bytes).min(self.piece.len());
    }

    /// Takes the next byte; `None` at the end.
    pub fn byte(&mut self) -> Result<Option<u8>, Error> {
        let byte = self.piece()?.first().copied();
        self.take(1);
        Ok(byte)
    }

    /// Takes the next bytes, which must be there.
    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?.ok_or_else(|| self.cut_short())?;
        }
        Ok(bytes)
    }

    /// Appends bytes to `out` until it has `wanted` of them or the source ends.
    pub fn append(&mut self, wanted: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        while out.len() < wanted {
            let piece = self.piece()?;
            let count = piece.len().min(wanted - out.len());
            out.extend_from_slice(&piece[..count]);
            self.take(count);
            if count == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Takes all bytes that are left, and counts those from the byte at `from` on, if they are more than zeros. `padding` tells
    /// whether those that were taken already are.
    pub fn rest(&mut self, from: u64, mut padding: bool) -> Result<u64, Error> {
        loop {
            let piece = self.piece()?;
            let count = piece.len();
            if count == 0 {
                return Ok(if padding { 0 } else { self.length - from });
            }
            padding &= piece.iter().all(|&byte| byte == 0);
            // Once they are no padding nothing more of them matters.
            if !padding {
                return Ok(self.length - from);
            }
            self.take(count);
        }
    }

    /// Returns the error of a stream that goes on at the end of the file.
    pub fn cut_short(&self) -> Error {
        self.error(StreamFault::CutShort { length: self.length })
    }

    /// Returns the error of something that cannot be, at the next byte.
    pub fn broken(&self, what: impl Into<String>) -> Error {
        self.error(StreamFault::Broken { what: what.into(), at: self.place() })
    }

    /// Returns the error of a checksum before the next byte.
    pub fn wrong_checksum(&self, of: &'static str) -> Error {
        self.error(StreamFault::Checksum { of, at: self.place() })
    }

    /// Returns the error of something that is not read, at the next byte.
    pub fn not_read(&self, what: impl Into<String>) -> Error {
        self.error(StreamFault::NotRead { what: what.into(), at: self.place() })
    }

    /// Returns an error of this stream.
    pub fn error(&self, fault: StreamFault) -> Error {
        StreamError::new(self.kind, fault).into()
    }
}
