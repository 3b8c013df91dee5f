//! The quantisation of pixels as codes, and its inverse.

use crate::kernel::rounding::round_half_up;
use crate::kernel::simd::{Kernel, dispatch};
use crate::quantise::Bits;
use crate::quantise::Range;

/// The quantisation of one image.
#[derive(Clone, Copy, Debug)]
pub struct Quantiser {
    low: f32,
    high: f32,
    width: f32,
    top: f32,
}

impl Quantiser {
    /// Creates a quantiser for a range and a bit depth.
    #[must_use]
    pub fn new(range: Range, bits: Bits) -> Self {
        let width = range.high - range.low;
        Self {
            low: range.low,
            high: range.high,
            // A constant image: 0 / 1 is code 0.
            width: if width == 0.0 { 1.0 } else { width },
            top: bits.top() as f32,
        }
    }

    /// Quantises one value. Below the range its code is 0, above it the top, of NaN 0.
    #[inline(always)]
    #[must_use]
    pub fn code(self, value: f32) -> u32 {
        let place = (value - self.low) / self.width * self.top;
        // The comparisons are such that NaN becomes 0.
        let place = if place > 0.0 { place } else { 0.0 };
        let place = if place < self.top { place } else { self.top };
        round_half_up(place)
    }

    /// Tells whether a value lies outside the range; NaN does not.
    #[inline(always)]
    #[must_use]
    pub fn is_outside(self, value: f32) -> bool {
        value < self.low || value > self.high
    }

    /// Quantises to one byte per value, for up to 8 bits; `codes` is as long as `values`. Returns how many values
    /// were truncated.
    #[must_use]
    pub fn bytes(self, values: &[f32], codes: &mut [u8]) -> u64 {
        dispatch(Bytes { quantiser: self, values, codes })
    }

    /// Quantises to low and high bytes apart, for 9 to 16 bits, as HDF5's shuffle filter has them; both as long as
    /// `values`. Returns how many values were truncated.
    #[must_use]
    pub fn planes(self, values: &[f32], low: &mut [u8], high: &mut [u8]) -> u64 {
        dispatch(Planes { quantiser: self, values, low, high })
    }
}

struct Bytes<'a> {
    quantiser: Quantiser,
    values: &'a [f32],
    codes: &'a mut [u8],
}

impl Kernel for Bytes<'_> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let mut truncated = 0u32;
        for (code, &value) in self.codes.iter_mut().zip(self.values) {
            *code = self.quantiser.code(value) as u8;
            truncated += u32::from(self.quantiser.is_outside(value));
        }
        truncated.into()
    }
}

struct Planes<'a> {
    quantiser: Quantiser,
    values: &'a [f32],
    low: &'a mut [u8],
    high: &'a mut [u8],
}

