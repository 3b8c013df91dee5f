//! bzip2's Huffman codes: canonical, of 1 to 20 bits, the shorter ones the smaller numbers.

use super::bits::Bits;
use super::block::Fault;

/// Symbols in an alphabet: 256 bytes, and two that count.
pub const MOST_SYMBOLS: usize = 258;

/// Bits of the longest code.
const LONGEST_CODE: u32 = 20;

/// Bits that are looked up at once: few codes of bytes are longer.
const TABLE_BITS: u32 = 10;

/// Codes as they are decoded.
pub struct Codes {
    /// Symbol and length of the code that these bits begin with: `symbol << 5 | length`; 0 where it is longer, or none.
    table: Vec<u16>,
    /// For each length the first number that is no code of it or a shorter one, in as many bits as the longest has.
    limits: [u32; LONGEST_CODE as usize + 1],
    /// For each length what is added to a code, to find its symbol in `symbols`.
    offsets: [i32; LONGEST_CODE as usize + 1],
    /// Symbols in the order of their codes.
    symbols: Vec<u16>,
}

impl Codes {
    /// Reads the lengths of the codes of so many symbols, each as steps from the one before.
    pub fn read(bits: &mut Bits<'_>, symbols: usize) -> Result<Self, Fault> {
        let mut lengths = [0u8; MOST_SYMBOLS];
        let mut length = bits.take(5).ok_or(Fault::End)? as u32;
        for place in &mut lengths[..symbols] {
            loop {
                if !(1..=LONGEST_CODE).contains(&length) {
                    return Err(Fault::Broken("the length of a code is not 1 to 20 bits"));
                }
                if bits.take(1).ok_or(Fault::End)? == 0 {
                    break;
                }
                length = if bits.take(1).ok_or(Fault::End)? == 0 { length + 1 } else { length - 1 };
            }
            *place = length as u8;
        }
        Self::of(&lengths[..symbols])
    }

    /// Makes the codes of these lengths.
    fn of(lengths: &[u8]) -> Result<Self, Fault> {
        let mut codes = Self {
            table: vec![0; 1 << TABLE_BITS],
            limits: [0; LONGEST_CODE as usize + 1],
            offsets: [0; LONGEST_CODE as usize + 1],
            symbols: Vec::with_capacity(lengths.len()),
        };
        let mut code = 0u32;
        for length in 1..=LONGEST_CODE {
            code <<= 1;
            codes.offsets[length as usize] = codes.symbols.len() as i32 - code as i32;
            for (symbol, _) in lengths.iter().enumerate().filter(|(_, found)| u32::from(**found) == length) {
                if code >> length != 0 {
                    return Err(Fault::Broken("there are more codes than their lengths have room for"));
                }
                if let Some(free) = TABLE_BITS.checked_sub(length) {
                    let first = (code << free) as usize;
                    codes.table[first..first + (1 << free)].fill((symbol as u16) << 5 | length as u16);
                }
                codes.symbols.push(symbol as u16);
                code += 1;
            }
            codes.limits[length as usize] = code << (LONGEST_CODE - length);
        }
        Ok(codes)
    }

    /// Decodes the next symbol.
    #[inline(always)]
    pub fn decode(&self, bits: &mut Bits<'_>) -> Result<u16, Fault> {
        if bits.count() < LONGEST_CODE {
            bits.fill();
        }
        let entry = self.table[(bits.word() >> (64 - TABLE_BITS)) as usize];
        let length = u32::from(entry & 31);
        if length == 0 {
            return self.decode_long(bits);
        }
        if length > bits.count() {
            return Err(Fault::End);
        }
        bits.skip(length);
        Ok(entry >> 5)
    }

    #[cold]
    fn decode_long(&self, bits: &mut Bits<'_>) -> Result<u16, Fault> {
        let next = (bits.word() >> (64 - LONGEST_CODE)) as u32;
        let length = (TABLE_BITS + 1..=LONGEST_CODE).find(|&length| next < self.limits[length as usize]);
        let Some(length) = length else {
            let whole = bits.count() >= LONGEST_CODE;
            return Err(if whole { Fault::Broken("a code stands for no symbol") } else { Fault::End });
        };
        if length > bits.count() {
            return Err(Fault::End);
        }
        let place = (next >> (LONGEST_CODE - length)) as i32 + self.offsets[length as usize];
        bits.skip(length);
        let symbol = usize::try_from(place).ok().and_then(|place| self.symbols.get(place));
        symbol.copied().ok_or(Fault::Broken("a code stands for no symbol"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn codes_of_every_length_are_decoded() {
        // Lengths 1, 2, ..., 19, 20, 20: codes 0, 10, 110, ...
        let lengths: Vec<u8> = (1..=20).chain([20]).collect();
        let codes = Codes::of(&lengths).ok().expect("they are complete");
        for symbol in 0..21u32 {
            let ones = (1u64 << symbol) - 1;
            let code = if symbol == 20 { ones << 44 } else { ones.checked_shl(64 - symbol).unwrap_or(0) };
            let bytes = code.to_be_bytes();
            let mut bits = Bits::new(&bytes, 0);
            assert_eq!(codes.decode(&mut bits).ok(), Some(symbol as u16));
            assert_eq!(bits.place(), u64::from(symbol + 1).min(20));
        }
    }

    #[test]
    fn impossible_codes_are_refused() {
        assert!(matches!(Codes::of(&[1, 1, 1]), Err(Fault::Broken(_))), "too many");
        let few = Codes::of(&[2, 2]).ok().expect("some codes may be left out");
        assert!(matches!(few.decode(&mut Bits::new(&[0xff; 8], 0)), Err(Fault::Broken(_))));
        assert!(matches!(few.decode(&mut Bits::new(&[], 0)), Err(Fault::End)));
        assert!(matches!(Codes::read(&mut Bits::new(&[0; 8], 0), 3), Err(Fault::Broken(_))), "length 0");
        assert!(matches!(Codes::read(&mut Bits::new(&[0b0000_1000], 0), 30), Err(Fault::End)));
    }
}
