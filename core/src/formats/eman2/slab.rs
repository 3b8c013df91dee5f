//! Rows of a chunked dataset, a slab at a time: the chunks that share their rows or, where chunks span
//! several sections, all chunks of those sections. The slabs at hand are kept, since rows are asked for
//! in order, or in the order of the bands of bricks, so that every chunk is decoded once per pass.

use std::ops::Range;

use super::EmanError;
use crate::error::Error;
use crate::image::{Shape, by_section};
use crate::pipeline::tiling::Tiling;

/// The most bytes of memory that slabs may take, with all that is needed to make one.
const MOST_BYTES: u64 = 1 << 30;

/// The slabs of one dataset.
pub struct Slabs {
    shape: Shape,
    row_bytes: usize,
    /// Sections and rows of a chunk.
    chunk: [u64; 2],
    /// Sections and rows of a slab.
    slab: [u64; 2],
    /// Those at hand.
    kept: Vec<Kept>,
    /// How many are kept.
    most: usize,
    /// The one that has been there for longest.
    oldest: usize,
}

/// A slab at hand.
#[derive(Default)]
struct Kept {
    /// Its place, counted in slabs; `None` of one that could not be filled.
    place: Option<[u64; 2]>,
    bytes: Vec<u8>,
}

/// Place and extent of a slab.
#[derive(Clone, Copy)]
pub struct Slab {
    /// First section and first row.
    pub start: [u64; 2],
    /// Number of sections and of rows in each.
    pub counts: [u64; 2],
}

impl Slabs {
    /// Creates slabs for an image of this shape whose chunks are of `extent` (sections, rows, columns).
    pub fn new(extent: [u64; 3], shape: Shape, row_bytes: usize) -> Self {
        let [sections, rows, _] = extent;
        let (depth, height) = (u64::from(shape.nz), u64::from(shape.ny));
        let chunk = [sections, rows];
        let (sections, rows) = (sections.min(depth), rows.min(height));
        let fits = sections > 1 && sections * height * row_bytes as u64 <= MOST_BYTES / 2;
        let slab = if fits { [sections, height] } else { [sections, rows] };
        let mut slabs = Self { shape, row_bytes, chunk, slab, kept: Vec::new(), most: 1, oldest: 0 };
        // A band of bricks goes back to the same rows in each of its sections, and the next one to some of them.
        let tiling = Tiling::of(shape);
        let band = [tiling.sections(), tiling.rows()].map(u64::from);
        let [deep, high] = slabs.slab;
        let whole = band[0].is_multiple_of(sections) && band[1].is_multiple_of(rows);
        if !tiling.is_in_order() && !whole {
            let sections = match deep {
                _ if band[0].is_multiple_of(deep) => band[0] / deep,
                _ if deep.is_multiple_of(band[0]) => 1,
                _ => 2,
            };
            let alike = high == height || high.is_multiple_of(band[1]) || band[1].is_multiple_of(high);
            let rows = if alike { 1 } else { band[1].div_ceil(high) + 1 };
            let fitting = (MOST_BYTES / 2 / slabs.slab_bytes().max(1)).max(1);
            slabs.most = (sections * rows).min(fitting) as usize;
        }
        slabs
    }

    /// Counts the bytes of a slab.
    fn slab_bytes(&self) -> u64 {
        self.slab[0] * self.slab[1] * self.row_bytes as u64
    }

    /// Counts the bytes of the slabs that are kept.
    pub fn bytes(&self) -> u64 {
        self.slab_bytes().saturating_mul(self.most as u64)
    }

    /// Tells whether every slab is a whole chunk, and nothing else.
    pub fn are_chunks(&self, [sections, rows, columns]: [u64; 3]) -> bool {
        let Shape { nx, ny, nz } = self.shape;
        self.slab == [sections, rows]
            && columns == u64::from(nx)
            && u64::from(ny) % rows == 0
            && u64::from(nz) % sections == 0
    }

    /// Checks that a slab, and so many bytes that are needed to make it, may be taken into memory.
    pub fn check(&self, beside: u64) -> Result<(), EmanError> {
        let needed = self.bytes().saturating_add(beside);
        if needed <= MOST_BYTES {
            Ok(())
        } else {
            Err(EmanError::ChunksTooLarge { needed, most: MOST_BYTES })
        }
    }

