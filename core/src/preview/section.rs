//! One section of an image, and its rows one after the other.

use std::ops::Range;

use crate::error::Error;
use crate::image::{Images, Pixels, Shape};
use crate::pipeline::tiling::Block;

/// Rows that say something of a section.
const LEAST_ROWS: u32 = 16;

/// How much of a section is read, in bytes as stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// A section of at most so many is read once and held.
    pub held: u64,
    /// Of a larger one about so many are read for a picture, and no fewer than a row for each of the picture's.
    pub sampled: u64,
    /// So many are read at once, or a row.
    pub piece: u64,
    /// Of a row that is longer a part is read by itself, where the format can do that.
    pub wide: u64,
}

impl Bounds {
    const DEFAULT: Self = Self { held: 128 << 20, sampled: 24 << 20, piece: 4 << 20, wide: 64 << 10 };
}

/// A section of an image that is looked at. It holds the section's bytes where these are at most 128 MiB, so that going
/// about in it reads nothing again.
pub struct Section {
    /// Number of the image.
    pub image: u32,
    /// Number of the section in the image.
    pub section: u32,
    /// Images of the file.
    pub images: u32,
    /// Extent of the image.
    pub shape: Shape,
    pixels: Pixels,
    held: Option<Vec<u8>>,
    bounds: Bounds,
}

impl Section {
    /// Opens a section of an image, the middle one where none is named, and reads it if it is to be held.
    ///
    /// # Errors
    /// [`Error::NoSuchImage`], [`Error::NoSuchSection`], and what reading the pixels fails with.
    pub fn open(images: &dyn Images, image: u32, section: Option<u32>) -> Result<Self, Error> {
        Self::within(Bounds::DEFAULT, images, image, section)
    }

    pub(super) fn within(
        bounds: Bounds,
        images: &dyn Images,
        image: u32,
        section: Option<u32>,
    ) -> Result<Self, Error> {
        if image >= images.images() {
            return Err(Error::NoSuchImage { image, images: images.images() });
        }
        let (shape, pixels) = (images.shape(image), images.pixels(image));
        let section = section.unwrap_or(shape.nz / 2);
        if section >= shape.nz {
            return Err(Error::NoSuchSection { section, sections: shape.nz });
        }
        let mut opened = Self { image, section, images: images.images(), shape, pixels, held: None, bounds };
        if opened.bytes() <= bounds.held {
            let mut bytes = Vec::new();
            opened.read(images, 0..shape.ny, &mut bytes)?;
            opened.held = Some(bytes);
        }
        Ok(opened)
    }

    /// Tells whether it is in memory, so that nothing of the file is needed any more.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Returns in how many rows it is sampled: `most` of them or, where they are so long that these would be more than a
    /// sample, as few as 16.
    pub(super) fn rows_to_read(&self, most: u32) -> u32 {
        if self.is_held() {
            return most;
        }
        let fitting = self.bounds.sampled / self.pixels.row_bytes(self.shape.nx).max(1);
        u32::try_from(fitting).unwrap_or(most).clamp(LEAST_ROWS.min(most), most)
    }

    /// Counts its bytes as stored.
    fn bytes(&self) -> u64 {
        self.pixels.row_bytes(self.shape.nx).saturating_mul(self.shape.ny.into())
    }

    fn read(&self, images: &dyn Images, rows: Range<u32>, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let length = self.pixels.row_bytes(self.shape.nx) as usize * rows.len();
        bytes.clear();
        bytes.resize(length, 0);
        images.read_slab(self.image, self.section..self.section + 1, rows, bytes)
    }

    /// Hands out a part of each row by reading nothing else of it; `false` where the format has whole rows only. `columns`
    /// begin at the first pixel of a byte; the first `before` of them are not wanted.
    fn narrow(
        &self,
        images: &dyn Images,
        rows: Range<u32>,
        columns: Range<u32>,
        before: usize,
        take: &mut dyn FnMut(u32, &[f32]),
    ) -> Result<bool, Error> {
        let width = columns.end - columns.start;
        let mut bytes = vec![0; self.pixels.row_bytes(width) as usize];
        let mut values = Vec::new();
        let first = u64::from(self.section) * u64::from(self.shape.ny);
        for row in rows {
            let start = self.pixels.row_bytes(columns.start);
            if !images.read_in_row(self.image, first + u64::from(row), start, &mut bytes)? {
                return Ok(false);
            }
            values.clear();
            self.pixels.decode(&bytes, width, &mut values);
            take(row, &values[before..]);
        }
        Ok(true)
    }

