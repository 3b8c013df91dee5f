//! bzip2: streams that follow each other, of blocks of up to 900,000 bytes that are compressed each on its own.
//!
//! A block begins at any bit, with a mark of 48 bits, and does not say how long it is. So the marks are looked for in what
//! was read ahead, and the blocks behind them are decoded side by side. What looks like a mark within a block costs time
//! and nothing else: a block counts only where the one before it ends.

mod bits;
mod block;
mod checksum;
mod huffman;
mod runs;

use std::collections::{BTreeMap, VecDeque};

use self::bits::Bits;
use self::block::{Block, Fault};
use self::runs::Runs;
use super::input::Input;
use super::{Decoder, Kind, Part};
use crate::error::Error;
use crate::io::source::Source;
use crate::pipeline::pool;
use crate::pipeline::scratch::Scratch;

/// What a block begins with, and what a stream ends with: digits of pi, and of its square root.
const BLOCK: u64 = 0x3141_5926_5359;
const END: u64 = 0x1772_4538_5090;
const MARK_BITS: u64 = 48;

/// Bits of a checksum.
const CHECKSUM_BITS: u64 = 32;

/// Bytes in a block are so many times the digit in the header of its stream.
const LEVEL_BYTES: usize = 100_000;

/// Bytes that a block takes at most: 900,001 symbols of 20 bits, and tables.
const LONGEST_BLOCK: usize = 2_300_000;

/// Bytes that a block takes about: what does not compress.
const USUAL_BLOCK: usize = 920_000;

/// Blocks decoded together for each worker thread, so that all have work to the end.
const BLOCKS_PER_THREAD: usize = 2;

/// Worker threads that are given work: more would take more memory than it is worth.
const MOST_THREADS: usize = 16;

/// Bytes of blocks that are decoded one after the other, without the pool: who opens a file to look at its header
/// needs no more, and may do so before there is a pool.
const ALONE_BYTES: usize = 1 << 20;

/// Bytes handed out at once, about.
const PIECE_BYTES: usize = 256 << 10;

/// Tells whether a stream goes on like this after its header.
pub fn begins(rest: &[u8]) -> bool {
    let starts = |mark: u64| rest.starts_with(&mark.to_be_bytes()[2..]);
    starts(BLOCK) || starts(END)
}

/// Counts the blocks that are decoded together.
fn blocks_at_once() -> usize {
    BLOCKS_PER_THREAD * pool::threads().min(MOST_THREADS)
}

/// Returns the memory that decoding takes, at most: of each block its bytes, and while it is decoded a word for each of them.
pub fn memory() -> u64 {
    let each = USUAL_BLOCK + (1 + 4) * 9 * LEVEL_BYTES;
    (blocks_at_once() * each + LONGEST_BLOCK) as u64
}

/// Decodes streams.
pub struct Bzip2<'a> {
    input: Input<'a>,
    /// Compressed bytes that were read ahead.
    ahead: Vec<u8>,
    /// Whether the file ends with them.
    complete: bool,
    /// Place of the first of them in the file.
    start: u64,
    /// Bit within them that comes next.
    next: u64,
    part: Part,
    /// Of the stream at hand: its blocks' greatest length, and the checksum of their checksums.
    longest: usize,
    checksum: u32,
    /// Bytes of the blocks that were decoded, until those that are decoded alone are done.
    made: usize,
    /// Blocks that are decoded, and how far the first was handed out.
    done: VecDeque<Block>,
    /// Words for the bytes of blocks that are being decoded.
    scratch: Scratch<Vec<u32>>,
    runs: Runs,
    rest: u64,
}

impl<'a> Bzip2<'a> {
    /// Begins with the first stream.
    pub fn new(source: &'a dyn Source, length: u64) -> Self {
        Self {
            input: Input::new(source, Kind::Bzip2, length),
            ahead: Vec::new(),
            complete: false,
            start: 0,
            next: 0,
            part: Part::First,
            longest: 0,
            checksum: 0,
            made: 0,
            done: VecDeque::new(),
            scratch: Scratch::default(),
            runs: Runs::default(),
            rest: 0,
        }
    }

    /// Reads ahead until so many bytes are there, or the file ends.
    fn read_ahead(&mut self, wanted: usize) -> Result<(), Error> {
        if !self.complete && self.ahead.len() < wanted {
            self.input.append(wanted, &mut self.ahead)?;
            self.complete = self.ahead.len() < wanted;
        }
        Ok(())
    }

