//! Writes blocks of literals only, at memory speed.
//!
//! Two things make it fast. Narrow bytes are looked up in pairs or fours, and the two halves of a block are written
//! side by side in one loop, so that the processor always has a second chain of work: the histogram of the first half
//! tells at which bit the second half starts.

use super::bits::{BitWriter, Cursor, WORD};
use super::histogram::{self, Grouping, NARROW, PAIR_WIDTH, PAIRS, QUADS, narrow, word};

/// Longest code of a literal in tables of pairs and fours: a pair and its length fit an entry.
pub const GROUP_LIMIT: u32 = 12;
/// Longest code of a literal elsewhere: four literals and seven pending bits fit a word.
pub const SINGLE_LIMIT: u32 = 14;
/// Most bits that are written at once: with seven pending ones they fit a word.
const WRITE_BITS: u32 = 56;
/// Bits per literal, on average, up to which eight literals mostly are no more than [`WRITE_BITS`].
const SHORT_MEAN: usize = 6;
/// Bytes of the first half left to the careful loop. Each takes a bit at least, so that no whole-word store of the fast
/// loop reaches into the second half.
const CAREFUL: usize = 72;

/// A code in the upper bits of an entry, its length in the lowest eight.
const LENGTH_BITS: u32 = 8;

/// Packs a code and its length into one word.
#[inline(always)]
pub fn entry(code: u16, length: u8) -> u32 {
    u32::from(code) << LENGTH_BITS | u32::from(length)
}

/// Returns the code in an entry.
#[inline(always)]
pub fn code(entry: u32) -> u64 {
    u64::from(entry >> LENGTH_BITS)
}

/// Returns the length in an entry.
#[inline(always)]
pub fn length(entry: u32) -> u32 {
    entry & 255
}

/// Joins two codes, one after the other, and adds their lengths in the low byte of the second value; what is above
/// that byte means nothing.
#[inline(always)]
fn join(first: (u64, u32), second: (u64, u32)) -> (u64, u32) {
    (first.0 | second.0.wrapping_shl(first.1), first.1.wrapping_add(second.1))
}

/// Looks up the codes of eight bytes.
trait Eight {
    /// Returns the codes and total length (low byte) of the first four bytes and of the others.
    fn eight(&self, word: u64) -> [(u64, u32); 2];

    /// Tells whether the table has all of these bytes.
    #[inline(always)]
    fn has(&self, _word: u64) -> bool {
        true
    }
}

/// Codes of 256 bytes.
struct Singles<'a>(&'a [u32; 256]);

impl Eight for Singles<'_> {
    #[inline(always)]
    fn eight(&self, word: u64) -> [(u64, u32); 2] {
        let one = |shift: u32| {
            let entry = self.0[(word >> shift & 255) as usize];
            (code(entry), entry)
        };
        [
            join(join(one(0), one(8)), join(one(16), one(24))),
            join(join(one(32), one(40)), join(one(48), one(56))),
        ]
    }
}

/// Codes of pairs of narrow bytes.
struct Pairs<'a>(&'a [u32; PAIRS]);

impl Eight for Pairs<'_> {
    #[inline(always)]
    fn eight(&self, word: u64) -> [(u64, u32); 2] {
        let indices = histogram::pair_indices(word);
        let one = |shift: u32| {
            let entry = self.0[(indices >> shift) as usize & (PAIRS - 1)];
            (code(entry), entry)
        };
        [join(one(0), one(16)), join(one(32), one(48))]
    }
}

/// Codes of four narrow bytes.
struct Quads<'a>(&'a [u64; QUADS]);

