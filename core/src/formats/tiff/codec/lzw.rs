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

/// Bytes that are copied at once: few strings of counted electrons are longer, and a branch that is hard to foresee
/// costs more than bytes that are overwritten.
const STEP: usize = 32;

/// Places of the table, a power of two so that no index needs a check.
const PLACES: usize = 4096;

/// Decodes until `out`, shorter than 4 GiB, is full; what follows then does not count.
///
/// # Errors
/// [`Damage::Short`] when the data end before that, [`Damage::Invalid`] at a code of no string.
pub fn decode(stored: &[u8], out: &mut [u8]) -> Result<(), Damage> {
    // Where the output of each code since the last clear starts: 32 bits, so that all of it stays in the cache.
    let mut starts = [0u32; PLACES];
    // Codes since the last clear, as far as they make entries, and how many there are when the next width begins.
    let (mut made, mut width, mut grows) = (0, 9, growth(9));
    let (mut at, mut bit) = (0, 0);
    while at < out.len() {
        let code = code(stored, bit, width).ok_or(Damage::Short)?;
        bit += u64::from(width);
        starts[made % PLACES] = at as u32;
        if code < CLEAR {
            out[at] = code as u8;
            at += 1;
        } else if code < FIRST {
            if code == END {
                return Err(Damage::Short);
            }
            (made, width, grows) = (0, 9, growth(9));
            continue;
        } else {
            let entry = code - FIRST;
            if entry >= made {
                return Err(INVALID);
            }
            // An entry ends in the first byte of the next code's output, of this one for the last entry.
            let (from, last) = (starts[entry % PLACES] as usize, starts[(entry + 1) % PLACES] as usize);
            let length = last - from + 1;
            if length <= STEP && last < at && at + STEP <= out.len() {
                let step: [u8; STEP] = out[from..from + STEP].try_into().unwrap_or([0; STEP]);
                out[at..at + STEP].copy_from_slice(&step);
                at += length;
            } else {
                at = repeat(out, at, from, length);
            }
        }
        if made <= STRINGS {
            made += 1;
            if made == grows && width < 12 {
                width += 1;
                grows = growth(width);
            }
        }
    }
    Ok(())
}

/// Returns how many codes there are when codes wider than `width` bits begin: one early.
fn growth(width: u32) -> usize {
    (1 << width) - FIRST
}

/// Reads the code at a bit; `None` when fewer bits are left.
#[inline(always)]
fn code(stored: &[u8], bit: u64, width: u32) -> Option<usize> {
    let byte = (bit / 8) as usize;
    let word = match stored.get(byte..byte + 8) {
        Some(word) => u64::from_be_bytes(word.try_into().unwrap_or([0; 8])),
        None => last_word(stored, bit, width)?,
    };
    Some(((word << (bit % 8)) >> (64 - width)) as usize)
}

/// Reads what is left of the data as if zeros followed.
#[cold]
fn last_word(stored: &[u8], bit: u64, width: u32) -> Option<u64> {
    if bit + u64::from(width) > 8 * stored.len() as u64 {
        return None;
    }
    let rest = stored.get((bit / 8) as usize..)?;
    let mut word = [0; 8];
    word[..rest.len()].copy_from_slice(rest);
    Some(u64::from_be_bytes(word))
}

/// Copies `length` bytes of the output, which are there or follow from what is copied, to its end at `at`; returns
/// the new end.
#[inline(never)]
fn repeat(out: &mut [u8], at: usize, from: usize, length: usize) -> usize {
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
