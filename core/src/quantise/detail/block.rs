//! What one block has of detail: a value that is frequent, and sums of sections.

use crate::image::Shape;
use crate::kernel::narrow::{Biased, NarrowWork, count};
use crate::kernel::simd::{Kernel, dispatch};
use crate::kernel::strided::Strided;
use crate::pipeline::tiling::Block;
use crate::quantise::statistics::Tally;

/// One sample in so many has a value that is worth counting.
const COMMON: usize = 16;

/// Samples of a block, at least and at most, and the pixels there are to each in between.
const SAMPLES: [usize; 2] = [64, 256];
const PIXELS_PER_SAMPLE: usize = 64;

/// Pixels that are gone through while they are in the nearest cache; so few that their count fits 32 bits.
const STRIP: usize = 2048;

/// Interleaved sums, which vector units can follow.
const LANES: usize = 8;

/// A value and how many pixels of a block have it.
type Frequent = Option<(f32, u64)>;

/// What a block has of detail, beside its tally.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct BlockDetail {
    pub(super) frequent: Frequent,
    /// Of a volume: sums of the block's part of each section that it has a part of, from the first on.
    pub(super) sections: Vec<Section>,
    pub(super) first_section: usize,
}

impl BlockDetail {
    /// Looks at the values of a block of an image; `tally` is the block's.
    #[must_use]
    pub fn of(values: Strided<'_, f32>, block: &Block, shape: Shape, tally: &Tally) -> Self {
        // Both zeros are one value.
        let common = sampled(values, |value| value.is_finite().then(|| (value + 0.0).to_bits()));
        let frequent = common.map(|common| {
            let value = f32::from_bits(common);
            (value, dispatch(Equal { values, value }))
        });
        let sum = |pixels: &[f32]| {
            let sums = dispatch(Sums(pixels)).unwrap_or_else(|| Section::of(&Tally::of(pixels)));
            let count = |value| dispatch(Equal { values: Strided::whole(pixels), value });
            Section { frequent: frequent.map(|(value, _)| (value, count(value))), ..sums }
        };
        let sections = sections(values, block, shape, Section { frequent, ..Section::of(tally) }, sum);
        Self { frequent, sections, first_section: block.sections.start as usize }
    }
}

/// Looks at integers as they are stored.
pub struct IntegerDetail<'a> {
    /// The block they are of.
    pub block: &'a Block,
    /// Shape of the image.
    pub shape: Shape,
    /// Of the block.
    pub tally: &'a Tally,
}

impl NarrowWork for IntegerDetail<'_> {
    type Output = BlockDetail;

    fn run<T: Copy, R: Biased>(
        self,
        strided: Strided<'_, T>,
        biased: impl Fn(T) -> R + Copy,
        offset: i32,
    ) -> BlockDetail {
        let Self { block, shape, tally } = self;
        let common = sampled(strided, |pixel| Some(biased(pixel).into()));
        let counted = |strided: Strided<'_, T>| {
            let number: u32 = common?;
            let common = R::try_from(number.into()).ok()?;
            let count = dispatch(EqualIntegers { strided, biased, common });
            Some(((i64::from(number) + i64::from(offset)) as f32, count))
        };
        let frequent = counted(strided);
        let sum = |pixels: &[T]| {
            let strided = Strided::whole(pixels);
            let sums = Section::of(&Tally::of_integers(strided, biased, offset));
            Section { frequent: counted(strided), ..sums }
        };
        let sections = sections(strided, block, shape, Section { frequent, ..Section::of(tally) }, sum);
        BlockDetail { frequent, sections, first_section: block.sections.start as usize }
    }
}

