//! The codes of one block and its exact size in each of the three forms deflate has.

use super::bits::BitWriter;
use super::header::Header;
use super::huffman::{self, DISTANCE_SYMBOLS, LITLEN_SYMBOLS};
use super::literals;
use super::stored;
use super::symbols::FIRST_LENGTH;

/// Bits at the start of each block: the last block's flag and two bits of its form (RFC 1951, 3.2.3).
pub const HEAD_BITS: usize = 3;
/// Length symbols of lengths up to 114: longer ones are runs.
const LIKELY_LENGTHS: usize = 23;
/// The symbol that ends a block.
pub const END: usize = 256;

/// The three forms of a block, with the values they are sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Bytes as they are.
    Stored = 0,
    /// The codes that RFC 1951 fixes.
    Fixed = 1,
    /// Codes of its own, described in its header.
    Dynamic = 2,
}

/// Counts of each symbol in a block.
#[derive(Clone)]
pub struct Frequencies {
    /// Literals, the end of the block, lengths.
    pub litlen: [u32; LITLEN_SYMBOLS],
    /// Distances.
    pub distance: [u32; DISTANCE_SYMBOLS],
}

impl Frequencies {
    /// Creates the frequencies of a block of nothing but its end.
    pub fn new() -> Self {
        let mut litlen = [0; LITLEN_SYMBOLS];
        litlen[END] = 1;
        Self { litlen, distance: [0; DISTANCE_SYMBOLS] }
    }

    /// Adds some matches of all kinds, for a first guess at what they cost.
    pub fn expect_matches(&mut self) {
        // An eighth of the symbols, spread over all lengths; a sixteenth as many for each distance as there are.
        let symbols: u32 = self.litlen.iter().sum();
        for count in &mut self.litlen[FIRST_LENGTH..FIRST_LENGTH + LIKELY_LENGTHS] {
            *count += symbols / 64;
        }
        let distances = self.distance.iter().sum::<u32>() + symbols / 16;
        for count in &mut self.distance {
            *count += distances / 16;
        }
    }
}

/// Codes of one block.
pub struct BlockCode {
    /// Code lengths of literals, end and lengths.
    pub litlen: [u8; LITLEN_SYMBOLS],
    /// Code lengths of distances.
    pub distance: [u8; DISTANCE_SYMBOLS],
    /// Codes of literals, end and lengths, bits in the order they are sent.
    pub litlen_codes: [u16; LITLEN_SYMBOLS],
    /// Codes of distances.
    pub distance_codes: [u16; DISTANCE_SYMBOLS],
    header: Header,
    form: Form,
}

impl BlockCode {
    /// Creates a code of a block that stores its bytes; [`choose`](Self::choose) fills it.
    pub fn new() -> Self {
        Self {
            litlen: [0; LITLEN_SYMBOLS],
            distance: [0; DISTANCE_SYMBOLS],
            litlen_codes: [0; LITLEN_SYMBOLS],
            distance_codes: [0; DISTANCE_SYMBOLS],
            header: Header::new(),
            form: Form::Stored,
        }
    }

    /// Makes the Huffman codes for these frequencies, no literal or length code above `limit`, and returns the exact
    /// size of the dynamic block in bits; `extra` are the extra bits of lengths and distances.
    pub fn measure(&mut self, of: &Frequencies, extra: usize, limit: u32) -> usize {
        huffman::lengths(&of.litlen, limit, &mut self.litlen);
        huffman::lengths(&of.distance, huffman::MAX_LENGTH, &mut self.distance);
        self.header.build(&self.litlen, &self.distance);
        let coded = huffman::cost(&of.litlen, &self.litlen) + huffman::cost(&of.distance, &self.distance);
        HEAD_BITS + self.header.bits() + coded + extra
    }

    /// Makes the smallest code of `length` bytes with these frequencies of symbols, and returns its form and its exact size
    /// in bits.
    ///
    /// `limit` and `extra` are as for [`measure`](Self::measure); `offset` is the number of bits already in the last
    /// byte.
    pub fn choose(
        &mut self,
        of: &Frequencies,
        length: usize,
        extra: usize,
        limit: u32,
        offset: usize,
    ) -> (Form, usize) {
        let dynamic = self.measure(of, extra, limit);
        let fixed = HEAD_BITS + fixed_cost(of) + extra;
        let stored = stored::bits(length, offset);
        self.form = if stored <= dynamic.min(fixed) {
            Form::Stored
        } else if fixed <= dynamic {
            (self.litlen, self.distance) = (FIXED_LITLEN, FIXED_DISTANCE);
            Form::Fixed
        } else {
            Form::Dynamic
        };
        if self.form != Form::Stored {
            huffman::codes(&self.litlen, &mut self.litlen_codes);
            huffman::codes(&self.distance, &mut self.distance_codes);
            if self.form == Form::Fixed {
                self.take_fixed_codes();
            }
        }
        (self.form, stored.min(fixed).min(dynamic))
    }

    /// Takes the codes of the fixed code's 288 symbols: two of them are never sent, but the canonical codes of the
    /// other 286 would be others.
    fn take_fixed_codes(&mut self) {
        let mut codes = [0; FIXED_SYMBOLS];
        let mut lengths = [FIXED_TOP; FIXED_SYMBOLS];
        lengths[..LITLEN_SYMBOLS].copy_from_slice(&FIXED_LITLEN);
        huffman::codes(&lengths, &mut codes);
        self.litlen_codes.copy_from_slice(&codes[..LITLEN_SYMBOLS]);
    }

    /// Writes the block's first bits and its header; not for stored blocks.
    pub fn write_head(&self, last: bool, out: &mut BitWriter<'_>) {
        debug_assert_ne!(self.form, Form::Stored);
        out.write(u64::from(last) | (self.form as u64) << 1, HEAD_BITS as u32);
        if self.form == Form::Dynamic {
            self.header.write(out);
        }
    }

    /// Writes the symbol that ends the block.
    pub fn write_end(&self, out: &mut BitWriter<'_>) {
        out.write(u64::from(self.litlen_codes[END]), u32::from(self.litlen[END]));
    }

    /// Returns the entry (see [`literals::entry`]) of literal or length symbol `symbol`.
    pub fn litlen_entry(&self, symbol: usize) -> u32 {
        literals::entry(self.litlen_codes[symbol], self.litlen[symbol])
    }
}

/// Symbols of the fixed code, with the two that never occur.
const FIXED_SYMBOLS: usize = 288;
/// Length of the fixed codes of 144..=255.
const FIXED_HIGH: u8 = 9;
/// Length of the fixed codes of 280..=287, and of those below 144.
const FIXED_TOP: u8 = 8;
/// Length of the fixed codes of 256..=279.
const FIXED_MIDDLE: u8 = 7;

/// Code lengths that RFC 1951, 3.2.6, fixes.
const FIXED_LITLEN: [u8; LITLEN_SYMBOLS] = {
    let mut lengths = [FIXED_TOP; LITLEN_SYMBOLS];
    let mut symbol = 144;
    while symbol < 280 {
        lengths[symbol] = if symbol < 256 { FIXED_HIGH } else { FIXED_MIDDLE };
        symbol += 1;
    }
    lengths
};
/// Fixed distance codes have five bits each.
const FIXED_DISTANCE: [u8; DISTANCE_SYMBOLS] = [5; DISTANCE_SYMBOLS];

fn fixed_cost(of: &Frequencies) -> usize {
    huffman::cost(&of.litlen, &FIXED_LITLEN) + huffman::cost(&of.distance, &FIXED_DISTANCE)
}