impl Eight for Quads<'_> {
    #[inline(always)]
    fn eight(&self, word: u64) -> [(u64, u32); 2] {
        histogram::quad_indices(word).map(|index| {
            let entry = self.0[index];
            (entry >> LENGTH_BITS, entry as u32)
        })
    }

    #[inline(always)]
    fn has(&self, word: u64) -> bool {
        narrow(word)
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

    /// Adds the codes of two times four bytes.
    #[inline(always)]
    fn write_eight(&mut self, [first, second]: [(u64, u32); 2], buffer: &mut [u8]) {
        let both = join(first, second);
        if both.1 & 255 <= WRITE_BITS {
            self.write(both, buffer);
        } else {
            self.write(first, buffer);
            self.write(second, buffer);
        }
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
    quads: Box<[u64; QUADS]>,
}

impl LiteralWriter {
    /// Creates empty tables.
    pub fn new() -> Self {
        let quads = vec![0; QUADS].try_into().expect("as many as there are");
        Self { singles: [0; 256], pairs: Box::new([0; PAIRS]), quads }
    }

    /// Takes over the codes of the 256 literals.
    pub fn set(&mut self, lengths: &[u8], codes: &[u16]) {
        for ((slot, &code), &length) in self.singles.iter_mut().zip(codes).zip(lengths) {
            *slot = entry(code, length);
        }
    }

    /// Writes `data`, whose first [`histogram::head_length`] bytes take `head_bits` bits with the codes set.
    ///
    /// No byte has a code longer than [`SINGLE_LIMIT`], or [`GROUP_LIMIT`] if they are grouped.
    pub fn write(&mut self, data: &[u8], grouping: Grouping, head_bits: usize, out: &mut BitWriter<'_>) {
        match grouping {
            Grouping::Singles => self.by(&Singles(&self.singles), data, head_bits, out),
            Grouping::Pairs(width) => {
                self.fill_pairs(width);
                self.by(&Pairs(&self.pairs), data, head_bits, out);
            }
            Grouping::Quads => {
                self.fill_quads();
                self.by(&Quads(&self.quads), data, head_bits, out);
            }
        }
    }

    fn by<T: Eight>(&self, table: &T, data: &[u8], head_bits: usize, out: &mut BitWriter<'_>) {
        if head_bits <= histogram::head_length(data.len()) * SHORT_MEAN {
            self.halves::<_, true>(table, data, head_bits, out);
        } else {
            self.halves::<_, false>(table, data, head_bits, out);
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

    fn fill_quads(&mut self) {
        let mut pairs = [(0u64, 0u32); NARROW * NARROW];
        let one = |byte: usize| (code(self.singles[byte]), length(self.singles[byte]));
        for (index, pair) in pairs.iter_mut().enumerate() {
            *pair = join(one(index % NARROW), one(index / NARROW));
        }
        for (row, &second) in self.quads.chunks_exact_mut(pairs.len()).zip(&pairs) {
            for (slot, &first) in row.iter_mut().zip(&pairs) {
                let (codes, length) = join(first, second);
                *slot = codes << LENGTH_BITS | u64::from(length);
            }
        }
    }

    #[inline(always)]
    fn single(&self, byte: u8) -> (u64, u32) {
        let entry = self.singles[usize::from(byte)];
        (code(entry), entry)
    }

    /// Writes bytes one by one.
    fn careful(&self, bytes: &[u8], out: &mut BitWriter<'_>) {
        for &byte in bytes {
            let entry = self.singles[usize::from(byte)];
            out.write(code(entry), length(entry));
        }
    }

    fn halves<T: Eight, const SHORT: bool>(
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
            let (a_word, b_word) = (word(a), word(b));
            if !table.has(a_word | b_word) {
                for (&a, &b) in a.iter().zip(b) {
                    first.write(self.single(a), buffer);
                    second.write(self.single(b), buffer);
                }
                continue;
            }
            let (a, b) = (table.eight(a_word), table.eight(b_word));
            if SHORT {
                first.write_eight(a, buffer);
                second.write_eight(b, buffer);
            } else {
                first.write(a[0], buffer);
                second.write(b[0], buffer);
                first.write(a[1], buffer);
                second.write(b[1], buffer);
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
