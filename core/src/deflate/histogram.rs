//! How often each byte occurs, and each pair of narrow bytes.

/// Width in bits up to which bytes are counted and coded in pairs.
pub const PAIR_WIDTH: u32 = 6;
/// Pairs of such bytes: the first byte in the upper half of the index.
pub const PAIRS: usize = 1 << (2 * PAIR_WIDTH);
/// Longest input of one count: no 16-bit pair counter can overflow, each sees at most an eighth of the bytes.
pub const MAX_BYTES: usize = 8 * 65535;
/// Below this many bytes the tables of pairs cost more than they save.
const MIN_PAIR_BYTES: usize = 6 << 10;

/// Counts of 256 byte values.
pub type Counts = [u32; 256];

/// The six low bits of each 16-bit lane.
const LANES: u64 = 0x003F_003F_003F_003F;

/// The four indices of pairs in eight narrow bytes, one in each 16-bit lane.
#[inline(always)]
pub fn pair_indices(word: u64) -> u64 {
    ((word & LANES) << PAIR_WIDTH) | ((word >> 8) & LANES)
}

/// Eight bytes as a word, the first byte lowest.
#[inline(always)]
pub fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("chunks of eight"))
}

/// The first part of a block whose two parts are counted and written side by side; a multiple of eight bytes.
pub fn head_length(length: usize) -> usize {
    (length / 2) & !7
}

/// Whether a block of so many bytes, none wider than `width` bits, is counted and written in pairs.
pub fn in_pairs(length: usize, width: u32) -> bool {
    width <= PAIR_WIDTH && length >= MIN_PAIR_BYTES
}

/// A histogram of a block and of its head.
pub struct Histogram {
    /// The whole block's counts.
    pub all: Counts,
    /// Counts of the first [`head_length`] bytes.
    pub head: Counts,
    /// Two tables for each of the two parts, so that equal neighbours don't wait for one another's store.
    pairs: [Box<[u16; PAIRS]>; 4],
}

impl Histogram {
    /// Empty counters.
    pub fn new() -> Self {
        Self { all: [0; 256], head: [0; 256], pairs: [(); 4].map(|()| Box::new([0; PAIRS])) }
    }

    /// Counts `data`, no byte of which is wider than `width` bits.
    pub fn count(&mut self, data: &[u8], width: u32) {
        debug_assert!(data.len() <= MAX_BYTES);
        let (head, tail) = data.split_at(head_length(data.len()));
        let (tail, rest) = tail.split_at(head.len());
        if in_pairs(data.len(), width) {
            self.count_pairs(head, tail, width);
        } else {
            self.count_bytes(head, tail);
        }
        for &byte in rest {
            self.all[usize::from(byte)] += 1;
        }
    }

    fn count_bytes(&mut self, head: &[u8], tail: &[u8]) {
        let mut counts = [[0u32; 256]; 4];
        for (a, b) in head.chunks_exact(8).zip(tail.chunks_exact(8)) {
            let (a, b) = (word(a), word(b));
            for shift in (0..64).step_by(16) {
                counts[0][(a >> shift & 255) as usize] += 1;
                counts[1][(a >> (shift + 8) & 255) as usize] += 1;
                counts[2][(b >> shift & 255) as usize] += 1;
                counts[3][(b >> (shift + 8) & 255) as usize] += 1;
            }
        }
        let [a0, a1, b0, b1] = &counts;
        for (byte, (head, all)) in self.head.iter_mut().zip(&mut self.all).enumerate() {
            *head = a0[byte] + a1[byte];
            *all = *head + b0[byte] + b1[byte];
        }
    }

    fn count_pairs(&mut self, head: &[u8], tail: &[u8], width: u32) {
        let symbols = 1usize << width;
        let [a0, a1, b0, b1] = &mut self.pairs;
        for row in 0..symbols {
            let row = row << PAIR_WIDTH..(row << PAIR_WIDTH) + symbols;
            a0[row.clone()].fill(0);
            a1[row.clone()].fill(0);
            b0[row.clone()].fill(0);
            b1[row].fill(0);
        }
        let lane = |indices: u64, lane: u32| (indices >> (16 * lane)) as usize & (PAIRS - 1);
        for (a, b) in head.chunks_exact(8).zip(tail.chunks_exact(8)) {
            let (a, b) = (pair_indices(word(a)), pair_indices(word(b)));
            a0[lane(a, 0)] += 1;
            b0[lane(b, 0)] += 1;
            a1[lane(a, 1)] += 1;
            b1[lane(b, 1)] += 1;
            a0[lane(a, 2)] += 1;
            b0[lane(b, 2)] += 1;
            a1[lane(a, 3)] += 1;
            b1[lane(b, 3)] += 1;
        }
        self.all = [0; 256];
        self.head = [0; 256];
        for first in 0..symbols {
            let row = first << PAIR_WIDTH..(first << PAIR_WIDTH) + symbols;
            let (mut in_head, mut in_tail) = (0, 0);
            let columns =
                a0[row.clone()].iter().zip(&a1[row.clone()]).zip(b0[row.clone()].iter().zip(&b1[row]));
            for (second, ((&a0, &a1), (&b0, &b1))) in columns.enumerate() {
                let (a, b) = (u32::from(a0) + u32::from(a1), u32::from(b0) + u32::from(b1));
                self.head[second] += a;
                self.all[second] += a + b;
                in_head += a;
                in_tail += b;
            }
            self.head[first] += in_head;
            self.all[first] += in_head + in_tail;
        }
    }
}
