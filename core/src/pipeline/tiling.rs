//! The tiling of an image: blocks, each of them one HDF5 chunk and one unit of work.
//!
//! The tiling depends on the image's shape alone, never on threads, memory or bits, and statistics
//! are reduced block by block in order. That is why any thread count gives the same bytes.

use crate::image::Shape;
use std::ops::Range;

/// Pixels a tile of a picture aims for: so many codes deflate within 0.5 % of what longer chunks give. Tiles
/// of that size cost nothing in size or in reading whole images, and a box of 256 x 256 pixels reads 3 to
/// 4 times as fast as from chunks of whole rows (`cargo xtask bench`, chunk shapes).
pub const TARGET_PIXELS: u64 = 64 << 10;

/// Rows of a tile where a picture has that many: square tiles, so that a particle boxed out of a
/// micrograph touches few of them.
const TILE_ROWS: u32 = 256;

/// Sections, rows and columns of a brick of a volume, each cut to the volume's. Sections along y or x, and
/// boxes, touch a quarter of the bytes that they touch in tiles of one section; files grow by 4 % at most.
const BRICK: Shape = Shape { nx: 64, ny: 64, nz: 4 };

/// A volume has at least one section for so many rows or columns, whichever are fewer; fewer sections are
/// a series of pictures.
const SIDES_PER_SECTION: u64 = 8;

/// Sections of fewer pixels make no bricks worth it: such a rod is cut into several whole sections.
const LEAST_SECTION: u64 = 64;

/// Pixels in the rows that blocks side by side lie in, about; they are read together, so very long rows
/// get flatter tiles, and no bricks.
const BAND_PIXELS: u32 = 8 << 20;

/// The tiling of one image: every chunk has the same extent, a tile of one section or, where those are
/// small, several whole sections, or a brick of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    shape: Shape,
    /// Sections in a chunk.
    sections: u32,
    /// Rows of a section in a chunk.
    rows: u32,
    /// Columns in a chunk.
    columns: u32,
}

/// The part of an image that a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Sections.
    pub sections: Range<u32>,
    /// Rows in each of those sections.
    pub rows: Range<u32>,
    /// Columns in each of those rows.
    pub columns: Range<u32>,
}

impl Block {
    /// Counts the columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Counts the rows, in all sections.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.sections.len() as u64 * self.rows.len() as u64
    }

    /// Counts the pixels.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        self.height() * self.columns.len() as u64
    }

    /// Returns the section and the row of the image that row `row` of the block is, of all its sections.
    #[must_use]
    pub fn place(&self, row: usize) -> [u32; 2] {
        let (section, row) = (row / self.rows.len(), row % self.rows.len());
        [self.sections.start + section as u32, self.rows.start + row as u32]
    }
}

/// Divides a side into parts of at most `most`, as even as they can be; returns the length of a part.
fn even(side: u32, most: u32) -> u32 {
    side.div_ceil(side.div_ceil(most.max(1)))
}

impl Tiling {
    /// Tiles an image in chunks: a volume in bricks, pictures in chunks near [`TARGET_PIXELS`], which are square
    /// tiles of one section, evened out so that those at the edges are hardly padded, or several whole sections
    /// where one is smaller than a chunk.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        let Shape { nx, ny, nz } = shape;
        if let Some(bricks) = Self::in_bricks(shape) {
            return bricks;
        }
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

    /// Tiles a volume in bricks; `None` for what is none.
    fn in_bricks(shape: Shape) -> Option<Self> {
        let Shape { nx, ny, nz } = shape;
        let (sections, rows, columns) = (BRICK.nz.min(nz), BRICK.ny.min(ny), BRICK.nx.min(nx));
        let is_volume = nz > 1 && SIDES_PER_SECTION * u64::from(nz) >= nx.min(ny).into();
        let is_rod = u64::from(nx) * u64::from(ny) < LEAST_SECTION;
        let fits = u64::from(sections * rows) * u64::from(nx) <= BAND_PIXELS.into();
        (is_volume && !is_rod && fits).then_some(Self { shape, sections, rows, columns })
    }

