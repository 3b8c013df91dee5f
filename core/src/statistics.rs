//! Statistics of the pixels, before anything is truncated.
//!
//! A block is summed in 8 interleaved sums and the blocks are added in order, all in `f64`:
//! the same bits for any thread count. EMAN2 sums pixel by pixel, so the last place of an `f32`
//! attribute may differ from its value, nothing else. Only finite pixels count; an image without
//! any counts as one pixel of 0.

use crate::attribute::Attributes;
use crate::rounding::is_integer;

/// Interleaved sums in a block: pixel i goes to sum i mod 8, which vector units can follow.
const LANES: usize = 8;

/// What one block, or several blocks merged in order, say about an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    /// Finite pixels.
    pub finite: u64,
    /// Finite pixels other than 0.
    pub nonzero: u64,
    /// NaNs.
    pub nan: u64,
    /// Pixels of +infinity.
    pub above: u64,
    /// Pixels of -infinity.
    pub below: u64,
    /// Sum of the finite pixels.
    pub sum: f64,
    /// Sum of their squares.
    pub squares: f64,
    /// Smallest finite pixel, +infinity when there is none.
    pub minimum: f32,
    /// Largest finite pixel, -infinity when there is none.
    pub maximum: f32,
    /// Every finite pixel is an integer.
    pub all_int: bool,
}

impl Tally {
    /// Of no pixels at all.
    pub const EMPTY: Self = Self {
        finite: 0,
        nonzero: 0,
        nan: 0,
        above: 0,
        below: 0,
        sum: 0.0,
        squares: 0.0,
        minimum: f32::INFINITY,
        maximum: f32::NEG_INFINITY,
        all_int: true,
    };

    /// Of one block.
    #[must_use]
    pub fn of(values: &[f32]) -> Self {
        let mut lanes = [Lane::EMPTY; LANES];
        let (groups, rest) = values.as_chunks::<LANES>();
        for group in groups {
            for (lane, &value) in lanes.iter_mut().zip(group) {
                lane.add(value);
            }
        }
        for (lane, &value) in lanes.iter_mut().zip(rest) {
            lane.add(value);
        }
        let mut tally = Self::EMPTY;
        for lane in &lanes {
            tally.finite += u64::from(lane.finite);
            tally.nonzero += u64::from(lane.nonzero);
            tally.sum += lane.sum;
            tally.squares += lane.squares;
            tally.minimum = lower(tally.minimum, lane.minimum);
            tally.maximum = higher(tally.maximum, lane.maximum);
            tally.all_int &= lane.fractions == 0;
        }
        // Among zeros the first one counts, as in EMAN2: its sign is stored.
        let first_zero = || values.iter().copied().find(|&value| value == 0.0).unwrap_or(0.0);
        if tally.minimum == 0.0 {
            tally.minimum = first_zero();
        }
        if tally.maximum == 0.0 {
            tally.maximum = first_zero();
        }
        if tally.finite < values.len() as u64 {
            tally.above = count(values, |value| value == f32::INFINITY);
            tally.below = count(values, |value| value == f32::NEG_INFINITY);
            tally.nan = values.len() as u64 - tally.finite - tally.above - tally.below;
        }
        tally
    }

    /// Adds the block that follows.
    pub fn merge(&mut self, next: &Self) {
        self.finite += next.finite;
        self.nonzero += next.nonzero;
        self.nan += next.nan;
        self.above += next.above;
        self.below += next.below;
        self.sum += next.sum;
        self.squares += next.squares;
        self.minimum = lower(self.minimum, next.minimum);
        self.maximum = higher(self.maximum, next.maximum);
        self.all_int &= next.all_int;
    }

    /// Pixels of any kind.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        self.finite + self.nan + self.above + self.below
    }
}

/// One of the interleaved sums.
#[derive(Clone, Copy)]
struct Lane {
    sum: f64,
    squares: f64,
    minimum: f32,
    maximum: f32,
    finite: u32,
    nonzero: u32,
    fractions: u32,
}

impl Lane {
    const EMPTY: Self = Self {
        sum: 0.0,
        squares: 0.0,
        minimum: f32::INFINITY,
        maximum: f32::NEG_INFINITY,
        finite: 0,
        nonzero: 0,
        fractions: 0,
    };

    /// Without a branch, so that it vectorises.
    fn add(&mut self, value: f32) {
        let finite = value.abs() < f32::INFINITY;
        let counted = if finite { value } else { 0.0 };
        let wide = f64::from(counted);
        self.sum += wide;
        self.squares += wide * wide;
        self.minimum = lower(self.minimum, if finite { value } else { f32::INFINITY });
        self.maximum = higher(self.maximum, if finite { value } else { f32::NEG_INFINITY });
        self.finite += u32::from(finite);
        self.nonzero += u32::from(counted != 0.0);
        self.fractions += u32::from(!is_integer(counted));
    }
}