    /// Hands the values in some rows and columns to `take`, row by row, each with its number.
    pub(super) fn part(
        &self,
        images: &dyn Images,
        rows: Range<u32>,
        columns: Range<u32>,
        take: &mut dyn FnMut(u32, &[f32]),
    ) -> Result<(), Error> {
        let row_bytes = self.pixels.row_bytes(self.shape.nx);
        // Half a byte's pixel is decoded with the one before it.
        let before = columns.start % 2;
        let columns = columns.start - before..columns.end;
        if self.held.is_none()
            && row_bytes > self.bounds.wide
            && columns.end - columns.start < self.shape.nx / 2
            && self.narrow(images, rows.clone(), columns.clone(), before as usize, take)?
        {
            return Ok(());
        }
        let mut values = Vec::new();
        let mut decode = |first: u32, bytes: &[u8]| {
            for (row, bytes) in (first..).zip(bytes.chunks_exact(row_bytes as usize)) {
                let block = Block {
                    sections: self.section..self.section + 1,
                    rows: row..row + 1,
                    columns: columns.clone(),
                };
                let stored = self.pixels.of_block(self.shape.nx, &block, bytes);
                for found in self.pixels.values(&block, stored, &mut values).rows() {
                    take(row, &found[before as usize..]);
                }
            }
        };
        if let Some(held) = &self.held {
            let byte = |row: u32| row as usize * row_bytes as usize;
            decode(rows.start, &held[byte(rows.start)..byte(rows.end)]);
            return Ok(());
        }
        let at_once = u32::try_from(self.bounds.piece / row_bytes).unwrap_or(u32::MAX).max(1);
        let mut bytes = Vec::new();
        for first in rows.clone().step_by(at_once as usize) {
            self.read(images, first..first.saturating_add(at_once).min(rows.end), &mut bytes)?;
            decode(first, &bytes);
        }
        Ok(())
    }

    /// Hands rows to `take`, each with its number: all that are held, else of every `step` rows the middle ones, as many as
    /// [`Bounds::sampled`] allows.
    pub(super) fn rows(
        &self,
        images: &dyn Images,
        step: u32,
        take: &mut dyn FnMut(u32, &[f32]),
    ) -> Result<(), Error> {
        let Shape { nx, ny, .. } = self.shape;
        if self.is_held() {
            return self.part(images, 0..ny, 0..nx, take);
        }
        for start in (0..ny).step_by(step as usize) {
            let all = step.min(ny - start);
            let share = u128::from(all) * u128::from(self.bounds.sampled) / u128::from(self.bytes());
            let taken = (share as u32).clamp(1, all);
            let first = start + (all - taken) / 2;
            self.part(images, first..first + taken, 0..nx, take)?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::image::InMemory;
    use crate::image::attributes::Attributes;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Nothing is held, and two or three rows are read at once.
    pub const NARROW: Bounds = Bounds { held: 0, sampled: 0, piece: 100, wide: 0 };

    /// Makes an image in which each value is its place.
    pub fn counted(nx: u32, ny: u32, nz: u32) -> InMemory {
        let shape = Shape { nx, ny, nz };
        let mut images = InMemory::new();
        images.push(shape, (0..shape.pixels()).map(|place| place as f32).collect(), Attributes::new());
        images
    }

    #[test]
    fn the_middle_section_comes_first_and_others_by_number() {
        let images = counted(5, 4, 7);
        assert_eq!(Section::open(&images, 0, None).unwrap().section, 3);
        assert_eq!(Section::open(&images, 0, Some(6)).unwrap().section, 6);
        let beyond = Section::open(&images, 0, Some(7)).err().unwrap();
        assert_eq!(beyond.to_string(), "there is no section 7: there are 7, numbered from 0");
        assert!(matches!(Section::open(&images, 1, None), Err(Error::NoSuchImage { image: 1, images: 1 })));
    }

    #[test]
    fn rows_are_the_same_held_or_read_in_pieces() {
        let images = counted(11, 23, 3);
        let held = Section::open(&images, 0, Some(2)).unwrap();
        let read = Section::within(NARROW, &images, 0, Some(2)).unwrap();
        assert!(held.is_held() && !read.is_held());
        let part = |section: &Section| {
            let mut found = Vec::new();
            section
                .part(&images, 3..20, 5..9, &mut |row, values| found.push((row, values.to_vec())))
                .unwrap();
            found
        };
        let expected: Vec<(u32, Vec<f32>)> =
            (3..20).map(|row| (row, (5..9).map(|x| ((2 * 23 + row) * 11 + x) as f32).collect())).collect();
        assert_eq!(part(&held), expected);
        assert_eq!(part(&read), expected);
    }

    #[test]
    fn of_a_large_section_some_rows_of_each_step_are_read() {
        let images = counted(10, 23, 1);
        let rows = |sampled| {
            let section = Section::within(Bounds { sampled, ..NARROW }, &images, 0, None).unwrap();
            let mut found = Vec::new();
            section.rows(&images, 5, &mut |row, _| found.push(row)).unwrap();
            found
        };
        assert_eq!(rows(0), [2, 7, 12, 17, 21]);
        assert_eq!(rows(10 * 23 * 4 / 2), [1, 2, 6, 7, 11, 12, 16, 17, 21]);
        assert_eq!(rows(10 * 23 * 4), (0..23).collect::<Vec<_>>());
    }
}