    /// Tiles an image in blocks of whole rows, or several whole sections, for datasets that are stored contiguously.
    #[must_use]
    pub fn in_rows(shape: Shape) -> Self {
        let Shape { nx, ny, nz } = shape;
        let rows = even(ny, (TARGET_PIXELS / u64::from(nx)) as u32);
        let in_section = (TARGET_PIXELS / (u64::from(nx) * u64::from(ny))) as u32;
        Self { shape, sections: even(nz, in_section), rows, columns: nx }
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

    /// Counts the blocks from the first to the last column, which share their rows.
    #[must_use]
    pub fn across(self) -> u64 {
        self.shape.nx.div_ceil(self.columns).into()
    }

    /// Returns the number of sections of a full chunk.
    #[must_use]
    pub fn sections(self) -> u32 {
        self.sections
    }

    /// Returns the number of rows of a full chunk, in each of its sections.
    #[must_use]
    pub fn rows(self) -> u32 {
        self.rows
    }

    /// Tells whether its chunks are as narrow as bricks.
    #[must_use]
    pub fn is_of_bricks(self) -> bool {
        self.columns <= BRICK.nx
    }

    /// Tells whether the rows of blocks that follow each other do so in the image, too: whether no block is a part
    /// of several sections.
    #[must_use]
    pub fn is_in_order(self) -> bool {
        self.sections == 1 || self.rows == self.shape.ny
    }

    /// Returns block `index`; columns count fastest, then rows, then sections.
    #[must_use]
    pub fn block(self, index: u64) -> Block {
        let Shape { nx, ny, nz } = self.shape;
        let (above, place) = (index / self.across(), (index % self.across()) as u32);
        let section = (above / self.down()) as u32 * self.sections;
        let row = (above % self.down()) as u32 * self.rows;
        let column = place * self.columns;
        Block {
            sections: section..nz.min(section + self.sections),
            rows: row..ny.min(row + self.rows),
            columns: column..nx.min(column + self.columns),
        }
    }

    /// Returns the number of a block of the tiling.
    #[must_use]
    pub fn number(self, block: &Block) -> u64 {
        let place = |start: u32, part: u32| u64::from(start / part);
        let above =
            place(block.sections.start, self.sections) * self.down() + place(block.rows.start, self.rows);
        above * self.across() + place(block.columns.start, self.columns)
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
        let Block { sections, rows, columns } = self.block(index);
        let all = [sections.start.into(), rows.start.into(), columns.start.into()];
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
                let (mut section, mut row, mut column) = (0, 0, 0);
                for index in 0..tiling.blocks() {
                    let block = tiling.block(index);
                    let starts = [block.sections.start, block.rows.start, block.columns.start];
                    prop_assert_eq!(starts, [section, row, column]);
                    prop_assert_eq!(tiling.number(&block), index);
                    prop_assert!(block.pixels() > 0 && block.pixels() <= tiling.chunk_pixels());
                    prop_assert!(block.columns.start.is_multiple_of(2));
                    column = block.columns.end % nx;
                    row = if column == 0 { block.rows.end % ny } else { row };
                    section = if column == 0 && row == 0 { block.sections.end } else { section };
                }
                prop_assert_eq!([section, row, column], [nz, 0, 0]);
                prop_assert!(tiling.chunk_pixels() <= (TARGET_PIXELS + u64::from(TILE_ROWS)).max(nx.into()));
            }
            prop_assert!(Tiling::in_rows(shape).is_in_order());
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
    fn volumes_are_cut_into_bricks() {
        let of = |[nx, ny, nz]: [u32; 3]| Tiling::of(Shape { nx, ny, nz }).chunk_dimensions();
        assert_eq!(of([256, 256, 256]), [4, 64, 64]);
        assert_eq!(of([4096, 4096, 512]), [4, 64, 64]);
        assert_eq!(of([100, 24, 3]), [3, 24, 64]);
        assert_eq!(of([8, 8, 8]), [4, 8, 8]);
        // As many sections as make a volume of it, and one fewer.
        assert_eq!(of([1000, 1024, 125]), [4, 64, 64]);
        assert_eq!(of([1000, 1024, 124]), [1, 256, 250]);
        assert_eq!(of([100, 100, 12]), [6, 100, 100]);
        // Rods, and rows that no wave would hold.
        assert_eq!(of([7, 9, 100_000]), [1031, 9, 7]);
        assert_eq!(of([1 << 17, 128, 128])[0], 1);
    }

    #[test]
    fn bricks_start_where_their_sections_do() {
        let tiling = Tiling::of(Shape { nx: 100, ny: 100, nz: 10 });
        let tiling = Tiling { sections: 4, rows: 64, columns: 64, ..tiling };
        assert_eq!(tiling.blocks(), 12);
        assert_eq!(tiling.chunk_offset(7), [4, 64, 64]);
        let last = tiling.block(11);
        assert_eq!(
            (last.sections.clone(), last.rows.clone(), last.columns.clone()),
            (8..10, 64..100, 64..100)
        );
        assert_eq!(last.place(37), [9, 65]);
        assert!(!tiling.is_in_order());
    }

    #[test]
    fn small_sections_share_a_chunk() {
        let tiling = Tiling::of(Shape { nx: 120, ny: 110, nz: 12 });
        assert_eq!(tiling.chunk_dimensions(), [4, 110, 120]);
        assert_eq!(tiling.chunk_offset(1), [4, 0, 0]);
        assert_eq!(tiling.block(2).sections, 8..12);
        assert!(tiling.is_in_order());
    }
}