/// Not `f32::min`: that leaves the sign of a zero to the processor.
fn lower(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

fn higher(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

fn count(values: &[f32], which: impl Fn(f32) -> bool) -> u64 {
    values.iter().filter(|&&value| which(value)).count() as u64
}

/// The statistics EMAN2 keeps with an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// Smallest finite pixel.
    pub minimum: f32,
    /// Largest finite pixel.
    pub maximum: f32,
    /// Mean of the finite pixels.
    pub mean: f32,
    /// Their standard deviation, with n - 1.
    pub sigma: f32,
    /// Sum of their squares.
    pub square_sum: f32,
    /// Sum divided by the number of pixels other than 0.
    pub mean_nonzero: f32,
    /// Standard deviation with that number.
    pub sigma_nonzero: f32,
    /// Every finite pixel is an integer.
    pub all_int: bool,
}

impl Statistics {
    /// Of a whole image.
    #[must_use]
    pub fn of(tally: &Tally) -> Self {
        let n = tally.finite.max(1) as f64;
        let nonzero = tally.nonzero.max(1) as f64;
        let sigma = |n: f64| {
            let variance = (tally.squares - tally.sum * tally.sum / n) / (n - 1.0);
            // One pixel has no spread, and rounding must not make one below zero.
            if n > 1.0 { variance.max(0.0).sqrt() as f32 } else { 0.0 }
        };
        let extreme = |value: f32| if tally.finite == 0 { 0.0 } else { value };
        Self {
            minimum: extreme(tally.minimum),
            maximum: extreme(tally.maximum),
            mean: (tally.sum / n) as f32,
            sigma: sigma(n),
            square_sum: tally.squares as f32,
            mean_nonzero: (tally.sum / nonzero) as f32,
            sigma_nonzero: sigma(nonzero),
            all_int: tally.all_int,
        }
    }

    /// Adds them to an image's attributes.
    pub fn describe(&self, attributes: &mut Attributes) {
        attributes.float("minimum", self.minimum);
        attributes.float("maximum", self.maximum);
        attributes.float("mean", self.mean);
        attributes.float("sigma", self.sigma);
        attributes.float("square_sum", self.square_sum);
        attributes.float("mean_nonzero", self.mean_nonzero);
        attributes.float("sigma_nonzero", self.sigma_nonzero);
        attributes.int("all_int", self.all_int.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn only_finite_pixels_count() {
        let values = [1.0, f32::NAN, 3.0, f32::INFINITY, 0.0, f32::NEG_INFINITY, f32::NAN];
        let tally = Tally::of(&values);
        assert_eq!((tally.finite, tally.nan, tally.above, tally.below), (3, 2, 1, 1));
        let statistics = Statistics::of(&tally);
        assert_eq!((statistics.minimum, statistics.maximum), (0.0, 3.0));
        assert_eq!(statistics.mean, 4.0 / 3.0);
        assert_eq!(statistics.mean_nonzero, 2.0);
        assert!(statistics.all_int);
    }

    #[test]
    fn no_finite_pixel_is_one_pixel_of_zero() {
        let statistics = Statistics::of(&Tally::of(&[f32::NAN, f32::INFINITY]));
        assert_eq!((statistics.minimum, statistics.maximum, statistics.sigma), (0.0, 0.0, 0.0));
    }

    #[test]
    fn one_pixel_has_no_spread() {
        assert_eq!(Statistics::of(&Tally::of(&[7.5])).sigma, 0.0);
    }

    #[test]
    fn the_first_zero_lends_its_sign() {
        for zeros in [[-0.0, 0.0], [0.0, -0.0]] {
            let mut values = vec![1.0; 5];
            values.extend(zeros);
            assert_eq!(Statistics::of(&Tally::of(&values)).minimum.to_bits(), zeros[0].to_bits());
            let mut tally = Tally::of(&zeros[..1]);
            tally.merge(&Tally::of(&zeros[1..]));
            assert_eq!(Statistics::of(&tally).maximum.to_bits(), zeros[0].to_bits());
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_sum(values in proptest::collection::vec(-1e4f32..1e4, 1..2000)) {
            let statistics = Statistics::of(&Tally::of(&values));
            let n = values.len() as f64;
            let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
            prop_assert!((f64::from(statistics.mean) - mean).abs() <= 1e-2);
            prop_assert_eq!(statistics.minimum, values.iter().copied().fold(f32::INFINITY, f32::min));
            prop_assert_eq!(statistics.maximum, values.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }
}
