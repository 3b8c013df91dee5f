//! The rule for the range: which interval the codes of an image span.
//!
//! Code 0 reads back as [`Range::low`], the top code 2^bits - 1 as [`Range::high`], codes between
//! them linearly. The rules, tried in order, with R = 2^bits and the values after truncation to
//! the limits (arithmetic in `f32`, in the order written):
//!
//! 1. max - min = 1: (min, max), so that masks of 0 and 1 are exact.
//! 2. all integers and max - min < R: (min, min + R - 1), so that the codes are the integers.
//! 3. all integers: a step that is a power of two, so that the decoded values are integers, and 0
//!    is one of them when the values lie on both sides of it.
//! 4. values on both sides of 0: a range in which 0 is a code.
//! 5. otherwise the limits asked for, or (min, max) without any.

use crate::kernel::rounding::{is_integer, power_of_two};
use crate::quantise::Bits;
use crate::quantise::Range;
use crate::quantise::limits::Limits;
use crate::quantise::statistics::{Statistics, Tally};

/// Extremes of the truncated values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Smallest truncated value.
    pub minimum: f32,
    /// Largest truncated value.
    pub maximum: f32,
    /// Every truncated value is an integer.
    pub all_int: bool,
}

impl Bounds {
    /// Returns the spread of an image without limits: of its finite pixels.
    #[must_use]
    pub fn unlimited(statistics: &Statistics) -> Self {
        Self { minimum: statistics.minimum, maximum: statistics.maximum, all_int: statistics.all_int }
    }

    /// Returns the spread of an image truncated to limits; infinities are truncated too, NaNs are left out.
    /// `fractions` says whether a value strictly within the limits has a fraction.
    #[must_use]
    pub fn limited(tally: &Tally, limits: Limits, fractions: bool) -> Self {
        let (minimum, maximum) = if tally.finite + tally.above + tally.below == 0 {
            (0.0, 0.0)
        } else {
            let smallest = if tally.below > 0 { f32::NEG_INFINITY } else { tally.minimum };
            let largest = if tally.above > 0 { f32::INFINITY } else { tally.maximum };
            // With infinities of one sign alone the other end is the empty tally's, which is them.
            (smallest, largest)
        };
        let bounds = (limits.clamp(minimum), limits.clamp(maximum));
        Self {
            minimum: bounds.0,
            maximum: bounds.1,
            all_int: !fractions && is_integer(bounds.0) && is_integer(bounds.1),
        }
    }
}

/// Chooses the range for an image, or `None` when no pair of `f32` can hold it.
#[must_use]
pub fn range(bounds: Bounds, limits: Option<Limits>, bits: Bits) -> Option<Range> {
    let Bounds { minimum, maximum, all_int } = bounds;
    let spread = maximum - minimum;
    if !spread.is_finite() {
        return None;
    }
    let codes = bits.codes() as f32;
    let straddles_zero = minimum < 0.0 && maximum > 0.0;
    let mut exact = false;
    let (low, high) = if spread == 1.0 {
        exact = all_int;
        (minimum, maximum)
    } else if all_int && spread < codes {
        exact = true;
        (minimum, minimum + codes - 1.0)
    } else if all_int {
        integer_range(minimum, maximum, bits)
    } else if straddles_zero {
        zero_range(minimum, maximum, bits)
    } else {
        limits.map_or((minimum, maximum), |limits| (limits.low, limits.high))
    };
    // At the ends of what f32 can hold a rule's arithmetic may overflow or underflow; the plain
    // extremes still describe the image then.
    let sound = low.is_finite() && high.is_finite() && high >= low && (high - low).is_finite();
    Some(if sound && (high > low || spread == 0.0) {
        Range { low, high, exact }
    } else {
        Range { low: minimum, high: maximum, exact: false }
    })
}

/// Applies rule 3: the smallest power of two as step that covers the spread.
fn integer_range(minimum: f32, maximum: f32, bits: Bits) -> (f32, f32) {
    let step = power_of_two(spread_bits(minimum, maximum) as i32 - bits.get() as i32);
    let low = if minimum < 0.0 && maximum > 0.0 { (minimum / step).round() * step } else { minimum };
    (low, low + step * bits.top() as f32)
}

