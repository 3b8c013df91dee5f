//! The density of the noise in each band, and its floor, from what the blocks of an image say.

use super::block::BlockNoise;
use super::spectrum::{BANDS, PIXELS};

/// Blocks that it takes to know anything.
const FEWEST_BLOCKS: usize = 16;

/// The part of the blocks that must be free of a mask to be used alone: one in so many.
const FREE_SHARE: usize = 64;

/// Pixels of a block that may have one value before it counts as masked.
const MASKED_PIXELS: u32 = (PIXELS / 16) as u32;

/// A block whose variance is so much below that of the busiest ones holds nothing, such as the outside of a soft mask.
const EMPTY_BLOCK: f64 = 1.0 / 1024.0;
const BUSIEST: f64 = 0.95;

/// A band so much below the content of the image is empty.
const EMPTY_BAND: f64 = 1e-7;

/// The quiet part of the blocks, and the middle one.
const QUIET: f64 = 0.10;
const MIDDLE: f64 = 0.5;

/// What these ranks give on white Gaussian noise of variance 1; constants of the method, from 200,000 blocks.
const OF_QUIET: [f64; BANDS] = [0.4495, 0.5168, 0.5589, 0.6199, 0.6317, 0.6612];
const OF_MIDDLE: [f64; BANDS] = [0.9050, 0.9318, 0.9452, 0.9584, 0.9643, 0.9679];

/// The last band falls towards Nyquist when it is below this part of the one before.
const FALLS: f64 = 0.9;

/// A lowest band so many times the floor is signal.
const SIGNAL: f64 = 64.0;

/// What is known of an image beside its blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// Smallest finite pixel.
    pub minimum: f32,
    /// Largest finite pixel.
    pub maximum: f32,
    /// Every finite pixel is an integer.
    pub all_int: bool,
    /// The spacing of the values, 0 where they have none.
    pub grid: f64,
}

/// The noise of an image. Densities are variances a pixel: white noise of standard deviation S has S² in every band.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Noise {
    /// Density in each band, from the quiet tenth of the blocks.
    pub density: [f64; BANDS],
    /// The same at Nyquist, where the last band falls.
    pub edge: f64,
    /// Density in the middle block of each band: noise and signal.
    pub median: [f64; BANDS],
    /// The lowest density of the bands that are not empty: the noise floor, as a variance.
    pub floor: f64,
    /// The band it is in; [`Noise::BANDS`] stands for the edge.
    pub band: usize,
    /// Variance in the middle block.
    pub content: f64,
    /// Blocks that were used.
    pub blocks: usize,
    /// Blocks that were looked at.
    pub of: usize,
    /// The lowest band is so high that the floor may be signal: maps, averages, projections.
    pub signal: bool,
    /// Values repeat as counts times a gain do, and so do their errors.
    pub counts: bool,
}

impl Noise {
    /// Bands of spatial frequencies.
    pub const BANDS: usize = BANDS;

    /// Estimates the noise; `None` where too few blocks say anything.
    #[must_use]
    pub fn of(blocks: &[BlockNoise], facts: Facts) -> Option<Self> {
        let (used, counts) = usable(blocks, facts);
        if used.len() < FEWEST_BLOCKS {
            return None;
        }
        let busiest = rank(used.iter().map(|block| block.quiet), BUSIEST);
        let used: Vec<_> = used.into_iter().filter(|block| block.quiet > busiest * EMPTY_BLOCK).collect();
        if used.len() < FEWEST_BLOCKS {
            return None;
        }
        let band = |share: f64, of: [f64; BANDS]| {
            std::array::from_fn(|band| rank(used.iter().map(|block| block.powers[band]), share) / of[band])
        };
        let density: [f64; BANDS] = band(QUIET, OF_QUIET);
        let median: [f64; BANDS] = band(MIDDLE, OF_MIDDLE);
        let content = rank(used.iter().map(|block| block.quiet), MIDDLE);
        let [.., before, last] = density;
        let edge = if last < FALLS * before { last * (last / before).sqrt() } else { last };
        let all = density.into_iter().chain([edge]).enumerate();
        let live = all.filter(|&(_, density)| density >= EMPTY_BAND * content);
        let (band, floor) =
            live.reduce(|a, b| if b.1 < a.1 { b } else { a }).filter(|&(_, floor)| floor > 0.0)?;
        Some(Self {
            density,
            edge,
            median,
            floor,
            band,
            content,
            blocks: used.len(),
            of: blocks.len(),
            signal: median[0] >= SIGNAL * floor,
            counts,
        })
    }

    /// Returns the standard deviation of the noise floor.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.floor.sqrt()
    }

    /// Tells whether the floor may be no noise, or errors may not average: then a step is held against a quarter of the
    /// target.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.signal || self.counts
    }

    /// Tells whether there is hardly more noise at the highest frequencies than at the floor.
    #[must_use]
    pub fn is_lowest_at_the_top(&self) -> bool {
        const HARDLY: f64 = 1.25;
        self.density[BANDS - 1].min(self.edge) <= HARDLY * self.floor
    }

    /// Returns the frequencies of a band, or of the edge, in parts of Nyquist.
    #[must_use]
    pub fn frequencies(band: usize) -> (f64, f64) {
        let lower = |band: usize| (band + 2) as f64 / 8.0;
        if band >= BANDS { (1.0, 1.0) } else { (lower(band), lower(band + 1)) }
    }

    /// Returns the density in the middle one of the bands.
    #[must_use]
    pub fn middle_density(&self) -> f64 {
        rank(self.density.into_iter(), MIDDLE)
    }
}

/// Selects the blocks that hold something, and tells whether frequent values are data in an image of real numbers.
fn usable(blocks: &[BlockNoise], facts: Facts) -> (Vec<&BlockNoise>, bool) {
    let used: Vec<&BlockNoise> = blocks.iter().filter(|block| block.usable).collect();
    if facts.all_int {
        return (used, false);
    }
    let masked = |block: &BlockNoise| {
        let ends = [(block.minimum, facts.minimum), (block.maximum, facts.maximum)];
        let mostly = |&((value, count), end): &((f32, u32), f32)| value == end && count > MASKED_PIXELS;
        block.zeros > MASKED_PIXELS || ends.iter().any(mostly)
    };
    let is_continuous = facts.grid == 0.0;
    let free: Vec<&BlockNoise> = used.iter().copied().filter(|block| !masked(block)).collect();
    if is_continuous && free.len() >= FEWEST_BLOCKS.max(blocks.len() / FREE_SHARE) {
        return (free, false);
    }
    (used.into_iter().filter(|block| !block.flat_quadrant).collect(), is_continuous)
}

/// Returns the number of a rank among values: number floor(q (m - 1)) of m sorted ones; 0 of none.
fn rank(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    if values.is_empty() {
        return 0.0;
    }
    let place = (share * (values.len() - 1) as f64) as usize;
    *values.select_nth_unstable_by(place, f64::total_cmp).1
}
