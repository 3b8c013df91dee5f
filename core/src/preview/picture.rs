//! A section reduced to a small picture, in which noise averages out and particles show.

use super::Section;
use crate::error::Error;
use crate::image::{Images, Shape};

/// Parts of the values below black and above white, so that hot pixels and the like do not stretch the scale.
const BEYOND: f64 = 0.005;

/// Pixels along a side of a picture, at most: what is asked for takes no more memory than a screen needs.
const LARGEST: u32 = 2048;

/// Pixels that the ends of their grey scale are taken from, about.
const SAMPLE: u64 = 64 << 10;

/// A section as a grey picture.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Picture {
    /// Number of the image.
    pub image: u32,
    /// Number of the section in the image.
    pub section: u32,
    /// Images of the file.
    pub images: u32,
    /// Sections of the image.
    pub sections: u32,
    /// Columns of the section.
    pub nx: u32,
    /// Rows of the section.
    pub ny: u32,
    /// Pixels along a side that one pixel of the picture stands for.
    pub reduction: u32,
    /// Columns of the picture.
    pub columns: u32,
    /// Rows of the picture.
    pub rows: u32,
    /// Means of the finite pixels, row by row, in the order of the section's rows; NaN where there is none.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub values: Vec<f32>,
    /// 0.5 % of the picture's values are below this; 0 where there is none.
    pub black: f32,
    /// 0.5 % are above this.
    pub white: f32,
    /// The same of the section's own pixels, from some 65,536 of them: for a part at full size.
    pub pixel_black: f32,
    /// The other end.
    pub pixel_white: f32,
}

/// The finite pixels that one pixel of a picture stands for.
#[derive(Clone, Copy, Default)]
struct Cell {
    sum: f64,
    count: u64,
}

impl Cell {
    fn add(&mut self, values: &[f32]) {
        let sum: f32 = values.iter().sum();
        if sum.is_finite() {
            self.sum += f64::from(sum);
            self.count += values.len() as u64;
            return;
        }
        for value in values.iter().filter(|value| value.is_finite()) {
            self.sum += f64::from(*value);
            self.count += 1;
        }
    }
}

impl Section {
    /// Reduces the section by a whole number to a picture of at most `most` pixels along the longer side, from 1 to 2048.
    ///
    /// # Errors
    /// What reading the pixels fails with.
    pub fn picture(&self, images: &dyn Images, most: u32) -> Result<Picture, Error> {
        let Shape { nx, ny, nz } = self.shape;
        let reduction = nx.max(ny).div_ceil(most.clamp(1, LARGEST));
        let (columns, rows) = (nx.div_ceil(reduction), ny.div_ceil(reduction));
        let mut cells = vec![Cell::default(); columns as usize * rows as usize];
        let mut sample = Vec::new();
        // An odd number, which does not come back to the same columns.
        let step = (u64::from(nx) * u64::from(ny) / SAMPLE) as usize | 1;
        let mut next = 0;
        self.rows(images, reduction, &mut |row, values| {
            let first = (row / reduction) as usize * columns as usize;
            for (cell, values) in cells[first..].iter_mut().zip(values.chunks(reduction as usize)) {
                cell.add(values);
            }
            while let Some(&value) = values.get(next) {
                sample.push(value);
                next += step;
            }
            next -= values.len();
        })?;
        let mean =
            |cell: &Cell| if cell.count == 0 { f32::NAN } else { (cell.sum / cell.count as f64) as f32 };
        let values: Vec<f32> = cells.iter().map(mean).collect();
        let (black, white) = ends(values.clone());
        let (pixel_black, pixel_white) = ends(sample);
        Ok(Picture {
            image: self.image,
            section: self.section,
            images: self.images,
            sections: nz,
            nx,
            ny,
            reduction,
            columns,
            rows,
            values,
            black,
            white,
            pixel_black,
            pixel_white,
        })
    }
}

