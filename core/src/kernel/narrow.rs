//! Integers of 8 or 16 bits as they are stored: work on them in their own width, of which a vector unit
//! holds more than of wider numbers.
//!
//! A pixel is taken as a biased number, as in offset binary: unsigned, 0 for the lowest value of its type. A
//! pixel's value is its biased number plus the offset, that lowest value.

use std::ops::RangeInclusive;

use crate::image::PixelType;
use crate::image::pixels::Pixels;
use crate::kernel::strided::Strided;

/// Pixels among which a count fits a byte; several times what a vector unit holds.
const RUN: usize = 128;

/// A pixel as a biased number.
pub trait Biased: Copy + Ord + Into<u32> + TryFrom<i64> {
    /// The highest.
    const HIGHEST: Self;

    /// Returns 1 or 0.
    fn from_bool(yes: bool) -> Self;

    /// Adds; the sum must fit.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// Subtracts; returns 0 where the difference would be negative.
    #[must_use]
    fn minus_or_zero(self, other: Self) -> Self;
}

macro_rules! biased {
    ($kind:ty) => {
        impl Biased for $kind {
            const HIGHEST: Self = Self::MAX;

            #[inline(always)]
            fn from_bool(yes: bool) -> Self {
                Self::from(yes)
            }

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn minus_or_zero(self, other: Self) -> Self {
                self.saturating_sub(other)
            }
        }
    };
}

biased!(u8);
biased!(u16);

/// Counts the pixels whose biased number `is` so; for kernels.
#[inline(always)]
pub fn count<T: Copy, R: Biased>(
    pixels: &[T],
    biased: impl Fn(T) -> R + Copy,
    is: impl Fn(R) -> bool + Copy,
) -> u32 {
    let none = R::from_bool(false);
    let in_run = |run: &[T]| -> u32 {
        run.iter().fold(none, |n, &pixel| n.plus(R::from_bool(is(biased(pixel))))).into()
    };
    pixels.chunks(RUN).map(in_run).sum()
}

/// Work on integers, whatever their type.
pub trait NarrowWork {
    /// Result of the work.
    type Output;

    /// Does the work; `biased` makes a biased number of a stored pixel, `offset` is the value of number 0.
    fn run<T: Copy, R: Biased>(
        self,
        strided: Strided<'_, T>,
        biased: impl Fn(T) -> R + Copy,
        offset: i32,
    ) -> Self::Output;
}

/// The sign of a byte and of a word: flipped, it makes a biased number of a signed one.
const BYTE_SIGN: u8 = 1 << 7;
const WORD_SIGN: u16 = 1 << 15;

impl Pixels {
    /// Returns the values the pixels can have, if they are integers of 8 or 16 bits and their own values.
    #[must_use]
    pub fn short_integers(self) -> Option<RangeInclusive<i32>> {
        if self.scale.is_some() {
            return None;
        }
        Some(match self.kind {
            PixelType::U8 => 0..=u8::MAX.into(),
            PixelType::I8 => i8::MIN.into()..=i8::MAX.into(),
            PixelType::U16 => 0..=u16::MAX.into(),
            PixelType::I16 => i16::MIN.into()..=i16::MAX.into(),
            _ => return None,
        })
    }

    /// Runs the work on the pixels, if they are such integers.
    pub fn integers<W: NarrowWork>(self, stored: Strided<'_, u8>, work: W) -> Option<W::Output> {
        let offset = *self.short_integers()?.start();
        let words = || stored.cast(2, |rows| Some(rows.as_chunks::<2>().0));
        Some(match (self.kind, self.big_endian) {
            (PixelType::U8, _) => work.run(stored, |byte| byte, offset),
            (PixelType::I8, _) => work.run(stored, |byte| byte ^ BYTE_SIGN, offset),
            (PixelType::U16, false) => work.run(words()?, u16::from_le_bytes, offset),
            (PixelType::U16, true) => work.run(words()?, u16::from_be_bytes, offset),
            (PixelType::I16, false) => {
                work.run(words()?, |word| u16::from_le_bytes(word) ^ WORD_SIGN, offset)
            }
            (PixelType::I16, true) => work.run(words()?, |word| u16::from_be_bytes(word) ^ WORD_SIGN, offset),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// The value of each pixel.
    struct Values;

    impl NarrowWork for Values {
        type Output = Vec<i64>;

        fn run<T: Copy, R: Biased>(
            self,
            strided: Strided<'_, T>,
            biased: impl Fn(T) -> R + Copy,
            offset: i32,
        ) -> Vec<i64> {
            let value = |&pixel: &T| {
                let biased: u32 = biased(pixel).into();
                i64::from(biased) + i64::from(offset)
            };
            strided.rows().flatten().map(value).collect()
        }
    }

    #[test]
    fn biased_number_and_offset_are_the_value() {
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        for kind in [PixelType::U8, PixelType::I8, PixelType::U16, PixelType::I16] {
            for big_endian in [false, true] {
                let pixels = Pixels::new(kind, big_endian);
                let mut values = Vec::new();
                pixels.decode(&all, 1 << 16, &mut values);
                let found = pixels.integers(Strided::whole(&all), Values).unwrap();
                assert!(found.iter().map(|&value| value as f32).eq(values), "{pixels:?}");
            }
        }
        assert!(Pixels::new(PixelType::F16, false).integers(Strided::whole(&all), Values).is_none());
    }

    #[test]
    fn any_number_of_pixels_is_counted() {
        let ones = vec![1u8; 100_000];
        for length in [0, 1, RUN - 1, RUN, RUN + 1, 1000, ones.len()] {
            assert_eq!(count(&ones[..length], |byte| byte, |biased| biased == 1), length as u32);
            assert_eq!(count(&ones[..length], u16::from, |biased| biased == 0), 0);
        }
    }
}
