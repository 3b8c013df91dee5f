//! Files of a few bytes that would make disks full of pixels.

use std::collections::BTreeSet;

use super::EmanError;
use crate::formats::hdf5::read::MOST_INFLATED;
use crate::image::Shape;
use crate::image::pixels::Pixels;

/// How many times the file's length the pixels may be that several images share.
const MOST_REPEATED: u64 = 100;

/// Checks images, each with its group's address, against the length of their file.
pub fn check(images: impl Iterator<Item = (u64, Shape, Pixels)>, length: u64) -> Result<(), EmanError> {
    let mut seen = BTreeSet::new();
    let (mut single, mut repeated) = (0_u64, 0_u64);
    for (group, shape, pixels) in images {
        let bytes = shape.rows().saturating_mul(pixels.row_bytes(shape.nx));
        let sum = if seen.insert(group) { &mut single } else { &mut repeated };
        *sum = sum.saturating_add(bytes);
    }
    if single > length.saturating_mul(MOST_INFLATED) {
        return Err(EmanError::Growth { pixels: single, length });
    }
    if repeated > length.saturating_mul(MOST_REPEATED) {
        return Err(EmanError::Repeated { pixels: repeated, length, most: MOST_REPEATED });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::PixelType;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn image(group: u64, side: u32) -> (u64, Shape, Pixels) {
        (group, Shape { nx: side, ny: side, nz: 1 }, Pixels::new(PixelType::U8, false))
    }

    #[test]
    fn no_more_pixels_than_an_encoder_could_store() {
        assert!(check([image(1, 100)].into_iter(), 10).is_ok());
        assert!(matches!(check([image(1, 1000)].into_iter(), 10), Err(EmanError::Growth { .. })));
        let many = || (0..1000).map(|group| image(group, 100));
        assert!(check(many(), 10_000).is_ok());
        assert!(matches!(check(many(), 9000), Err(EmanError::Growth { .. })));
    }

    #[test]
    fn pixels_of_several_images_are_counted_by_themselves() {
        let same = |count| (0..count).map(|_| image(1, 100));
        assert!(check(same(101), 10_000).is_ok());
        assert!(matches!(check(same(102), 10_000), Err(EmanError::Repeated { .. })));
    }
}
