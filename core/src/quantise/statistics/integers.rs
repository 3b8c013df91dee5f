//! Statistics of integers of 8 or 16 bits, summed as they are.

use super::Tally;
use crate::kernel::narrow::{Biased, count};
use crate::kernel::simd::Kernel;
use crate::kernel::strided::Strided;

/// WebAssembly has narrow vectors and no instruction that adds up the bytes of one.
const PLAIN: bool = cfg!(target_family = "wasm");

/// Interleaved extremes: several vectors, so that none waits for the one before.
const LANES: usize = if PLAIN { 32 } else { 128 };

/// Pixels that are gone through several times while they are in the nearest cache: so few that the sum
/// of as many biased numbers of 16 bits, and of as many squares of those of 8 bits, fits 32 bits.
const STRIP: usize = 2048;

/// Numbers of 8 bits whose sum fits 16 bits.
const RUN: usize = 256;

/// Sums and extremes of integers.
pub struct IntegerSums<'a, T, F> {
    pub strided: Strided<'a, T>,
    /// Makes a biased number of a stored pixel.
    pub biased: F,
    /// Value of the biased number 0.
    pub offset: i32,
}

impl<T: Copy, R: Biased, F: Fn(T) -> R + Copy> Kernel for IntegerSums<'_, T, F> {
    type Output = Tally;

    #[inline(always)]
    fn run(self) -> Tally {
        let Self { strided, biased, offset } = self;
        let (mut lowest, mut highest) = ([R::HIGHEST; LANES], [R::from_bool(false); LANES]);
        let (mut pixels, mut zeros, mut sum, mut squares) = (0, 0, 0, 0);
        // The biased number of value 0: an offset is never above 0, and never further below than there are numbers.
        let zero = R::try_from(-i64::from(offset)).unwrap_or(R::HIGHEST);
        for strip in strided.rows().flat_map(|row| row.chunks(STRIP)) {
            let (groups, rest) = strip.as_chunks::<LANES>();
            for group in groups {
                for lane in 0..LANES {
                    lowest[lane] = biased(group[lane]).min(lowest[lane]);
                    highest[lane] = biased(group[lane]).max(highest[lane]);
                }
            }
            for (lane, &pixel) in rest.iter().enumerate() {
                lowest[lane] = biased(pixel).min(lowest[lane]);
                highest[lane] = biased(pixel).max(highest[lane]);
            }
            zeros += u64::from(count(strip, biased, |biased| biased == zero));
            sum += u64::from(sum_of(strip, biased));
            squares += squares_of(strip, biased);
            pixels += strip.len() as u64;
        }
        if pixels == 0 {
            return Tally::EMPTY;
        }
        // A value is biased + offset, its square biased² + 2 biased offset + offset².
        let (n, from) = (pixels as i64, i64::from(offset));
        let value = |biased: R| {
            let biased: u32 = biased.into();
            (i64::from(biased) + from) as f32
        };
        Tally {
            finite: pixels,
            nonzero: pixels - zeros,
            sum: (sum as i64 + n * from) as f64,
            squares: (squares as i64 + 2 * from * sum as i64 + n * from * from) as f64,
            minimum: value(lowest.into_iter().fold(R::HIGHEST, R::min)),
            maximum: value(highest.into_iter().fold(R::from_bool(false), R::max)),
            ..Tally::EMPTY
        }
    }
}

/// Sums a strip's biased numbers.
#[inline(always)]
fn sum_of<T: Copy, R: Biased>(strip: &[T], biased: impl Fn(T) -> R) -> u32 {
    let number = |&pixel: &T| -> u32 { biased(pixel).into() };
    if !PLAIN || size_of::<R>() > 1 {
        return strip.iter().map(number).sum();
    }
    let in_run = |run: &[T]| run.iter().fold(0, |sum: u16, pixel| sum.wrapping_add(number(pixel) as u16));
    strip.chunks(RUN).map(|run| u32::from(in_run(run))).sum()
}

/// Sums the squares of a strip's biased numbers.
#[inline(always)]
fn squares_of<T: Copy, R: Biased>(strip: &[T], biased: impl Fn(T) -> R) -> u64 {
    let squares = strip.iter().map(|&pixel| {
        let biased: u32 = biased(pixel).into();
        // Of 16 bits at most, so this never wraps.
        biased.wrapping_mul(biased)
    });
    if size_of::<R>() == 1 { squares.sum::<u32>().into() } else { squares.map(u64::from).sum() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::simd::dispatch;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Sums the words as they are and as signed ones, and their low bytes in the same ways.
    fn tallies(words: &[u16], take: &impl Take) -> [Tally; 4] {
        let bytes: Vec<u8> = words.iter().map(|&word| word as u8).collect();
        [
            take.tally(words, |word| word, 0),
            take.tally(words, |word| word ^ 0x8000, -32768),
            take.tally(&bytes, |byte| byte, 0),
            take.tally(&bytes, |byte| byte ^ 0x80, -128),
        ]
    }

    trait Take {
        fn tally<T: Copy, R: Biased>(
            &self,
            pixels: &[T],
            biased: impl Fn(T) -> R + Copy,
            offset: i32,
        ) -> Tally;
    }

    struct Plain;

    impl Take for Plain {
        fn tally<T: Copy, R: Biased>(
            &self,
            pixels: &[T],
            biased: impl Fn(T) -> R + Copy,
            offset: i32,
        ) -> Tally {
            IntegerSums { strided: Strided::whole(pixels), biased, offset }.run()
        }
    }

    struct Widest;

    impl Take for Widest {
        fn tally<T: Copy, R: Biased>(
            &self,
            pixels: &[T],
            biased: impl Fn(T) -> R + Copy,
            offset: i32,
        ) -> Tally {
            dispatch(IntegerSums { strided: Strided::whole(pixels), biased, offset })
        }
    }

    /// Sums the values as floats.
    struct Floats;

    impl Take for Floats {
        fn tally<T: Copy, R: Biased>(
            &self,
            pixels: &[T],
            biased: impl Fn(T) -> R + Copy,
            offset: i32,
        ) -> Tally {
            let value = |&pixel: &T| {
                let biased: u32 = biased(pixel).into();
                (i64::from(biased) + i64::from(offset)) as f32
            };
            Tally::of(&pixels.iter().map(value).collect::<Vec<_>>())
        }
    }

    proptest! {
        #[test]
        fn every_vector_unit_gives_the_same_sums(words in proptest::collection::vec(any::<u16>(), 0..300)) {
            prop_assert_eq!(tallies(&words, &Plain), tallies(&words, &Widest));
        }

        #[test]
        fn integers_give_what_their_floats_give(words in proptest::collection::vec(any::<u16>(), 0..3000)) {
            prop_assert_eq!(tallies(&words, &Widest), tallies(&words, &Floats));
        }
    }

    #[test]
    fn the_largest_sums_fit() {
        for word in [0, 1, 0x7fff, 0x8000, 0xff, 0xff80, 0xffff] {
            let words = vec![word; 3 * STRIP + 77];
            assert_eq!(tallies(&words, &Widest), tallies(&words, &Floats), "{word:x}");
        }
    }
}