    /// Forgets the bytes that are done with.
    fn forget(&mut self) {
        let bytes = self.next / 8;
        self.ahead.drain(..bytes as usize);
        self.start += bytes;
        self.next %= 8;
    }

    /// Reads a number of up to 56 bits; `None` where the file ends.
    fn number(&mut self, bits: u64) -> Result<Option<u64>, Error> {
        self.read_ahead((self.next + bits).div_ceil(8) as usize)?;
        let number = Bits::new(&self.ahead, self.next).take(bits as u32);
        self.next += number.map_or(0, |_| bits);
        Ok(number)
    }

    /// Reads a number that must be there.
    fn demand(&mut self, bits: u64) -> Result<u64, Error> {
        self.number(bits)?.ok_or_else(|| self.input.cut_short())
    }

    /// Reads the header of a stream, or finds that there is none; tells which.
    fn begin(&mut self) -> Result<bool, Error> {
        let first = self.part == Part::First;
        self.next = self.next.next_multiple_of(8);
        self.forget();
        self.read_ahead(4)?;
        match self.ahead[..self.ahead.len().min(4)] {
            [] if !first => Ok(false),
            [b'B', b'Z', b'h', level @ b'1'..=b'9'] => {
                self.next += 32;
                self.longest = usize::from(level - b'0') * LEVEL_BYTES;
                self.checksum = 0;
                Ok(true)
            }
            [b'B'] | [b'B', b'Z'] | [b'B', b'Z', b'h'] => Err(self.input.cut_short()),
            _ if first => Err(self.input.cut_short()),
            [b'B', b'Z', b'h', _] => Err(self.broken("the header of a stream is not BZh1 to BZh9")),
            _ => {
                let padding = self.ahead.iter().all(|&byte| byte == 0);
                self.rest = self.input.rest(self.start, padding)?;
                Ok(false)
            }
        }
    }

    fn broken(&self, what: &str) -> Error {
        let at = self.start + self.next / 8;
        self.input.error(super::StreamFault::Broken { what: what.into(), at })
    }

    fn wrong_checksum(&self, of: &'static str) -> Error {
        self.input.error(super::StreamFault::Checksum { of, at: self.start + self.next.div_ceil(8) })
    }

    /// Goes on to the next block and decodes it, with those that follow; tells whether there is one.
    fn blocks(&mut self) -> Result<bool, Error> {
        loop {
            match self.part {
                Part::End => return Ok(false),
                Part::First | Part::Header => {
                    self.part = if self.begin()? { Part::Blocks } else { Part::End };
                }
                Part::Blocks => match self.demand(MARK_BITS)? {
                    BLOCK => {
                        self.next -= MARK_BITS;
                        return self.decode_ahead().map(|()| true);
                    }
                    END => self.finish()?,
                    _ => {
                        self.next -= MARK_BITS;
                        return Err(self.broken("neither a block nor the end of the stream follows"));
                    }
                },
            }
        }
    }

    /// Compares the checksum at the end of a stream.
    fn finish(&mut self) -> Result<(), Error> {
        if self.demand(CHECKSUM_BITS)? != u64::from(self.checksum) {
            return Err(self.wrong_checksum("stream"));
        }
        self.part = Part::Header;
        Ok(())
    }

    /// Decodes the block that comes next, and others behind it.
    fn decode_ahead(&mut self) -> Result<(), Error> {
        self.forget();
        let mut found = self.find_blocks()?;
        let (ahead, scratch) = (&self.ahead, &self.scratch);
        let decode = |(bit, decoded): &mut (u64, Option<Result<Block, Fault>>)| {
            *decoded = Some(scratch.with(|rows| block::decode(ahead, *bit, rows)));
        };
        match &mut found[..] {
            [one] => decode(one),
            several => pool::for_each(several, decode),
        }
        let mut decoded: BTreeMap<u64, Result<Block, Fault>> =
            found.into_iter().filter_map(|(bit, decoded)| Some((bit, decoded?))).collect();
        while let Some(outcome) = decoded.remove(&self.next) {
            match outcome {
                Ok(block) => self.accept(block)?,
                // What comes before a failure is handed out before the failure is told.
                Err(_) if !self.done.is_empty() => break,
                Err(Fault::End) if self.complete => return Err(self.input.cut_short()),
                // What looked like the next mark was none, and this block is longer.
                Err(Fault::End) if self.ahead.len() < LONGEST_BLOCK => {
                    self.read_ahead(LONGEST_BLOCK)?;
                    return self.decode_ahead();
                }
                Err(Fault::End) => return Err(self.broken("a block is longer than any can be")),
                Err(Fault::Broken(what)) => return Err(self.broken(what)),
                Err(Fault::Randomised) => {
                    let at = self.start + self.next / 8;
                    let what = "has a randomised block, which no bzip2 since 0.9.5 writes".into();
                    return Err(self.input.error(super::StreamFault::NotRead { what, at }));
                }
                Err(Fault::Checksum { end }) => {
                    self.next = end;
                    return Err(self.wrong_checksum("block"));
                }
            }
            if !self.pass_marks()? {
                break;
            }
        }
        Ok(())
    }

