//! From codes to the bytes of one HDF5 chunk: HDF5's shuffle filter, then deflate.
//!
//! The shuffle filter puts all first bytes of the elements together, then all second bytes, and so
//! on. Codes of two bytes are made that way ([`crate::codes`]); [`shuffle`] does it for floats.

use crate::deflate::Encoder;
use crate::options::Level;

/// Appends a chunk to `out`: byte planes of `element` planes, deflated.
pub fn encode(encoder: &mut Encoder, planes: &[u8], element: usize, level: Level, out: &mut Vec<u8>) {
    encoder.zlib(planes, element, level, out);
}

/// Whether chunks of elements this wide pass the shuffle filter: their high and low bytes differ
/// in statistics, so they deflate better apart.
#[must_use]
pub fn shuffles(element: u32) -> bool {
    element > 1
}

/// Moves the rows of a block that is narrower than its chunk to where the chunk has them: `height`
/// rows of `width` at the start of `plane` become rows of `full_width`, filled up with 0.
pub fn spread(plane: &mut [u8], width: usize, height: usize, full_width: usize) {
    if width == full_width {
        return;
    }
    for row in (0..height).rev() {
        let start = row * full_width;
        plane.copy_within(row * width..(row + 1) * width, start);
        plane[start + width..start + full_width].fill(0);
    }
}

/// Bytes of values as four planes, each of `planes.len() / 4` bytes, for chunks that may be longer
/// than the values.
pub fn shuffle(values: &[f32], planes: &mut [u8]) {
    let length = planes.len() / 4;
    for (byte, plane) in planes.chunks_exact_mut(length).enumerate() {
        for (place, value) in plane.iter_mut().zip(values) {
            *place = value.to_le_bytes()[byte];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn shuffle_gathers_byte_planes() {
        let mut planes = [0; 12];
        let values = [f32::from_bits(0x0403_0201), f32::from_bits(0x1413_1211)];
        shuffle(&values, &mut planes);
        assert_eq!(planes, [0x01, 0x11, 0, 0x02, 0x12, 0, 0x03, 0x13, 0, 0x04, 0x14, 0]);
    }

    #[test]
    fn narrow_rows_are_spread() {
        let mut plane = [1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0];
        spread(&mut plane, 2, 3, 4);
        assert_eq!(plane, [1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0]);
        let mut plane = [1, 2, 3, 4];
        spread(&mut plane, 2, 2, 2);
        assert_eq!(plane, [1, 2, 3, 4]);
    }

    #[test]
    fn chunks_inflate_again() {
        for level in 0..=9 {
            let mut out = vec![7];
            let level = Level::new(level).unwrap();
            encode(&mut Encoder::new(), &[1, 3, 2, 4], 2, level, &mut out);
            assert_eq!(miniz_oxide::inflate::decompress_to_vec_zlib(&out[1..]).unwrap(), [1, 3, 2, 4]);
        }
    }
}
