//! The tiling of an image: blocks, each of them one HDF5 chunk and one unit of work.
//!
//! The tiling depends on the image's shape alone, never on threads, memory or bits, and statistics
//! are reduced block by block in order. That is why any thread count gives the same bytes.

use crate::image::Shape;
use std::ops::Range;

/// Pixels a block aims for: so many codes deflate within 0.5 % of what longer chunks give. Tiles of
/// that size cost nothing in size or in reading whole images, and a box of 256 x 256 pixels reads 3 to
/// 4 times as fast as from chunks of whole rows (`cargo xtask bench`, chunk shapes).
pub const TARGET_PIXELS: u64 = 64 << 10;

/// Rows of a chunk where the image has that many: square tiles, so that a particle boxed out of a
/// micrograph touches few of them.
const TILE_ROWS: u32 = 256;

/// Pixels in the rows that a row of tiles lies in, about; they are read together, so very long rows
/// get flatter tiles.
const BAND_PIXELS: u32 = 8 << 20;

/// The tiling of one image: every chunk has the same extent, a tile of one section or, where those are
/// small, several whole sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    shape: Shape,
    /// Sections in a chunk; more than 1 only when a chunk spans whole sections.
    sections: u32,
    /// Rows of a section in a chunk.
    rows: u32,
    /// Columns in a chunk.
    columns: u32,
}

/// The part of an image that a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Counted through all sections.
    pub rows: Range<u64>,
    /// Columns in each of those rows.
    pub columns: Range<u32>,
}

impl Block {
    /// Counts the columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Counts the pixels.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        (self.rows.end - self.rows.start) * self.columns.len() as u64
    }
}

/// Divides a side into parts of at most `most`, as even as they can be; returns the length of a part.
fn even(side: u32, most: u32) -> u32 {
    side.div_ceil(side.div_ceil(most.max(1)))
}

