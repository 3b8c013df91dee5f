//! Candidates for matches, looked for at the heads of runs only.
//!
//! A segment is seen as runs of equal bytes (of one byte, most of them, in noise). A match that cannot be made longer at
//! its front begins in the run before its first head, or at that head, so a search at heads finds them all, and sparse
//! counts, whose runs are long, have few heads.
//!
//! The key of a head is the byte before it, its own, the length of its run, and the next byte. All matches with two
//! heads or more inside have a key in common with their source, and where runs are long it says much: among millions of
//! zeros, two events match if the gap between them is the same. Matches with one head inside are found by a second key,
//! the two bytes on either side of it.

use super::greedy::{HASH_FACTOR, common};
use super::run_boundaries::RunBoundaries;
use super::symbols::{MAX_MATCH, MIN_MATCH, WINDOW};

/// Bits of the table of keys.
const KEY_BITS: u32 = 15;
/// Bits of the table of pairs of bytes.
const PAIR_BITS: u32 = 12;
/// A single byte with runs so long on both sides is not searched at: its neighbours are.
const LONELY: usize = 8;
/// Heads inside a match are many from here on.
const MANY: usize = 32;
/// The lower bits of a link are a head, the others are of its key's hash: most other keys are told apart by them.
const HEAD_MASK: u32 = (1 << 19) - 1;
/// No head.
const NONE: u32 = u32::MAX;

/// A match that begins at a head, or up to `back` bytes before it.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Distance to the earlier occurrence.
    pub distance: u32,
    /// Equal bytes from the head on.
    pub length: u16,
    /// Equal bytes before the head, within the run there and at most the one before that.
    pub back: u16,
}

/// Heads of runs in a segment, and the candidates at each.
pub struct Heads {
    /// Places of heads from the segment's start, and at last its length.
    pub places: Vec<u32>,
    /// Index of each head's first candidate, and at last their number.
    pub first: Vec<u32>,
    /// All candidates of all heads; those of one key in order of distance.
    pub candidates: Vec<Candidate>,
    keys: Chains<KEY_BITS>,
    pairs: Chains<PAIR_BITS>,
}

/// Limits of [`Heads::search`].
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Earlier heads with the same key that are compared.
    pub max_chain: u32,
    /// Earlier heads between the same two bytes that are compared.
    pub max_pair_chain: u32,
    /// A match of at least so many bytes ends the search.
    pub nice_length: usize,
    /// Whether candidates that only reach farther back are collected, and all places before a head tried.
    pub thorough: bool,
}

impl Heads {
    /// Creates empty buffers.
    pub fn new() -> Self {
        Self {
            places: Vec::new(),
            first: Vec::new(),
            candidates: Vec::new(),
            keys: Chains { table: Vec::new(), previous: Vec::new() },
            pairs: Chains { table: Vec::new(), previous: Vec::new() },
        }
    }

    /// Finds the heads of a segment of `length` bytes.
    pub fn find(&mut self, boundaries: &RunBoundaries, length: usize) {
        self.places.clear();
        self.places.push(0);
        boundaries.each(|place| {
            if place > 0 {
                self.places.push(place as u32);
            }
        });
        debug_assert_eq!(self.places.last(), Some(&(length as u32)));
    }

    /// Runs in the segment.
    pub fn runs(&self) -> usize {
        self.places.len() - 1
    }

    /// Looks for candidates at all heads found in `data`, the segment.
    pub fn search(&mut self, data: &[u8], effort: Effort) {
        self.first.clear();
        self.candidates.clear();
        let runs = self.runs();
        self.keys.clear(runs);
        self.pairs.clear(runs);
        let places = &self.places[..];
        // End of the last match that was enough and has many heads inside. The way goes through it; to look for
        // something better at each of them would take a hundred times as long where data repeat.
        let mut covered = 0;
        for head in 0..runs {
            let first = self.candidates.len();
            self.first.push(first as u32);
            if head == 0 || head + 1 >= runs {
                continue;
            }
            let at = places[head] as usize;
            let (run, before) = (places[head + 1] as usize - at, at - places[head - 1] as usize);
            let alone = run == 1 && before == 1;
            if run == 1 && before >= LONELY && places[head + 2] as usize - at > LONELY {
                continue;
            }
            let pair = u64::from(data[at - 1]) << 8 | u64::from(data[at]);
            let key = pair << 24 | u64::from(data[at + run]) << 16 | (run & 0xFFFF) as u64;
            let place = Place { data, places, head, at, before };
            if at < covered {
                self.keys.link(head, key);
                if !alone {
                    self.pairs.link(head, pair);
                }
                continue;
            }
            let mut best = Best::default();
            self.keys.follow(&place, key, effort.max_chain, effort, &mut best, &mut self.candidates);
            if best.longest >= effort.nice_length
                && places.get(head + MANY).is_some_and(|&inside| (inside as usize) < at + best.longest)
            {
                covered = at + best.longest;
            }
            // Between two bytes neither of which is repeated, a match of three has two heads inside.
            if !alone {
                if effort.thorough {
                    best = Best::default();
                }
                let middle = self.candidates.len();
                self.pairs.follow(
                    &place,
                    pair,
                    effort.max_pair_chain,
                    effort,
                    &mut best,
                    &mut self.candidates,
                );
                if effort.thorough {
                    merge(&mut self.candidates, first, middle);
                }
            }
        }
        self.first.push(self.candidates.len() as u32);
    }
}

