//! The bytes of a compressed file as they are without compression.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::error::{StreamError, StreamFault};
use super::{Decoder, Kind, bzip2, gzip, zstd};
use crate::error::Error;
use crate::formats::mrc::MrcError;
use crate::io::source::Source;

/// The first bytes of a stream, up to so many, stay at hand: headers are read again and again, and the records of an
/// extended header beside the images they are of.
const HEAD_BYTES: usize = 4 << 20;

/// Bytes that are seen to be there before a header is believed.
const SEEN_BYTES: u64 = 512 << 10;

/// The last bytes, up to so many, stay at hand where readers go back to them.
const KEPT_BYTES: u64 = 64 << 20;

/// A stream is decoded forward only. Those who go back to what is no longer at hand have it decoded from its start again,
/// and as much kept from then on as would have helped, if that is not too much. So a file that is read in
/// order is decoded once, and a small one that is read in any order a few times at most.
pub struct Stream<'a> {
    source: &'a dyn Source,
    kind: Kind,
    /// First bytes of the compressed file, and its length.
    start: [u8; 10],
    compressed: u64,
    state: RefCell<State<'a>>,
    /// What may be kept of what was read last.
    most: Cell<u64>,
    /// Where it ends, once that is known, and bytes of the file after that.
    end: Cell<Option<End>>,
}

/// The end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Bytes in the stream.
    pub length: u64,
    /// Bytes of the file after the stream that are no padding.
    pub rest: u64,
}

struct State<'a> {
    decoder: Box<dyn Decoder + 'a>,
    head: Vec<u8>,
    /// Bytes of the stream that are at hand beside its head, and where they end.
    window: VecDeque<u8>,
    end: u64,
    /// Bytes of the window to be kept when more come.
    kept: u64,
    /// Bytes that have just come.
    piece: Vec<u8>,
}

impl<'a> Stream<'a> {
    /// Opens a stream, which tells its kind by its first bytes.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails, [`Error::Stream`] when the stream is damaged.
    pub fn open(source: &'a dyn Source) -> Result<Self, Error> {
        let read = |cause| Error::Read { offset: 0, length: 0, cause };
        let compressed = source.len().map_err(read)?;
        let mut start = [0; 10];
        let there = compressed.min(10) as usize;
        source.read_at(0, &mut start[..there]).map_err(read)?;
        let kind =
            Kind::of(&start[..there]).ok_or_else(|| Error::UnknownFormat("no compressed stream".into()))?;
        let state = RefCell::new(State {
            decoder: decoder(kind, source, compressed),
            head: Vec::new(),
            window: VecDeque::new(),
            end: 0,
            kept: 0,
            piece: Vec::new(),
        });
        Ok(Self { source, kind, start, compressed, state, most: Cell::new(KEPT_BYTES), end: Cell::new(None) })
    }

    /// Returns its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns its length, if it was read to its end; else the most it can be.
    #[must_use]
    pub fn most_bytes(&self) -> u64 {
        self.end.get().map_or(self.kind.most(self.compressed), |end| end.length)
    }