    /// Fills `out` with rows, counted through all sections. `load` fills a slab's bytes, of which there
    /// are as many as its rows take; what they held before is arbitrary.
    pub fn read(
        &mut self,
        rows: Range<u64>,
        mut out: &mut [u8],
        mut load: impl FnMut(Slab, &mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let ny = u64::from(self.shape.ny);
        let mut row = rows.start;
        while row < rows.end {
            let at = [row / ny, row % ny];
            let place = [at[0] / self.slab[0], at[1] / self.slab[1]];
            let slab = self.of(place);
            let [_, height] = slab.counts;
            let kept = match self.kept.iter().position(|kept| kept.place == Some(place)) {
                Some(kept) => kept,
                None => self.load(place, &mut load)?,
            };
            let inside = (at[0] - slab.start[0]) * height + at[1] - slab.start[1];
            let count = (slab.start[1] + height - at[1]).min(rows.end - row);
            let (part, rest) = out.split_at_mut(count as usize * self.row_bytes);
            let from = inside as usize * self.row_bytes;
            part.copy_from_slice(&self.kept[kept].bytes[from..from + part.len()]);
            out = rest;
            row += count;
        }
        Ok(())
    }

    /// Fills `out` with rows of each of some sections: at once where they are whole chunks, so that nothing is kept.
    pub fn read_slab(
        &mut self,
        sections: Range<u32>,
        rows: Range<u32>,
        out: &mut [u8],
        mut load: impl FnMut(Slab, &mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Self { shape, chunk: [deep, high], .. } = *self;
        let whole = |part: &Range<u32>, side: u32, chunk: u64| {
            let ends = u64::from(part.end).is_multiple_of(chunk) || part.end == side;
            ends && u64::from(part.start).is_multiple_of(chunk)
        };
        if whole(&sections, shape.nz, deep) && whole(&rows, shape.ny, high) {
            let start = [sections.start.into(), rows.start.into()];
            return load(Slab { start, counts: [sections.len() as u64, rows.len() as u64] }, out);
        }
        by_section(shape, sections, rows, out, |rows, out| self.read(rows, out, &mut load))
    }

    /// Loads the slab at a place counted in slabs, perhaps over the one that was loaded first; returns which of
    /// those at hand it is.
    fn load(
        &mut self,
        place: [u64; 2],
        mut load: impl FnMut(Slab, &mut [u8]) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let slab = self.of(place);
        let at = if self.kept.len() < self.most {
            self.kept.push(Kept::default());
            self.kept.len() - 1
        } else {
            self.oldest
        };
        self.oldest = (at + 1) % self.most;
        let kept = &mut self.kept[at];
        kept.place = None;
        kept.bytes.resize((slab.counts[0] * slab.counts[1]) as usize * self.row_bytes, 0);
        load(slab, &mut kept.bytes)?;
        kept.place = Some(place);
        Ok(at)
    }

    /// Returns the slab at a place counted in slabs.
    fn of(&self, place: [u64; 2]) -> Slab {
        let start = [place[0] * self.slab[0], place[1] * self.slab[1]];
        let sides = [u64::from(self.shape.nz), u64::from(self.shape.ny)];
        Slab { start, counts: [0, 1].map(|axis| self.slab[axis].min(sides[axis] - start[axis])) }
    }
}

/// Returns the sides of a chunk as sections, rows and columns, one for each side it lacks; `None` of more
/// than three.
pub fn sections_rows_columns(sides: &[u64]) -> Option<[u64; 3]> {
    let mut extent = [1; 3];
    extent[3_usize.checked_sub(sides.len())?..].copy_from_slice(sides);
    Some(extent)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Checks that every chunk extent gives every range of rows, and that passes over the rows load a slab
    /// once.
    #[test]
    fn rows_come_from_slabs() {
        let shape = Shape { nx: 2, ny: 5, nz: 7 };
        for extent in [[1, 1, 2], [1, 3, 1], [2, 3, 2], [7, 5, 2], [9, 9, 9]] {
            for step in 1..36 {
                let mut slabs = Slabs::new(extent, shape, 2);
                let (mut loads, mut found) = (0, vec![0; 70]);
                for start in (0..35_u64).step_by(step) {
                    let rows = start..(start + step as u64).min(35);
                    let out = &mut found[2 * rows.start as usize..2 * rows.end as usize];
                    let load = |slab: Slab, bytes: &mut [u8]| {
                        loads += 1;
                        let [sections, height] = slab.counts;
                        assert_eq!(bytes.len() as u64, sections * height * 2);
                        for (index, row) in bytes.chunks_exact_mut(2).enumerate() {
                            let (section, y) = (index as u64 / height, index as u64 % height);
                            row.fill(((slab.start[0] + section) * 5 + slab.start[1] + y) as u8);
                        }
                        Ok(())
                    };
                    slabs.read(rows, out, load).unwrap();
                }
                let wanted: Vec<u8> = (0..70).map(|byte| byte / 2).collect();
                assert_eq!(found, wanted, "{extent:?} {step}");
                let [sections, rows, _] = extent;
                let high = if sections > 1 { 5 } else { rows.min(5) };
                assert_eq!(loads, 7_u64.div_ceil(sections) * 5_u64.div_ceil(high), "{extent:?} {step}");
            }
        }
    }

    /// Checks that bands of bricks load a slab once, whichever chunks the dataset has.
    #[test]
    fn bands_of_bricks_come_from_slabs() {
        let shape = Shape { nx: 64, ny: 150, nz: 30 };
        for extent in
            [[1, 150, 64], [1, 8, 64], [1, 50, 7], [2, 16, 16], [3, 150, 64], [8, 32, 32], [30, 9, 9]]
        {
            let mut slabs = Slabs::new(extent, shape, 64);
            let mut loaded = std::collections::BTreeMap::new();
            let tiling = Tiling::of(shape);
            assert_eq!(tiling.chunk_dimensions(), [4, 64, 64]);
            for block in (0..tiling.blocks()).map(|block| tiling.block(block)) {
                let all = (block.sections.clone(), block.rows.clone());
                let mut out = vec![0; block.pixels() as usize];
                let load = |slab: Slab, bytes: &mut [u8]| {
                    *loaded.entry(slab.start).or_insert(0) += 1;
                    for (index, row) in bytes.chunks_exact_mut(64).enumerate() {
                        let (section, y) = (index as u64 / slab.counts[1], index as u64 % slab.counts[1]);
                        row.fill(((slab.start[0] + section) * 150 + slab.start[1] + y) as u8);
                    }
                    Ok(())
                };
                slabs.read_slab(all.0, all.1, &mut out, load).unwrap();
                let wanted =
                    block.sections.flat_map(|z| block.rows.clone().map(move |y| (z * 150 + y) as u8));
                assert!(out.into_iter().eq(wanted.flat_map(|row| [row; 64])), "{extent:?}");
            }
            assert!(loaded.values().all(|&loads| loads == 1), "{extent:?} {loaded:?}");
        }
    }

    #[test]
    fn whole_chunks_are_not_kept() {
        let shape = Shape { nx: 100, ny: 100, nz: 10 };
        let whole = |sections: Range<u32>, rows: Range<u32>, extent| {
            let mut slabs = Slabs::new(extent, shape, 1);
            let mut out = vec![0; sections.len() * rows.len()];
            slabs.read_slab(sections, rows, &mut out, |_, _| Ok(())).unwrap();
            slabs.kept.is_empty()
        };
        assert!(whole(4..8, 64..100, [4, 64, 64]) && whole(8..10, 0..64, [4, 64, 64]));
        assert!(whole(4..8, 64..100, [1, 8, 100]) && whole(4..8, 0..64, [2, 16, 16]));
        assert!(!whole(4..8, 0..64, [8, 32, 32]) && !whole(4..8, 64..100, [1, 100, 100]));
        assert!(!whole(4..8, 0..64, [4, 50, 50]));
    }

    #[test]
    fn chunks_beyond_memory_are_refused() {
        let shape = Shape { nx: 1 << 19, ny: 1 << 19, nz: 1 };
        let refused = Slabs::new([1, 1 << 15, 1 << 10], shape, 1 << 19).check(0);
        assert!(matches!(refused, Err(EmanError::ChunksTooLarge { .. })));
        let slabs = Slabs::new([1, 1 << 10, 1 << 10], shape, 1 << 19);
        assert!(slabs.check(512 << 20).is_ok());
        assert!(slabs.check((512 << 20) + 1).is_err());
    }
}
