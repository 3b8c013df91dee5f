//! Estimated cost of each symbol while a parse is being chosen.

use super::block::Frequencies;
use super::symbols::{
    DISTANCE_SYMBOLS, FIRST_LENGTH, LENGTH_EXTRA, LENGTH_SYMBOL, LENGTH_SYMBOLS, MAX_MATCH, MIN_MATCH,
    distance_extra,
};

/// Parts of a bit that costs are counted in.
pub const UNIT: u32 = 32;

/// Costs of literals, lengths and distances, extra bits included, in 1/[`UNIT`] bits.
pub struct Costs {
    /// Cost of each literal.
    pub literal: [u32; 256],
    /// Cost of each length.
    pub length: [u32; MAX_MATCH + 1],
    /// Cost of each distance symbol.
    pub distance: [u32; 32],
}

/// Fractions of log2 between powers of two: `UNIT * log2(1 + i / 32)`, rounded.
const LOG2: [u8; 32] = {
    // Squaring a mantissa doubles its logarithm: each squaring yields one bit of it.
    let mut table = [0u8; 32];
    let mut index = 0;
    while index < 32 {
        let mut mantissa = (32 + index as u64) << 26;
        let mut bits = 0u32;
        let mut step = 0;
        while step < 8 {
            mantissa = (mantissa * mantissa) >> 31;
            bits <<= 1;
            if mantissa >= 1 << 32 {
                mantissa >>= 1;
                bits |= 1;
            }
            step += 1;
        }
        table[index] = ((bits + 4) >> 3) as u8;
        index += 1;
    }
    table
};

/// Computes `UNIT * log2(value)` for a value above 0, to within a fifteenth of a bit.
fn log2(value: u32) -> u32 {
    let top = value.ilog2();
    let mantissa = if top >= 5 { value >> (top - 5) } else { value << (5 - top) };
    top * UNIT + u32::from(LOG2[(mantissa & 31) as usize])
}

impl Costs {
    /// Creates costs that are all zero.
    pub fn new() -> Self {
        Self { literal: [0; 256], length: [0; MAX_MATCH + 1], distance: [0; 32] }
    }

    /// Takes the entropies of a block with these frequencies; symbols that do not occur in it cost as if they occurred
    /// once in two blocks.
    pub fn set(&mut self, of: &Frequencies) {
        let total: u32 = of.litlen.iter().sum();
        let cost = |count: u32, total: u32| (log2(2 * total + 2) - log2((2 * count).max(1))).max(UNIT / 2);
        for (slot, &count) in self.literal.iter_mut().zip(&of.litlen) {
            *slot = cost(count, total);
        }
        let mut symbols = [0; LENGTH_SYMBOLS];
        for (symbol, slot) in symbols.iter_mut().enumerate() {
            *slot = cost(of.litlen[FIRST_LENGTH + symbol], total) + u32::from(LENGTH_EXTRA[symbol]) * UNIT;
        }
        for length in MIN_MATCH..=MAX_MATCH {
            self.length[length] = symbols[usize::from(LENGTH_SYMBOL[length])];
        }
        let total = of.distance.iter().sum();
        for (symbol, slot) in self.distance.iter_mut().enumerate().take(DISTANCE_SYMBOLS) {
            *slot = cost(of.distance[symbol], total) + distance_extra(symbol) * UNIT;
        }
    }
}
