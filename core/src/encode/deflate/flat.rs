//! Segments that are not noise: runs and matches, sought as hard as the level says.

use super::block::{BlockCode, Frequencies};
use super::costs::{Costs, UNIT};
use super::greedy::Greedy;
use super::heads::{self, Heads};
use super::histogram::Histogram;
use super::lazy::{self, Lazy};
use super::literals::SINGLE_LIMIT;
use super::optimal::Parser;
use super::run_boundaries::RunBoundaries;
use super::runs;
use super::segment::Kind;
use super::sequences::Sequences;
use crate::encode::Level;

/// The search of a level on a segment that is not noise, beyond runs.
#[derive(Clone, Copy)]
enum Effort {
    /// Nothing more.
    Runs,
    /// Chains of every place, taken greedily or lazily.
    Chains(lazy::Effort),
    /// Heads of runs and the cheapest way through, for a number of passes, each with the costs that the one before it led to.
    Paths(heads::Effort, u32),
}

const fn chains(max_chain: u32, nice_length: usize, lazy: bool) -> Effort {
    Effort::Chains(lazy::Effort { max_chain, nice_length, lazy })
}

const fn paths(max_chain: u32, max_pair_chain: u32, passes: u32) -> Effort {
    Effort::Paths(heads::Effort { max_chain, max_pair_chain, nice_length: 100, thorough: false }, passes)
}

const fn thorough(max_chain: u32, max_pair_chain: u32, passes: u32) -> Effort {
    Effort::Paths(heads::Effort { max_chain, max_pair_chain, nice_length: 258, thorough: true }, passes)
}

/// The search of a level for each kind of segment.
struct Efforts {
    smooth: Effort,
    runs: Effort,
    sparse: Effort,
}

/// Efforts of levels 2 to 9. Up to level 8 each is as much as can be had in less time than zlib takes at that level;
/// level 9 goes on where there is more to gain.
const EFFORTS: [Efforts; 8] = [
    Efforts { smooth: chains(3, 24, false), runs: chains(2, 24, false), sparse: Effort::Runs },
    Efforts { smooth: chains(8, 32, false), runs: chains(2, 32, true), sparse: Effort::Runs },
    Efforts { smooth: chains(7, 24, true), runs: chains(3, 32, true), sparse: Effort::Runs },
    Efforts { smooth: chains(20, 64, true), runs: chains(12, 64, true), sparse: Effort::Runs },
    Efforts { smooth: chains(64, 258, true), runs: chains(64, 258, true), sparse: paths(4, 2, 1) },
    Efforts { smooth: chains(100, 258, true), runs: chains(100, 258, true), sparse: paths(12, 4, 1) },
    Efforts { smooth: paths(8, 6, 1), runs: chains(300, 258, true), sparse: thorough(24, 8, 2) },
    Efforts { smooth: thorough(72, 8, 3), runs: thorough(12, 4, 3), sparse: thorough(100, 100, 5) },
];

/// The search before paths, so that they begin with costs that are nearly right.
const FIRST_LOOK: lazy::Effort = lazy::Effort { max_chain: 6, nice_length: 32, lazy: true };

/// Buffers for all searches, and the best sequences found.
pub struct Flat {
    boundaries: RunBoundaries,
    greedy: Greedy,
    lazy: Lazy,
    heads: Heads,
    parser: Parser,
    costs: Costs,
    /// The sequences chosen.
    pub best: Sequences,
    /// Their frequencies.
    pub frequencies: Frequencies,
    /// Their extra bits.
    pub extra: usize,
    bits: usize,
    trial: Sequences,
    counted: Frequencies,
}

impl Flat {
    /// Creates empty buffers.
    pub fn new() -> Self {
        Self {
            boundaries: RunBoundaries::default(),
            greedy: Greedy::new(),
            lazy: Lazy::new(),
            heads: Heads::new(),
            parser: Parser::default(),
            costs: Costs::new(),
            best: Sequences::default(),
            frequencies: Frequencies::new(),
            extra: 0,
            bits: 0,
            trial: Sequences::default(),
            counted: Frequencies::new(),
        }
    }

    /// Chooses the sequences of a segment: `best`, `frequencies`, `extra`.
    pub fn choose(
        &mut self,
        segment: &[u8],
        kind: Kind,
        level: Level,
        histogram: &mut Histogram,
        code: &mut BlockCode,
    ) {
        self.boundaries.map(segment);
        if level <= Level::FASTEST {
            match kind {
                Kind::Smooth => self.greedy.sequences(segment, &self.boundaries, &mut self.best),
                Kind::Sparse => runs::sequences::<6>(segment, &self.boundaries, &mut self.best),
                Kind::Runs | Kind::Noise => runs::sequences::<3>(segment, &self.boundaries, &mut self.best),
            }
            self.frequencies = Frequencies::new();
            self.extra = self.best.count(histogram, &mut self.frequencies);
            return;
        }
        self.bits = usize::MAX;
        runs::sequences::<3>(segment, &self.boundaries, &mut self.trial);
        self.keep_if_smaller(histogram, code);
        let efforts = &EFFORTS[usize::from(level.get()) - 2];
        let effort = match kind {
            Kind::Smooth => efforts.smooth,
            Kind::Sparse => efforts.sparse,
            Kind::Runs | Kind::Noise => efforts.runs,
        };
        if kind == Kind::Sparse {
            runs::sequences::<6>(segment, &self.boundaries, &mut self.trial);
            self.keep_if_smaller(histogram, code);
        }
        match effort {
            Effort::Runs => {}
            Effort::Chains(effort) => {
                let literal = self.literal_eighths();
                self.lazy.sequences(segment, &self.boundaries, literal, effort, &mut self.trial);
                self.keep_if_smaller(histogram, code);
            }
            Effort::Paths(effort, passes) => {
                if kind != Kind::Sparse {
                    let literal = self.literal_eighths();
                    self.lazy.sequences(segment, &self.boundaries, literal, FIRST_LOOK, &mut self.trial);
                    self.keep_if_smaller(histogram, code);
                }
                self.heads.find(&self.boundaries, segment.len());
                self.heads.search(segment, effort);
                self.counted = self.frequencies.clone();
                if kind == Kind::Sparse || effort.thorough {
                    self.counted.expect_matches();
                }
                for _ in 0..passes {
                    self.costs.set(&self.counted);
                    self.parser.sequences(
                        segment,
                        &self.heads,
                        &self.costs,
                        effort.thorough,
                        &mut self.trial,
                    );
                    self.keep_if_smaller(histogram, code);
                }
            }
        }
    }

    /// Counts the trial's symbols and makes it the best if it is.
    fn keep_if_smaller(&mut self, histogram: &mut Histogram, code: &mut BlockCode) {
        self.counted = Frequencies::new();
        let extra = self.trial.count(histogram, &mut self.counted);
        let bits = code.measure(&self.counted, extra, SINGLE_LIMIT);
        if bits < self.bits {
            self.bits = bits;
            self.extra = extra;
            self.frequencies = self.counted.clone();
            std::mem::swap(&mut self.trial, &mut self.best);
        }
    }

    /// Computes what a literal costs on average, in eighths of a bit, by the frequencies of the best so far.
    fn literal_eighths(&mut self) -> usize {
        self.costs.set(&self.frequencies);
        let literals = self.frequencies.litlen.iter().take(256);
        let (sum, count) =
            literals.zip(&self.costs.literal).fold((0u64, 0u64), |(sum, all), (&count, &cost)| {
                (sum + u64::from(count) * u64::from(cost), all + u64::from(count))
            });
        (sum * 8 / (count.max(1) * u64::from(UNIT))) as usize
    }
}
