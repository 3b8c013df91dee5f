//! Statistics of the pixels, before anything is truncated.
//!
//! A block is summed in 8 interleaved sums, row by row, and the blocks are added in order, all in
//! `f64`: the same bits for any thread count. EMAN2 sums pixel by pixel, so the last place of an `f32`
//! attribute may differ from its value, nothing else. Only finite pixels count; an image without
//! any counts as one pixel of 0.

mod integers;

use crate::image::attributes::Attributes;
use crate::kernel::narrow::Biased;
use crate::kernel::rounding::is_integer;
use crate::kernel::simd::{Kernel, dispatch};
use crate::kernel::strided::Strided;
use integers::IntegerSums;

/// Interleaved sums in a block: pixel i of a contiguous row goes to sum i mod 8, which vector units can follow.
const LANES: usize = 8;

/// Pixels that are gone through several times while they are in the nearest cache; a multiple of
/// [`LANES`].
const STRIP: usize = 2048;

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
    /// Stored numbers that no `f32` is; their pixels are the nearest ones.
    pub rounded: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self::EMPTY
    }
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
        rounded: 0,
    };

    /// Sums one contiguous block.
    #[must_use]
    pub fn of(values: &[f32]) -> Self {
        Self::of_strided(Strided::whole(values))
    }

    /// Sums one block.
    #[must_use]
    pub fn of_strided(strided: Strided<'_, f32>) -> Self {
        let mut tally = dispatch(Sums(strided)).unwrap_or_else(|| finite_sums(strided));
        // Among zeros the first one counts, as in EMAN2: its sign is stored.
        let first_zero = || strided.rows().flatten().copied().find(|&value| value == 0.0).unwrap_or(0.0);
        if tally.minimum == 0.0 {
            tally.minimum = first_zero();
        }
        if tally.maximum == 0.0 {
            tally.maximum = first_zero();
        }
        tally
    }

    /// Sums one block of integers, each of them `offset` and the number that `biased` makes of it. Gives what
    /// [`Tally::of_strided`] gives for them as `f32`: sums of so few integers of 16 bits are exact in `f64`.
    #[must_use]
    pub fn of_integers<T: Copy, R: Biased>(
        strided: Strided<'_, T>,
        biased: impl Fn(T) -> R + Copy,
        offset: i32,
    ) -> Self {
        dispatch(IntegerSums { strided, biased, offset })
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
        self.rounded += next.rounded;
    }

    /// Counts the pixels of any kind.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        self.finite + self.nan + self.above + self.below
    }
}

/// Sums and extremes of values that are all finite; `None` when one is not.
struct Sums<'a>(Strided<'a, f32>);

impl Kernel for Sums<'_> {
    type Output = Option<Tally>;

    #[inline(always)]
    fn run(self) -> Option<Tally> {
        let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
        let (mut finite, mut all_nonzero) = (0, 0);
        let (mut lowest, mut highest) = (i32::MAX, i32::MIN);
        let mut all_int = true;
        for strip in self.0.rows().flat_map(|row| row.chunks(STRIP)) {
            // Plain loops, each of which vectorises.
            let (mut largest, mut nonzero) = (0u32, 0u32);
            for value in strip {
                let magnitude = value.to_bits() & MAGNITUDE;
                largest = largest.max(magnitude);
                nonzero += u32::from(magnitude != 0);
                let order = ordered(value.to_bits() as i32);
                lowest = lowest.min(order);
                highest = highest.max(order);
            }
            if largest >= f32::INFINITY.to_bits() {
                return None;
            }
            add_lanes(&mut sums, strip, |wide| wide);
            add_lanes(&mut squares, strip, |wide| wide * wide);
            all_int = all_int && strip.iter().all(|&value| is_integer(value));
            all_nonzero += u64::from(nonzero);
            finite += strip.len() as u64;
        }
        if finite == 0 {
            return Some(Tally::EMPTY);
        }
        Some(Tally {
            finite,
            nonzero: all_nonzero,
            sum: sums.iter().sum(),
            squares: squares.iter().sum(),
            minimum: f32::from_bits(ordered(lowest) as u32),
            maximum: f32::from_bits(ordered(highest) as u32),
            all_int,
            ..Tally::EMPTY
        })
    }
}

/// Adds a function of the values to interleaved sums.
#[inline(always)]
fn add_lanes(sums: &mut [f64; LANES], values: &[f32], term: impl Fn(f64) -> f64) {
    let (groups, rest) = values.as_chunks::<LANES>();
    for group in groups {
        for (sum, &value) in sums.iter_mut().zip(group) {
            *sum += term(f64::from(value));
        }
    }
    for (sum, &value) in sums.iter_mut().zip(rest) {
        *sum += term(f64::from(value));
    }
}

/// The bits of an `f32` without its sign.
const MAGNITUDE: u32 = 0x7fff_ffff;

/// Maps the bits of an `f32` to an integer that compares like it; its own inverse. NaNs aside, and -0 comes
/// just below 0.
#[inline(always)]
fn ordered(bits: i32) -> i32 {
    bits ^ ((bits >> 31) & MAGNITUDE as i32)
}

/// Sums a block with values that are not finite: they count as absent.
fn finite_sums(strided: Strided<'_, f32>) -> Tally {
    let mut tally = Tally::EMPTY;
    let (mut sum, mut squares) = ([0.0; LANES], [0.0; LANES]);
    for (place, &value) in strided.rows().flat_map(|row| row.iter().enumerate()) {
        if value.is_finite() {
            let wide = f64::from(value);
            sum[place % LANES] += wide;
            squares[place % LANES] += wide * wide;
            tally.finite += 1;
            tally.nonzero += u64::from(value != 0.0);
            tally.minimum = lower(tally.minimum, value);
            tally.maximum = higher(tally.maximum, value);
            tally.all_int &= is_integer(value);
        } else if value.is_nan() {
            tally.nan += 1;
        } else if value > 0.0 {
            tally.above += 1;
        } else {
            tally.below += 1;
        }
    }
    tally.sum = sum.iter().sum();
    tally.squares = squares.iter().sum();
    tally
}

/// Returns the lower of two values. Not `f32::min`: that leaves the sign of a zero to the processor.
fn lower(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

fn higher(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
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
    /// Computes the statistics of a whole image.
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
        fn every_vector_unit_gives_the_same_bits(bits in proptest::collection::vec(any::<u32>(), 0..300)) {
            let any: Vec<f32> = bits.iter().map(|&bits| f32::from_bits(bits)).collect();
            let tame: Vec<f32> = bits.iter().map(|&bits| bits as f32 / 1e5 - 2e4).collect();
            for values in [&any, &tame] {
                let strided = Strided::whole(values);
                prop_assert_eq!(dispatch(Sums(strided)), Sums(strided).run());
            }
        }

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
