//! Symbols and extra bits of match lengths and distances (RFC 1951, 3.2.5).

/// Shortest match.
pub const MIN_MATCH: usize = 3;
/// Longest match.
pub const MAX_MATCH: usize = 258;
/// Farthest match.
pub const WINDOW: usize = 32768;
/// Symbols of distances.
pub use super::huffman::DISTANCE_SYMBOLS;
/// Symbols of lengths.
pub const LENGTH_SYMBOLS: usize = 29;
/// First symbol of the literal and length alphabet that is a length.
pub const FIRST_LENGTH: usize = 257;

/// Extra bits of each length symbol.
pub const LENGTH_EXTRA: [u8; LENGTH_SYMBOLS] = {
    let mut extra = [0; LENGTH_SYMBOLS];
    let mut symbol = 8;
    // From the ninth symbol on, every fourth has one extra bit more; the last stands for 258 alone.
    while symbol < LENGTH_SYMBOLS - 1 {
        extra[symbol] = (symbol / 4 - 1) as u8;
        symbol += 1;
    }
    extra
};

/// Shortest length of each length symbol.
pub const LENGTH_BASE: [u16; LENGTH_SYMBOLS] = {
    let mut base = [0; LENGTH_SYMBOLS];
    let mut next = MIN_MATCH as u16;
    let mut symbol = 0;
    while symbol < LENGTH_SYMBOLS - 1 {
        base[symbol] = next;
        next += 1 << LENGTH_EXTRA[symbol];
        symbol += 1;
    }
    base[LENGTH_SYMBOLS - 1] = MAX_MATCH as u16;
    base
};

/// Length symbol of each length, counted from 0; the first three are of no use.
pub const LENGTH_SYMBOL: [u8; MAX_MATCH + 1] = {
    let mut symbols = [0; MAX_MATCH + 1];
    let mut length = MIN_MATCH;
    let mut symbol = 0;
    while length <= MAX_MATCH {
        if symbol + 1 < LENGTH_SYMBOLS && length >= LENGTH_BASE[symbol + 1] as usize {
            symbol += 1;
        }
        symbols[length] = symbol as u8;
        length += 1;
    }
    symbols
};

/// Distances up to this one have a table entry each, those above one for 128.
const NEAR: usize = 256;

/// Symbols of distances less one: 0..256, then 256.. in steps of 128.
static DISTANCE_SYMBOL: [u8; 2 * NEAR] = {
    let mut symbols = [0; 2 * NEAR];
    let mut index = 0;
    while index < 2 * NEAR {
        let less_one = if index < NEAR { index } else { (index - NEAR) << 7 };
        symbols[index] = if less_one < 2 {
            less_one as u8
        } else {
            // Two symbols for each power of two.
            let top = less_one.ilog2();
            (2 * top) as u8 + (less_one >> (top - 1) & 1) as u8
        };
        index += 1;
    }
    symbols
};

/// Returns the symbol of a distance in 1..=[`WINDOW`].
#[inline(always)]
pub fn distance_symbol(distance: usize) -> usize {
    let less_one = distance - 1;
    let index = if less_one < NEAR { less_one } else { NEAR + (less_one >> 7) };
    usize::from(DISTANCE_SYMBOL[index & (2 * NEAR - 1)])
}

/// Returns the number of extra bits of a distance symbol.
#[inline(always)]
pub fn distance_extra(symbol: usize) -> u32 {
    (symbol as u32 / 2).saturating_sub(1)
}

/// Returns the smallest distance of a distance symbol.
pub fn distance_base(symbol: usize) -> usize {
    if symbol < 2 { symbol + 1 } else { ((2 + symbol % 2) << distance_extra(symbol)) + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn lengths_follow_the_table_of_the_rfc() {
        assert_eq!(&LENGTH_BASE[..12], &[3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17]);
        assert_eq!(&LENGTH_BASE[24..], &[131, 163, 195, 227, 258]);
        assert_eq!(&LENGTH_EXTRA[24..], &[5, 5, 5, 5, 0]);
        assert_eq!(
            [LENGTH_SYMBOL[10], LENGTH_SYMBOL[11], LENGTH_SYMBOL[257], LENGTH_SYMBOL[258]],
            [7, 8, 27, 28]
        );
    }

    #[test]
    fn distances_follow_the_table_of_the_rfc() {
        for symbol in 0..30 {
            let base = distance_base(symbol);
            let last = base + (1 << distance_extra(symbol)) - 1;
            assert_eq!((distance_symbol(base), distance_symbol(last)), (symbol, symbol));
        }
        assert_eq!((distance_base(29), distance_base(4), distance_symbol(WINDOW)), (24577, 5, 29));
    }
}