/// Sums each section that a block of a volume has a part of; `whole` are the block's sums.
fn sections<T: Copy>(
    strided: Strided<'_, T>,
    block: &Block,
    shape: Shape,
    whole: Section,
    sum: impl Fn(&[T]) -> Section,
) -> Vec<Section> {
    if shape.nz == 1 {
        return Vec::new();
    }
    if block.sections.len() == 1 {
        return vec![whole];
    }
    let pixels = block.width() * block.rows.len();
    let (mut found, mut gathered) = (Vec::with_capacity(block.sections.len()), Vec::new());
    for part in strided.rows().flat_map(|row| row.chunks(pixels)) {
        if part.len() == pixels {
            found.push(sum(part));
            continue;
        }
        gathered.extend_from_slice(part);
        if gathered.len() == pixels {
            found.push(sum(&gathered));
            gathered.clear();
        }
    }
    found
}

/// Counts the values that equal one.
struct Equal<'a> {
    values: Strided<'a, f32>,
    value: f32,
}

impl Kernel for Equal<'_> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let mut count = 0;
        for strip in self.values.rows().flat_map(|row| row.chunks(STRIP)) {
            // A plain loop, which vectorises.
            let mut equal = 0;
            for &value in strip {
                equal += u32::from(value == self.value);
            }
            count += u64::from(equal);
        }
        count
    }
}

/// Counts the integers whose biased number is one.
struct EqualIntegers<'a, T, R, F> {
    strided: Strided<'a, T>,
    biased: F,
    common: R,
}

impl<T: Copy, R: Biased, F: Fn(T) -> R + Copy> Kernel for EqualIntegers<'_, T, R, F> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let Self { strided, biased, common } = self;
        let mut equal = 0;
        for strip in strided.rows().flat_map(|row| row.chunks(STRIP)) {
            equal += u64::from(count(strip, biased, |biased| biased == common));
        }
        equal
    }
}

/// Sums a section of values; `None` where one is not finite.
struct Sums<'a>(&'a [f32]);

impl Kernel for Sums<'_> {
    type Output = Option<Section>;

    #[inline(always)]
    fn run(self) -> Option<Section> {
        let first = *self.0.first()?;
        let (mut sums, mut squares, mut others) = ([0.0; LANES], [0.0; LANES], 0);
        for strip in self.0.chunks(STRIP) {
            let (groups, rest) = strip.as_chunks::<LANES>();
            for group in groups {
                for lane in 0..LANES {
                    let wide = f64::from(group[lane]);
                    sums[lane] += wide;
                    squares[lane] += wide * wide;
                }
            }
            for (lane, &value) in rest.iter().enumerate() {
                let wide = f64::from(value);
                sums[lane] += wide;
                squares[lane] += wide * wide;
            }
            for &value in strip {
                others |= u32::from(value != first);
            }
        }
        let (sum, squares): (f64, f64) = (sums.iter().sum(), squares.iter().sum());
        let section = Section {
            finite: self.0.len() as u64,
            sum,
            squares,
            first: Some(first),
            varies: others != 0,
            frequent: None,
        };
        squares.is_finite().then_some(section)
    }
}

/// Samples a block and returns the key that is common among the samples, if one is.
fn sampled<T: Copy>(strided: Strided<'_, T>, key: impl Fn(T) -> Option<u32>) -> Option<u32> {
    let pixels: usize = strided.rows().map(<[T]>::len).sum();
    let [least, most] = SAMPLES;
    let every = (pixels / (pixels / PIXELS_PER_SAMPLE).clamp(least, most)).max(1);
    let mut keys = Vec::with_capacity(most + least);
    let (mut start, mut sample) = (0, 0);
    for row in strided.rows() {
        loop {
            // Somewhere among the pixels of its own, so that no pattern hides from it: a multiple of the golden ratio.
            let among = (sample as u32).wrapping_mul(0x9e37_79b9) as usize % every;
            let Some(place) = (sample * every + among).checked_sub(start) else { break };
            let Some(&pixel) = row.get(place) else { break };
            keys.extend(key(pixel));
            sample += 1;
        }
        start += row.len();
    }
    keys.sort_unstable();
    let runs = keys.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0]));
    // Of several that are as frequent the lowest.
    let (count, common) = runs.min_by_key(|&(count, key)| (usize::MAX - count, key))?;
    (count * COMMON >= sample && count > 1).then_some(common)
}

