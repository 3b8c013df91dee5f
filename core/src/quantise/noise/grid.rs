//! The grid that the values of an image lie on already: integers, or real numbers that were rounded before.

use crate::image::Shape;
use crate::kernel::narrow::{Biased, NarrowWork};
use crate::kernel::strided::Strided;
use crate::pipeline::tiling::Block;

/// Pixels of an image that are looked at for a grid of real numbers, at most.
const MOST_SAMPLES: u64 = 1 << 16;

/// Different values that a grid of real numbers may have.
const MOST_VALUES: usize = 4096;

/// How far from the grid a value may be, in parts of its spacing.
const TOLERANCE: f64 = 0.02;

/// Integers beyond this have 0 in their low 64 bits: an `f32` has 24 bits.
const NO_LOW_BITS: f32 = 154_742_504_910_672_534_362_390_528.0;

/// What a block, or several, say of the grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Low bits of some integer, and the bits in which any other differs from it.
    integers: Option<(u64, u64)>,
    /// Samples of real numbers in a block; all there are in an image are in `values`.
    samples: Vec<f32>,
    /// Their bits, as long as they are few.
    values: Few,
}

impl Grid {
    /// Adds a look at the same block, of values that are all integers.
    pub fn add_integers(&mut self, values: Strided<'_, f32>) {
        let bits = Self::of_bits(
            values.rows().map(|row| row.iter().copied().filter(|v| v.is_finite()).map(low_bits)),
        );
        self.integers = bits.integers;
    }

    /// Brings bits of integers together, as far as it takes to know that two of them are an odd number apart.
    fn of_bits(rows: impl Iterator<Item = impl Iterator<Item = u64>>) -> Self {
        let mut integers = None;
        for row in rows {
            for bits in row {
                let (first, differing) = integers.get_or_insert((bits, 0));
                *differing |= bits ^ *first;
                if *differing & 1 == 1 {
                    return Self { integers, ..Self::default() };
                }
            }
        }
        Self { integers, ..Self::default() }
    }

    /// Takes samples of a block of an image of real numbers: every so many pixels of the image.
    #[must_use]
    pub fn of_samples(values: Strided<'_, f32>, block: &Block, shape: Shape) -> Self {
        let step = (shape.pixels() / MOST_SAMPLES).max(1);
        let mut samples = Vec::new();
        let width = block.width();
        let high = block.rows.len() as u64;
        for (number, chunk) in (0u64..).zip(values.rows().flat_map(|row| row.chunks(width))) {
            let (section, row) = (number / high, number % high);
            let y = (u64::from(block.sections.start) + section) * u64::from(shape.ny)
                + u64::from(block.rows.start)
                + row;
            let first = y * u64::from(shape.nx) + u64::from(block.columns.start);
            let mut next = first.next_multiple_of(step);
            while next < first + width as u64 && next < step * MOST_SAMPLES {
                samples.push(chunk[(next - first) as usize]);
                next += step;
            }
        }
        Self { samples, ..Self::default() }
    }

    /// Adds what another block of the same image says.
    pub fn merge(&mut self, next: &Self) {
        self.integers = match (self.integers, next.integers) {
            (Some((a, differing)), Some((b, more))) => Some((a, differing | more | (a ^ b))),
            (a, b) => a.or(b),
        };
        for sample in next.samples.iter().filter(|sample| sample.is_finite()) {
            if self.values.are_many() {
                break;
            }
            // Both zeros are one value.
            self.values.insert((sample + 0.0).to_bits());
        }
    }

    /// Returns the spacing of the grid, of integers at least 1; 0 where real numbers have none.
    #[must_use]
    pub fn spacing(&self, all_int: bool) -> f64 {
        if !all_int {
            return self.values.spacing();
        }
        match self.integers {
            Some((_, differing)) if differing != 0 => (1u64 << differing.trailing_zeros()) as f64,
            _ => 1.0,
        }
    }
}

/// Looks at integers as they are stored.
pub struct IntegerGrid;

impl NarrowWork for IntegerGrid {
    type Output = Grid;

    fn run<T: Copy, R: Biased>(
        self,
        strided: Strided<'_, T>,
        biased: impl Fn(T) -> R + Copy,
        _: i32,
    ) -> Grid {
        // What is added to all of them changes no bit below the first in which they differ.
        Grid::of_bits(strided.rows().map(|row| row.iter().map(|&pixel| u64::from(biased(pixel).into()))))
    }
}

/// Returns the low 64 bits of an integer.
fn low_bits(value: f32) -> u64 {
    if value.abs() >= NO_LOW_BITS { 0 } else { value as i128 as u64 }
}

/// Different values, up to one more than are few: a table that a value's bits are looked up in.
#[derive(Clone, Debug, Default, PartialEq)]
struct Few {
    /// Empty before the first.
    places: Vec<u32>,
    count: usize,
}

impl Few {
    /// Places of the table, a power of two and several times as many as values.
    const PLACES: usize = 1 << Self::BITS;
    const BITS: u32 = 14;

    /// A place that is free: the bits of a value that is not finite.
    const FREE: u32 = u32::MAX;

    fn are_many(&self) -> bool {
        self.count > MOST_VALUES
    }

