//! Walks through images band by band: the blocks that share their rows.

use std::ops::Range;

use super::tiling::{Block, TARGET_PIXELS, Tiling};
use crate::image::{Images, Shape};

/// Rows of one image that are read together, all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Number of the image in its file.
    pub image: u32,
    /// Counted through all sections.
    pub rows: Range<u64>,
    /// Tells that these rows are the last ones of the image.
    pub last: bool,
    /// Blocks of the tiling that lie in them.
    blocks: Range<u64>,
    tiling: Tiling,
}

/// The share of a band that one thread works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// A block of the tiling, which becomes a chunk.
    Tiles,
    /// Whole rows, which follow each other in a file without chunks.
    Rows,
}

impl Band {
    /// Counts the band's pixels.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        (self.rows.end - self.rows.start) * u64::from(self.tiling.shape().nx)
    }

    /// Hands over the work of single threads, in order.
    pub fn for_each_unit(&self, grain: Grain, mut hand_over: impl FnMut(Block)) {
        match grain {
            Grain::Tiles => self.blocks.clone().for_each(|tile| hand_over(self.tiling.block(tile))),
            Grain::Rows => {
                let nx = self.tiling.shape().nx;
                let height = (TARGET_PIXELS / u64::from(nx)).max(1);
                for start in self.rows.clone().step_by(height as usize) {
                    let rows = start..self.rows.end.min(start + height);
                    hand_over(Block { rows, columns: 0..nx });
                }
            }
        }
    }
}

/// The bands of some images, in order.
pub struct Bands<'a> {
    images: &'a dyn Images,
    tiling: fn(Shape) -> Tiling,
    /// Images that are left.
    numbers: Range<u32>,
    /// The next block of the first of them.
    block: u64,
}

impl<'a> Bands<'a> {
    /// Starts with the first of the images `numbers`.
    pub fn new(images: &'a dyn Images, numbers: Range<u32>, tiling: fn(Shape) -> Tiling) -> Self {
        Self { images, tiling, numbers, block: 0 }
    }

    /// Starts with the first of all images, tiled as chunks are.
    pub fn all(images: &'a dyn Images) -> Self {
        Self::new(images, 0..images.images(), Tiling::of)
    }
}

impl Iterator for Bands<'_> {
    type Item = Band;

    fn next(&mut self) -> Option<Band> {
        let image = self.numbers.clone().next()?;
        let tiling = (self.tiling)(self.images.shape(image));
        let start = self.block;
        let end = start + tiling.across();
        let last = end >= tiling.blocks();
        if last {
            self.numbers.start += 1;
            self.block = 0;
        } else {
            self.block = end;
        }
        Some(Band { image, rows: tiling.block(start).rows, last, blocks: start..end, tiling })
    }
}