/// Sums of one section.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Section {
    finite: u64,
    sum: f64,
    squares: f64,
    /// Some pixel; `None` without any.
    first: Option<f32>,
    /// Another one differs from it.
    varies: bool,
    /// A value that is frequent in it.
    frequent: Frequent,
}

impl Section {
    /// Takes the sums of a block or section.
    #[must_use]
    pub fn of(tally: &Tally) -> Self {
        let Tally { finite, sum, squares, minimum, maximum, .. } = *tally;
        let first = (finite > 0).then_some(minimum);
        Self { finite, sum, squares, first, varies: minimum < maximum, frequent: None }
    }

    /// Adds sums of another part of it.
    pub(super) fn merge(&mut self, next: &Self) {
        self.finite += next.finite;
        self.sum += next.sum;
        self.squares += next.squares;
        let differ = self.first.zip(next.first).is_some_and(|(one, other)| one != other);
        self.varies |= next.varies || differ;
        self.first = self.first.or(next.first);
        self.frequent = match (self.frequent, next.frequent) {
            (Some((one, count)), Some((other, more))) if one == other => Some((one, count + more)),
            (Some(one), Some(other)) if other.1 > one.1 => Some(other),
            (one, other) => one.or(other),
        };
    }

    /// Returns the standard deviation of its pixels that differ from the most frequent value; exactly 0 where all are
    /// alike.
    pub(super) fn sigma(&self) -> f64 {
        if !self.varies {
            return 0.0;
        }
        let Self { finite, sum, squares, frequent, .. } = *self;
        sigma_without(frequent, finite, sum, squares)
    }
}

/// Computes the standard deviation of so many finite pixels without those that have a frequent value, from the sums of
/// all; 0 where no two are left, or rounding alone makes the spread.
pub(super) fn sigma_without(frequent: Frequent, finite: u64, sum: f64, squares: f64) -> f64 {
    let (value, count) = frequent.map_or((0.0, 0), |(value, count)| (f64::from(value), count));
    let (n, others) = (finite as f64, finite.saturating_sub(count) as f64);
    if others < 2.0 {
        return 0.0;
    }
    // From that value, where its own pixels add nothing.
    let about = sum - n * value;
    let spread = squares - 2.0 * value * sum + n * value * value - about * about / others;
    let least = 32.0 * f64::EPSILON * squares;
    if spread <= least { 0.0 } else { (spread / (others - 1.0)).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{PixelType, Pixels};
    use crate::pipeline::tiling::Tiling;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn integers_are_floats_that_are_whole() {
        let shape = Shape { nx: 40, ny: 30, nz: 8 };
        let values: Vec<f32> = (0..9600u32)
            .map(|n| if n % 3 == 0 { 7.0 } else { f32::from((n * n % 251) as u8 as i8) })
            .collect();
        let bytes: Vec<u8> = values.iter().map(|&value| value as i8 as u8).collect();
        let block = Tiling::of(shape).block(0);
        let tally = Tally::of(&values);
        let work = IntegerDetail { block: &block, shape, tally: &tally };
        let found = Pixels::new(PixelType::I8, false).integers(Strided::whole(&bytes), work).unwrap();
        let floats = BlockDetail::of(Strided::whole(&values), &block, shape, &tally);
        assert_eq!(found.frequent, floats.frequent);
        for (integers, floats) in found.sections.iter().zip(&floats.sections) {
            assert_eq!((integers.sum, integers.squares), (floats.sum, floats.squares));
            assert!(integers.varies && floats.varies);
        }
        assert!(found.frequent.is_some_and(|(value, count)| value == 7.0 && count >= 3200), "{found:?}");
        assert_eq!(found.sections.len(), 8);
    }
}
