//! Hash chains with lazy evaluation: a match is put off by a byte if a better one begins there.

use super::greedy::{HASH_FACTOR, common, word_at};
use super::run_boundaries::RunBoundaries;
use super::sequences::Sequences;
use super::symbols::{MAX_MATCH, WINDOW, distance_extra, distance_symbol};

/// Bits of the table of three bytes, which keeps only the last place: as many as the window has places, since smooth
/// bytes of many shades recur in threes only.
const SHORT_BITS: u32 = 15;
/// Bits of the table of four bytes, the heads of chains.
const LONG_BITS: u32 = 14;
/// Bytes at the end of the data that no match begins in: places are read as whole words.
const MARGIN: usize = 12;
/// Repeats of a byte that are taken as a run without any search.
const PLAIN_RUN: usize = 24;
/// Binary logarithm of the number of misses in a row after which one more place is skipped each time.
const PATIENCE: u32 = 8;
/// No place.
const NONE: u32 = u32::MAX;
/// Estimated cost of a length and a distance beside the distance's extra bits, in bits: less than they do, since
/// of the values tried on the kinds of data here this gives the smallest streams.
const MATCH_BITS: usize = 3;

/// Limits of [`Lazy::sequences`].
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Places in a chain that are compared.
    pub max_chain: u32,
    /// A match of at least so many bytes is taken at once.
    pub nice_length: usize,
    /// Lazy evaluation: a match may be put off.
    pub lazy: bool,
}

/// Chains of places with the same four bytes.
pub struct Lazy {
    short: Vec<u32>,
    long: Vec<u32>,
    previous: Vec<u32>,
}

/// A match, and the bits it is thought to save.
#[derive(Clone, Copy)]
struct Found {
    length: usize,
    distance: usize,
    gain: usize,
}

/// Gain beyond the match that putting it off by a byte must bring, in eighths of a bit.
const PUT_OFF: usize = 12;
/// No match.
const NOTHING: Found = Found { length: 0, distance: 0, gain: 0 };

impl Lazy {
    /// Creates empty chains.
    pub fn new() -> Self {
        Self { short: Vec::new(), long: Vec::new(), previous: Vec::new() }
    }

    /// Cuts a segment, whose run boundaries are mapped, into literals and matches. A literal is thought to cost `literal`
    /// eighths of a bit.
    pub fn sequences(
        &mut self,
        segment: &[u8],
        boundaries: &RunBoundaries,
        literal: usize,
        effort: Effort,
        into: &mut Sequences,
    ) {
        into.clear(segment.len());
        self.short.clear();
        self.short.resize(1 << SHORT_BITS, NONE);
        self.long.clear();
        self.long.resize(1 << LONG_BITS, NONE);
        if self.previous.len() < segment.len() {
            self.previous.resize(segment.len(), NONE);
        }
        let last = segment.len().saturating_sub(MARGIN);
        let (mut from, mut at, mut misses) = (0, 0, 0);
        while at < last {
            let mut found = self.search(segment, at, literal, effort, boundaries);
            if found.gain == 0 {
                // Where nothing is found for long, fewer places are looked at.
                misses += 1;
                at += 1 + (misses >> PATIENCE);
                continue;
            }
            misses = 0;
            let mut inserted = at + 1;
            while effort.lazy && found.length < effort.nice_length && at + 1 < last {
                let next = self.search(segment, at + 1, literal, effort, boundaries);
                inserted = at + 2;
                if next.gain <= found.gain + PUT_OFF {
                    break;
                }
                found = next;
                at += 1;
            }
            into.push(segment, from, at, found.length, found.distance);
            at += found.length;
            from = at;
            if found.distance != 1 || found.length < PLAIN_RUN {
                for place in inserted..at.min(last) {
                    self.insert(segment, place);
                }
            }
        }
        into.finish(segment, from);
    }

    /// Computes where three and four bytes, the first of a word, are in the tables.
    #[inline(always)]
    fn slots(word: u64) -> (usize, usize) {
        let hash = |word: u64, bits: u32| (word.wrapping_mul(HASH_FACTOR) >> (64 - bits)) as usize;
        (hash(word << 40, SHORT_BITS), hash(word << 32, LONG_BITS))
    }

    /// Links `at` into the chains; returns the last places with the same three and the same four bytes.
    #[inline(always)]
    fn insert(&mut self, segment: &[u8], at: usize) -> (u32, u32) {
        let (short, long) = Self::slots(word_at(segment, at));
        let near = std::mem::replace(&mut self.short[short], at as u32);
        let first = std::mem::replace(&mut self.long[long], at as u32);
        self.previous[at] = first;
        (near, first)
    }

    /// Links `at` into the chains and looks for the match that saves most.
    #[inline(always)]
    fn search(
        &mut self,
        segment: &[u8],
        at: usize,
        literal: usize,
        effort: Effort,
        boundaries: &RunBoundaries,
    ) -> Found {
        let (near, first) = self.insert(segment, at);
        let word = word_at(segment, at);
        let end = segment.len().min(at + MAX_MATCH);
        let mut best = NOTHING;
        let consider = |best: &mut Found, length: usize, distance: usize| {
            let cost = 8 * (MATCH_BITS + distance_extra(distance_symbol(distance)) as usize);
            let gain = (length * literal).saturating_sub(cost);
            if gain > best.gain {
                *best = Found { length, distance, gain };
            }
        };
        if at > 0 && word as u32 & 0xFF_FFFF == u32::from(segment[at - 1]) * 0x01_0101 {
            let length = boundaries.next(at) - at;
            best = Found { length, distance: 1, gain: length * literal };
            if length >= PLAIN_RUN {
                return best;
            }
        }
        if near != NONE && at - near as usize <= WINDOW && best.length < 4 {
            let from = near as usize;
            if (word_at(segment, from) ^ word) << 40 == 0 {
                consider(&mut best, common(segment, from, at, end), at - from);
            }
        }
        let mut other = first;
        for _ in 0..effort.max_chain {
            if other == NONE || at - other as usize > WINDOW {
                break;
            }
            let from = other as usize;
            if at + best.length < end && segment[from + best.length] == segment[at + best.length] {
                let differing = word_at(segment, from) ^ word;
                if differing as u32 == 0 {
                    let length = if differing != 0 {
                        ((differing.trailing_zeros() / 8) as usize).min(end - at)
                    } else {
                        common(segment, from, at, end)
                    };
                    consider(&mut best, length, at - from);
                    if length >= effort.nice_length {
                        break;
                    }
                }
            }
            other = self.previous[from];
        }
        best
    }
}
