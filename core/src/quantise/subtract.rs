//! Codes of integers at a step of 1: the value less the low end, in the integers' own width.

use crate::image::pixels::Pixels;
use crate::kernel::narrow::{Biased, count};
use crate::kernel::simd::{Kernel, dispatch};
use crate::quantise::Bits;
use crate::quantise::Range;

/// The quantisation of integers at a step of 1.
#[derive(Clone, Copy, Debug)]
pub struct Subtract {
    /// The biased number of code 0.
    low: i64,
    top: u32,
}

impl Subtract {
    /// Creates the subtraction for integers of up to 16 bits and a range whose step is 1 from an integer on that
    /// the pixels can be; `None` for any other.
    #[must_use]
    pub fn new(pixels: Pixels, range: Range, bits: Bits) -> Option<Self> {
        let (low, top) = (range.low as i32, bits.top());
        let values = pixels.short_integers().filter(|values| values.contains(&low))?;
        // Between such integers `f32` computes exactly the same.
        let exact = low as f32 == range.low && range.high - range.low == top as f32;
        exact.then_some(Self { low: i64::from(low) - i64::from(*values.start()), top })
    }

    /// Subtracts from biased values; the codes are those of [`Quantiser::bytes`](super::Quantiser::bytes).
    #[must_use]
    pub fn bytes<T: Copy, R: Biased>(
        self,
        pixels: &[T],
        biased: impl Fn(T) -> R + Copy,
        codes: &mut [u8],
    ) -> u64 {
        let put = |place: &mut u8, code| *place = code as u8;
        dispatch(SubtractKernel { subtract: self, pixels, biased, places: codes.iter_mut(), put })
    }

    /// Subtracts from biased values; the codes are those of [`Quantiser::planes`](super::Quantiser::planes).
    #[must_use]
    pub fn planes<T: Copy, R: Biased>(
        self,
        pixels: &[T],
        biased: impl Fn(T) -> R + Copy,
        low: &mut [u8],
        high: &mut [u8],
    ) -> u64 {
        let put = |(low, high): (&mut u8, &mut u8), code: u32| {
            *low = code as u8;
            *high = (code >> 8) as u8;
        };
        dispatch(SubtractKernel { subtract: self, pixels, biased, places: low.iter_mut().zip(high), put })
    }
}

struct SubtractKernel<'a, T, F, P, U> {
    subtract: Subtract,
    pixels: &'a [T],
    biased: F,
    places: P,
    put: U,
}

impl<T, R, F, P, U> Kernel for SubtractKernel<'_, T, F, P, U>
where
    T: Copy,
    R: Biased,
    F: Fn(T) -> R + Copy,
    P: Iterator,
    U: Fn(P::Item, u32),
{
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let Self { subtract, pixels, biased, places, put } = self;
        // Pixels can be the lowest value; the highest may be beyond them, and then so is its code.
        let low = R::try_from(subtract.low).unwrap_or(R::HIGHEST);
        let top = R::try_from(subtract.top.into()).unwrap_or(R::HIGHEST);
        for (place, &pixel) in places.zip(pixels) {
            put(place, biased(pixel).minus_or_zero(low).min(top).into());
        }
        count(pixels, biased, |biased| biased < low || biased.minus_or_zero(low) > top).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::PixelType;
    use crate::kernel::narrow::NarrowWork;
    use crate::kernel::strided::Strided;
    use crate::quantise::Quantiser;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Codes as bytes with their count, and as planes.
    struct Coded(Subtract);

    impl NarrowWork for Coded {
        type Output = [(u64, Vec<u8>, Vec<u8>); 2];

        fn run<T: Copy, R: Biased>(
            self,
            strided: Strided<'_, T>,
            biased: impl Fn(T) -> R + Copy,
            _: i32,
        ) -> Self::Output {
            let pixels: Vec<T> = strided.rows().flatten().copied().collect();
            let none = || vec![0; pixels.len()];
            let (mut codes, mut low, mut high) = (none(), none(), none());
            let bytes = self.0.bytes(&pixels, biased, &mut codes);
            let planes = self.0.planes(&pixels, biased, &mut low, &mut high);
            [(bytes, codes, none()), (planes, low, high)]
        }
    }

    #[test]
    fn subtraction_gives_what_quantising_gives() {
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        let mut tried = 0;
        for kind in [PixelType::U8, PixelType::I8, PixelType::U16, PixelType::I16] {
            let pixels = Pixels::new(kind, false);
            let mut values = Vec::new();
            pixels.decode(&all, 1 << 16, &mut values);
            let none = || vec![0; values.len()];
            for number in 2..=16 {
                let bits = Bits::new(number).unwrap();
                for low in [-65536, -32768, -300, -128, -1, 0, 7, 127, 255, 30000, 65535, 65536] {
                    let range =
                        Range { low: low as f32, high: (low + bits.top() as i32) as f32, exact: true };
                    let there = pixels.short_integers().unwrap().contains(&low);
                    let subtract = Subtract::new(pixels, range, bits);
                    assert_eq!(subtract.is_some(), there, "{kind:?} {low}");
                    let Some(subtract) = subtract else { continue };
                    let coded = pixels.integers(Strided::whole(&all), Coded(subtract)).unwrap();
                    let quantiser = Quantiser::new(range, bits);
                    let (mut bytes, mut low, mut high) = (none(), none(), none());
                    let outside = quantiser.bytes(&values, &mut bytes);
                    let beyond = quantiser.planes(&values, &mut low, &mut high);
                    assert!(coded == [(outside, bytes, none()), (beyond, low, high)], "{kind:?} {range:?}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 15 * 4 * 3, "{tried}");
    }

    #[test]
    fn other_steps_are_left() {
        let none = |low, high| {
            let range = Range { low, high, exact: true };
            Subtract::new(Pixels::new(PixelType::I16, false), range, Bits::new(4).unwrap()).is_none()
        };
        assert!(none(0.5, 15.5) && none(0.0, 30.0) && none(1e6, 1e6 + 15.0) && none(f32::NAN, 15.0));
    }
}
