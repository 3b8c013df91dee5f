//! A block as sequences: some literals, then a match.

use super::bits::BitWriter;
use super::block::{BlockCode, Frequencies};
use super::histogram::{Grouping, Histogram};
use super::literals::{SINGLE_LIMIT, code, entry, length};
use super::symbols::{
    FIRST_LENGTH, LENGTH_BASE, LENGTH_EXTRA, LENGTH_SYMBOL, LENGTH_SYMBOLS, MAX_MATCH, MIN_MATCH,
    distance_base, distance_extra, distance_symbol,
};

/// Bytes copied at once; the literals' buffer is that much longer than what it holds.
const COPY: usize = 8;

/// Literals that are written together with the match after them.
const TAIL: usize = 3;
/// Most bits that are written at once.
const WORD_BITS: u32 = 56;

/// Literals followed by a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Number of literals that come first.
    pub literals: u32,
    /// The match's length; 0 if the block ends after the literals.
    pub length: u16,
    /// The match's distance.
    pub distance: u16,
}

/// The sequences of a block under construction, and its literals one after another.
#[derive(Default)]
pub struct Sequences {
    list: Vec<Sequence>,
    literals: Vec<u8>,
    used: usize,
}

impl Sequences {
    /// Forgets all sequences, and makes room for those of `bytes` bytes.
    pub fn clear(&mut self, bytes: usize) {
        self.list.clear();
        self.used = 0;
        if self.literals.len() < bytes + COPY {
            self.literals.resize(bytes + COPY, 0);
        }
    }

    /// Adds `segment[from..to]` as literals and then a match of any length from [`MIN_MATCH`] up; long ones are cut.
    #[inline(always)]
    pub fn push(&mut self, segment: &[u8], from: usize, to: usize, length: usize, distance: usize) {
        self.copy(segment, from, to);
        let mut literals = (to - from) as u32;
        let mut rest = length;
        while rest > MAX_MATCH {
            // What remains must still be a match.
            let take = if rest < MAX_MATCH + MIN_MATCH { rest - MIN_MATCH } else { MAX_MATCH };
            self.list.push(Sequence { literals, length: take as u16, distance: distance as u16 });
            literals = 0;
            rest -= take;
        }
        self.list.push(Sequence { literals, length: rest as u16, distance: distance as u16 });
    }

    /// Adds all from `from` on, which no match follows, as literals.
    pub fn finish(&mut self, segment: &[u8], from: usize) {
        self.copy(segment, from, segment.len());
        self.list.push(Sequence { literals: (segment.len() - from) as u32, length: 0, distance: 0 });
    }

    #[inline(always)]
    fn copy(&mut self, segment: &[u8], from: usize, to: usize) {
        let count = to - from;
        let place = &mut self.literals[self.used..];
        if count <= COPY && from + COPY <= segment.len() {
            place[..COPY].copy_from_slice(&segment[from..from + COPY]);
        } else {
            place[..count].copy_from_slice(&segment[from..to]);
        }
        self.used += count;
    }

    /// Returns all literals, in order.
    pub fn literals(&self) -> &[u8] {
        &self.literals[..self.used]
    }

    /// Counts all symbols; returns the sum of their extra bits.
    pub fn count(&self, histogram: &mut Histogram, frequencies: &mut Frequencies) -> usize {
        histogram.count(self.literals(), Grouping::Singles);
        frequencies.litlen[..256].copy_from_slice(&histogram.all);
        self.count_matches(frequencies)
    }

