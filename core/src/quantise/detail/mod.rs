//! Whether a step between codes leaves anything of a picture: the step beside the spread of its pixels.
//!
//! A picture is lost where the step is larger than the standard deviation of the pixels that differ from the most
//! frequent value: what surrounds a particle, or fills the border of a turned tilt, tells nothing of the detail there
//! is. A section of a volume or of a tilt series, all of which share one range, is lost where its own standard
//! deviation, of its pixels that differ from its most frequent value, is above 0 and below half of the step: then
//! nearly all of them have one code.
//!
//! The most frequent value is looked for block by block among samples, and then counted: it takes one pixel in 16 of a
//! block to be found. Rarer ones hardly change the spread.

mod block;

pub use block::{BlockDetail, IntegerDetail};

use super::encoding::Coding;
use super::noise::Noise;
use super::statistics::Tally;
use super::{Bits, Range};
use block::{Section, sigma_without};

/// Frequent values of an image that are kept apart.
const MOST_VALUES: usize = 32;

/// What an image has of detail, beside its statistics.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Detail {
    /// Values that are frequent in some block, and how many pixels have them there.
    values: Vec<(f32, u64)>,
    /// Sections of a volume; none of a single image.
    sections: Vec<Section>,
}

impl Detail {
    /// Adds what the block that follows has.
    pub fn merge(&mut self, next: &BlockDetail) {
        if let Some((value, count)) = next.frequent {
            self.add_frequent(value, count);
        }
        self.add_sections(next.first_section, &next.sections);
    }

    fn add_frequent(&mut self, value: f32, count: u64) {
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
    fn add_sections(&mut self, first: usize, sums: &[Section]) {
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
        let frequent = self.values.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a });
        sigma_without(frequent, tally.finite, tally.sum, tally.squares)
    }

    /// Tells whether more than half of the pixels have one value.
    fn is_mostly_one_value(&self, tally: &Tally) -> bool {
        self.values.iter().any(|&(_, count)| count > tally.finite / 2)
    }

    /// Returns what codes that span a range leave nothing of, in an image of this tally.
    #[must_use]
    pub fn lost(&self, tally: &Tally, range: Range, bits: Bits, noise: Option<&Noise>) -> Lost {
        if range.exact {
            return Lost::default();
        }
        let (step, sigma) = (Coding::step_of(range, bits), self.sigma(tally));
        // The middle block of a picture may vary less than the whole does, whose spread gradients and hot pixels make.
        let damaged = noise.is_some_and(|noise| step > 2.0 * noise.content.sqrt());
        let picture = sigma > 0.0 && step > sigma || damaged && !self.is_mostly_one_value(tally);
        let flat = |section: &&Section| (f64::MIN_POSITIVE..step / 2.0).contains(&section.sigma());
        // Of a picture that is lost, sections need no mention.
        let sections = if picture { 0 } else { self.sections.iter().filter(flat).count() as u64 };
        Lost { picture, sections, of: self.sections.len() as u64, ..Lost::default() }
    }
}

/// What an image's codes leave nothing of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lost {
    /// The whole picture.
    pub picture: bool,
    /// So many of its sections.
    pub sections: u64,
    /// Sections it has.
    pub of: u64,
    /// Without outliers, all of it would be there.
    pub outliers_help: bool,
    /// With more bits it would.
    pub bits_help: bool,
}

impl Lost {
    /// Tells whether anything is lost.
    #[must_use]
    pub fn any(&self) -> bool {
        self.picture || self.sections > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Shape;
    use crate::kernel::strided::Strided;
    use crate::pipeline::tiling::Tiling;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Measures values block by block.
    fn measured(values: &[f32], shape: Shape) -> (Tally, Detail) {
        let tiling = Tiling::of(shape);
        let (mut all, mut detail) = (Tally::EMPTY, Detail::default());
        for block in (0..tiling.blocks()).map(|index| tiling.block(index)) {
            let nx = shape.nx as usize;
            let row = |section: u32, row: u32| (section as usize * shape.ny as usize + row as usize) * nx;
            let sections = block.sections.clone();
            let rows = sections
                .map(|section| &values[row(section, block.rows.start)..row(section, block.rows.end)])
                .collect::<Vec<_>>()
                .concat();
            let rows = rows.as_slice();
            let columns = block.columns.start as usize..block.columns.end as usize;
            let strided =
                if columns.len() == nx { Strided::whole(rows) } else { Strided::columns(rows, nx, columns) };
            let tally = Tally::of_strided(strided);
            detail.merge(&BlockDetail::of(strided, &block, shape, &tally));
            all.merge(&tally);
        }
        (all, detail)
    }

    /// Makes values from -1 to 1 with a sigma of 0.58, in no order.
    fn noise(count: usize) -> impl Iterator<Item = f32> {
        (1..=count as u32).map(|n| (n.wrapping_mul(0x9e37_79b9) >> 8) as f32 / (1 << 23) as f32 - 1.0)
    }

    fn lost(values: &[f32], shape: Shape, step: f32) -> Lost {
        let (tally, detail) = measured(values, shape);
        let range = Range { low: 0.0, high: 3.0 * step, exact: false };
        detail.lost(&tally, range, Bits::new(2).unwrap(), None)
    }

    #[test]
    fn what_surrounds_a_picture_is_none_of_it() {
        let shape = Shape { nx: 500, ny: 400, nz: 1 };
        for around in [0.0, -7.5, 1000.0] {
            // A picture in the middle; its spread counts, not that of the whole, which may be larger or smaller.
            for inside in [0.9, 0.2, 0.02] {
                let side = f64::sqrt(inside);
                let within = |at: usize, of: f64| (at as f64 / of - 0.5).abs() < side / 2.0;
                let picture = noise(200_000).enumerate().map(|(place, value)| {
                    if within(place % 500, 500.0) && within(place / 500, 400.0) { value } else { around }
                });
                let values: Vec<f32> = picture.collect();
                let (tally, detail) = measured(&values, shape);
                let sigma = detail.sigma(&tally);
                assert!((0.55..0.61).contains(&sigma), "{around} {inside}: {sigma}");
                assert!(lost(&values, shape, 0.7).picture && !lost(&values, shape, 0.5).picture);
            }
        }
    }

    #[test]
    fn a_section_has_a_spread_of_its_own() {
        // Small sections share a block, large ones have several.
        for shape in [Shape { nx: 40, ny: 30, nz: 5 }, Shape { nx: 700, ny: 600, nz: 5 }] {
            let section = shape.nx as usize * shape.ny as usize;
            let values = noise(5 * section).enumerate().map(|(place, value)| match place / section {
                0 => 3.25,
                4 => 1000.0 * value,
                _ => value,
            });
            let values: Vec<f32> = values.collect();
            let found = lost(&values, shape, 100.0);
            // The constant one has nothing to lose.
            assert_eq!((found.picture, found.sections, found.of), (false, 3, 5));
            assert!(!lost(&values, shape, 1.0).any());
            assert!(lost(&values, shape, 1000.0).picture);
        }
    }

    #[test]
    fn nothing_is_lost_of_what_does_not_vary() {
        let shape = Shape { nx: 64, ny: 64, nz: 1 };
        assert!(!lost(&[0.1; 4096], shape, 5.0).any());
        let mask: Vec<f32> = (0..4096).map(|n| if n % 5 == 0 { 0.1 } else { -0.3 }).collect();
        assert!(!lost(&mask, shape, 5.0).any(), "two values are two codes");
        assert!(!lost(&[f32::NAN; 4096], shape, 5.0).any());
    }
}
