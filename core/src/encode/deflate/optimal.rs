//! The cheapest way through a segment, given what symbols cost.
//!
//! A shortest path over the places of the segment, forward: when a place is visited, the cheapest way to it is known,
//! and literals, runs and matches from it are offered to the places they lead to.

use super::costs::Costs;
use super::heads::Heads;
use super::sequences::Sequences;
use super::symbols::{MAX_MATCH, MIN_MATCH, distance_symbol};

/// Up to this length, all shorter versions of a match are offered, too; of longer ones those that end at a head.
const SHORT: usize = 8;
/// Runs longer than this are taken in one step but for their last part.
const LONG_RUN: usize = 3 * MAX_MATCH;
/// Most bytes in one step: a multiple of the longest match that fits 16 bits.
const MAX_STEP: usize = 65535 / MAX_MATCH * MAX_MATCH;

/// The cheapest known way to a place, in one word so that the cheaper of two is their minimum: cost in the upper half,
/// then the last step's distance (0 for a literal), then its length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Node(u64);

/// A place nobody has got to.
const FAR: Node = Node(u64::MAX);

impl Node {
    #[inline(always)]
    fn new(cost: u32, length: usize, distance: usize) -> Self {
        Self(u64::from(cost) << 32 | (distance as u64) << 16 | length as u64)
    }

    #[inline(always)]
    fn cost(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline(always)]
    fn distance(self) -> usize {
        (self.0 >> 16 & 0xFFFF) as usize
    }

    #[inline(always)]
    fn length(self) -> usize {
        (self.0 & 0xFFFF) as usize
    }
}

/// Buffers of the search for the cheapest way.
#[derive(Default)]
pub struct Parser {
    nodes: Vec<Node>,
    steps: Vec<(usize, Node)>,
}

#[inline(always)]
fn offer(nodes: &mut [Node], to: usize, cost: u32, length: usize, distance: usize) {
    let node = &mut nodes[to];
    *node = Node::new(cost, length, distance).min(*node);
}

impl Parser {
    /// Cuts a segment, whose heads and candidates are given, into the cheapest sequences.
    pub fn sequences(
        &mut self,
        segment: &[u8],
        heads: &Heads,
        costs: &Costs,
        thorough: bool,
        into: &mut Sequences,
    ) {
        self.nodes.clear();
        self.nodes.resize(segment.len() + 1, FAR);
        self.nodes[0] = Node::new(0, 0, 0);
        let nodes = &mut self.nodes[..];
        // Where the last match to end in the run before a head ended.
        let mut arrival = 0;
        for run in 0..heads.runs() {
            matches(nodes, run, arrival, heads, costs, thorough);
            let (head, next) = (heads.places[run] as usize, heads.places[run + 1] as usize);
            let literal = costs.literal[usize::from(segment[head])];
            offer(nodes, head + 1, nodes[head].cost() + literal, 1, 0);
            let mut at = head + 1;
            if next - at > LONG_RUN {
                let steps = (next - at - MAX_MATCH) / MAX_MATCH * MAX_MATCH;
                let mut rest = steps;
                while rest > 0 {
                    let step = rest.min(MAX_STEP);
                    let cost = (costs.length[MAX_MATCH] + costs.distance[0]) * (step / MAX_MATCH) as u32;
                    offer(nodes, at + step, nodes[at].cost().saturating_add(cost), step, 1);
                    at += step;
                    rest -= step;
                }
            }
            let mut first = true;
            while at < next {
                let node = nodes[at];
                if node.cost() != u32::MAX {
                    if node.distance() > 1 {
                        arrival = at;
                    }
                    if first || node.distance() > 1 || node.length() >= MAX_MATCH {
                        let cost = node.cost() + costs.distance[0];
                        for length in MIN_MATCH..=(next - at).min(MAX_MATCH) {
                            offer(nodes, at + length, cost + costs.length[length], length, 1);
                        }
                    }
                    first = false;
                    offer(nodes, at + 1, node.cost() + literal, 1, 0);
                }
                at += 1;
            }
        }
        self.trace(segment, into);
    }

    /// Turns the way to the end into sequences.
    fn trace(&mut self, segment: &[u8], into: &mut Sequences) {
        self.steps.clear();
        let mut at = segment.len();
        while at > 0 {
            let node = self.nodes[at];
            if node.distance() != 0 {
                self.steps.push((at, node));
            }
            at -= node.length();
        }
        into.clear(segment.len());
        let mut from = 0;
        for &(end, node) in self.steps.iter().rev() {
            into.push(segment, from, end - node.length(), node.length(), node.distance());
            from = end;
        }
        into.finish(segment, from);
    }
}

/// Offers the matches found at a head.
#[inline(always)]
fn matches(nodes: &mut [Node], run: usize, arrival: usize, heads: &Heads, costs: &Costs, thorough: bool) {
    let list = &heads.candidates[heads.first[run] as usize..heads.first[run + 1] as usize];
    let head = heads.places[run] as usize;
    let mut shorter = MIN_MATCH;
    for candidate in list {
        let (length, back, distance) =
            (usize::from(candidate.length), usize::from(candidate.back), candidate.distance as usize);
        let price = costs.distance[distance_symbol(distance)];
        // From places before the head: the whole match only.
        let target = head + length;
        let mut from_before = |from: usize| {
            let cost = nodes[from].cost();
            if cost != u32::MAX && target - from >= MIN_MATCH {
                offer(nodes, target, cost + price + costs.length[target - from], target - from, distance);
            }
        };
        if thorough {
            (head - back..head).for_each(from_before);
        } else if back > 0 {
            from_before(head - back);
            if arrival > head - back {
                from_before(arrival);
            }
        }
        let cost = nodes[head].cost() + price;
        let until = length.min(SHORT);
        for length in shorter..=until {
            offer(nodes, head + length, cost + costs.length[length], length, distance);
        }
        shorter = shorter.max(until + 1);
        if length > SHORT {
            let mut other = run + 1;
            while (heads.places[other] as usize) < target {
                let length = heads.places[other] as usize - head;
                if length > SHORT {
                    offer(nodes, head + length, cost + costs.length[length], length, distance);
                }
                other += 1;
            }
            offer(nodes, target, cost + costs.length[length], length, distance);
        }
    }
}
