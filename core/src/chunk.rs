//! From codes to the bytes of one HDF5 chunk: padding, the shuffle filter, deflate.

use crate::deflate::Encoder;
use crate::options::Level;

/// Turns codes into chunks, with buffers it reuses.
#[derive(Default)]
pub struct ChunkEncoder {
    encoder: Encoder,
    shuffled: Vec<u8>,
}

impl ChunkEncoder {
    /// Appends a chunk to `out`: `codes` of `element` bytes each, padded with code 0 to `full`
    /// bytes, then shuffled if it [`shuffles`], then deflated.
    pub fn encode(
        &mut self,
        codes: &mut Vec<u8>,
        element: usize,
        full: usize,
        level: Level,
        out: &mut Vec<u8>,
    ) {
        codes.resize(full, 0);
        let data = if element == 1 {
            &*codes
        } else {
            shuffle(codes, element, &mut self.shuffled);
            &self.shuffled
        };
        self.encoder.zlib(data, element, level, out);
    }
}

/// Whether chunks of elements this wide pass the shuffle filter: their high and low bytes differ
/// in statistics, so they deflate better apart.
#[must_use]
pub fn shuffles(element: u32) -> bool {
    element > 1
}

/// HDF5's shuffle filter: all first bytes, then all second bytes, and so on.
fn shuffle(data: &[u8], element: usize, out: &mut Vec<u8>) {
    out.clear();
    for byte in 0..element {
        out.extend(data.iter().skip(byte).step_by(element));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn shuffle_gathers_byte_planes() {
        let mut out = Vec::new();
        shuffle(&[1, 2, 3, 4, 5, 6], 2, &mut out);
        assert_eq!(out, [1, 3, 5, 2, 4, 6]);
    }

    #[test]
    fn chunks_are_padded_and_inflate_again() {
        for level in 0..=9 {
            let mut codes = vec![1, 2, 3, 4];
            let mut out = vec![7];
            let level = Level::new(level).unwrap();
            ChunkEncoder::default().encode(&mut codes, 2, 8, level, &mut out);
            let back = miniz_oxide::inflate::decompress_to_vec_zlib(&out[1..]).unwrap();
            assert_eq!(back, [1, 3, 0, 0, 2, 4, 0, 0]);
        }
    }
}
