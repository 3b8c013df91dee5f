//! LZW as TIFF has it: codes of 9 to 12 bits, the most significant bit first, which grow one code early.
//!
//! Every string was output before, and the string of a table entry is that of the code before it with one byte
//! more. So an entry needs no bytes of its own: it is where its code's output starts, and it ends one byte into the
//! output of the next code. A code is one copy within the output, also that of the entry it makes itself.

use super::Damage;

/// Empties the table.
const CLEAR: usize = 256;

/// Ends the data.
const END: usize = 257;

/// The first code of a string.
const FIRST: usize = 258;

/// Strings that the table holds.
const STRINGS: usize = 4096 - FIRST;

/// What is no valid LZW.
const INVALID: Damage = Damage::Invalid("LZW");

/// Bytes that are copied at once; most strings of counted electrons are shorter.
const STEP: usize = 16;

/// The codes of a strip, read from the most significant bit on.
struct Codes<'a> {
    stored: &'a [u8],
    bits: u64,
    count: u32,
}

impl Codes<'_> {
    /// Reads a code; `None` when fewer bits are left.
    #[inline(always)]
    fn next(&mut self, width: u32) -> Option<usize> {
        if self.count < width {
            if let Some((word, rest)) = self.stored.split_first_chunk::<4>() {
                self.bits = self.bits << 32 | u64::from(u32::from_be_bytes(*word));
                (self.count, self.stored) = (self.count + 32, rest);
            } else {
                while self.count < width {
                    let (byte, rest) = self.stored.split_first()?;
                    self.bits = self.bits << 8 | u64::from(*byte);
                    (self.count, self.stored) = (self.count + 8, rest);
                }
            }
        }
        self.count -= width;
        Some((self.bits >> self.count) as usize & ((1 << width) - 1))
    }
}

/// Decodes until `out` is full; what follows then does not count.
///
/// # Errors
/// [`Damage::Short`] when the data end before that, [`Damage::Invalid`] at a code of no string.
pub fn decode(stored: &[u8], out: &mut [u8]) -> Result<(), Damage> {
    // Where the output of each code since the last clear starts. One more than strings: an entry ends in the next.
    let mut starts = [0usize; STRINGS + 2];
    let mut codes = Codes { stored, bits: 0, count: 0 };
    let mut at = 0;
    // Codes since the last clear, as far as they make entries.
    let mut made = 0;
    let mut width = 9;
    while at < out.len() {
        let Some(code) = codes.next(width) else { return Err(Damage::Short) };
        match code {
            CLEAR => {
                (made, width) = (0, 9);
                continue;
            }
            END => return Err(Damage::Short),
            _ => {}
        }
        starts[made] = at;
        if code < CLEAR {
            out[at] = code as u8;
            at += 1;
        } else {
            let entry = code - FIRST;
            if entry >= made {
                return Err(INVALID);
            }
            let (from, length) = (starts[entry], starts[entry + 1] - starts[entry] + 1);
            at = repeat(out, at, from, length);
        }
        if made <= STRINGS {
            made += 1;
            // The next code makes entry `made - 1`: the width is that of all codes up to it, one code early.
            if made + FIRST - 1 >= (1 << width) - 1 && width < 12 {
                width += 1;
            }
        }
    }
    Ok(())
}

/// Copies `length` bytes of the output, which are there or follow from what is copied, to its end at `at`; returns
/// the new end.
#[inline(always)]
fn repeat(out: &mut [u8], at: usize, from: usize, length: usize) -> usize {
    // What is copied beyond the string is overwritten.
    if length <= STEP && from + length <= at && at + STEP <= out.len() {
        let step: [u8; STEP] = out[from..from + STEP].try_into().unwrap_or_default();
        out[at..at + STEP].copy_from_slice(&step);
        return at + length;
    }
    let length = length.min(out.len() - at);
    let there = length.min(at - from);
    out.copy_within(from..from + there, at);
    // The entry that the code itself makes ends in its own first byte.
    for place in there..length {
        out[at + place] = out[from + place];
    }
    at + length
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Packs codes with their widths.
    fn packed(codes: &[(usize, u32)]) -> Vec<u8> {
        let mut bits: Vec<bool> = Vec::new();
        for &(code, width) in codes {
            bits.extend((0..width).rev().map(|bit| code >> bit & 1 == 1));
        }
        bits.chunks(8)
            .map(|byte| (0..8).fold(0, |all, bit| all << 1 | u8::from(byte.get(bit) == Some(&true))))
            .collect()
    }

    fn decoded(codes: &[(usize, u32)], length: usize) -> Result<Vec<u8>, Damage> {
        let mut out = vec![0; length];
        decode(&packed(codes), &mut out)?;
        Ok(out)
    }

    #[test]
    fn the_example_of_the_standard() {
        // 7 7 7 8 8 7 7 6 6
        let codes = [256, 7, 258, 8, 8, 258, 6, 6, 257].map(|code| (code, 9));
        assert_eq!(decoded(&codes, 9), Ok(vec![7, 7, 7, 8, 8, 7, 7, 6, 6]));
        // Without the clear in front, and with too little output wanted.
        assert_eq!(decoded(&codes[1..], 9), Ok(vec![7, 7, 7, 8, 8, 7, 7, 6, 6]));
        assert_eq!(decoded(&codes, 4), Ok(vec![7, 7, 7, 8]));
    }

    #[test]
    fn damage_is_found() {
        let codes = [256, 7, 258, 257].map(|code| (code, 9));
        assert_eq!(decoded(&codes, 3), Ok(vec![7; 3]));
        assert_eq!(decoded(&codes, 4), Err(Damage::Short));
        assert_eq!(decoded(&codes[..2], 4), Err(Damage::Short));
        assert_eq!(decoded(&[(256, 9), (258, 9)], 4), Err(INVALID));
        assert_eq!(decoded(&[(256, 9), (7, 9), (259, 9)], 4), Err(INVALID));
        assert_eq!(decode(&[], &mut []), Ok(()));
    }

    #[test]
    fn codes_grow_one_early_and_a_full_table_goes_on() {
        // Code number n since the clear has the width that holds entry 257 + n, one early.
        let width = |n: usize| match 257 + n {
            ..511 => 9,
            511..1023 => 10,
            1023..2047 => 11,
            _ => 12,
        };
        let mut codes = vec![(256, 9)];
        codes.extend((0..5000).map(|n| (n % 251, width(n))));
        // The last string of a full table: that of entry 4095, two bytes.
        codes.push((4095, 12));
        let wanted: Vec<u8> =
            (0..5000).map(|n| (n % 251) as u8).chain([(3837 % 251) as u8, (3838 % 251) as u8]).collect();
        assert_eq!(decoded(&codes, 5002), Ok(wanted));
    }
}
