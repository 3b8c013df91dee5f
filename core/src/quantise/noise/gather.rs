//! Gathers the blocks of an image while its statistics are taken. A block that lies across two parts of the image is put
//! together from both.

use std::collections::BTreeMap;

use super::block::{BlockNoise, KEPT};
use super::floor::{Facts, Noise};
use super::grid::{Grid, IntegerGrid};
use super::sampling::{Origin, Sampling};
use super::spectrum::{PIXELS, SIDE, Workspace};
use crate::image::Pixels;
use crate::pipeline::tiling::{Block, Tiling};
use crate::quantise::statistics::Tally;

/// What one part of an image has of its blocks.
#[derive(Clone, Debug, Default)]
pub struct PartNoise {
    /// What it says of the grid.
    pub grid: Grid,
    whole: Vec<BlockNoise>,
    pieces: Vec<Piece>,
}

/// A piece of a block.
#[derive(Clone, Debug)]
struct Piece {
    block: u64,
    /// Where in the block it starts.
    row: usize,
    column: usize,
    width: usize,
    values: Vec<f32>,
}

impl PartNoise {
    /// Looks at the blocks in a part of an image and at the grid of its values, which are decoded into `values` where they
    /// must be. Of types that hold real numbers there are samples too, though all are integers: other parts may have
    /// fractions.
    #[must_use]
    pub fn measure(
        pixels: Pixels,
        tiling: Tiling,
        part: &Block,
        rows: &[u8],
        all_int: bool,
        values: &mut Vec<f32>,
    ) -> Self {
        let shape = tiling.shape();
        let stored = pixels.of_block(shape.nx, part, rows);
        let grid = pixels.integers(stored, IntegerGrid).unwrap_or_else(|| {
            let values = pixels.values(part, stored, values);
            let mut grid = Grid::of_samples(values, part, shape);
            if all_int {
                grid.add_integers(values);
            }
            grid
        });
        Self::of(pixels, tiling, part, rows, grid)
    }

    /// Looks at the blocks in a part of an image, whose `rows` are all of the image's columns or the part's own.
    #[must_use]
    pub fn of(pixels: Pixels, tiling: Tiling, part: &Block, rows: &[u8], grid: Grid) -> Self {
        let shape = tiling.shape();
        let sampling = Sampling::of(shape);
        let mut found = Self { grid, ..Self::default() };
        let row_bytes = rows.len() / part.height().max(1) as usize;
        let own_columns = row_bytes != pixels.row_bytes(shape.nx) as usize;
        let first_column = if own_columns { part.columns.start } else { 0 };
        let (mut bytes, mut values, mut workspace) = (Vec::new(), Vec::new(), Workspace::default());
        for block in sampling.beside(part) {
            let Origin { section, row, column } = sampling.origin(block);
            let all = column..column + SIDE as u32;
            // Some bricks come with their own columns alone. Otherwise a block is its first column's.
            let columns = if tiling.is_of_bricks() {
                all.start.max(part.columns.start)..all.end.min(part.columns.end)
            } else if part.columns.contains(&column) {
                all
            } else {
                0..0
            };
            if columns.is_empty() {
                continue;
            }
            let rows_here = row.max(part.rows.start)..(row + SIDE as u32).min(part.rows.end);
            let byte = |column: u32| pixels.row_bytes(column - first_column) as usize;
            let piece = byte(columns.start)..byte(columns.end);
            bytes.clear();
            values.clear();
            for y in rows_here.clone() {
                let above = (section - part.sections.start) as usize * part.rows.len()
                    + (y - part.rows.start) as usize;
                bytes.extend_from_slice(&rows[above * row_bytes..][piece.clone()]);
            }
            pixels.decode(&bytes, columns.len() as u32, &mut values);
            match <&[f32; PIXELS]>::try_from(values.as_slice()) {
                Ok(values) => found.whole.push(BlockNoise::of(values, &mut workspace)),
                Err(_) => found.pieces.push(Piece {
                    block,
                    row: (rows_here.start - row) as usize,
                    column: (columns.start - column) as usize,
                    width: columns.len(),
                    values: values.clone(),
                }),
            }
        }
        found
    }
}