/// Finds what all finite values but a few at each end lie between.
fn ends(mut values: Vec<f32>) -> (f32, f32) {
    values.retain(|value| value.is_finite());
    let Some(last) = values.len().checked_sub(1) else { return (0.0, 0.0) };
    let beyond = (BEYOND * last as f64) as usize;
    let mut at = |place: usize| *values.select_nth_unstable_by(place, f32::total_cmp).1;
    (at(beyond), at(last - beyond))
}

#[cfg(test)]
mod tests {
    use super::super::section::tests::{NARROW, counted};
    use super::*;
    use crate::image::InMemory;
    use crate::image::attributes::Attributes;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn of(nx: u32, ny: u32, values: Vec<f32>) -> InMemory {
        let mut images = InMemory::new();
        images.push(Shape { nx, ny, nz: 1 }, values, Attributes::new());
        images
    }

    #[test]
    fn means_of_squares_the_last_ones_cut() {
        let images = counted(5, 3, 1);
        let picture = Section::open(&images, 0, None).unwrap().picture(&images, 3).unwrap();
        assert_eq!((picture.reduction, picture.columns, picture.rows), (2, 3, 2));
        assert_eq!(picture.values, [3.0, 5.0, 6.5, 10.5, 12.5, 14.0]);
        let full = Section::open(&images, 0, None).unwrap().picture(&images, 5).unwrap();
        assert_eq!((full.reduction, full.values), (1, (0..15u8).map(f32::from).collect()));
        assert_eq!((full.black, full.white), (0.0, 14.0));
        assert_eq!((full.pixel_black, full.pixel_white), (0.0, 14.0));
    }

    #[test]
    fn no_picture_is_larger_than_a_screen() {
        let images = counted(2049, 1, 1);
        let picture = |most| Section::open(&images, 0, None).unwrap().picture(&images, most).unwrap();
        assert_eq!((picture(u32::MAX).reduction, picture(2048).columns, picture(0).columns), (2, 1025, 1));
    }

    #[test]
    fn only_finite_pixels_count() {
        let images = of(4, 1, vec![f32::INFINITY, 2.0, f32::NAN, f32::NEG_INFINITY]);
        let section = Section::open(&images, 0, None).unwrap();
        let picture = section.picture(&images, 2).unwrap();
        assert_eq!(picture.values[0], 2.0);
        assert!(picture.values[1].is_nan());
        let none = of(2, 1, vec![f32::NAN; 2]);
        let picture = Section::open(&none, 0, None).unwrap().picture(&none, 2).unwrap();
        assert_eq!((picture.black, picture.white, picture.pixel_white), (0.0, 0.0, 0.0));
        // Their sum is beyond 32-bit floats, their mean is not.
        let huge = of(2, 1, vec![3e38; 2]);
        assert_eq!(Section::open(&huge, 0, None).unwrap().picture(&huge, 1).unwrap().values, [3e38]);
    }

    #[test]
    fn a_hot_pixel_stretches_neither_scale() {
        let mut values: Vec<f32> = (0..40_000u16).map(|place| f32::from(place % 100)).collect();
        values[777] = 1e9;
        let images = of(200, 200, values);
        let section = Section::open(&images, 0, None).unwrap();
        let picture = section.picture(&images, 50).unwrap();
        assert!(picture.white < 100.0 && picture.pixel_white <= 100.0, "{picture:?}");
        assert!(picture.pixel_black >= 0.0 && picture.pixel_black < 2.0);
    }

    #[test]
    fn of_a_large_section_a_row_of_each_step_is_enough() {
        let images = counted(60, 60, 1);
        let all = Section::open(&images, 0, None).unwrap().picture(&images, 20).unwrap();
        let some = Section::within(NARROW, &images, 0, None).unwrap().picture(&images, 20).unwrap();
        // The middle row of three has their mean.
        assert_eq!(some.values, all.values);
        assert_eq!((some.black, some.white), (all.black, all.white));
    }
}