    /// Counts all matches into `frequencies`; returns the sum of their extra bits.
    pub fn count_matches(&self, frequencies: &mut Frequencies) -> usize {
        let mut lengths = [[0u32; MAX_MATCH + 1]; 2];
        let mut distances = [0u32; 32];
        for pair in self.list.chunks(2) {
            for (sequence, lengths) in pair.iter().zip(&mut lengths) {
                lengths[usize::from(sequence.length)] += 1;
                if sequence.length != 0 {
                    distances[distance_symbol(usize::from(sequence.distance)) & 31] += 1;
                }
            }
        }
        let mut extra = 0;
        for length in MIN_MATCH..=MAX_MATCH {
            let symbol = usize::from(LENGTH_SYMBOL[length]);
            let count = lengths[0][length] + lengths[1][length];
            frequencies.litlen[FIRST_LENGTH + symbol] += count;
            extra += count as usize * usize::from(LENGTH_EXTRA[symbol]);
        }
        for (symbol, (total, count)) in frequencies.distance.iter_mut().zip(distances).enumerate() {
            *total += count;
            extra += count as usize * distance_extra(symbol) as usize;
        }
        extra
    }

    /// Writes the sequences; the code's literals and lengths have at most [`SINGLE_LIMIT`] bits.
    pub fn write(&self, block: &BlockCode, singles: &[u32; 256], out: &mut BitWriter<'_>) {
        let lengths = length_entries(block);
        let mut distances = [(0u32, 0u32); 32];
        for (symbol, slot) in distances.iter_mut().enumerate().take(block.distance.len()) {
            *slot =
                (entry(block.distance_codes[symbol], block.distance[symbol]), distance_base(symbol) as u32);
        }
        let mut literals = &self.literals[..];
        let buffer = &mut *out.buffer;
        let mut cursor = out.cursor;
        for sequence in &self.list {
            let mut rest = sequence.literals as usize;
            while rest > TAIL {
                let (mut bits, mut count) = (0, 0);
                for &byte in &literals[..4] {
                    let entry = singles[usize::from(byte)];
                    bits |= code(entry) << count;
                    count += length(entry);
                }
                cursor.put(bits, count);
                cursor.flush(buffer);
                literals = &literals[4..];
                rest -= 4;
            }
            // The last few literals without a branch on their number.
            let (mut bits, mut count) = (0, 0);
            for (index, &byte) in literals[..TAIL].iter().enumerate() {
                let entry = if index < rest { singles[usize::from(byte)] } else { 0 };
                bits |= code(entry) << count;
                count += length(entry);
            }
            literals = &literals[rest..];
            if sequence.length == 0 {
                cursor.put(bits, count);
                cursor.flush(buffer);
                continue;
            }
            let head = lengths[usize::from(sequence.length)];
            let symbol = distance_symbol(usize::from(sequence.distance));
            let (entry, base) = distances[symbol & 31];
            let extra = u64::from(u32::from(sequence.distance) - base);
            let of_match = code(head) | (code(entry) | extra << length(entry)) << length(head);
            let match_count = length(head) + length(entry) + distance_extra(symbol);
            if count + match_count > WORD_BITS {
                cursor.put(bits, count);
                cursor.flush(buffer);
                (bits, count) = (0, 0);
            }
            cursor.put(bits | of_match << count, count + match_count);
            cursor.flush(buffer);
        }
        out.cursor = cursor;
    }
}

/// Returns the entries of all lengths: the code with the extra bits behind it.
fn length_entries(block: &BlockCode) -> [u32; MAX_MATCH + 1] {
    let mut entries = [0; MAX_MATCH + 1];
    for symbol in 0..LENGTH_SYMBOLS {
        let head = block.litlen_entry(FIRST_LENGTH + symbol);
        let extra = u32::from(LENGTH_EXTRA[symbol]);
        let base = usize::from(LENGTH_BASE[symbol]);
        for value in 0..1u32 << extra {
            // The last but one symbol's range would reach 258, which has a symbol of its own.
            if base + value as usize == MAX_MATCH && symbol + 1 < LENGTH_SYMBOLS {
                break;
            }
            let shift = length(head);
            entries[base + value as usize] = head + (value << (shift + 8)) + extra;
        }
    }
    debug_assert!(block.litlen.iter().all(|&length| u32::from(length) <= SINGLE_LIMIT));
    entries
}
