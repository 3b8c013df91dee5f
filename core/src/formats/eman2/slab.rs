//! Rows of a chunked dataset, a slab at a time: the chunks that share their rows or, where chunks span
//! several sections, all chunks of those sections. The slab at hand is kept, since rows are asked for
//! in order, so that every chunk is decoded once per pass.

use std::ops::Range;

use super::EmanError;
use crate::error::Error;
use crate::image::Shape;

/// The most bytes of memory that a slab may take, with all that is needed to make it.
const MOST_BYTES: u64 = 1 << 30;

/// The slabs of one dataset.
pub struct Slabs {
    shape: Shape,
    row_bytes: usize,
    /// Sections and rows of a slab.
    slab: [u64; 2],
    /// The slab at hand, counted in slabs, and its rows.
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
        let (sections, rows) = (sections.min(depth), rows.min(height));
        let fits = sections > 1 && sections * height * row_bytes as u64 <= MOST_BYTES / 2;
        let slab = if fits { [sections, height] } else { [sections, rows] };
        Self { shape, row_bytes, slab, place: None, bytes: Vec::new() }
    }

    /// Counts the bytes of a slab.
    pub fn slab_bytes(&self) -> u64 {
        self.slab[0] * self.slab[1] * self.row_bytes as u64
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
        let needed = self.slab_bytes().saturating_add(beside);
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
            let [sections, height] = slab.counts;
            if self.place != Some(place) {
                self.place = None;
                self.bytes.resize((sections * height) as usize * self.row_bytes, 0);
                load(slab, &mut self.bytes)?;
                self.place = Some(place);
            }
            let inside = (at[0] - slab.start[0]) * height + at[1] - slab.start[1];
            let count = (slab.start[1] + height - at[1]).min(rows.end - row);
            let (part, rest) = out.split_at_mut(count as usize * self.row_bytes);
            let from = inside as usize * self.row_bytes;
            part.copy_from_slice(&self.bytes[from..from + part.len()]);
            out = rest;
            row += count;
        }
        Ok(())
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
