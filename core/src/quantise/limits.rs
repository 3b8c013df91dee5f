//! The limits values are truncated to, before the range is chosen: what the user asks for.

use super::option_error::OptionError;
use crate::kernel::rounding::{is_integer, round_half_up};
use crate::kernel::simd::{Kernel, dispatch};
use crate::kernel::strided::Strided;
use crate::quantise::statistics::Statistics;

/// Which limits. At most one kind at a time.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum LimitRule {
    /// Everything from the smallest to the largest value.
    #[default]
    All,
    /// The original's `--nooutliers`: leaves out a few of the most extreme values at each end.
    NoOutliers,
    /// The original's `--sigrange`: so many sigmas below and above the mean.
    Sigma {
        /// Sigmas below the mean.
        below: f64,
        /// Sigmas above the mean.
        above: f64,
    },
    /// The original's `--range`: explicit values.
    Explicit(Limits),
}

impl LimitRule {
    /// Creates the limits of the original program's `--range`.
    ///
    /// # Errors
    /// [`OptionError::Range`] when the limits could not be used.
    pub fn explicit(low: f64, high: f64) -> Result<Self, OptionError> {
        let limits = Limits { low: low as f32, high: high as f32 };
        limits.usable().map(Self::Explicit).ok_or(OptionError::Range)
    }

    /// Creates the limits of the original program's `--sigrange`: sigmas count from the mean outwards, and
    /// together they must enclose something.
    ///
    /// # Errors
    /// [`OptionError::Sigmas`] when they do not.
    pub fn sigmas(below: f64, above: f64) -> Result<Self, OptionError> {
        let sane = below.is_finite() && above.is_finite() && below + above > 0.0;
        sane.then_some(Self::Sigma { below, above }).ok_or(OptionError::Sigmas)
    }
}

/// Two values, the lower first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Smaller values become this.
    pub low: f32,
    /// Larger values become this.
    pub high: f32,
}

/// Limits beyond this are ignored, as in EMAN2.
const LARGEST_LIMIT: f32 = 1e28;

impl Limits {
    /// Tells whether limits count: when both are finite and of sane size, and they enclose something.
    #[must_use]
    pub fn usable(self) -> Option<Self> {
        let sane = |value: f32| value.abs() <= LARGEST_LIMIT;
        (sane(self.low) && sane(self.high) && self.high > self.low).then_some(self)
    }

    /// Clips a value to the limits.
    #[must_use]
    pub fn clamp(self, value: f32) -> f32 {
        if value < self.low {
            self.low
        } else if value > self.high {
            self.high
        } else {
            value
        }
    }

    /// Tells whether some value strictly within the limits has a fraction: then the truncated image cannot be
    /// all integers.
    #[must_use]
    pub fn enclose_a_fraction(self, strided: Strided<'_, f32>) -> bool {
        strided.rows().flatten().any(|&value| value > self.low && value < self.high && !is_integer(value))
    }
}

impl LimitRule {
    /// Tells whether [`LimitRule::limits`] needs a histogram.
    #[must_use]
    pub fn needs_histogram(self) -> bool {
        self == Self::NoOutliers
    }

    /// Computes the limits for an image, or `None` when there are none to apply.
    ///
    /// On an image of integers, limits that were computed are rounded to integers first, so that
    /// integers still read back as integers.
    #[must_use]
    pub fn limits(self, statistics: &Statistics, histogram: Option<&Histogram>) -> Option<Limits> {
        let computed = match self {
            Self::All => return None,
            Self::Explicit(limits) => return limits.usable(),
            Self::NoOutliers => histogram?.limits(),
            Self::Sigma { below, above } => {
                let (mean, sigma) = (f64::from(statistics.mean), f64::from(statistics.sigma));
                Limits { low: (mean - sigma * below) as f32, high: (mean + sigma * above) as f32 }
            }
        };
        if statistics.all_int {
            Limits { low: computed.low.round(), high: computed.high.round() }.usable()
        } else {
            computed.usable()
        }
    }
}

/// Bins of the histogram, as in EMAN2.
pub const BINS: usize = 1024;

/// One pixel in this many may be left out at each end, and [`FEWEST_OUTLIERS`] in any case.
const OUTLIER_SHARE: u64 = 20_000;

/// In small images.
const FEWEST_OUTLIERS: u64 = 8;

/// How many values fall into each of [`BINS`] bins between the smallest and the largest.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    minimum: f32,
    maximum: f32,
    /// Pixels of the image, non-finite ones included.
    pixels: u64,
    bins: Box<[u64; BINS]>,
}

/// Values whose bins are computed together.
const PLACES: usize = 1024;

/// Counts of one block.
pub type BlockBins = [u32; BINS];

impl Histogram {
    /// Creates an empty histogram, for an image of `pixels` pixels between these extremes.
    #[must_use]
    pub fn new(statistics: &Statistics, pixels: u64) -> Self {
        Self { minimum: statistics.minimum, maximum: statistics.maximum, pixels, bins: Box::new([0; BINS]) }
    }