/// What is known of the blocks of an image.
#[derive(Clone, Debug, Default)]
pub struct ImageNoise {
    /// What they say of the grid.
    pub grid: Grid,
    /// Blocks that are complete.
    pub blocks: Vec<BlockNoise>,
    pieces: BTreeMap<u64, (usize, Box<[f32; PIXELS]>)>,
}

impl ImageNoise {
    /// Adds the part that follows.
    pub fn merge(&mut self, next: &mut PartNoise) {
        self.grid.merge(&next.grid);
        self.blocks.append(&mut next.whole);
        for Piece { block, row, column, width, values } in next.pieces.drain(..) {
            let (found, whole) = self.pieces.entry(block).or_insert_with(|| (0, Box::new([0.0; PIXELS])));
            for (place, values) in values.chunks_exact(width).enumerate() {
                whole[(row + place) * SIDE + column..][..width].copy_from_slice(values);
            }
            *found += values.len();
            if *found == PIXELS {
                self.blocks.push(BlockNoise::of(whole, &mut Workspace::default()));
                self.pieces.remove(&block);
            }
        }
    }

    /// Draws together what the blocks of an image of this tally say, once all of them are there.
    #[must_use]
    pub fn conclude(self, tally: &Tally) -> Findings {
        debug_assert!(self.is_complete(), "blocks lack pieces");
        let &Tally { minimum, maximum, all_int, .. } = tally;
        let grid = if minimum < maximum { self.grid.spacing(all_int) } else { 0.0 };
        let facts = Facts { minimum, maximum, all_int, grid };
        let mut sampled = Vec::with_capacity(self.blocks.len() * KEPT);
        self.blocks.iter().for_each(|block| sampled.extend(block.kept));
        Findings { grid, noise: Noise::of(&self.blocks, facts), sampled }
    }

    /// Tells whether no block lacks a piece.
    fn is_complete(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// What the blocks of an image say.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Spacing of the values; 0 where they have none.
    pub grid: f64,
    /// The noise, where anything is known of it.
    pub noise: Option<Noise>,
    /// Some of the pixels, evenly spread.
    pub sampled: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{PixelType, Shape};
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Gathers the blocks of an image of floats that are told apart; bricks with their own columns where `own` says so.
    fn gathered(shape: Shape, own: impl Fn(&Block) -> bool) -> ImageNoise {
        let tiling = Tiling::of(shape);
        let mut found = ImageNoise::default();
        for part in (0..tiling.blocks()).map(|index| tiling.block(index)) {
            let columns =
                if tiling.is_of_bricks() && own(&part) { part.columns.clone() } else { 0..shape.nx };
            let mut rows = Vec::new();
            for section in part.sections.clone() {
                for row in part.rows.clone() {
                    let above = section * shape.ny + row;
                    rows.extend(
                        columns.clone().flat_map(|column| ((above * shape.nx + column) as f32).to_le_bytes()),
                    );
                }
            }
            let pixels = Pixels::new(PixelType::F32, false);
            found.merge(&mut PartNoise::of(pixels, tiling, &part, &rows, Grid::default()));
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
        #[test]
        fn every_block_is_put_together(nx in 1u32..300, ny in 1u32..300, nz in 1u32..40) {
            let shape = Shape { nx, ny, nz };
            let sampling = Sampling::of(shape);
            let mut starts: Vec<f32> = (0..sampling.blocks()).map(|number| {
                let Origin { section, row, column } = sampling.origin(number);
                ((section * ny + row) * nx + column) as f32
            }).collect();
            starts.sort_unstable_by(f32::total_cmp);
            for found in [gathered(shape, |_| false), gathered(shape, |part| part.columns.end < nx), gathered(shape, |_| true)] {
                prop_assert!(found.is_complete());
                // The first pixel of a block is its smallest, and they follow each other row by row.
                let mut firsts: Vec<f32> = found.blocks.iter().map(|block| block.minimum.0).collect();
                firsts.sort_unstable_by(f32::total_cmp);
                prop_assert_eq!(&firsts, &starts);
                for block in &found.blocks {
                    prop_assert_eq!(block.maximum.0 - block.minimum.0, (15 * nx + 15) as f32);
                }
            }
        }
    }
}
