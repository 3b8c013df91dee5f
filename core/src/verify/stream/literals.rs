//! Blocks of literals, checked against the bytes that they should be: each byte's code beside the stream's bits, eight
//! bytes at a time. Codes are complete, so equal bits are read as these bytes by any decoder.

use super::bits::Bits;
use super::codes::{Code, END, LITERALS, mask};

/// Bytes whose bits are checked against the stream's before it is asked whether they were right.
const RUN: usize = 64;

/// The longest codes of which four fit the 57 bits that are read at once.
const MOST_RUN_BITS: u8 = 14;

/// Values of one half of a pair.
const HALF: usize = 64;

/// Bytes of a block from which on a table of pairs is worth making.
const MANY: usize = 8 << 10;

/// Checks blocks; it keeps the table of pairs.
pub struct Literals {
    /// Codes of pairs of small bytes: the bits, and their number in the low eight bits; 0 where there is none.
    pairs: Box<[u32; HALF * HALF]>,
}

/// Some codes, one behind the other.
#[derive(Clone, Copy)]
struct Chain {
    bits: u64,
    length: u32,
}

impl Chain {
    #[inline]
    fn of(entry: u32) -> Self {
        Self { bits: (entry >> 8).into(), length: entry & 255 }
    }

    #[inline]
    fn then(self, next: Self) -> Self {
        Self { bits: self.bits | next.bits << (self.length & 63), length: self.length + next.length }
    }
}

impl Literals {
    /// Creates a checker with an empty table.
    pub fn new() -> Self {
        Self { pairs: Box::new([0; _]) }
    }

    /// Returns how many bytes a block has, if its bits are those of the bytes that are expected from there on and
    /// of its end.
    pub fn check(&mut self, codes: &[Code; LITERALS], bits: &mut Bits<'_>, expected: &[u8]) -> Option<usize> {
        let singles: [u32; 256] = std::array::from_fn(|byte| entry(codes[byte]));
        let longest = codes[..END].iter().map(|code| code.length).max().unwrap_or(0);
        let mut done = 0;
        if longest <= MOST_RUN_BITS {
            let small = codes[HALF..END].iter().all(|code| code.length == 0);
            done = if small && longest <= 12 && expected.len() >= MANY {
                self.pair(&singles);
                run(bits, expected, |word| self.by_pairs(word))
            } else {
                run(bits, expected, |word| by_bytes(&singles, word))
            };
        }
        // The rest of the block, or the byte that is wrong.
        loop {
            let next = bits.peek();
            let is_next = |code: Code| code.length > 0 && next & mask(code.length) == u64::from(code.bits);
            match expected.get(done).map(|&byte| codes[usize::from(byte)]) {
                Some(code) if is_next(code) => {
                    bits.skip(code.length.into());
                    done += 1;
                }
                _ if is_next(codes[END]) => {
                    bits.skip(codes[END].length.into());
                    return bits.is_inside().then_some(done);
                }
                _ => return None,
            }
        }
    }

    fn pair(&mut self, singles: &[u32; 256]) {
        for (first, row) in singles.iter().zip(self.pairs.chunks_exact_mut(HALF)) {
            for (&second, pair) in singles.iter().zip(row) {
                let both = *first != 0 && second != 0;
                let chain = Chain::of(*first).then(Chain::of(second));
                *pair = if both { (chain.bits as u32) << 8 | chain.length } else { 0 };
            }
        }
    }

    /// Returns the codes of eight bytes, and whether all have one.
    #[inline]
    fn by_pairs(&self, word: u64) -> ([Chain; 2], bool) {
        const LOW: u64 = 0x003f_003f_003f_003f;
        let places = (word & LOW) << 6 | word >> 8 & LOW;
        let pairs = [0, 16, 32, 48].map(|place| self.pairs[(places >> place) as usize % (HALF * HALF)]);
        let small = word & 0xc0c0_c0c0_c0c0_c0c0 == 0;
        let [a, b, c, d] = pairs.map(Chain::of);
        ([a.then(b), c.then(d)], small && pairs.iter().all(|&pair| pair != 0))
    }
}

/// Returns the codes of eight bytes, and whether all have one.
#[inline]
fn by_bytes(singles: &[u32; 256], word: u64) -> ([Chain; 2], bool) {
    let entries = word.to_le_bytes().map(|byte| singles[usize::from(byte)]);
    let [a, b, c, d, e, f, g, h] = entries.map(Chain::of);
    let chains = [a.then(b).then(c.then(d)), e.then(f).then(g.then(h))];
    (chains, entries.iter().all(|&entry| entry != 0))
}

fn entry(code: Code) -> u32 {
    u32::from(code.bits) << 8 | u32::from(code.length)
}

/// Returns how many of the expected bytes come next, in whole runs. A run that is wrong, or that the end of the block
/// is in, is left for a look at each byte.
#[inline]
fn run(bits: &mut Bits<'_>, expected: &[u8], codes: impl Fn(u64) -> ([Chain; 2], bool)) -> usize {
    // What a run may take, and a word from its last byte on.
    const BYTES: usize = RUN * MOST_RUN_BITS as usize / 8 + 1 + 8;
    let mut done = 0;
    for run in expected.chunks_exact(RUN) {
        let (rest, passed) = bits.rest();
        let Some(stream) = rest.first_chunk::<BYTES>() else { break };
        let mut place = passed;
        let mut wrong = 0;
        for word in run.as_chunks().0 {
            let (chains, known) = codes(u64::from_le_bytes(*word));
            wrong |= u64::from(!known);
            for Chain { bits, length } in chains {
                let at = place / 8;
                let next = stream[at..at + 8].try_into().map_or(0, u64::from_le_bytes) >> (place % 8);
                wrong |= (next ^ bits) & ((1 << (length & 63)) - 1);
                place += length as usize;
            }
        }
        if wrong != 0 {
            break;
        }
        bits.skip(place - passed);
        done += RUN;
    }
    done
}
