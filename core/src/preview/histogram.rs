//! How often each value is in a section.

use super::Section;
use crate::error::Error;
use crate::image::Images;
use crate::kernel::rounding::is_integer;

/// Bins, at most.
const MOST_BINS: u32 = 512;

/// Rows that a large section is sampled in, at least, unless they are very long.
const LEAST_ROWS: u32 = 512;

/// Counts of values in bins of equal width.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Histogram {
    /// Lower end of the first bin. Of integers it lies halfway between two of them, as do the ends of all bins.
    pub low: f64,
    /// Width of a bin, above 0; of integers a whole number.
    pub width: f64,
    /// Finite pixels in each; at most 512 bins, none where no pixel is finite.
    pub counts: Vec<u64>,
}

impl Section {
    /// Counts the values: of all pixels that are held, else of some rows evenly spread.
    ///
    /// # Errors
    /// What reading the pixels fails with.
    pub fn histogram(&self, images: &dyn Images) -> Result<Histogram, Error> {
        let step = (self.shape.ny / self.rows_to_read(LEAST_ROWS)).max(1);
        let (mut lowest, mut highest, mut integers) = (f32::INFINITY, f32::NEG_INFINITY, true);
        self.rows(images, step, &mut |_, values| {
            for &value in values.iter().filter(|value| value.is_finite()) {
                lowest = lowest.min(value);
                highest = highest.max(value);
                integers &= is_integer(value);
            }
        })?;
        let Some(mut histogram) = Histogram::spanning(lowest, highest, integers) else {
            return Ok(Histogram { low: 0.0, width: 1.0, counts: Vec::new() });
        };
        self.rows(images, step, &mut |_, values| histogram.add(values))?;
        Ok(histogram)
    }
}

impl Histogram {
    /// Makes bins for values of which these are the ends; `None` where there are no values.
    fn spanning(lowest: f32, highest: f32, integers: bool) -> Option<Self> {
        let (low, high) = (f64::from(lowest), f64::from(highest));
        if low > high {
            return None;
        }
        if integers {
            let values = high - low + 1.0;
            let width = (values / f64::from(MOST_BINS)).ceil();
            let bins = (values / width).ceil() as usize;
            return Some(Self { low: low - 0.5, width, counts: vec![0; bins] });
        }
        if low == high {
            return Some(Self { low: low - 0.5, width: 1.0, counts: vec![0] });
        }
        Some(Self { low, width: (high - low) / f64::from(MOST_BINS), counts: vec![0; MOST_BINS as usize] })
    }

    fn add(&mut self, values: &[f32]) {
        let last = self.counts.len() - 1;
        for &value in values.iter().filter(|value| value.is_finite()) {
            let place = (f64::from(value) - self.low) / self.width;
            self.counts[(place as usize).min(last)] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::section::tests::{NARROW, counted};
    use super::*;
    use crate::image::attributes::Attributes;
    use crate::image::{InMemory, Shape};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn of(values: Vec<f32>) -> Histogram {
        let mut images = InMemory::new();
        images.push(Shape { nx: values.len() as u32, ny: 1, nz: 1 }, values, Attributes::new());
        Section::open(&images, 0, None).unwrap().histogram(&images).unwrap()
    }

    #[test]
    fn each_integer_has_a_bin_or_as_many_as_any() {
        let few = of(vec![-1.0, 3.0, 3.0, 0.0, f32::NAN, f32::INFINITY]);
        assert_eq!(few, Histogram { low: -1.5, width: 1.0, counts: vec![1, 1, 0, 0, 2] });
        let many = of((0..2000u16).map(f32::from).collect());
        assert_eq!((many.low, many.width, many.counts.len()), (-0.5, 4.0, 500));
        assert!(many.counts.iter().all(|&count| count == 4));
    }

    #[test]
    fn real_numbers_fill_all_bins() {
        let real = of((0..=1024u16).map(|n| f32::from(n) / 8.0 + 0.25).collect());
        assert_eq!((real.low, real.width, real.counts.len()), (0.25, 0.25, 512));
        // The largest is in the last one.
        assert_eq!((real.counts[0], real.counts[511]), (2, 3));
        assert_eq!(of(vec![0.3; 5]).counts, [5]);
        assert_eq!(of(vec![f32::NAN; 5]).counts, [0; 0]);
        assert_eq!(of(vec![f32::MIN, f32::MAX, 0.5]).counts.iter().sum::<u64>(), 3);
    }

    #[test]
    fn a_large_section_is_sampled() {
        let images = counted(3, 2048, 1);
        let all = Section::open(&images, 0, None).unwrap().histogram(&images).unwrap();
        let within = |sampled| {
            let bounds = super::super::section::Bounds { sampled, ..NARROW };
            Section::within(bounds, &images, 0, None).unwrap().histogram(&images).unwrap()
        };
        let some = within(512 * 3 * 4);
        let sum = |histogram: &Histogram| histogram.counts.iter().sum::<u64>();
        assert_eq!((sum(&all), sum(&some)), (3 * 2048, 3 * 512));
        // As if rows were long: few of them are read.
        assert_eq!(sum(&within(0)), 3 * 16);
    }
}
