//! Where frames begin and end: the decoder takes what follows a frame for the next one.

use std::io::{self, Read};

use crate::error::Error;
use crate::formats::compressed::input::Input;

/// First bytes of a frame.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Bytes of the longest header of a frame.
const LONGEST_HEADER: usize = 18;

/// The bytes of one frame, which end where it does.
pub struct Frame<'a> {
    /// None while the bytes are elsewhere.
    input: Option<Input<'a>>,
    /// A header that was read, and how much of it was handed out.
    header: Vec<u8>,
    given: usize,
    /// Bytes that follow before the next part.
    left: u64,
    next: Next,
    checksum: bool,
    /// Where the file goes on after its last frame, and whether all of it that was read is 0.
    rest: (u64, bool),
    failure: Option<Error>,
}

/// The next part of a frame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Block,
    Checksum,
    End,
}

impl<'a> Frame<'a> {
    /// Creates one of nothing.
    pub fn none() -> Self {
        Self {
            input: None,
            header: Vec::new(),
            given: 0,
            left: 0,
            next: Next::End,
            checksum: false,
            rest: (0, true),
            failure: None,
        }
    }

    /// Begins before the first frame.
    pub fn before(input: Input<'a>) -> Self {
        Self { input: Some(input), ..Self::none() }
    }

    /// Returns all bytes.
    ///
    /// # Panics
    /// When it is nothing.
    pub fn input(&mut self) -> &mut Input<'a> {
        self.input.as_mut().expect("only what stands in for a frame has no bytes")
    }

    /// Returns what reading failed with, if it did.
    pub fn failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Goes to the next frame, past those that are to be skipped; tells whether there is one.
    pub fn begin(&mut self) -> Result<bool, Error> {
        loop {
            let mut header = std::mem::take(&mut self.header);
            header.clear();
            let from = self.input().place();
            self.input().append(MAGIC.len(), &mut header)?;
            self.header = header;
            match self.header[..] {
                [0x28, 0xb5, 0x2f, 0xfd] => return self.read_header().map(|()| true),
                [0x50..=0x5f, 0x2a, 0x4d, 0x18] => self.skip()?,
                // Something may still be a frame that was cut off.
                [_, ..] if from > 0 && MAGIC.starts_with(&self.header) => {
                    return Err(self.input().cut_short());
                }
                [] if from == 0 => return Err(self.input().cut_short()),
                _ => {
                    self.rest = (from, self.header.iter().all(|&byte| byte == 0));
                    return Ok(false);
                }
            }
        }
    }

    /// Counts the bytes after the last frame, if they are no padding.
    pub fn rest(&mut self) -> Result<u64, Error> {
        let (from, padding) = self.rest;
        self.input().rest(from, padding)
    }

    /// Skips what is no frame of data.
    fn skip(&mut self) -> Result<(), Error> {
        let mut left = u32::from_le_bytes(self.input().bytes()?) as usize;
        while left > 0 {
            let count = self.input().piece()?.len().min(left);
            if count == 0 {
                return Err(self.input().cut_short());
            }
            self.input().take(count);
            left -= count;
        }
        Ok(())
    }

    /// Reads the header of a frame after its magic bytes.
    fn read_header(&mut self) -> Result<(), Error> {
        let [fields] = self.input().bytes()?;
        self.header.push(fields);
        let single = fields & 0x20 != 0;
        let window = usize::from(!single);
        let dictionary = [0, 1, 2, 4][usize::from(fields & 3)];
        let length = [usize::from(single), 2, 4, 8][usize::from(fields >> 6)];
        let wanted = MAGIC.len() + 1 + window + dictionary + length;
        debug_assert!(wanted <= LONGEST_HEADER);
        let mut header = std::mem::take(&mut self.header);
        self.input().append(wanted, &mut header)?;
        if header.len() < wanted {
            return Err(self.input().cut_short());
        }
        self.header = header;
        (self.given, self.left, self.next) = (0, 0, Next::Block);
        self.checksum = fields & 4 != 0;
        Ok(())
    }

    /// Goes to the next part; tells whether there is one.
    fn advance(&mut self) -> Result<bool, Error> {
        match self.next {
            Next::Block => {
                let mut header = std::mem::take(&mut self.header);
                header.clear();
                self.input().append(3, &mut header)?;
                self.header = header;
                self.given = 0;
                let [low, middle, high] = self.header[..] else { return Ok(false) };
                let word = u32::from_le_bytes([low, middle, high, 0]);
                let (last, kind, size) = (word & 1 == 1, word >> 1 & 3, word >> 3);
                // Of a run only the byte is there.
                self.left = if kind == 1 { 1 } else { size.into() };
                self.next = match (last, self.checksum) {
                    (false, _) => Next::Block,
                    (true, true) => Next::Checksum,
                    (true, false) => Next::End,
                };
            }
            Next::Checksum => (self.left, self.next) = (4, Next::End),
            Next::End => return Ok(false),
        }
        Ok(true)
    }

    fn give(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        loop {
            let header = &self.header[self.given..];
            if !header.is_empty() {
                let count = header.len().min(buffer.len());
                buffer[..count].copy_from_slice(&header[..count]);
                self.given += count;
                return Ok(count);
            }
            if self.left > 0 {
                let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
                let piece = self.input().piece()?;
                let count = piece.len().min(most);
                buffer[..count].copy_from_slice(&piece[..count]);
                self.input().take(count);
                self.left -= count as u64;
                return Ok(count);
            }
            if !self.advance()? {
                return Ok(0);
            }
        }
    }
}

impl Read for Frame<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.input.is_none() {
            return Ok(0);
        }
        self.give(buffer).map_err(|failure| {
            self.failure = Some(failure);
            io::ErrorKind::Other.into()
        })
    }
}