/// Counts the bits of the exact integer max - min: the smallest b with 2^b > max - min.
fn spread_bits(minimum: f32, maximum: f32) -> u32 {
    let magnitude = |value: f32| value.abs() as u128; // every f32 integer fits
    let (a, b) = (magnitude(minimum), magnitude(maximum));
    let spread = if (minimum < 0.0) == (maximum < 0.0) { Some(a.abs_diff(b)) } else { a.checked_add(b) };
    spread.map_or(u128::BITS + 1, |spread| u128::BITS - spread.leading_zeros())
}

/// Applies rule 4: the plain extremes when 0 is a code among them, otherwise one step more at the low end so
/// that it is.
fn zero_range(minimum: f32, maximum: f32, bits: Bits) -> (f32, f32) {
    let step = (maximum - minimum) / bits.top() as f32;
    let below = (minimum / step).floor();
    if f64::from(below) * f64::from(step) == f64::from(minimum) {
        return (minimum, maximum);
    }
    let step = (maximum - minimum) / (bits.codes() - 2) as f32;
    let low = (minimum / step).floor() * step;
    (low, low + step * bits.top() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn plain(minimum: f32, maximum: f32, all_int: bool, n: i64) -> (f32, f32) {
        let bounds = Bounds { minimum, maximum, all_int };
        let range = range(bounds, None, Bits::new(n).unwrap()).unwrap();
        (range.low, range.high)
    }

    #[test]
    fn a_mask_is_exact() {
        assert_eq!(plain(0.0, 1.0, true, 5), (0.0, 1.0));
    }

    #[test]
    fn few_integers_are_their_own_codes() {
        assert_eq!(plain(-3.0, 20.0, true, 5), (-3.0, 28.0));
    }

    #[test]
    fn many_integers_get_a_power_of_two() {
        assert_eq!(plain(0.0, 255.0, true, 5), (0.0, 248.0));
        assert_eq!(plain(-100.0, 1000.0, true, 5), (-128.0, 1856.0));
    }

    #[test]
    fn real_numbers_on_one_side_of_zero_keep_their_extremes() {
        assert_eq!(plain(3.5, 9.25, false, 8), (3.5, 9.25));
    }

    #[test]
    fn zero_is_a_code() {
        let (low, high) = plain(-1.3, 4.9, false, 6);
        let step = (f64::from(high) - f64::from(low)) / 63.0;
        let zero = -f64::from(low) / step;
        assert!((zero - zero.round()).abs() < 1e-3, "{low} {high}");
        assert!(low <= -1.3 && high >= 4.9);
    }

    #[test]
    fn spreads_are_counted_exactly() {
        assert_eq!(spread_bits(0.0, 255.0), 8);
        assert_eq!(spread_bits(0.0, 256.0), 9);
        assert_eq!(spread_bits(-1.0, 2f32.powi(127)), 128);
        assert_eq!(spread_bits(f32::MIN, f32::MAX), 129);
    }

    #[test]
    fn the_ends_of_f32_do_not_break_it() {
        let bounds = Bounds { minimum: -3e38, maximum: 3e38, all_int: false };
        assert_eq!(range(bounds, None, Bits::new(8).unwrap()), None);
        let smallest = f32::from_bits(1);
        assert_eq!(plain(-smallest, smallest, false, 16), (-smallest, smallest));
        assert_eq!(plain(1e30, 1e30, true, 8), (1e30, 1e30));
    }

    #[test]
    fn only_infinities_are_truncated_to_the_limits() {
        let limits = Limits { low: 2.0, high: 3.5 };
        let tally = Tally::of(&[f32::INFINITY]);
        let bounds = Bounds::limited(&tally, limits, false);
        assert_eq!((bounds.minimum, bounds.maximum), (3.5, 3.5));
        let bounds = Bounds::limited(&Tally::of(&[f32::NAN]), limits, false);
        assert_eq!((bounds.minimum, bounds.maximum), (2.0, 2.0));
    }
}
