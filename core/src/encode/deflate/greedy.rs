//! The fastest search: one candidate a place, the first good match taken.

use super::run_boundaries::RunBoundaries;
use super::sequences::Sequences;
use super::symbols::WINDOW;

/// 2^64 over the golden ratio: Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
pub const HASH_FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
/// Bits of the hash: the table takes 16 KiB, half of a first-level cache.
const HASH_BITS: u32 = 13;
/// Shortest match looked for, and the bytes that are hashed.
const SHORTEST: u32 = 5;
/// A byte times this is that byte four times.
const FOUR: u32 = 0x0101_0101;
/// Bytes at the end of the data that no match begins in: places are read as whole words.
const MARGIN: usize = 8;

/// The last place where each hash of five bytes occurred.
pub struct Greedy {
    /// The lower half of the place: the window is shorter than what it tells apart, and all candidates are compared.
    table: Box<[u16; 1 << HASH_BITS]>,
}

/// Hashes the first five bytes of a word to a table index (Fibonacci hashing, Knuth 6.4).
#[inline(always)]
fn hash(word: u64) -> usize {
    ((word << (64 - 8 * SHORTEST)).wrapping_mul(HASH_FACTOR) >> (64 - HASH_BITS)) as usize
}

/// Reads eight bytes from `at` on.
#[inline(always)]
pub fn word_at(data: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(data[at..at + 8].try_into().expect("eight bytes"))
}

/// Counts the bytes from `a` and from `b` on that are equal, `b` being the later.
#[inline(always)]
pub fn common(data: &[u8], a: usize, b: usize, end: usize) -> usize {
    let mut length = 0;
    while b + length + 8 <= end {
        let differing = word_at(data, a + length) ^ word_at(data, b + length);
        if differing != 0 {
            return length + (differing.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    while b + length < end && data[a + length] == data[b + length] {
        length += 1;
    }
    length
}

impl Greedy {
    /// Creates an empty table.
    pub fn new() -> Self {
        Self { table: Box::new([0; 1 << HASH_BITS]) }
    }

    /// Cuts a segment, whose run boundaries are mapped, into literals, runs and matches.
    pub fn sequences(&mut self, segment: &[u8], boundaries: &RunBoundaries, into: &mut Sequences) {
        into.clear(segment.len());
        self.table.fill(0);
        let last = segment.len().saturating_sub(MARGIN);
        let (mut from, mut at) = (0, 0);
        while at < last {
            let word = word_at(segment, at);
            if word as u32 == (word as u32 & 255) * FOUR {
                // A run, or its first byte: what recurs at a distance is no shorter to say.
                if at == 0 || segment[at - 1] != segment[at] {
                    at += 1;
                }
                let end = boundaries.next(at);
                into.push(segment, from, at, end - at, 1);
                at = end;
                from = end;
                continue;
            }
            let before = std::mem::replace(&mut self.table[hash(word)], at as u16);
            let distance = usize::from((at as u16).wrapping_sub(before));
            if distance != 0 && distance <= at.min(WINDOW) {
                let candidate = at - distance;
                let differing = word_at(segment, candidate) ^ word;
                if differing << (u64::BITS - 8 * SHORTEST) == 0 {
                    let length = match differing {
                        0 => 8 + common(segment, candidate + 8, at + 8, segment.len()),
                        _ => (differing.trailing_zeros() / 8) as usize,
                    };
                    into.push(segment, from, at, length, distance);
                    at += length;
                    from = at;
                    if at < last {
                        // One place within the match is remembered: the one most likely to go on after it.
                        self.table[hash(word_at(segment, at - 2))] = (at - 2) as u16;
                    }
                    continue;
                }
            }
            at += 1;
        }
        into.finish(segment, from);
    }
}
