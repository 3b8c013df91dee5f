//! Bits, the most significant of a byte first.

/// Bits of a slice, from any of them on.
pub struct Bits<'a> {
    bytes: &'a [u8],
    /// The byte that comes next into `word`.
    next: usize,
    /// Bits at hand, from the most significant on; those behind them are 0.
    word: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    /// Begins with bit number `bit`.
    pub fn new(bytes: &'a [u8], bit: u64) -> Self {
        let next = usize::try_from(bit / 8).unwrap_or(usize::MAX).min(bytes.len());
        let mut bits = Self { bytes, next, word: 0, count: 0 };
        bits.fill();
        bits.skip(((bit % 8) as u32).min(bits.count));
        bits
    }

    /// Brings 56 bits or more to hand, as far as there are any.
    #[inline(always)]
    pub fn fill(&mut self) {
        if let Some(bytes) = self.bytes.get(self.next..).and_then(|rest| rest.first_chunk::<8>()) {
            // Bits beyond whole bytes are brought again next time: they are the same.
            self.word |= u64::from_be_bytes(*bytes) >> self.count;
            let taken = (63 - self.count) / 8;
            self.next += taken as usize;
            self.count += 8 * taken;
        } else {
            while self.count <= 56
                && let Some(&byte) = self.bytes.get(self.next)
            {
                self.word |= u64::from(byte) << (56 - self.count);
                self.next += 1;
                self.count += 8;
            }
        }
    }

    /// Returns the bits at hand, the next one the most significant; those that are not there are 0, or others.
    #[inline(always)]
    pub fn word(&self) -> u64 {
        self.word
    }

    /// Counts the bits at hand.
    #[inline(always)]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Takes bits that are at hand.
    #[inline(always)]
    pub fn skip(&mut self, bits: u32) {
        self.word <<= bits;
        self.count -= bits;
    }

    /// Takes a number of 1 to 56 bits; `None` at the end.
    #[inline(always)]
    pub fn take(&mut self, bits: u32) -> Option<u64> {
        if self.count < bits {
            self.fill();
        }
        if self.count < bits {
            return None;
        }
        let number = self.word >> (64 - bits);
        self.skip(bits);
        Some(number)
    }

    /// Returns the number of the bit that comes next.
    pub fn place(&self) -> u64 {
        self.next as u64 * 8 - u64::from(self.count)
    }
}

/// Adds to `found` the bits from `from` on where a mark of 48 bits begins; returns where to go on when there is more.
pub fn find(bytes: &[u8], from: u64, mark: u64, found: &mut Vec<u64>) -> u64 {
    const MASK: u64 = (1 << 48) - 1;
    let first = (from / 8) as usize;
    let mut word = 0u64;
    for (at, &byte) in bytes.iter().enumerate().skip(first) {
        word = word << 8 | u64::from(byte);
        if at < first + 5 {
            continue;
        }
        // The mark ends in this byte, or a few bits before its end. Most bytes end none of the eight.
        for behind in 0..8 {
            if word >> behind & MASK == mark {
                let end = 8 * (at as u64 + 1) - behind;
                // Of what begins before the first byte only a part was seen.
                if let Some(bit) = end.checked_sub(48).filter(|&bit| bit >= from) {
                    found.push(bit);
                }
            }
        }
    }
    // What begins in the last 47 bits is not there whole.
    from.max((bytes.len() as u64 * 8).saturating_sub(47))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const MARK: u64 = 0x3141_5926_5359;

    /// Makes bytes with a mark at a bit.
    fn marked(length: usize, bit: usize) -> Vec<u8> {
        let mut bytes = vec![0xa5; length];
        for place in 0..48 {
            let (byte, at) = ((bit + place) / 8, 7 - (bit + place) % 8);
            bytes[byte] &= !(1 << at);
            bytes[byte] |= ((MARK >> (47 - place) & 1) as u8) << at;
        }
        bytes
    }

    #[test]
    fn marks_are_found_once_at_any_bit_and_in_any_pieces() {
        for bit in 0..100 {
            let bytes = marked(20, bit);
            for end in 0..=20 {
                let mut found = Vec::new();
                let from = find(&bytes[..end], 0, MARK, &mut found);
                assert_eq!(!found.is_empty(), bit + 48 <= 8 * end, "{bit} {end}");
                find(&bytes, from, MARK, &mut found);
                assert_eq!(found, [bit as u64], "{bit} {end}");
            }
            let mut found = Vec::new();
            find(&bytes, bit as u64 + 1, MARK, &mut found);
            assert!(found.is_empty(), "{bit}");
        }
    }

    #[test]
    fn numbers_are_read_at_any_bit_up_to_the_end() {
        let bytes: Vec<u8> = (0..40).map(|at| (at * 37 + 11) as u8).collect();
        let bit = |at: usize| u64::from(bytes[at / 8] >> (7 - at % 8) & 1);
        for from in 0..320 {
            for length in [1, 7, 20, 48, 56] {
                let mut bits = Bits::new(&bytes, from as u64);
                let mut at = from;
                while at + length <= 320 {
                    let expected = (at..at + length).fold(0, |number, at| number << 1 | bit(at));
                    assert_eq!(bits.take(length as u32), Some(expected), "{length} bits at {at}");
                    at += length;
                    assert_eq!(bits.place(), at as u64);
                }
                assert_eq!(bits.take(length as u32), None);
            }
        }
        assert_eq!(Bits::new(&bytes, 1 << 40).take(1), None);
    }
}
