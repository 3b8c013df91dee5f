//! A part of a section at full size.

use std::ops::Range;

use super::Section;
use crate::error::Error;
use crate::image::Images;

/// Pixels along a side of a part, at most.
const LONGEST: u32 = 4096;

/// A part of a section.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Crop {
    /// Number of the image.
    pub image: u32,
    /// Number of the section in the image.
    pub section: u32,
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns.
    pub nx: u32,
    /// Rows.
    pub ny: u32,
    /// Pixels, row by row, in the order of the section's rows.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub values: Vec<f32>,
}

impl Section {
    /// Cuts out what lies within the section of `nx` columns from `x` on and `ny` rows from `y` on, at most 4096 of each;
    /// beside the section it is the nearest pixels.
    ///
    /// # Errors
    /// What reading the pixels fails with.
    pub fn crop(&self, images: &dyn Images, [x, y]: [i64; 2], [nx, ny]: [u32; 2]) -> Result<Crop, Error> {
        let columns = within(x, nx.min(LONGEST), self.shape.nx);
        let rows = within(y, ny.min(LONGEST), self.shape.ny);
        let mut values = Vec::with_capacity(columns.len() * rows.len());
        self.part(images, rows.clone(), columns.clone(), &mut |_, found| values.extend_from_slice(found))?;
        Ok(Crop {
            image: self.image,
            section: self.section,
            x: columns.start,
            y: rows.start,
            nx: columns.len() as u32,
            ny: rows.len() as u32,
            values,
        })
    }
}

/// Cuts an interval to a side; at least one pixel of it is left.
fn within(start: i64, length: u32, side: u32) -> Range<u32> {
    let end = start.saturating_add(length.into());
    let first = start.clamp(0, i64::from(side) - 1);
    first as u32..end.clamp(first + 1, side.into()) as u32
}

#[cfg(test)]
mod tests {
    use super::super::section::tests::{NARROW, counted};
    use super::*;
    use crate::formats::open;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const NIBBLES: &[u8] = include_bytes!("../../../tests/data/u4_mode101.mrc");

    #[test]
    fn what_lies_within() {
        assert_eq!(within(2, 3, 10), 2..5);
        assert_eq!(within(-2, 3, 10), 0..1);
        assert_eq!(within(8, 300, 10), 8..10);
        assert_eq!(within(10, 5, 10), 9..10);
        assert_eq!(within(i64::MAX, u32::MAX, 10), 9..10);
        assert_eq!(within(i64::MIN, 0, 1), 0..1);
    }

    #[test]
    fn pixels_of_a_part() {
        let images = counted(7, 5, 2);
        for bounds in [None, Some(NARROW)] {
            let section = match bounds {
                None => Section::open(&images, 0, Some(1)),
                Some(bounds) => Section::within(bounds, &images, 0, Some(1)),
            };
            let crop = section.unwrap().crop(&images, [5, -1], [9, 3]).unwrap();
            assert_eq!((crop.x, crop.y, crop.nx, crop.ny), (5, 0, 2, 2));
            assert_eq!(crop.values, [40.0, 41.0, 47.0, 48.0]);
        }
    }

    #[test]
    fn no_part_takes_much_memory() {
        let images = counted(5000, 1, 1);
        let crop = Section::open(&images, 0, None).unwrap().crop(&images, [7, 0], [u32::MAX; 2]).unwrap();
        assert_eq!((crop.x, crop.nx, crop.values.len()), (7, 4096, 4096));
    }

    /// Counts the bytes that are read.
    struct Counting<'a>(&'a [u8], std::cell::Cell<usize>);

    impl crate::Source for Counting<'_> {
        fn len(&self) -> std::io::Result<u64> {
            Ok(self.0.len() as u64)
        }

        fn read_at(&self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
            self.1.set(self.1.get() + bytes.len());
            self.0.read_at(offset, bytes)
        }
    }

    #[test]
    fn of_a_wide_image_only_the_part_is_read() {
        // 300,000 x 4 bytes.
        let (nx, ny) = (300_000i32, 4i32);
        let mut file = vec![0; 1024];
        for (word, value) in [(0, nx), (1, ny), (2, 1), (3, 0), (7, nx), (8, ny), (9, 1)] {
            file[4 * word..4 * word + 4].copy_from_slice(&value.to_le_bytes());
        }
        for (word, value) in [(16, 1i32), (17, 2), (18, 3)] {
            file[4 * word..4 * word + 4].copy_from_slice(&value.to_le_bytes());
        }
        file[208..216].copy_from_slice(b"MAP \x44\x44\0\0");
        file.extend((0..nx * ny).map(|place| (place % 100) as u8));
        let source = Counting(&file, std::cell::Cell::default());
        let images = open(&source, "a.mrc").unwrap();
        let bounds = super::super::section::Bounds { wide: 1000, ..NARROW };
        let section = Section::within(bounds, &*images, 0, None).unwrap();
        source.1.set(0);
        let crop = section.crop(&*images, [1001, 1], [50, 3]).unwrap();
        let expected: Vec<f32> =
            (1..4).flat_map(|row| (1001..1051).map(move |x| ((row * nx + x) % 100) as f32)).collect();
        assert_eq!(crop.values, expected);
        assert!(source.1.get() < 200, "{} bytes read", source.1.get());
    }

    #[test]
    fn pixels_of_half_a_byte_from_any_column() {
        let images = open(&NIBBLES, "a.mrc").unwrap();
        let all = images.values(0).unwrap();
        let nx = images.shape(0).nx as usize;
        let section = Section::open(&*images, 0, None).unwrap();
        for x in 0..4 {
            for width in 1..4 {
                let crop = section.crop(&*images, [x, 1], [width, 1]).unwrap();
                let start = nx + x as usize;
                assert_eq!(crop.values, all[start..start + width as usize], "{x} {width}");
                let narrow = Section::within(NARROW, &*images, 0, None).unwrap();
                assert_eq!(narrow.crop(&*images, [x, 1], [width, 1]).unwrap().values, crop.values);
            }
        }
    }
}