impl Kernel for Planes<'_> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let mut truncated = 0u32;
        for ((low, high), &value) in self.low.iter_mut().zip(self.high).zip(self.values) {
            let code = self.quantiser.code(value);
            *low = code as u8;
            *high = (code >> 8) as u8;
            truncated += u32::from(self.quantiser.is_outside(value));
        }
        truncated.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantise::Scale;
    use crate::quantise::range::{Bounds, range};
    use crate::quantise::statistics::{Statistics, Tally};
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn round_trip(values: &[f32], bits: Bits) -> (Range, Vec<f32>) {
        let statistics = Statistics::of(&Tally::of(values));
        let range = range(Bounds::unlimited(&statistics), None, bits).unwrap();
        let (mut low, mut high) = (vec![0; values.len()], vec![0; values.len()]);
        let _ = Quantiser::new(range, bits).planes(values, &mut low, &mut high);
        let scale = Scale { range, most: bits.top() as f32 };
        let code = |(low, high): (&u8, &u8)| u32::from(u16::from_le_bytes([*low, *high]));
        let back = low.iter().zip(&high).map(|pair| scale.value(code(pair) as f32)).collect();
        (range, back)
    }

    #[test]
    fn outside_and_not_a_number() {
        let range = Range { low: -1.0, high: 1.0, exact: false };
        let mut codes = [9; 6];
        let values = [f32::NEG_INFINITY, f32::INFINITY, f32::NAN, 2.0, -1.0, 1.0];
        let truncated = Quantiser::new(range, Bits::new(4).unwrap()).bytes(&values, &mut codes);
        assert_eq!(codes, [0, 15, 0, 15, 0, 15]);
        assert_eq!(truncated, 3);
    }

    #[test]
    fn a_constant_image_is_code_0() {
        let range = Range { low: 2.5, high: 2.5, exact: false };
        let mut codes = [9; 2];
        assert_eq!(Quantiser::new(range, Bits::new(8).unwrap()).bytes(&[2.5, 2.5], &mut codes), 0);
        assert_eq!(codes, [0, 0]);
        assert_eq!(Scale { range, most: 255.0 }.value(0.0), 2.5);
    }

    proptest! {
        #[test]
        fn every_vector_unit_gives_the_same_codes(
            patterns in proptest::collection::vec(any::<u32>(), 0..100), low in -1e3f32..1e3, width in 1e-3f32..1e3,
        ) {
            let values: Vec<f32> = patterns.iter().map(|&pattern| f32::from_bits(pattern)).collect();
            let range = Range { low, high: low + width, exact: false };
            let quantiser = Quantiser::new(range, Bits::new(8).unwrap());
            let (mut wide, mut base) = (vec![0; values.len()], vec![0; values.len()]);
            let truncated = quantiser.bytes(&values, &mut wide);
            prop_assert_eq!(truncated, Bytes { quantiser, values: &values, codes: &mut base }.run());
            prop_assert_eq!(&wide, &base);
            // And the rule itself, in the library's words.
            for (&value, &code) in values.iter().zip(&wide) {
                let exact = ((value - low) / (range.high - low) * 255.0).round();
                let rule = if value < low { 0.0 } else if value > range.high { 255.0 } else { exact };
                prop_assert_eq!(f32::from(code), if value.is_nan() { 0.0 } else { rule });
            }
        }

        #[test]
        fn every_vector_unit_gives_the_same_planes(
            patterns in proptest::collection::vec(any::<u32>(), 0..100), low in -1e3f32..1e3, width in 1e-3f32..1e3,
        ) {
            let values: Vec<f32> = patterns.iter().map(|&pattern| f32::from_bits(pattern)).collect();
            let quantiser = Quantiser::new(Range { low, high: low + width, exact: false }, Bits::new(13).unwrap());
            let zeros = || (vec![0; values.len()], vec![0; values.len()]);
            let (mut wide, mut base) = (zeros(), zeros());
            let truncated = quantiser.planes(&values, &mut wide.0, &mut wide.1);
            let planes = Planes { quantiser, values: &values, low: &mut base.0, high: &mut base.1 };
            prop_assert_eq!(truncated, planes.run());
            prop_assert_eq!(wide, base);
        }

        #[test]
        fn values_come_back_within_half_a_step(
            values in proptest::collection::vec(-1e6f32..1e6, 2..300), offset in -2e6f32..2e6, n in 2i64..17,
        ) {
            let values: Vec<f32> = values.iter().map(|v| v + offset).collect();
            let (range, back) = round_trip(&values, Bits::new(n).unwrap());
            let step = (f64::from(range.high) - f64::from(range.low)) / f64::from(Bits::new(n).unwrap().top());
            // f32 arithmetic adds a few units in the last place of the largest value.
            let slack = 8.0 * f64::from(f32::EPSILON) * 4e6;
            for (value, back) in values.iter().zip(&back) {
                let error = (f64::from(*value) - f64::from(*back)).abs();
                prop_assert!(error <= step / 2.0 + slack, "{value} {back} {step}");
            }
        }

        #[test]
        fn integers_that_fit_come_back_exactly(
            values in proptest::collection::vec(0i32..1024, 2..300), offset in -40_000i32..40_000,
        ) {
            let values: Vec<f32> = values.iter().map(|v| (v + offset) as f32).collect();
            let (_, back) = round_trip(&values, Bits::new(10).unwrap());
            for (value, back) in values.iter().zip(&back) {
                prop_assert_eq!(back, value);
            }
        }

        #[test]
        fn zero_comes_back_as_zero_when_values_straddle_it(
            values in proptest::collection::vec(-50.0f32..90.0, 5..300), n in 3i64..17,
        ) {
            let mut values = values;
            values.extend([-1.5, 0.0, 2.25]);
            let (range, back) = round_trip(&values, Bits::new(n).unwrap());
            let zero = back[values.len() - 2];
            // The code is the right one; EMAN2's arithmetic in f32 adds its own rounding.
            let rounding = 2.0 * f32::EPSILON * range.low.abs().max(range.high);
            prop_assert!(zero.abs() <= rounding, "{zero} {range:?}");
        }
    }
}
