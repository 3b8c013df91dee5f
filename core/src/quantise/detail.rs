//! Whether a step between codes leaves anything of a picture: the step beside the spread of its pixels.
//!
//! A picture is lost where the step is larger than the standard deviation of the pixels that differ from the most
//! frequent value: what surrounds a particle, or fills the border of a turned tilt, tells nothing of the detail there
//! is. A section of a volume or of a tilt series, all of which share one range, is lost where its own standard
//! deviation is above 0 and below half of the step: then nearly all of its pixels have one code.
//!
//! The most frequent value is looked for block by block among samples, and then counted: it takes one pixel in
//! [`COMMON`] of a block to be found. Rarer ones hardly change the spread.

use super::statistics::Tally;
use crate::kernel::narrow::{Biased, NarrowWork};
use crate::kernel::simd::{Kernel, dispatch};
use crate::kernel::strided::Strided;

/// One sample in so many has a value that is worth counting.
const COMMON: usize = 16;

/// Samples of a block, at least and at most, and the pixels there are to each in between.
const SAMPLES: [usize; 2] = [64, 256];
const PIXELS_PER_SAMPLE: usize = 64;

/// Frequent values of an image that are kept apart.
const MOST_VALUES: usize = 32;

/// A value and how many pixels of a block have it.
pub type Frequent = Option<(f32, u64)>;

/// Finds the value that is frequent in a block, if one is.
#[must_use]
pub fn frequent(values: Strided<'_, f32>) -> Frequent {
    // Both zeros are one value.
    let common = sampled(values, |value| value.is_finite().then(|| (value + 0.0).to_bits()))?;
    let value = f32::from_bits(common);
    Some((value, dispatch(Equal { values, value })))
}

/// Finds the same among integers, as they are stored.
pub struct FrequentInteger;

impl NarrowWork for FrequentInteger {
    type Output = Frequent;

    fn run<T: Copy, R: Biased>(
        self,
        strided: Strided<'_, T>,
        biased: impl Fn(T) -> R + Copy,
        offset: i32,
    ) -> Frequent {
        let number = |pixel| -> u32 { biased(pixel).into() };
        let common = sampled(strided, |pixel| Some(number(pixel)))?;
        let count = strided.rows().map(|row| row.iter().filter(|&&pixel| number(pixel) == common).count());
        Some(((i64::from(common) + i64::from(offset)) as f32, count.sum::<usize>() as u64))
    }
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
        // Fewer than 2^32, so that the sum vectorises.
        let in_run = |run: &[f32]| run.iter().map(|&value| u32::from(value == self.value)).sum::<u32>();
        self.values.rows().flat_map(|row| row.chunks(1 << 20)).map(|run| u64::from(in_run(run))).sum()
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
    /// Smallest and largest pixel; `None` without any.
    extremes: Option<(f32, f32)>,
}

impl Section {
    /// Takes the sums of a block or section.
    #[must_use]
    pub fn of(tally: &Tally) -> Self {
        let Tally { finite, sum, squares, minimum, maximum, .. } = *tally;
        Self { finite, sum, squares, extremes: (finite > 0).then_some((minimum, maximum)) }
    }

    fn merge(&mut self, next: &Self) {
        self.finite += next.finite;
        self.sum += next.sum;
        self.squares += next.squares;
        self.extremes = match (self.extremes, next.extremes) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }

    /// Returns its standard deviation; exactly 0 where all pixels are alike.
    fn sigma(&self) -> f64 {
        match self.extremes {
            Some((lowest, highest)) if lowest < highest => {
                let n = self.finite as f64;
                ((self.squares - self.sum * self.sum / n) / (n - 1.0)).max(0.0).sqrt()
            }
            _ => 0.0,
        }
    }
}

/// What an image has of detail, beside its statistics.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Detail {
    /// Values that are frequent in some block, and how many pixels have them there.
    values: Vec<(f32, u64)>,
    /// Sections of a volume; none of a single image.
    sections: Vec<Section>,
}

impl Detail {
    /// Adds what is frequent in a block.
    pub fn add_frequent(&mut self, found: Frequent) {
        let Some((value, count)) = found else { return };
        if let Some(known) = self.values.iter_mut().find(|known| known.0 == value) {
            known.1 += count;
            return;
        }
        if self.values.len() == MOST_VALUES {
            let counts = self.values.iter().enumerate();
            if let Some((rarest, _)) = counts.min_by_key(|(_, known)| known.1) {
                self.values.swap_remove(rarest);
            }
        }
        self.values.push((value, count));
    }

    /// Adds sums of the sections from `first` on.
    pub fn add_sections(&mut self, first: usize, sums: &[Section]) {
        let end = first + sums.len();
        if self.sections.len() < end {
            self.sections.resize(end, Section::default());
        }
        for (section, sums) in self.sections[first..end].iter_mut().zip(sums) {
            section.merge(sums);
        }
    }

    /// Returns the standard deviation of the pixels that differ from the most frequent value, in an image of this
    /// tally; 0 where there are none, or all of them are alike.
    #[must_use]
    pub fn sigma(&self, tally: &Tally) -> f64 {
        let (value, count) = self.values.iter().copied().fold((0.0, 0), |a, b| if b.1 > a.1 { b } else { a });
        let (n, value) = (tally.finite as f64, f64::from(value));
        let others = tally.finite.saturating_sub(count) as f64;
        if others < 2.0 {
            return 0.0;
        }
        // From that value, where its own pixels add nothing.
        let sum = if count == 0 { tally.sum } else { tally.sum - n * value };
        let squares = if count == 0 {
            tally.squares
        } else {
            tally.squares - 2.0 * value * tally.sum + n * value * value
        };
        let spread = squares - sum * sum / others;
        // What rounding makes of a spread of 0.
        let least = 32.0 * f64::EPSILON * tally.squares;
        if spread <= least { 0.0 } else { (spread / (others - 1.0)).sqrt() }
    }

    /// Tells whether the picture is lost at a step.
    #[must_use]
    pub fn is_lost(&self, tally: &Tally, step: f64) -> bool {
        let sigma = self.sigma(tally);
        sigma > 0.0 && step > sigma
    }

    /// Counts the sections, and those that are lost at a step.
    #[must_use]
    pub fn lost_sections(&self, step: f64) -> (u64, u64) {
        let lost = |section: &&Section| (f64::MIN_POSITIVE..step / 2.0).contains(&section.sigma());
        (self.sections.iter().filter(lost).count() as u64, self.sections.len() as u64)
    }
}