    /// Counts the finite values of a block into bins, for an image with these statistics.
    pub fn count(statistics: &Statistics, strided: Strided<'_, f32>, bins: &mut BlockBins) {
        let minimum = statistics.minimum;
        let last = (BINS - 1) as f32;
        let width = last / (statistics.maximum - minimum);
        // Neighbouring pixels often share a bin; counting them apart keeps one from waiting for the other.
        let mut apart = [[0u32; BINS]; 4];
        let mut places = [0; PLACES];
        for values in strided.rows().flat_map(|row| row.chunks(PLACES)) {
            dispatch(Places { minimum, width, values, bins: &mut places });
            for (group, places) in places[..values.len()].chunks(apart.len()).enumerate() {
                let values = &values[group * apart.len()..];
                for ((bins, &place), value) in apart.iter_mut().zip(places).zip(values) {
                    bins[usize::from(place) % BINS] += u32::from(value.is_finite());
                }
            }
        }
        for (place, bin) in bins.iter_mut().enumerate() {
            *bin = apart.iter().map(|bins| bins[place]).sum();
        }
    }

    /// Adds the counts of a block.
    pub fn merge(&mut self, block: &BlockBins) {
        for (bin, &count) in self.bins.iter_mut().zip(block) {
            *bin += u64::from(count);
        }
    }

    /// Returns the values beyond which only outliers lie.
    fn limits(&self) -> Limits {
        let spared = (self.pixels / OUTLIER_SHARE).max(FEWEST_OUTLIERS);
        let half = BINS / 2;
        let exceeds = |found: &mut u64, bin: usize| {
            *found += self.bins[bin];
            *found > spared
        };
        let mut found = 0;
        let low = (0..half).find(|&bin| exceeds(&mut found, bin));
        found = 0;
        let high = (half + 1..BINS).rev().find(|&bin| exceeds(&mut found, bin));
        let (minimum, maximum) = (f64::from(self.minimum), f64::from(self.maximum));
        let step = (maximum - minimum) / (BINS - 1) as f64;
        let edge = |bin: usize| (bin as f64 * step + minimum) as f32;
        Limits { low: edge(low.unwrap_or(half - 1)), high: edge(high.unwrap_or(half + 1)) }
    }
}

/// The bin of each value.
struct Places<'a> {
    minimum: f32,
    width: f32,
    values: &'a [f32],
    bins: &'a mut [u16; PLACES],
}

impl Kernel for Places<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let last = (BINS - 1) as f32;
        for (place, &value) in self.bins.iter_mut().zip(self.values) {
            let exact = (value - self.minimum) * self.width;
            // Such that NaN becomes 0.
            let exact = if exact > 0.0 { exact } else { 0.0 };
            *place = round_half_up(if exact < last { exact } else { last }) as u16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantise::statistics::Tally;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn no_outliers(values: &[f32]) -> Option<Limits> {
        let statistics = Statistics::of(&Tally::of(values));
        let mut histogram = Histogram::new(&statistics, values.len() as u64);
        let mut bins = [0; BINS];
        Histogram::count(&statistics, Strided::whole(values), &mut bins);
        histogram.merge(&bins);
        LimitRule::NoOutliers.limits(&statistics, Some(&histogram))
    }

    #[test]
    fn a_hot_pixel_is_left_out() {
        let mut values: Vec<f32> = (0..10_000u16).map(|i| f32::from(i % 100) + 0.5).collect();
        values[5] = 1e5;
        let limits = no_outliers(&values).unwrap();
        assert!(limits.high < 1e5, "{limits:?}");
    }

    #[test]
    fn a_constant_image_has_no_limits() {
        assert_eq!(no_outliers(&[3.5; 100]), None);
    }

    #[test]
    fn unusable_limits_are_none() {
        for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f32::NAN, 1.0), (0.0, 2e28), (f32::NEG_INFINITY, 0.0)] {
            assert_eq!(Limits { low, high }.usable(), None, "{low} {high}");
        }
    }

    #[test]
    fn sigma_limits_of_integers_are_integers() {
        let statistics = Statistics::of(&Tally::of(&[0.0, 1.0, 2.0, 3.0, 50.0]));
        let limits = LimitRule::Sigma { below: 0.3, above: 0.4 }.limits(&statistics, None).unwrap();
        assert!(is_integer(limits.low) && is_integer(limits.high), "{limits:?}");
    }
    proptest! {
        #[test]
        fn every_vector_unit_gives_the_same_bins(
            patterns in proptest::collection::vec(any::<u32>(), 0..100), minimum in -1e3f32..1e3, width in 1e-3f32..1e3,
        ) {
            let any = patterns.iter().map(|&pattern| f32::from_bits(pattern));
            let within = patterns.iter().map(|&pattern| minimum + (pattern >> 16) as f32 / 64.0 / width);
            let values: Vec<f32> = any.chain(within).collect();
            let (mut wide, mut base) = ([0; PLACES], [0; PLACES]);
            dispatch(Places { minimum, width, values: &values, bins: &mut wide });
            Places { minimum, width, values: &values, bins: &mut base }.run();
            prop_assert_eq!(wide, base);
        }
    }
}
