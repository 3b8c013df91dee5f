//! Integers of 8 or 16 bits as they are stored: work on them in their own width, of which a vector unit
//! holds more than of wider numbers.
//!
//! A pixel is taken as its rank among all values of its type, a number from 0 on: what a pixel is worth
//! is its rank plus the worth of rank 0, the origin.

use std::ops::RangeInclusive;

use crate::image::PixelType;
use crate::image::pixels::Pixels;
use crate::kernel::strided::Strided;

/// Pixels among which a count fits a byte; several times what a vector unit holds.
const RUN: usize = 128;

/// The rank of a pixel.
pub trait Biased: Copy + Ord + Into<u32> + TryFrom<i64> {
    /// The highest.
    const HIGHEST: Self;

    /// 1 or 0.
    fn from_bool(yes: bool) -> Self;

    /// The sum, which must fit.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// The difference, 0 when it would be negative.
    #[must_use]
    fn minus_or_zero(self, other: Self) -> Self;
}

macro_rules! rank {
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

rank!(u8);
rank!(u16);

/// How many pixels have a rank that `is` so; for kernels.
#[inline(always)]
pub fn count<T: Copy, R: Biased>(
    pixels: &[T],
    rank: impl Fn(T) -> R + Copy,
    is: impl Fn(R) -> bool + Copy,
) -> u32 {
    let none = R::from_bool(false);
    let in_run = |run: &[T]| -> u32 {
        run.iter().fold(none, |n, &pixel| n.plus(R::from_bool(is(rank(pixel))))).into()
    };
    pixels.chunks(RUN).map(in_run).sum()
}

/// Work on integers, whatever their type.
pub trait NarrowWork {
    /// What it computes.
    type Output;

    /// Does it; `rank` is that of a stored pixel, `origin` what rank 0 is worth.
    fn run<T: Copy, R: Biased>(
        self,
        pieces: Strided<'_, T>,
        rank: impl Fn(T) -> R + Copy,
        origin: i32,
    ) -> Self::Output;
}

/// The sign of a byte and of a word: without it, negative numbers rank below the others.
const BYTE_SIGN: u8 = 1 << 7;
const WORD_SIGN: u16 = 1 << 15;

impl Pixels {
    /// What the pixels can be worth, if they are integers of 8 or 16 bits and their own values.
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

    /// Has the work done if they are.
    pub fn integers<W: NarrowWork>(self, stored: Strided<'_, u8>, work: W) -> Option<W::Output> {
        let origin = *self.short_integers()?.start();
        let words = || stored.cast(2, |rows| Some(rows.as_chunks::<2>().0));
        Some(match (self.kind, self.big_endian) {
            (PixelType::U8, _) => work.run(stored, |byte| byte, origin),
            (PixelType::I8, _) => work.run(stored, |byte| byte ^ BYTE_SIGN, origin),
            (PixelType::U16, false) => work.run(words()?, u16::from_le_bytes, origin),
            (PixelType::U16, true) => work.run(words()?, u16::from_be_bytes, origin),
            (PixelType::I16, false) => {
                work.run(words()?, |word| u16::from_le_bytes(word) ^ WORD_SIGN, origin)
            }
            (PixelType::I16, true) => work.run(words()?, |word| u16::from_be_bytes(word) ^ WORD_SIGN, origin),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// What each pixel is worth.
    struct Worth;

    impl NarrowWork for Worth {
        type Output = Vec<i64>;

        fn run<T: Copy, R: Biased>(
            self,
            pieces: Strided<'_, T>,
            rank: impl Fn(T) -> R + Copy,
            origin: i32,
        ) -> Vec<i64> {
            let worth = |&pixel: &T| {
                let rank: u32 = rank(pixel).into();
                i64::from(rank) + i64::from(origin)
            };
            pieces.each().flatten().map(worth).collect()
        }
    }

    #[test]
    fn rank_and_origin_are_the_value() {
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        for kind in [PixelType::U8, PixelType::I8, PixelType::U16, PixelType::I16] {
            for big_endian in [false, true] {
                let pixels = Pixels::new(kind, big_endian);
                let mut values = Vec::new();
                pixels.decode(&all, 1 << 16, &mut values);
                let worth = pixels.integers(Strided::whole(&all), Worth).unwrap();
                assert!(worth.iter().map(|&worth| worth as f32).eq(values), "{pixels:?}");
            }
        }
        assert!(Pixels::new(PixelType::F16, false).integers(Strided::whole(&all), Worth).is_none());
    }

    #[test]
    fn any_number_of_pixels_is_counted() {
        let ones = vec![1u8; 100_000];
        for length in [0, 1, RUN - 1, RUN, RUN + 1, 1000, ones.len()] {
            assert_eq!(count(&ones[..length], |byte| byte, |rank| rank == 1), length as u32);
            assert_eq!(count(&ones[..length], u16::from, |rank| rank == 0), 0);
        }
    }
}