    /// Returns where it ends, if it was read so far.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.end.get()
    }

    /// Keeps so many of the bytes that are read last: readers will go back so far.
    pub fn keep(&self, bytes: u64) {
        self.most.set(self.most.get().max(bytes));
        let mut state = self.state.borrow_mut();
        state.kept = state.kept.max(bytes);
    }

    /// Returns the memory that reading takes, at most.
    #[must_use]
    pub fn memory(&self) -> u64 {
        HEAD_BYTES as u64
            + self.most.get()
            + match self.kind {
                Kind::Gzip => 1 << 20,
                Kind::Bzip2 => bzip2::memory(),
                Kind::Zstd => zstd::memory(&self.start).min(self.kind.most(self.compressed)),
            }
    }

    /// Sees that the bytes before `offset` are there, but not for long: where a small file promises much, it is told before
    /// anything is made of it.
    ///
    /// # Errors
    /// As [`Stream::read`].
    pub fn look_ahead(&self, offset: u64) -> Result<(), Error> {
        let last = offset.clamp(1, SEEN_BYTES) - 1;
        self.read(last, &mut [0]).map(drop)
    }

    /// Fills `bytes` from `offset` on; returns how many there are.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails, [`Error::Stream`] when the stream is damaged.
    pub fn read(&self, offset: u64, bytes: &mut [u8]) -> Result<usize, Error> {
        let mut state = self.state.borrow_mut();
        let mut filled = 0;
        while filled < bytes.len() {
            let place = offset.saturating_add(filled as u64);
            let found = state.copy(place, &mut bytes[filled..]);
            filled += found;
            if found > 0 {
                continue;
            }
            if place < state.end {
                self.restart(&mut state, place);
            } else if let Some(end) = self.advance(&mut state)? {
                self.end.set(Some(end));
                break;
            }
        }
        Ok(filled)
    }

    /// Reads to the end of the stream: only there its last checksum stands.
    ///
    /// # Errors
    /// As [`Stream::read`].
    pub fn check_end(&self) -> Result<End, Error> {
        loop {
            if let Some(end) = self.end.get() {
                return Ok(end);
            }
            let end = self.advance(&mut self.state.borrow_mut())?;
            self.end.set(end);
        }
    }

    /// Decodes some bytes more; tells where the stream ends when it does. Whoever goes on after a failure meets it again.
    fn advance(&self, state: &mut State<'a>) -> Result<Option<End>, Error> {
        state.advance().inspect_err(|_| self.rewind(state))
    }

    fn rewind(&self, state: &mut State<'a>) {
        state.decoder = decoder(self.kind, self.source, self.compressed);
        state.window.clear();
        state.end = 0;
    }

    /// Begins anew for somebody who goes back to `place`.
    fn restart(&self, state: &mut State<'a>, place: u64) {
        let distance = state.end - place;
        if distance <= self.most.get() {
            state.kept = state.kept.max(distance);
        }
        self.rewind(state);
    }

    /// Returns the error of an MRC file in this stream.
    #[must_use]
    pub fn inside(&self, problem: MrcError) -> Error {
        StreamError::new(self.kind, StreamFault::Inside(problem)).into()
    }

    /// Returns the error of a header that promises more bytes than can be.
    #[must_use]
    pub fn promises(&self, promised: u64) -> Error {
        let (most, length) = (self.most_bytes(), self.compressed);
        StreamError::new(self.kind, StreamFault::Promised { promised, most, length }).into()
    }
}

/// Begins at the start of a stream.
fn decoder<'a>(kind: Kind, source: &'a dyn Source, length: u64) -> Box<dyn Decoder + 'a> {
    match kind {
        Kind::Gzip => Box::new(gzip::Gzip::new(source, length)),
        Kind::Bzip2 => Box::new(bzip2::Bzip2::new(source, length)),
        Kind::Zstd => Box::new(zstd::Zstd::new(source, length)),
    }
}

impl State<'_> {
    /// Copies the bytes from `place` on that are at hand; returns how many.
    fn copy(&self, place: u64, bytes: &mut [u8]) -> usize {
        if let Some(head) = usize::try_from(place).ok().and_then(|place| self.head.get(place..)) {
            let count = head.len().min(bytes.len());
            if count > 0 {
                bytes[..count].copy_from_slice(&head[..count]);
                return count;
            }
        }
        let Some(before) = self.end.checked_sub(place).filter(|&before| before <= self.window.len() as u64)
        else {
            return 0;
        };
        let start = self.window.len() - before as usize;
        let (front, back) = self.window.as_slices();
        let found = if start < front.len() { &front[start..] } else { &back[start - front.len()..] };
        let count = found.len().min(bytes.len());
        bytes[..count].copy_from_slice(&found[..count]);
        count
    }

    /// Decodes some bytes more; tells where the stream ends when it does.
    fn advance(&mut self) -> Result<Option<End>, Error> {
        self.piece.clear();
        if !self.decoder.decode(&mut self.piece)? {
            return Ok(Some(End { length: self.end, rest: self.decoder.rest() }));
        }
        let head = self.head.len();
        if self.end == head as u64 && head < HEAD_BYTES {
            let count = self.piece.len().min(HEAD_BYTES - head);
            self.head.extend_from_slice(&self.piece[..count]);
        }
        let surplus = (self.window.len() as u64).saturating_sub(self.kept);
        self.window.drain(..surplus as usize);
        self.window.extend(&self.piece);
        self.end += self.piece.len() as u64;
        Ok(None)
    }
}
