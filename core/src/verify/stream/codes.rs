//! The codes of a block, as its header has them (RFC 1951, 3.2.7). Nothing here is shared with the encoder: what it
//! mistakes must not pass for right.

use super::bits::Bits;

/// Literals and the end of the block: a code for these alone has no match in it.
pub const LITERALS: usize = 257;

/// The symbol that ends a block.
pub const END: usize = 256;

const LENGTH_SYMBOLS: usize = 19;
const LITLEN_SYMBOLS: usize = 286;
const DISTANCE_SYMBOLS: usize = 30;

/// The longest code.
pub const MOST_BITS: usize = 15;

/// The order in which lengths of the length code are sent.
const ORDER: [usize; LENGTH_SYMBOLS] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// A symbol's code, bits in the order they are sent; of 0 bits when there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Code {
    pub bits: u16,
    pub length: u8,
}

/// What a block's header says.
pub enum Header {
    /// Codes of literals and the block's end, and of nothing else.
    Literals,
    /// Codes of matches too.
    Matches,
    /// What no decoder need take.
    Broken,
}

/// Reads the header of a block with codes of its own, which it fills in if there are no matches.
pub fn header(bits: &mut Bits<'_>, codes: &mut [Code; LITERALS]) -> Header {
    read(bits, codes).unwrap_or(Header::Broken)
}

fn read(bits: &mut Bits<'_>, codes: &mut [Code; LITERALS]) -> Option<Header> {
    let litlens = bits.take(5) as usize + 257;
    let distances = bits.take(5) as usize + 1;
    let sent = bits.take(4) as usize + 4;
    if litlens > LITLEN_SYMBOLS || distances > DISTANCE_SYMBOLS {
        return None;
    }
    let mut lengths = [0; LENGTH_SYMBOLS];
    for &symbol in &ORDER[..sent] {
        lengths[symbol] = bits.take(3) as u8;
    }
    let mut lengths_code = [Code::default(); LENGTH_SYMBOLS];
    if !canonical(&lengths, &mut lengths_code) {
        return None;
    }
    let mut all = [0; LITLEN_SYMBOLS + DISTANCE_SYMBOLS];
    let (mut known, total) = (0, litlens + distances);
    while known < total {
        let next = bits.peek();
        let is_next = |code: &Code| code.length > 0 && next & mask(code.length) == u64::from(code.bits);
        let symbol = lengths_code.iter().position(is_next)?;
        bits.skip(lengths_code[symbol].length.into());
        let (value, times) = match symbol {
            16 => (*all.get(known.checked_sub(1)?)?, 3 + bits.take(2) as usize),
            17 => (0, 3 + bits.take(3) as usize),
            18 => (0, 11 + bits.take(7) as usize),
            length => (length as u8, 1),
        };
        all[..total].get_mut(known..known + times)?.fill(value);
        known += times;
    }
    if !bits.is_inside() || all[END] == 0 || !is_distance_code(&all[litlens..total]) {
        return None;
    }
    if litlens > LITERALS {
        return Some(Header::Matches);
    }
    *codes = [Code::default(); LITERALS];
    canonical(&all[..LITERALS], codes).then_some(Header::Literals)
}

/// Returns as many ones.
#[inline]
pub fn mask(bits: u8) -> u64 {
    (1 << bits) - 1
}

/// Fills in the codes that these lengths stand for (RFC 1951, 3.2.2). Returns whether they are complete: every
/// sequence of bits is then read, and in one way only.
fn canonical(lengths: &[u8], codes: &mut [Code]) -> bool {
    let mut next = 0_u32;
    for length in 1..=MOST_BITS as u8 {
        next <<= 1;
        for (code, _) in codes.iter_mut().zip(lengths).filter(|&(_, &own)| own == length) {
            let bits = (next as u16).reverse_bits() >> (16 - u32::from(length));
            *code = Code { bits, length };
            next += 1;
        }
        if next > 1 << length {
            return false;
        }
    }
    next == 1 << MOST_BITS
}

/// Tells whether decoders take these lengths: complete, none at all, or one code of one bit.
fn is_distance_code(lengths: &[u8]) -> bool {
    let used = lengths.iter().filter(|&&length| length > 0);
    let share: u32 = used.clone().map(|&length| 1 << (MOST_BITS - usize::from(length))).sum();
    match used.count() {
        0 => true,
        1 => share == 1 << (MOST_BITS - 1),
        _ => share == 1 << MOST_BITS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn codes_are_those_of_the_specification() {
        // The example of RFC 1951, 3.2.2: 010, 011, 100, 101, 110, 00, 1110, 1111.
        let mut codes = [Code::default(); 8];
        assert!(canonical(&[3, 3, 3, 3, 3, 2, 4, 4], &mut codes));
        let sent = [0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111];
        assert_eq!(codes.map(|code| code.bits), sent);
    }

    #[test]
    fn codes_that_are_not_complete_are_none() {
        let mut codes = [Code::default(); 3];
        assert!(canonical(&[1, 2, 2], &mut codes));
        assert!(!canonical(&[1, 2, 3], &mut codes));
        assert!(!canonical(&[1, 1, 1], &mut codes));
        assert!(is_distance_code(&[0, 0]));
        assert!(is_distance_code(&[0, 1]));
        assert!(!is_distance_code(&[0, 2]));
        assert!(is_distance_code(&[1, 1]));
    }
}