    fn insert(&mut self, bits: u32) {
        if self.places.is_empty() {
            self.places.resize(Self::PLACES, Self::FREE);
        }
        // Multiplicative hashing, with 2^32 over the golden ratio.
        let mut place = (bits.wrapping_mul(0x9e37_79b1) >> (u32::BITS - Self::BITS)) as usize;
        while self.places[place] != bits {
            if self.places[place] == Self::FREE {
                self.places[place] = bits;
                self.count += 1;
                return;
            }
            place = (place + 1) % Self::PLACES;
        }
    }

    /// Returns the spacing of the grid that the values lie on, 0 if there is none, or they are too few or too many to tell.
    fn spacing(&self) -> f64 {
        if !(3..=MOST_VALUES).contains(&self.count) {
            return 0.0;
        }
        let values = self.places.iter().filter(|&&bits| bits != Self::FREE);
        let mut sorted: Vec<f64> = values.map(|&bits| f64::from(f32::from_bits(bits))).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
        let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]);
        let smallest = gaps.fold(f64::INFINITY, f64::min);
        // Better from the whole span.
        let spacing = (last - first) / ((last - first) / smallest).round_ties_even();
        let off = |value: &f64| {
            let place = (value - first) / spacing;
            (place - place.round_ties_even()).abs()
        };
        if sorted.iter().map(off).fold(0.0, f64::max) < TOLERANCE { spacing } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::tiling::Tiling;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn integers(values: &[f32]) -> f64 {
        let (a, b) = values.split_at(values.len() / 2);
        let mut grid = Grid::default();
        for half in [a, b] {
            let mut of_half = Grid::default();
            of_half.add_integers(Strided::whole(half));
            grid.merge(&of_half);
        }
        grid.spacing(true)
    }

    fn real(values: &[f32], shape: Shape) -> f64 {
        let mut grid = Grid::default();
        let whole = Block { sections: 0..shape.nz, rows: 0..shape.ny, columns: 0..shape.nx };
        grid.merge(&Grid::of_samples(Strided::whole(values), &whole, shape));
        grid.spacing(false)
    }

    #[test]
    fn the_lowest_bit_in_which_integers_differ() {
        assert_eq!(integers(&[3.0, 19.0, -13.0, 35.0]), 16.0);
        assert_eq!(integers(&[7.0, 7.0]), 1.0);
        assert_eq!(integers(&[2.0, 3.0, 4.0]), 1.0);
        assert_eq!(integers(&[0.0, 3e38]), 1.0, "they differ by no number of 64 bits");
        assert_eq!(integers(&[0.0, 4_294_967_296.0, -8_589_934_592.0]), 4_294_967_296.0);
    }

    #[test]
    fn real_numbers_that_were_rounded() {
        let shape = Shape { nx: 100, ny: 50, nz: 1 };
        let rounded: Vec<f32> = (0..5000u32).map(|n| 0.1 * (n * 7919 % 211) as f32 - 3.0).collect();
        assert!((real(&rounded, shape) - 0.1).abs() < 1e-6);
        let noise: Vec<f32> = (0..5000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 8) as f32).collect();
        assert_eq!(real(&noise, shape), 0.0);
        assert_eq!(real(&vec![1.5; 5000], shape), 0.0);
    }

    proptest! {
        #[test]
        fn integers_as_they_are_stored_have_the_same_grid(values in proptest::collection::vec(any::<i16>(), 1..50), shift in 0u32..8) {
            use crate::image::{PixelType, Pixels};
            let values: Vec<i16> = values.iter().map(|value| (value << shift).wrapping_add(3)).collect();
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let pixels = Pixels::new(PixelType::I16, false);
            let stored = pixels.integers(Strided::whole(&bytes), IntegerGrid).unwrap();
            let floats: Vec<f32> = values.iter().copied().map(f32::from).collect();
            prop_assert_eq!(stored.spacing(true), integers(&floats));
        }

        #[test]
        fn samples_do_not_depend_on_blocks(nx in 1u32..400, ny in 1u32..400, nz in 1u32..4) {
            let shape = Shape { nx, ny, nz };
            let values: Vec<f32> = (0..shape.pixels()).map(|n| (n % 65_521) as f32).collect();
            let tiling = Tiling::of(shape);
            let mut samples = Vec::new();
            for block in (0..tiling.blocks()).map(|index| tiling.block(index)) {
                let mut part = Vec::new();
                for section in block.sections.clone() {
                    for row in block.rows.clone() {
                        let start = (section as usize * ny as usize + row as usize) * nx as usize;
                        part.extend_from_slice(&values[start..][block.columns.start as usize..block.columns.end as usize]);
                    }
                }
                samples.extend(Grid::of_samples(Strided::whole(&part), &block, shape).samples);
            }
            let step = (shape.pixels() / MOST_SAMPLES).max(1);
            let mut plain: Vec<f32> = values.iter().copied().step_by(step as usize).take(MOST_SAMPLES as usize).collect();
            samples.sort_unstable_by(f32::total_cmp);
            plain.sort_unstable_by(f32::total_cmp);
            prop_assert_eq!(samples, plain);
        }
    }
}
