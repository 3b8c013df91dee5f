//! Writes blocks of literals only, at memory speed.
//!
//! Two things make it fast. Narrow bytes are looked up in pairs, and the two halves of a block are written
//! side by side in one loop, so that the processor always has a second chain of work: the histogram of the first half
//! tells at which bit the second half starts.

use super::bits::{BitWriter, Cursor, WORD};
use super::histogram::{self, PAIR_WIDTH, PAIRS, word};

/// Longest code of a literal in pair tables: two pairs and seven pending bits fit a word.
pub const PAIR_LIMIT: u32 = 12;
/// Longest code of a literal elsewhere: four literals and seven pending bits fit a word.
pub const SINGLE_LIMIT: u32 = 14;
/// Longest code for which eight literals and seven pending bits fit a word.
const SHORT_LIMIT: u32 = 7;
/// Bytes of the first half left to the careful loop. Each takes a bit at least, so that no whole-word store of the fast
/// loop reaches into the second half.
const CAREFUL: usize = 72;

/// A code in the upper bits of an entry, its length in the lowest eight.
const LENGTH_BITS: u32 = 8;

/// A code and its length in one word.
#[inline(always)]
pub fn entry(code: u16, length: u8) -> u32 {
    u32::from(code) << LENGTH_BITS | u32::from(length)
}

/// The code in an entry.
#[inline(always)]
pub fn code(entry: u32) -> u64 {
    u64::from(entry >> LENGTH_BITS)
}

/// The length in an entry.
#[inline(always)]
pub fn length(entry: u32) -> u32 {
    entry & 255
}

/// Two codes, one after the other, and the sum of their lengths in the low byte of the second value.
#[inline(always)]
fn join(first: (u64, u32), second: (u64, u32)) -> (u64, u32) {
    (first.0 | second.0.wrapping_shl(first.1), first.1 + second.1)
}

/// Looks up the codes of four bytes.
trait Four {
    /// Codes and total length (low byte) of the four low bytes of `word`.
    fn four(&self, word: u64) -> (u64, u32);
}

/// Codes of 256 bytes.
struct Singles<'a>(&'a [u32; 256]);

impl Four for Singles<'_> {
    #[inline(always)]
    fn four(&self, word: u64) -> (u64, u32) {
        let one = |shift: u32| {
            let entry = self.0[(word >> shift & 255) as usize];
            (code(entry), entry)
        };
        join(join(one(0), one(8)), join(one(16), one(24)))
    }
}

/// Codes of pairs of narrow bytes.
struct Pairs<'a>(&'a [u32; PAIRS]);

impl Four for Pairs<'_> {
    #[inline(always)]
    fn four(&self, word: u64) -> (u64, u32) {
        let indices = histogram::pair_indices(word);
        let one = |shift: u32| {
            let entry = self.0[(indices >> shift) as usize & (PAIRS - 1)];
            (code(entry), entry)
        };
        join(one(0), one(16))
    }
}

/// A [`Cursor`] in two registers instead of three: two of them, two inputs, a buffer and a table are as many as a
/// processor has.
struct Lane {
    /// Pending bits, as many as `place` is beyond a whole byte; those above are zero.
    bits: u64,
    /// Bits from the buffer's start, pending ones included.
    place: usize,
}

impl Lane {
    /// Adds codes of at most 56 bits, their length in the low byte, and moves whole bytes to the buffer.
    #[inline(always)]
    fn write(&mut self, (codes, length): (u64, u32), buffer: &mut [u8]) {
        let pending = self.place & 7;
        self.bits |= codes << pending;
        let at = self.place >> 3;
        buffer[at..at + WORD].copy_from_slice(&self.bits.to_le_bytes());
        let length = (length & 255) as usize;
        self.bits = self.bits.wrapping_shr((pending + length) as u32 & 0b11_1000);
        self.place += length;
    }

    fn cursor(&self) -> Cursor {
        Cursor { bits: self.bits, ..Cursor::at(self.place) }
    }
}

/// Tables of the codes of a block's literals.
pub struct LiteralWriter {
    /// Entries of single bytes.
    pub singles: [u32; 256],
    pairs: Box<[u32; PAIRS]>,
}

impl LiteralWriter {
    /// Empty tables.
    pub fn new() -> Self {
        Self { singles: [0; 256], pairs: Box::new([0; PAIRS]) }
    }

