//! How an image is cut: into blocks of rows, each of them one HDF5 chunk and one piece of work.
//!
//! The cut depends on the image's shape alone, never on threads, memory or bits, and statistics
//! are reduced block by block in order. That is why any thread count gives the same bytes.

use std::ops::Range;

/// Pixels a block aims for: 64 Ki codes deflate within 0.5 % of what longer chunks give, and a
/// particle boxed out of a micrograph touches few of them.
pub const TARGET_PIXELS: u64 = 64 << 10;

/// Rows and columns stay below this, as in EMAN2; a larger number in a header is damage.
pub const MAX_SIDE: u32 = 1 << 20;

/// The extent of one image as it is stored, `nx` fastest. `nz` is 1 for a 2-D image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Columns: pixels in a row.
    pub nx: u32,
    /// Rows in a section.
    pub ny: u32,
    /// Sections.
    pub nz: u32,
}

impl Shape {
    /// Rows in all sections together.
    #[must_use]
    pub fn rows(self) -> u64 {
        u64::from(self.ny) * u64::from(self.nz)
    }

    /// Pixels in the whole image.
    #[must_use]
    pub fn pixels(self) -> u64 {
        self.rows() * u64::from(self.nx)
    }

    /// The dimensions of the dataset, slowest first: (ny, nx), or (nz, ny, nx) for a volume.
    #[must_use]
    pub fn dimensions(self) -> Vec<u64> {
        let all = [self.nz.into(), self.ny.into(), self.nx.into()];
        all[usize::from(self.nz == 1)..].to_vec()
    }
}

/// The cut of one image: every chunk has the same extent and is a contiguous run of rows, whole
/// sections where those are small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    shape: Shape,
    /// Sections in a chunk; more than 1 only when a chunk spans whole sections.
    sections: u32,
    /// Rows of a section in a chunk.
    rows: u32,
}

impl Cut {
    /// Chunks near [`TARGET_PIXELS`]: rows of one section, evened out so that the last chunk of a
    /// section is hardly padded; several whole sections where one is smaller than a chunk.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        let section = u64::from(shape.nx) * u64::from(shape.ny);
        if section >= TARGET_PIXELS {
            let most = (TARGET_PIXELS / u64::from(shape.nx)).clamp(1, shape.ny.into()) as u32;
            let rows = shape.ny.div_ceil(shape.ny.div_ceil(most));
            Self { shape, sections: 1, rows }
        } else {
            let most = (TARGET_PIXELS / section).clamp(1, shape.nz.into()) as u32;
            let sections = shape.nz.div_ceil(shape.nz.div_ceil(most));
            Self { shape, sections, rows: shape.ny }
        }
    }

    /// The image that is cut.
    #[must_use]
    pub fn shape(self) -> Shape {
        self.shape
    }

    /// Number of blocks.
    #[must_use]
    pub fn blocks(self) -> u64 {
        u64::from(self.shape.nz.div_ceil(self.sections)) * self.blocks_down()
    }

    /// Blocks from the first to the last row of a section.
    fn blocks_down(self) -> u64 {
        self.shape.ny.div_ceil(self.rows).into()
    }

    /// The rows of block `index`, counted through all sections.
    #[must_use]
    pub fn rows(self, index: u64) -> Range<u64> {
        let ny = u64::from(self.shape.ny);
        let section = index / self.blocks_down() * u64::from(self.sections);
        let row = index % self.blocks_down() * u64::from(self.rows);
        let start = section * ny + row;
        let end = if self.sections > 1 {
            (start + u64::from(self.sections) * ny).min(self.shape.rows())
        } else {
            (start + u64::from(self.rows)).min((section + 1) * ny)
        };
        start..end
    }

    /// Pixels of a full chunk, padding included.
    #[must_use]
    pub fn chunk_pixels(self) -> u64 {
        u64::from(self.sections) * u64::from(self.rows) * u64::from(self.shape.nx)
    }

    /// Extent of a chunk, as [`Shape::dimensions`].
    #[must_use]
    pub fn chunk_dimensions(self) -> Vec<u64> {
        let all = [self.sections.into(), self.rows.into(), self.shape.nx.into()];
        all[usize::from(self.shape.nz == 1)..].to_vec()
    }

    /// Where chunk `index` starts in the dataset, as [`Shape::dimensions`].
    #[must_use]
    pub fn chunk_offset(self, index: u64) -> Vec<u64> {
        let start = self.rows(index).start;
        let ny = u64::from(self.shape.ny);
        let all = [start / ny, start % ny, 0];
        all[usize::from(self.shape.nz == 1)..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    proptest! {
        #[test]
        fn blocks_cover_every_row_once_in_order(nx in 1u32..9000, ny in 1u32..300, nz in 1u32..300) {
            let cut = Cut::of(Shape { nx, ny, nz });
            let mut next = 0;
            for block in 0..cut.blocks() {
                let rows = cut.rows(block);
                prop_assert_eq!(rows.start, next);
                prop_assert!(rows.end > rows.start);
                prop_assert!((rows.end - rows.start) * u64::from(nx) <= cut.chunk_pixels());
                next = rows.end;
            }
            prop_assert_eq!(next, u64::from(ny) * u64::from(nz));
            prop_assert!(cut.chunk_pixels() <= TARGET_PIXELS.max(nx.into()));
        }
    }

    #[test]
    fn a_micrograph_is_cut_without_padding() {
        let cut = Cut::of(Shape { nx: 4096, ny: 4096, nz: 1 });
        assert_eq!(cut.chunk_dimensions(), [16, 4096]);
        assert_eq!(cut.chunk_offset(3), [48, 0]);
        assert_eq!(cut.blocks(), 256);
    }

    #[test]
    fn small_sections_share_a_chunk() {
        let cut = Cut::of(Shape { nx: 100, ny: 100, nz: 100 });
        assert_eq!(cut.chunk_dimensions(), [6, 100, 100]);
        assert_eq!(cut.chunk_offset(1), [6, 0, 0]);
        assert_eq!(cut.rows(16), 9600..10000);
    }
}
