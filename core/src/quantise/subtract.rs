//! Codes of integers at a step of 1: the value less the low end, in the integers' own width.

use crate::image::pixels::Pixels;
use crate::kernel::narrow::{Biased, count};
use crate::kernel::simd::{Kernel, dispatch};
use crate::quantise::Bits;
use crate::quantise::Range;

/// The quantisation of integers at a step of 1.
#[derive(Clone, Copy, Debug)]
pub struct Subtract {
    /// The rank of code 0.
    low: i64,
    top: u32,
}

impl Subtract {
    /// For integers of up to 16 bits and a range whose step is 1 from an integer on that the pixels can
    /// be; `None` for any other.
    #[must_use]
    pub fn new(pixels: Pixels, range: Range, bits: Bits) -> Option<Self> {
        let (low, top) = (range.low as i32, bits.top());
        let values = pixels.short_integers().filter(|values| values.contains(&low))?;
        // Between such integers `f32` computes exactly the same.
        let exact = low as f32 == range.low && range.high - range.low == top as f32;
        exact.then_some(Self { low: i64::from(low) - i64::from(*values.start()), top })
    }

    /// As [`Quantiser::bytes`](super::Quantiser::bytes), from the ranks of the pixels.
    #[must_use]
    pub fn bytes<T: Copy, R: Biased>(
        self,
        pixels: &[T],
        rank: impl Fn(T) -> R + Copy,
        codes: &mut [u8],
    ) -> u64 {
        let put = |place: &mut u8, code| *place = code as u8;
        dispatch(Shifted { shift: self, pixels, rank, places: codes.iter_mut(), put })
    }

    /// As [`Quantiser::planes`](super::Quantiser::planes), for the same.
    #[must_use]
    pub fn planes<T: Copy, R: Biased>(
        self,
        pixels: &[T],
        rank: impl Fn(T) -> R + Copy,
        low: &mut [u8],
        high: &mut [u8],
    ) -> u64 {
        let put = |(low, high): (&mut u8, &mut u8), code: u32| {
            *low = code as u8;
            *high = (code >> 8) as u8;
        };
        dispatch(Shifted { shift: self, pixels, rank, places: low.iter_mut().zip(high), put })
    }
}

struct Shifted<'a, T, F, P, U> {
    shift: Subtract,
    pixels: &'a [T],
    rank: F,
    places: P,
    put: U,
}

impl<T, R, F, P, U> Kernel for Shifted<'_, T, F, P, U>
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
        let Self { shift, pixels, rank, places, put } = self;
        // Pixels can be the lowest value; the highest may be beyond them, and then so is its code.
        let low = R::try_from(shift.low).unwrap_or(R::HIGHEST);
        let top = R::try_from(shift.top.into()).unwrap_or(R::HIGHEST);
        for (place, &pixel) in places.zip(pixels) {
            put(place, rank(pixel).minus_or_zero(low).min(top).into());
        }
        count(pixels, rank, |rank| rank < low || rank.minus_or_zero(low) > top).into()
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
            pieces: Strided<'_, T>,
            rank: impl Fn(T) -> R + Copy,
            _: i32,
        ) -> Self::Output {
            let pixels: Vec<T> = pieces.each().flatten().copied().collect();
            let none = || vec![0; pixels.len()];
            let (mut codes, mut low, mut high) = (none(), none(), none());
            let bytes = self.0.bytes(&pixels, rank, &mut codes);
            let planes = self.0.planes(&pixels, rank, &mut low, &mut high);
            [(bytes, codes, none()), (planes, low, high)]
        }
    }

    #[test]
    fn subtraction_gives_what_quantising_gives() {
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        let mut shifts = 0;
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
                    let shift = Subtract::new(pixels, range, bits);
                    assert_eq!(shift.is_some(), there, "{kind:?} {low}");
                    let Some(shift) = shift else { continue };
                    let coded = pixels.integers(Strided::whole(&all), Coded(shift)).unwrap();
                    let quantiser = Quantiser::new(range, bits);
                    let (mut bytes, mut low, mut high) = (none(), none(), none());
                    let outside = quantiser.bytes(&values, &mut bytes);
                    let beyond = quantiser.planes(&values, &mut low, &mut high);
                    assert!(coded == [(outside, bytes, none()), (beyond, low, high)], "{kind:?} {range:?}");
                    shifts += 1;
                }
            }
        }
        assert!(shifts > 15 * 4 * 3, "{shifts}");
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