    /// Takes over the codes of the 256 literals.
    pub fn set(&mut self, lengths: &[u8], codes: &[u16]) {
        for ((slot, &code), &length) in self.singles.iter_mut().zip(codes).zip(lengths) {
            *slot = entry(code, length);
        }
    }

    /// Writes `data`, whose first [`histogram::head_length`] bytes take `head_bits` bits with the codes set.
    ///
    /// No byte is wider than `width` bits, and none has a code longer than [`PAIR_LIMIT`] if
    /// [`histogram::in_pairs`], else [`SINGLE_LIMIT`].
    pub fn write(&mut self, data: &[u8], width: u32, head_bits: usize, out: &mut BitWriter<'_>) {
        let longest = self.singles[..1 << width].iter().map(|&entry| length(entry)).max().unwrap_or(0);
        if histogram::in_pairs(data.len(), width) {
            self.fill_pairs(width);
            let table = Pairs(&self.pairs);
            if longest <= SHORT_LIMIT {
                self.halves::<_, true>(&table, data, head_bits, out);
            } else {
                self.halves::<_, false>(&table, data, head_bits, out);
            }
        } else {
            let table = Singles(&self.singles);
            if longest <= SHORT_LIMIT {
                self.halves::<_, true>(&table, data, head_bits, out);
            } else {
                self.halves::<_, false>(&table, data, head_bits, out);
            }
        }
    }

    fn fill_pairs(&mut self, width: u32) {
        let symbols = 1 << width;
        for first in 0..symbols {
            let start = first << PAIR_WIDTH;
            let head = self.singles[first];
            let shift = length(head);
            for (slot, &entry) in self.pairs[start..start + symbols].iter_mut().zip(&self.singles[..symbols])
            {
                let codes = head >> LENGTH_BITS | (entry >> LENGTH_BITS) << shift;
                *slot = codes << LENGTH_BITS | (shift + (entry & 255));
            }
        }
    }

    /// Bytes one by one.
    fn careful(&self, bytes: &[u8], out: &mut BitWriter<'_>) {
        for &byte in bytes {
            let entry = self.singles[usize::from(byte)];
            out.write(code(entry), length(entry));
        }
    }

    fn halves<T: Four, const SHORT: bool>(
        &self,
        table: &T,
        data: &[u8],
        head_bits: usize,
        out: &mut BitWriter<'_>,
    ) {
        let (head, tail) = data.split_at(histogram::head_length(data.len()));
        if head.len() < 2 * CAREFUL {
            return self.careful(data, out);
        }
        let (fast_head, careful_head) = head.split_at(head.len() - CAREFUL);
        let (fast_tail, careful_tail) = tail.split_at(fast_head.len());

        let buffer = &mut *out.buffer;
        let start = out.cursor;
        let middle = Cursor::at(start.bit_position() + head_bits);
        let mut first = Lane { bits: start.bits, place: start.bit_position() };
        let mut second = Lane { bits: 0, place: middle.bit_position() };
        for (a, b) in fast_head.chunks_exact(8).zip(fast_tail.chunks_exact(8)) {
            let (a, b) = (word(a), word(b));
            if SHORT {
                first.write(join(table.four(a), table.four(a >> 32)), buffer);
                second.write(join(table.four(b), table.four(b >> 32)), buffer);
            } else {
                first.write(table.four(a), buffer);
                second.write(table.four(b), buffer);
                first.write(table.four(a >> 32), buffer);
                second.write(table.four(b >> 32), buffer);
            }
        }

        // The end of the first half goes to a buffer of its own: the second half's beginning is already in place.
        let mut end = [0u8; CAREFUL * 2 + WORD];
        let gap = first.place / 8;
        let cursor = Cursor { position: 0, ..first.cursor() };
        let mut writer = BitWriter { buffer: &mut end, cursor };
        self.careful(careful_head, &mut writer);
        let Cursor { position, bits, count } = writer.cursor;
        debug_assert_eq!((gap + position, count), (middle.position, middle.count));
        buffer[gap..gap + position].copy_from_slice(&end[..position]);
        buffer[middle.position] |= bits as u8;

        out.cursor = second.cursor();
        self.careful(careful_tail, out);
    }
}
