//! Walks through images band by band: the blocks that share their rows.

use std::ops::Range;

use super::tiling::{Block, Tiling};
use crate::error::Error;
use crate::image::{Images, Shape};

/// Rows of one image that are read together, all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Number of the image in its file.
    pub image: u32,
    /// Sections they lie in.
    pub sections: Range<u32>,
    /// Rows in each of those sections.
    pub rows: Range<u32>,
    /// Tells that these rows are the last ones of the image.
    pub last: bool,
    /// Blocks of the tiling that lie in them.
    blocks: Range<u64>,
    tiling: Tiling,
}

impl Band {
    /// Makes the band that starts with a block of an image.
    fn new(image: u32, tiling: Tiling, start: u64) -> Self {
        let end = start + tiling.across();
        let Block { sections, rows, .. } = tiling.block(start);
        Self { image, sections, rows, last: end >= tiling.blocks(), blocks: start..end, tiling }
    }

    /// Makes the band that the rows of an image go on with after `before` of them, in the order of its bands.
    pub(super) fn after(image: u32, tiling: Tiling, before: u64) -> Self {
        let Shape { ny, nz, .. } = tiling.shape();
        let layer = u64::from(tiling.sections()) * u64::from(ny);
        let layers = before / layer;
        let section = layers as u32 * tiling.sections();
        let deep = u64::from(tiling.sections().min(nz - section));
        let down = u64::from(ny).div_ceil(tiling.rows().into());
        let above = before % layer / deep / u64::from(tiling.rows());
        Self::new(image, tiling, (layers * down + above) * tiling.across())
    }

    /// Tells whether these rows are the first ones of the image.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.blocks.start == 0
    }

    /// Counts the rows, in all sections.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.sections.len() as u64 * self.rows.len() as u64
    }

    /// Counts the rows of the image that bands before this one have.
    #[must_use]
    pub fn rows_before(&self) -> u64 {
        let ny = u64::from(self.tiling.shape().ny);
        u64::from(self.sections.start) * ny + u64::from(self.rows.start) * self.sections.len() as u64
    }

    /// Counts the band's pixels.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        self.height() * u64::from(self.tiling.shape().nx)
    }

    /// Reads its rows, section by section.
    ///
    /// # Errors
    /// What reading an image fails with.
    pub fn read(&self, images: &dyn Images, bytes: &mut [u8]) -> Result<(), Error> {
        images.read_slab(self.image, self.sections.clone(), self.rows.clone(), bytes)
    }

    /// Returns the columns of the image where a block's part of the rows is gathered before it is worked on: that
    /// of a brick, if its chunk has no more columns.
    pub(super) fn gathers(&self, block: &Block) -> Option<u32> {
        let nx = self.tiling.shape().nx;
        let full = block.width() == self.tiling.chunk_width() && block.width() < nx as usize;
        (self.tiling.is_of_bricks() && full).then_some(nx)
    }

    /// Iterates over its blocks, which are the work of single threads.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        let tiling = self.tiling;
        self.blocks.clone().map(move |block| tiling.block(block))
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

    /// Starts with the first of all images, whose rows come in the order of the images.
    pub fn in_rows(images: &'a dyn Images) -> Self {
        Self::new(images, 0..images.images(), Tiling::in_rows)
    }
}

impl Iterator for Bands<'_> {
    type Item = Band;

    fn next(&mut self) -> Option<Band> {
        let image = self.numbers.clone().next()?;
        let band = Band::new(image, (self.tiling)(self.images.shape(image)), self.block);
        if band.last {
            self.numbers.start += 1;
            self.block = 0;
        } else {
            self.block = band.blocks.end;
        }
        Some(band)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Attributes, InMemory};
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    proptest! {
        #[test]
        fn bands_follow_each_other(nx in 1u32..300, ny in 1u32..300, nz in 1u32..20) {
            let shape = Shape { nx, ny, nz };
            let mut images = InMemory::new();
            for _ in 0..2 {
                images.push(shape, vec![0.0; shape.pixels() as usize], Attributes::new());
            }
            for bands in [Bands::all(&images), Bands::in_rows(&images)] {
                let mut next = (0, 0);
                for band in bands {
                    prop_assert_eq!((band.image, band.rows_before()), next);
                    prop_assert_eq!(band.is_first(), next.1 == 0);
                    prop_assert_eq!(&Band::after(band.image, band.tiling, next.1), &band);
                    let pixels: u64 = band.blocks().map(|block| block.pixels()).sum();
                    prop_assert_eq!(band.pixels(), pixels);
                    next.1 += band.height();
                    prop_assert_eq!(band.last, next.1 == shape.rows());
                    if band.last {
                        next = (next.0 + 1, 0);
                    }
                }
                prop_assert_eq!(next, (2, 0));
            }
        }
    }
}
