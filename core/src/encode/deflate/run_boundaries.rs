//! The boundaries of runs, one bit per byte, set where a byte differs from the one before it: runs are gaps in this map.

use super::histogram::word;

/// Bytes that one word of the map covers.
const SPAN: usize = 64;

/// A map of a segment's run boundaries; bit `i % 64` of word `i / 64` is set where byte `i` differs from byte `i - 1`.
#[derive(Default)]
pub struct RunBoundaries {
    words: Vec<u64>,
    length: usize,
}

impl RunBoundaries {
    /// Maps a segment. Its first byte is a boundary; so is its end, and all that follows it.
    pub fn map(&mut self, segment: &[u8]) {
        self.length = segment.len();
        self.words.clear();
        // Whatever is not the first byte.
        let mut before = segment.first().map_or(0, |&first| u64::from(!first));
        let mut blocks = segment.chunks_exact(SPAN);
        for block in blocks.by_ref() {
            let mut bits = 0;
            for (index, eight) in block.chunks_exact(8).enumerate() {
                let eight = word(eight);
                bits |= differing(eight ^ (eight << 8 | before)) << (8 * index);
                before = eight >> 56;
            }
            self.words.push(bits);
        }
        let mut bits = 0;
        for (index, &byte) in blocks.remainder().iter().enumerate() {
            bits |= u64::from(u64::from(byte) != before) << index;
            before = u64::from(byte);
        }
        self.words.push(bits | u64::MAX << (self.length % SPAN));
        self.words.push(u64::MAX);
    }

    /// Finds the first boundary at or after byte `from`; returns the segment's length if there is none in it.
    #[inline]
    pub fn next(&self, from: usize) -> usize {
        let mut index = from / SPAN;
        let mut bits = self.words[index] & u64::MAX << (from % SPAN);
        while bits == 0 {
            index += 1;
            bits = self.words[index];
        }
        index * SPAN + bits.trailing_zeros() as usize
    }

    /// Calls `boundary` for each boundary, the end's included.
    #[inline(always)]
    pub fn each(&self, mut boundary: impl FnMut(usize)) {
        for (index, &word) in self.words.iter().enumerate().take(self.length / SPAN + 1) {
            let mut bits = word;
            while bits != 0 {
                let place = index * SPAN + bits.trailing_zeros() as usize;
                boundary(place);
                if place == self.length {
                    return;
                }
                bits &= bits - 1;
            }
        }
    }

    /// Calls `run(start, end)` for each run: from the first byte that equals its predecessor to the next boundary, if
    /// there are at least `SHORTEST` bytes between.
    #[inline(always)]
    pub fn runs<const SHORTEST: u32>(&self, mut run: impl FnMut(usize, usize)) {
        let mut index = 0;
        let mut passed = 0;
        while index * SPAN < self.length {
            let (here, there) = (!self.words[index], !self.words[index + 1]);
            let mut starts = here;
            for shift in 1..SHORTEST {
                starts &= here >> shift | there << (64 - shift);
            }
            starts &= u64::MAX << (passed - index * SPAN);
            let mut next = index + 1;
            while starts != 0 {
                let start = index * SPAN + starts.trailing_zeros() as usize;
                let ahead = self.words[index] >> (start % SPAN);
                let end = if ahead != 0 {
                    start + ahead.trailing_zeros() as usize
                } else {
                    self.next((index + 1) * SPAN)
                };
                run(start, end);
                if end >= (index + 1) * SPAN {
                    passed = end;
                    next = end / SPAN;
                    break;
                }
                starts &= u64::MAX << (end % SPAN);
            }
            index = next;
            passed = passed.max(index * SPAN);
        }
    }
}

/// Returns a mask whose bit `k` is set if byte `k` of `word` is not zero.
#[inline(always)]
fn differing(word: u64) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    // Each multiplication by this gathers the eight lowest bits of the bytes in the top byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let tops = (((word & LOW) + LOW) | word) & !LOW;
    (tops >> 7).wrapping_mul(GATHER) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn boundaries_and_runs_are_those_of_a_plain_scan() {
        let mut map = RunBoundaries::default();
        let mut state = 1u32;
        for length in 0..400 {
            let data: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    u8::from(state >> 29 == 0) * (state >> 24) as u8
                })
                .collect();
            map.map(&data);
            let differs = |i: usize| i == 0 || i >= length || data[i] != data[i - 1];
            let mut expected = Vec::new();
            let mut at = 0;
            while at < length {
                let end = (at..=length).find(|&i| differs(i)).expect("the end differs");
                assert_eq!(map.next(at), end);
                if end - at >= 4 {
                    expected.push((at, end));
                }
                at = end.max(at + 1);
            }
            let mut found = Vec::new();
            map.runs::<4>(|start, end| found.push((start, end)));
            assert_eq!(found, expected);
            let mut heads = Vec::new();
            map.each(|place| heads.push(place));
            let last = if length == 0 { 0..1 } else { 0..length + 1 };
            assert_eq!(heads, last.filter(|&i| differs(i)).collect::<Vec<_>>());
        }
    }
}
