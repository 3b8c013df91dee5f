//! Which blocks of an image its noise is measured in: known from the shape alone.

use super::spectrum::SIDE;
use crate::image::Shape;
use crate::pipeline::tiling::Block;

/// Pixels from one block to the next, in both directions.
const STRIDE: u64 = 8;

/// Blocks of an image, at most.
pub const MOST_BLOCKS: u64 = 2048;

const EDGE: u64 = SIDE as u64;

/// The blocks of one image: 16 x 16 pixels in one section each, every 8 pixels, section by section and row by row. Of more
/// than 2048 so many are taken, evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    across: u64,
    down: u64,
    all: u128,
    taken: u64,
}

/// Where a block starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub section: u32,
    pub row: u32,
    pub column: u32,
}

impl Sampling {
    /// Chooses the blocks; none of an image that is narrower or lower than a block.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        let places = |side: u32| (u64::from(side) + STRIDE).saturating_sub(EDGE) / STRIDE;
        let (across, down) = (places(shape.nx), places(shape.ny));
        let all = u128::from(across) * u128::from(down) * u128::from(shape.nz);
        Self { across, down, all, taken: all.min(MOST_BLOCKS.into()) as u64 }
    }

    /// Counts the blocks.
    #[must_use]
    pub fn blocks(self) -> u64 {
        self.taken
    }

    /// Returns where block `number` starts.
    #[must_use]
    pub fn origin(self, number: u64) -> Origin {
        let place = u128::from(number) * self.all / u128::from(self.taken);
        let (above, column) = (place / u128::from(self.across), place % u128::from(self.across));
        let (section, row) = (above / u128::from(self.down), above % u128::from(self.down));
        let pixel = |place: u128| (place as u64 * STRIDE) as u32;
        Origin { section: section as u32, row: pixel(row), column: pixel(column) }
    }

    /// Iterates over the numbers of the blocks that have rows in common with a part of an image, whatever their columns.
    pub fn beside(self, part: &Block) -> impl Iterator<Item = u64> {
        let first = match u64::from(part.rows.start).checked_sub(EDGE) {
            Some(before) => before / STRIDE + 1,
            None => 0,
        };
        let end = u64::from(part.rows.end).div_ceil(STRIDE).min(self.down);
        part.sections.clone().flat_map(move |section| {
            let number = |row: u64| {
                let place =
                    (u128::from(section) * u128::from(self.down) + u128::from(row)) * u128::from(self.across);
                // The first block at or after that place.
                (place * u128::from(self.taken)).div_ceil(self.all.max(1)) as u64
            };
            if first < end { number(first)..number(end) } else { 0..0 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::tiling::Tiling;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn narrow_images_have_none() {
        let blocks = |nx, ny, nz| Sampling::of(Shape { nx, ny, nz }).blocks();
        assert_eq!([blocks(15, 500, 3), blocks(500, 15, 1), blocks(1, 1, 1)], [0; 3]);
        assert_eq!([blocks(16, 16, 1), blocks(23, 24, 1), blocks(64, 64, 1)], [1, 2, 49]);
        assert_eq!(blocks(4096, 4096, 1), MOST_BLOCKS);
        assert_eq!(blocks(1 << 20, 1 << 20, 1 << 30), MOST_BLOCKS);
    }

    proptest! {
        #[test]
        fn parts_of_an_image_have_all_blocks(nx in 1u32..700, ny in 1u32..700, nz in 1u32..9) {
            let shape = Shape { nx, ny, nz };
            let sampling = Sampling::of(shape);
            let mut last = None;
            for number in 0..sampling.blocks() {
                let Origin { section, row, column } = sampling.origin(number);
                prop_assert!(section < nz && row + 16 <= ny && column + 16 <= nx);
                let place = Some((section, row, column));
                prop_assert!(last < place);
                last = place;
            }
            let tiling = Tiling::of(shape);
            let mut found = BTreeSet::new();
            for part in (0..tiling.blocks()).map(|index| tiling.block(index)) {
                for number in sampling.beside(&part) {
                    let origin = sampling.origin(number);
                    prop_assert!(part.sections.contains(&origin.section));
                    prop_assert!(origin.row < part.rows.end && origin.row + 16 > part.rows.start);
                    found.insert(number);
                }
            }
            prop_assert_eq!(found.len() as u64, sampling.blocks());
        }
    }
}