/// A head that is searched at.
struct Place<'a> {
    data: &'a [u8],
    places: &'a [u32],
    head: usize,
    at: usize,
    before: usize,
}

impl Place<'_> {
    /// Counts the equal bytes before this head and the earlier one `earlier` at `from`: within the run before, or,
    /// if those are of the same length, the one before that, too.
    #[inline(always)]
    fn back(&self, earlier: usize, from: usize) -> usize {
        let Self { data, places, head, at, before } = *self;
        if earlier == 0 || data[from - 1] != data[at - 1] {
            return 0;
        }
        let earlier_before = from - places[earlier - 1] as usize;
        if before != earlier_before {
            return before.min(earlier_before);
        }
        let (start, earlier_start) = (at - before, from - before);
        if head < 2 || earlier < 2 || data[start - 1] != data[earlier_start - 1] {
            return before;
        }
        before + (start - places[head - 2] as usize).min(earlier_start - places[earlier - 2] as usize)
    }
}

/// The most that candidates of a head have reached: after it, before it, and together.
#[derive(Clone, Copy, Default)]
struct Best {
    longest: usize,
    reach: usize,
    total: usize,
}

/// Heads with the same key, the last first.
struct Chains<const BITS: u32> {
    table: Vec<u32>,
    previous: Vec<u32>,
}

impl<const BITS: u32> Chains<BITS> {
    fn clear(&mut self, heads: usize) {
        self.table.clear();
        self.table.resize(1 << BITS, NONE);
        if self.previous.len() < heads {
            self.previous.resize(heads, NONE);
        }
    }

    /// Makes a head the first of its key's chain; returns the one that was, and the key's tag.
    #[inline(always)]
    fn link(&mut self, head: usize, key: u64) -> (u32, u32) {
        let hash = key.wrapping_mul(HASH_FACTOR);
        let tag = ((hash << BITS) >> 32) as u32 & !HEAD_MASK;
        let other = std::mem::replace(&mut self.table[(hash >> (64 - BITS)) as usize], tag | head as u32);
        self.previous[head] = other;
        (other, tag)
    }

    /// Follows the chain of a key, links the head into it, and collects what is better than all nearer candidates.
    #[inline(always)]
    fn follow(
        &mut self,
        place: &Place<'_>,
        key: u64,
        max_chain: u32,
        effort: Effort,
        best: &mut Best,
        candidates: &mut Vec<Candidate>,
    ) {
        let &Place { data, places, head, at, .. } = place;
        let (mut other, tag) = self.link(head, key);
        let previous = &self.previous[..];
        let end = data.len().min(at + MAX_MATCH);
        let &mut Best { mut longest, mut reach, mut total } = best;
        for _ in 0..max_chain {
            if other == NONE {
                break;
            }
            let earlier = (other & HEAD_MASK) as usize;
            if (other ^ tag) & !HEAD_MASK != 0 {
                // Another key in the same slot: to go on costs more than it finds, unless time is of no account.
                if !effort.thorough {
                    break;
                }
                other = previous[earlier];
                continue;
            }
            let from = places[earlier] as usize;
            if at - from > WINDOW {
                break;
            }
            other = previous[earlier];
            if !effort.thorough && (at + longest >= end || data[from + longest] != data[at + longest]) {
                continue;
            }
            let back = place.back(earlier, from);
            let length = common(data, from, at, end);
            if (length > longest || back > reach || length + back > total) && length + back >= MIN_MATCH {
                longest = longest.max(length);
                reach = reach.max(back);
                total = total.max(length + back);
                let back = back.min(MAX_MATCH - length) as u16;
                candidates.push(Candidate { distance: (at - from) as u32, length: length as u16, back });
                if length >= effort.nice_length {
                    break;
                }
            }
        }
        *best = Best { longest, reach, total };
    }
}

/// Merges two lists of candidates, each in order of distance, and drops those that a nearer one can replace.
fn merge(candidates: &mut Vec<Candidate>, first: usize, middle: usize) {
    let list = &mut candidates[first..];
    if middle > first && first + list.len() > middle {
        list.sort_unstable_by_key(|candidate| candidate.distance);
    }
    let mut kept = 0;
    for index in 0..list.len() {
        let candidate = list[index];
        if !list[..kept].iter().any(|near| near.length >= candidate.length && near.back >= candidate.back) {
            list[kept] = candidate;
            kept += 1;
        }
    }
    candidates.truncate(first + kept);
}
