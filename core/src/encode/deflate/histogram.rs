//! Histograms of bytes; narrow bytes are counted in groups.

/// Width in bits up to which bytes are counted and coded in pairs.
pub const PAIR_WIDTH: u32 = 6;
/// Pairs of such bytes: the first byte in the upper half of the index.
pub const PAIRS: usize = 1 << (2 * PAIR_WIDTH);
/// Width in bits up to which bytes are counted and coded four at a time.
const QUAD_WIDTH: u32 = 3;
/// Values of such bytes.
pub const NARROW: usize = 1 << QUAD_WIDTH;
/// Groups of four such bytes: the first byte in the lowest bits of the index.
pub const QUADS: usize = 1 << (4 * QUAD_WIDTH);
/// Longest input of one count: no 16-bit counter can overflow, each sees at most an eighth of the bytes.
pub const MAX_BYTES: usize = 8 * 65535;
/// Below this many bytes the tables of pairs cost more than they save.
const MIN_PAIR_BYTES: usize = 6 << 10;
/// Below this many bytes the tables of four cost more than they save.
const MIN_QUAD_BYTES: usize = 12 << 10;
/// Words looked at to see whether bytes are narrow but for a few.
const SAMPLE: usize = 512;
/// One word in this many may hold a wider byte: each costs as much as some twenty others.
const WIDE_SHARE: usize = 64;

/// Counts of 256 byte values.
pub type Counts = [u32; 256];

/// The six low bits of each 16-bit lane.
const LANES: u64 = 0x003F_003F_003F_003F;

/// Computes the four indices of pairs in eight narrow bytes, one in each 16-bit lane.
#[inline(always)]
pub fn pair_indices(word: u64) -> u64 {
    ((word & LANES) << PAIR_WIDTH) | ((word >> 8) & LANES)
}

/// Computes the two indices of groups of four in eight narrow bytes.
#[inline(always)]
pub fn quad_indices(word: u64) -> [usize; 2] {
    let pairs = (word | word >> (8 - QUAD_WIDTH)) & LANES;
    let quads = pairs | pairs >> (16 - 2 * QUAD_WIDTH);
    [quads as usize & (QUADS - 1), (quads >> 32) as usize & (QUADS - 1)]
}

/// Tells whether none of eight bytes is too wide for [`quad_indices`].
#[inline(always)]
pub fn narrow(word: u64) -> bool {
    word & 0xF8F8_F8F8_F8F8_F8F8 == 0
}

/// Reads eight bytes as a word, the first byte lowest.
#[inline(always)]
pub fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("chunks of eight"))
}

/// Returns the length of a block's head, the first of the two parts that are counted and written side by side; a
/// multiple of eight bytes.
pub fn head_length(length: usize) -> usize {
    (length / 2) & !7
}

/// Number of bytes that are counted and coded at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// One byte.
    Singles,
    /// Two bytes, none wider than so many bits.
    Pairs(u32),
    /// Four bytes, but for words that are not [`narrow`].
    Quads,
}

impl Grouping {
    /// Chooses the fastest grouping for these bytes.
    pub fn of(data: &[u8]) -> Self {
        if data.len() < MIN_PAIR_BYTES {
            return Self::Singles;
        }
        let all = data.iter().fold(0, |all, &byte| all | byte);
        let width = u8::BITS - all.leading_zeros();
        if data.len() >= MIN_QUAD_BYTES && (width <= QUAD_WIDTH || mostly_narrow(data)) {
            Self::Quads
        } else if width <= PAIR_WIDTH {
            Self::Pairs(width)
        } else {
            Self::Singles
        }
    }
}

/// Estimates from a sample whether few words hold a wide byte.
fn mostly_narrow(data: &[u8]) -> bool {
    // An odd step does not fall in with the rows of an image.
    let step = (data.len() / 8 / SAMPLE) | 1;
    let wide = data.chunks_exact(8).step_by(step).filter(|eight| !narrow(word(eight))).count();
    wide * step * 8 * WIDE_SHARE <= data.len()
}

/// A histogram of a block and of its head.
pub struct Histogram {
    /// The whole block's counts.
    pub all: Counts,
    /// Counts of the first [`head_length`] bytes.
    pub head: Counts,
    /// Two tables for each of the two parts, so that equal neighbours do not wait for one another's store.
    pairs: [Box<[u16; PAIRS]>; 4],
}

impl Histogram {
    /// Creates empty counters.
    pub fn new() -> Self {
        Self { all: [0; 256], head: [0; 256], pairs: [(); 4].map(|()| Box::new([0; PAIRS])) }
    }

    /// Counts `data`; it needs to have this grouping's widths.
    pub fn count(&mut self, data: &[u8], grouping: Grouping) {
        debug_assert!(data.len() <= MAX_BYTES);
        let (head, tail) = data.split_at(head_length(data.len()));
        let (tail, rest) = tail.split_at(head.len());
        match grouping {
            Grouping::Singles => self.count_bytes(head, tail),
            Grouping::Pairs(width) => self.count_pairs(head, tail, width),
            Grouping::Quads => self.count_quads(head, tail),
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

    fn count_quads(&mut self, head: &[u8], tail: &[u8]) {
        self.head = [0; 256];
        self.all = [0; 256];
        let [a_table, b_table, ..] = &mut self.pairs;
        a_table.fill(0);
        b_table.fill(0);
        for (a_bytes, b_bytes) in head.chunks_exact(8).zip(tail.chunks_exact(8)) {
            let (a, b) = (word(a_bytes), word(b_bytes));
            if !narrow(a | b) {
                for (&a, &b) in a_bytes.iter().zip(b_bytes) {
                    self.head[usize::from(a)] += 1;
                    self.all[usize::from(a)] += 1;
                    self.all[usize::from(b)] += 1;
                }
                continue;
            }
            let ([a0, a1], [b0, b1]) = (quad_indices(a), quad_indices(b));
            a_table[a0] += 1;
            b_table[b0] += 1;
            a_table[a1] += 1;
            b_table[b1] += 1;
        }
        let (in_head, in_tail) = (sum_quads(a_table), sum_quads(b_table));
        for (byte, (&a, &b)) in in_head.iter().zip(&in_tail).enumerate() {
            self.head[byte] += a;
            self.all[byte] += a + b;
        }
    }
}

/// Sums how often each narrow byte occurs, from the counts of groups of four.
fn sum_quads(quads: &[u16; QUADS]) -> [u32; NARROW] {
    const ROW: usize = NARROW * NARROW;
    // No sum overflows: there are at most 65535 groups.
    let mut pairs = [[0u16; ROW]; 2];
    let [first, second] = &mut pairs;
    for (row, total) in quads.chunks_exact(ROW).zip(second) {
        first.iter_mut().zip(row).for_each(|(sum, &count)| *sum += count);
        *total = row.iter().sum();
    }
    let mut counts = [0; NARROW];
    for pairs in &pairs {
        for (index, &count) in pairs.iter().enumerate() {
            counts[index % NARROW] += u32::from(count);
            counts[index / NARROW] += u32::from(count);
        }
    }
    counts
}
