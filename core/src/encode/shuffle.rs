//! The bytes of one HDF5 chunk, made from codes: HDF5's shuffle filter, then deflate.
//!
//! The shuffle filter puts all first bytes of the elements together, then all second bytes, and so
//! on. Codes of two bytes are made that way ([`crate::quantise::Quantiser`]); [`shuffle`] does it for floats.

use crate::encode::Level;
use crate::encode::deflate::Encoder;

/// Appends a chunk to `out`: byte planes of `element` planes, deflated.
pub fn encode(encoder: &mut Encoder, planes: &[u8], element: usize, level: Level, out: &mut Vec<u8>) {
    encoder.zlib(planes, element, level, out);
}

/// Counts the bytes of the chunk that [`encode`] makes.
pub fn size(encoder: &mut Encoder, planes: &[u8], element: usize, level: Level) -> usize {
    encoder.zlib_size(planes, element, level)
}

/// Tells whether chunks of elements this wide pass the shuffle filter: their high and low bytes differ in
/// statistics, so they deflate better apart.
#[must_use]
pub fn shuffles(element: u32) -> bool {
    element > 1
}

/// Splits values into four byte planes of equal length, from `place` on in each.
pub fn shuffle(values: &[f32], planes: &mut [u8], place: usize) {
    let length = planes.len() / 4;
    for (byte, plane) in planes.chunks_exact_mut(length).enumerate() {
        for (place, value) in plane[place..].iter_mut().zip(values) {
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
        let mut planes = [0; 16];
        let values = [f32::from_bits(0x0403_0201), f32::from_bits(0x1413_1211)];
        shuffle(&values, &mut planes, 1);
        let expected = [0, 0x01, 0x11, 0, 0, 0x02, 0x12, 0, 0, 0x03, 0x13, 0, 0, 0x04, 0x14, 0];
        assert_eq!(planes, expected);
    }

    #[test]
    fn chunks_inflate_again() {
        for level in 0..=9 {
            let mut out = vec![7];
            let level = Level::new(level).unwrap();
            encode(&mut Encoder::new(), &[1, 3, 2, 4], 2, level, &mut out);
            assert_eq!(out.len() - 1, size(&mut Encoder::new(), &[1, 3, 2, 4], 2, level));
            assert_eq!(miniz_oxide::inflate::decompress_to_vec_zlib(&out[1..]).unwrap(), [1, 3, 2, 4]);
        }
    }
}
