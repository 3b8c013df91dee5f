//! The header of a dynamic block: both codes' lengths, themselves run-length and Huffman coded (RFC 1951, 3.2.7).

use super::bits::BitWriter;
use super::huffman;

/// Symbols of the alphabet that code lengths are sent in.
const SYMBOLS: usize = 19;
/// Longest code of that alphabet: its lengths are sent in three bits.
const LIMIT: u32 = 7;
/// The order in which its lengths are sent.
const ORDER: [usize; SYMBOLS] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Repeats the last length 3..=6 times, 2 extra bits.
const REPEAT: u8 = 16;
/// Repeats a zero 3..=10 times, 3 extra bits.
const ZEROS: u8 = 17;
/// Repeats a zero 11..=138 times, 7 extra bits.
const MANY_ZEROS: u8 = 18;
/// Extra bits of the three symbols above.
const EXTRA: [u32; 3] = [2, 3, 7];
/// Fewest literal and length codes a header can announce.
const MIN_LITLEN: usize = 257;
/// Fewest codes of code lengths it can announce.
const MIN_ORDER: usize = 4;
/// Bits of the three counts at the header's start.
const COUNT_BITS: usize = 5 + 5 + 4;

/// A header ready to be written, its size known.
pub struct Header {
    litlen: usize,
    distance: usize,
    order: usize,
    lengths: [u8; SYMBOLS],
    codes: [u16; SYMBOLS],
    /// Symbol and value of its extra bits.
    items: [(u8, u8); huffman::LITLEN_SYMBOLS + huffman::DISTANCE_SYMBOLS],
    used: usize,
    bits: usize,
}

impl Header {
    /// Creates an empty header, for [`build`](Self::build) to fill.
    pub fn new() -> Self {
        Self {
            litlen: 0,
            distance: 0,
            order: 0,
            lengths: [0; SYMBOLS],
            codes: [0; SYMBOLS],
            items: [(0, 0); huffman::LITLEN_SYMBOLS + huffman::DISTANCE_SYMBOLS],
            used: 0,
            bits: 0,
        }
    }

    /// Describes these two codes.
    pub fn build(
        &mut self,
        litlen: &[u8; huffman::LITLEN_SYMBOLS],
        distance: &[u8; huffman::DISTANCE_SYMBOLS],
    ) {
        let trimmed = |lengths: &[u8], least: usize| {
            lengths.iter().rposition(|&length| length != 0).map_or(least, |last| least.max(last + 1))
        };
        self.litlen = trimmed(litlen, MIN_LITLEN);
        self.distance = trimmed(distance, 1);
        let mut all = [0u8; huffman::LITLEN_SYMBOLS + huffman::DISTANCE_SYMBOLS];
        all[..self.litlen].copy_from_slice(&litlen[..self.litlen]);
        let total = self.litlen + self.distance;
        all[self.litlen..total].copy_from_slice(&distance[..self.distance]);
        self.collect(&all[..total]);

        let mut counts = [0u32; SYMBOLS];
        for &(symbol, _) in &self.items[..self.used] {
            counts[usize::from(symbol)] += 1;
        }
        huffman::lengths(&counts, LIMIT, &mut self.lengths);
        huffman::codes(&self.lengths, &mut self.codes);
        self.order = ORDER
            .iter()
            .rposition(|&symbol| self.lengths[symbol] != 0)
            .map_or(MIN_ORDER, |last| MIN_ORDER.max(last + 1));
        let extra: usize = (0..3).map(|i| counts[usize::from(REPEAT) + i] as usize * EXTRA[i] as usize).sum();
        self.bits = COUNT_BITS + 3 * self.order + huffman::cost(&counts, &self.lengths) + extra;
    }

    /// Returns the size in bits.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Cuts the lengths into runs; a run may cross from one code into the other.
    fn collect(&mut self, all: &[u8]) {
        self.used = 0;
        let mut start = 0;
        while start < all.len() {
            let length = all[start];
            let run = all[start..].iter().take_while(|&&other| other == length).count();
            start += run;
            let mut rest = run;
            if length == 0 {
                while rest >= 11 {
                    let take = rest.min(138);
                    self.push(MANY_ZEROS, take - 11);
                    rest -= take;
                }
                if rest >= 3 {
                    self.push(ZEROS, rest - 3);
                    rest = 0;
                }
            } else {
                self.push(length, 0);
                rest -= 1;
                while rest >= 3 {
                    // Seven and eight are cut evenly: a remainder of one or two would need codes of its own.
                    let take = if rest == 7 || rest == 8 { 4 } else { rest.min(6) };
                    self.push(REPEAT, take - 3);
                    rest -= take;
                }
            }
            for _ in 0..rest {
                self.push(length, 0);
            }
        }
    }

    fn push(&mut self, symbol: u8, extra: usize) {
        self.items[self.used] = (symbol, extra as u8);
        self.used += 1;
    }

    /// Writes the header after a block's first three bits.
    pub fn write(&self, out: &mut BitWriter<'_>) {
        out.put((self.litlen - MIN_LITLEN) as u64, 5);
        out.put((self.distance - 1) as u64, 5);
        out.write((self.order - MIN_ORDER) as u64, 4);
        for &symbol in &ORDER[..self.order] {
            out.write(u64::from(self.lengths[symbol]), 3);
        }
        for &(symbol, extra) in &self.items[..self.used] {
            let index = usize::from(symbol);
            out.put(u64::from(self.codes[index]), u32::from(self.lengths[index]));
            if symbol >= REPEAT {
                out.put(u64::from(extra), EXTRA[index - usize::from(REPEAT)]);
            }
            out.flush();
        }
    }
}