    /// Takes a block that is where it must be.
    fn accept(&mut self, block: Block) -> Result<(), Error> {
        if block.bytes.len() > self.longest {
            return Err(self.broken("a block is longer than its stream says"));
        }
        self.checksum = self.checksum.rotate_left(1) ^ block.checksum;
        self.next = block.end;
        self.made = self.made.saturating_add(block.bytes.len());
        self.done.push_back(block);
        Ok(())
    }

    /// Goes past ends and headers of streams that are there already; tells whether a block comes next. Where they are not, or
    /// not right, the next call finds out.
    fn pass_marks(&mut self) -> Result<bool, Error> {
        let peek = |stream: &Self, bit: u64, bits: u32| Bits::new(&stream.ahead, bit).take(bits);
        loop {
            match peek(self, self.next, MARK_BITS as u32) {
                Some(BLOCK) => return Ok(true),
                Some(END) => {}
                _ => return Ok(false),
            }
            let checksum = self.next + MARK_BITS;
            let header = (checksum + CHECKSUM_BITS).next_multiple_of(8);
            let right = peek(self, checksum, CHECKSUM_BITS as u32) == Some(self.checksum.into());
            match peek(self, header, 32).map(|header| (header as u32).to_be_bytes()) {
                Some([b'B', b'Z', b'h', level @ b'1'..=b'9']) if right => {
                    self.longest = usize::from(level - b'0') * LEVEL_BYTES;
                    self.checksum = 0;
                    self.next = header + 32;
                }
                _ => return Ok(false),
            }
        }
    }

    /// Reads ahead and finds the bits where blocks seem to begin, from the next one on. The last one is left out where its
    /// end may not be there yet.
    #[allow(clippy::type_complexity, reason = "places, and room for what becomes of them")]
    fn find_blocks(&mut self) -> Result<Vec<(u64, Option<Result<Block, Fault>>)>, Error> {
        let most = if self.made < ALONE_BYTES { 1 } else { blocks_at_once() };
        let mut marks = vec![self.next];
        let mut searched = self.next + MARK_BITS;
        loop {
            let scanned = searched / 8;
            let far = scanned as usize >= most * USUAL_BLOCK + LONGEST_BLOCK;
            if marks.len() > most || far || (self.complete && self.ahead.len() as u64 <= scanned) {
                break;
            }
            self.read_ahead(scanned as usize + PIECE_BYTES)?;
            searched = bits::find(&self.ahead, searched, BLOCK, &mut marks);
            if self.complete {
                break;
            }
        }
        // The end of the last block is known to be there at the end of the file, or where it cannot be further away.
        let last = marks.last().copied().unwrap_or_default() / 8;
        let there = self.complete || self.ahead.len() as u64 >= last + LONGEST_BLOCK as u64;
        let count = if there { marks.len() } else { marks.len() - 1 };
        marks.truncate(count.clamp(1, most));
        Ok(marks.into_iter().map(|bit| (bit, None)).collect())
    }
}

impl Decoder for Bzip2<'_> {
    fn decode(&mut self, out: &mut Vec<u8>) -> Result<bool, Error> {
        loop {
            if let Some(block) = self.done.front() {
                let start = out.len();
                if self.runs.expand(&block.bytes, out, start + PIECE_BYTES) {
                    self.done.pop_front();
                    self.runs = Runs::default();
                }
                if out.len() > start {
                    return Ok(true);
                }
            } else if !self.blocks()? {
                return Ok(false);
            }
        }
    }

    fn rest(&self) -> u64 {
        self.rest
    }
}
