//! The two checksums of the format.

/// Computes Bob Jenkins's lookup3 (`hashlittle`, initial value 0), which guards metadata since version 2 and orders
/// the names of dense groups. Source: lookup3.c, in the public domain; the specification names it.
#[must_use]
pub fn lookup3(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let (mut a, mut b, mut c) = (start, start, start);
    let word = |bytes: &[u8], at: usize| {
        let mut word = [0; 4];
        let rest = bytes.get(at..).unwrap_or_default();
        let count = rest.len().min(4);
        word[..count].copy_from_slice(&rest[..count]);
        u32::from_le_bytes(word)
    };
    let mut rest = bytes;
    while rest.len() > 12 {
        a = a.wrapping_add(word(rest, 0));
        b = b.wrapping_add(word(rest, 4));
        c = c.wrapping_add(word(rest, 8));
        for turn in [4, 6, 8, 16, 19, 4] {
            a = a.wrapping_sub(c) ^ c.rotate_left(turn);
            c = c.wrapping_add(b);
            (a, b, c) = (b, c, a);
        }
        rest = &rest[12..];
    }
    if rest.is_empty() {
        return c;
    }
    a = a.wrapping_add(word(rest, 0));
    b = b.wrapping_add(word(rest, 4));
    c = c.wrapping_add(word(rest, 8));
    for turn in [14, 11, 25, 16, 4, 14, 24] {
        c = (c ^ b).wrapping_sub(b.rotate_left(turn));
        (a, b, c) = (b, c, a);
    }
    // Seven turns leave the last one written in b.
    b
}

/// Computes HDF5's fletcher32 over big-endian 16-bit words; an odd last byte is a word's high byte.
pub(super) fn fletcher32(bytes: &[u8]) -> u32 {
    // Words whose sums fit 32 bits before they must be folded.
    const WORDS: usize = 360;
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut low, mut high) = (0_u32, 0_u32);
    for block in bytes.chunks(2 * WORDS) {
        for word in block.chunks(2) {
            let second = word.get(1).copied().unwrap_or(0);
            low += u32::from(word[0]) << 8 | u32::from(second);
            high += low;
        }
        low = fold(low);
        high = fold(high);
    }
    fold(high) << 16 | fold(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn lookup3_of_its_own_examples() {
        // driver5 of lookup3.c.
        assert_eq!(lookup3(b""), 0xdead_beef);
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
    }

    #[test]
    fn fletcher32_is_the_sum_of_sums() {
        assert_eq!(fletcher32(&[]), 0);
        assert_eq!(fletcher32(&[0x12, 0x34]), 0x1234_1234);
        assert_eq!(fletcher32(&[0x12, 0x34, 0x56]), ((0x1234 * 2 + 0x5600) << 16) | (0x1234 + 0x5600));
        // All ones: every word is 65535, which is 0 modulo 65535 but never folds to 0.
        assert_eq!(fletcher32(&[0xff; 4000]), 0xffff_ffff);
    }
}