impl Tiling {
    /// Tiles an image in chunks near [`TARGET_PIXELS`]: square tiles of one section, evened out so that those at
    /// the edges are hardly padded; several whole sections where one is smaller than a chunk.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        let Shape { nx, ny, nz } = shape;
        let target = |other: u32| (TARGET_PIXELS / u64::from(other)) as u32;
        if u64::from(nx) * u64::from(ny) < TARGET_PIXELS {
            return Self { shape, sections: even(nz, target(nx * ny)), rows: ny, columns: nx };
        }
        let tile_rows = TILE_ROWS.min(BAND_PIXELS / nx).max(1);
        let columns = even(nx, target(even(ny, tile_rows)));
        // An even number, so that a tile's part of a row of 4-bit pixels starts on a byte.
        let columns = columns.next_multiple_of(2).min(nx);
        Self { shape, sections: 1, rows: even(ny, target(columns)), columns }
    }

    /// Tiles an image in blocks of whole rows, for datasets that are stored contiguously.
    #[must_use]
    pub fn in_rows(shape: Shape) -> Self {
        let rows = even(shape.ny, (TARGET_PIXELS / u64::from(shape.nx)) as u32);
        Self { shape, sections: 1, rows, columns: shape.nx }
    }

    /// Returns the shape of the tiled image.
    #[must_use]
    pub fn shape(self) -> Shape {
        self.shape
    }

    /// Returns the number of blocks.
    #[must_use]
    pub fn blocks(self) -> u64 {
        u64::from(self.shape.nz.div_ceil(self.sections)) * self.down() * self.across()
    }

    /// Counts the blocks from the first to the last row of a section.
    fn down(self) -> u64 {
        self.shape.ny.div_ceil(self.rows).into()
    }

    /// Counts the blocks from the first to the last column.
    #[must_use]
    pub fn across(self) -> u64 {
        self.shape.nx.div_ceil(self.columns).into()
    }

    /// Returns block `index`; columns count fastest, then rows, then sections.
    #[must_use]
    pub fn block(self, index: u64) -> Block {
        let Shape { nx, ny, .. } = self.shape;
        let (band, place) = (index / self.across(), (index % self.across()) as u32);
        let section = band / self.down() * u64::from(self.sections);
        let start = section * u64::from(ny) + band % self.down() * u64::from(self.rows);
        let end = if self.sections > 1 {
            (start + u64::from(self.sections) * u64::from(ny)).min(self.shape.rows())
        } else {
            (start + u64::from(self.rows)).min((section + 1) * u64::from(ny))
        };
        let left = place * self.columns;
        Block { rows: start..end, columns: left..nx.min(left + self.columns) }
    }

    /// Tells whether block `index` is the last of those that share its rows.
    #[must_use]
    pub fn ends_rows(self, index: u64) -> bool {
        (index + 1).is_multiple_of(self.across())
    }

    /// Returns the number of columns of a full chunk.
    #[must_use]
    pub fn chunk_width(self) -> usize {
        self.columns as usize
    }

    /// Counts the pixels of a full chunk, padding included.
    #[must_use]
    pub fn chunk_pixels(self) -> u64 {
        u64::from(self.sections) * u64::from(self.rows) * u64::from(self.columns)
    }

    /// Returns the extent of a chunk, in the order of [`Shape::dimensions`].
    #[must_use]
    pub fn chunk_dimensions(self) -> Vec<u64> {
        let all = [self.sections.into(), self.rows.into(), self.columns.into()];
        all[usize::from(self.shape.nz == 1)..].to_vec()
    }

    /// Returns where chunk `index` starts in the dataset, in the order of [`Shape::dimensions`].
    #[must_use]
    pub fn chunk_offset(self, index: u64) -> Vec<u64> {
        let Block { rows, columns } = self.block(index);
        let ny = u64::from(self.shape.ny);
        let all = [rows.start / ny, rows.start % ny, columns.start.into()];
        all[usize::from(self.shape.nz == 1)..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::MAX_SIDE;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    proptest! {
        #[test]
        fn blocks_cover_every_pixel_once_in_order(nx in 1u32..9000, ny in 1u32..600, nz in 1u32..300) {
            let shape = Shape { nx, ny, nz };
            for tiling in [Tiling::of(shape), Tiling::in_rows(shape)] {
                let (mut row, mut column) = (0, 0);
                for index in 0..tiling.blocks() {
                    let block = tiling.block(index);
                    prop_assert_eq!((block.rows.start, block.columns.start), (row, column));
                    prop_assert!(block.pixels() > 0 && block.pixels() <= tiling.chunk_pixels());
                    prop_assert!(block.columns.start.is_multiple_of(2));
                    column = block.columns.end % nx;
                    prop_assert_eq!(tiling.ends_rows(index), column == 0);
                    if column == 0 {
                        row = block.rows.end;
                    }
                }
                prop_assert_eq!((row, column), (shape.rows(), 0));
                prop_assert!(tiling.chunk_pixels() <= (TARGET_PIXELS + u64::from(TILE_ROWS)).max(nx.into()));
            }
        }
    }

    #[test]
    fn a_micrograph_is_cut_into_squares() {
        let tiling = Tiling::of(Shape { nx: 4096, ny: 4096, nz: 1 });
        assert_eq!(tiling.chunk_dimensions(), [256, 256]);
        assert_eq!(tiling.chunk_offset(17), [256, 256]);
        assert_eq!(tiling.blocks(), 256);
    }

    #[test]
    fn edges_are_hardly_padded() {
        let tiling = Tiling::of(Shape { nx: 5760, ny: 4092, nz: 1 });
        let padded = tiling.blocks() * tiling.chunk_pixels();
        assert!(padded < 5760 * 4092 * 101 / 100, "{tiling:?}");
    }

    #[test]
    fn long_and_narrow_images_still_fill_their_chunks() {
        for (nx, ny) in [(1_000_000, 1), (1_000_000, 3), (1, 1_000_000), (3, 1_000_000), (20_000, 10)] {
            let tiling = Tiling::of(Shape { nx, ny, nz: 1 });
            assert!(tiling.chunk_pixels() > TARGET_PIXELS / 2, "{tiling:?}");
        }
    }

    #[test]
    fn very_long_rows_get_flat_tiles() {
        let tiling = Tiling::of(Shape { nx: MAX_SIDE - 1, ny: 5000, nz: 1 });
        assert_eq!(tiling.chunk_dimensions(), [8, 8192]);
    }

    #[test]
    fn small_sections_share_a_chunk() {
        let tiling = Tiling::of(Shape { nx: 100, ny: 100, nz: 100 });
        assert_eq!(tiling.chunk_dimensions(), [6, 100, 100]);
        assert_eq!(tiling.chunk_offset(1), [6, 0, 0]);
        assert_eq!(tiling.block(16).rows, 9600..10000);
    }
}
