//! How large the codes of an image will be, before any is made: from the code lengths of each byte plane of some of its
//! pixels.
//!
//! Noise does not repeat itself, so that its chunks are Huffman codes of bytes and little else. Where one byte fills most of
//! a plane runs save more than any code of single bytes does: a chunk of such bytes is deflated, as is one that is padded. On
//! smooth images matches save more: there the prediction is more than what comes out.

use super::{Bits, Quantiser, Range};
use crate::encode::Level;
use crate::encode::deflate::{Encoder, huffman};
use crate::image::Shape;
use crate::pipeline::tiling::Tiling;

/// Values of a byte.
const BYTES: usize = 256;

/// From this part of a plane on one byte rules it, and runs count.
const RULES: f64 = 0.5;

/// Bytes of a chunk beyond its codes: zlib's frame.
const FRAME_BYTES: f64 = 6.0;

/// Bytes of a chunk's entry in the image's index.
pub const INDEX_BYTES: f64 = 40.0;

/// Bytes of the code lengths of each plane of a chunk.
const PLANE_BYTES: f64 = 40.0;

/// From this part of a chunk on its padding counts: it takes runs, and codes of its own.
const PADDED: f64 = 0.02;

/// Bytes of an image beside its chunks: attributes and the structure of its group.
pub const IMAGE_BYTES: f64 = 8_270.0;

/// Bytes of a file beside its images.
pub const FILE_BYTES: f64 = 3_480.0;

/// Predicts the bytes of the chunks of an image, without their index, whose codes span a range, from some of its pixels, evenly spread; `None` from
/// none.
#[must_use]
pub fn predict(pixels: &[f32], tiling: Tiling, bits: Bits, range: Range, level: Level) -> Option<f64> {
    let count = pixels.len();
    if count == 0 {
        return None;
    }
    let quantiser = Quantiser::new(range, bits);
    let mut planes = vec![[0u32; BYTES]; if bits.get() > 8 { 2 } else { 1 }];
    for &pixel in pixels {
        let code = quantiser.code(pixel);
        for (plane, byte) in planes.iter_mut().zip(code.to_le_bytes()) {
            plane[usize::from(byte)] += 1;
        }
    }
    let chunk = tiling.chunk_pixels() as f64;
    let mut coded = 0.0;
    for plane in &planes {
        let most = plane.iter().copied().max().unwrap_or_default();
        let is_ruled = f64::from(most) >= RULES * count as f64;
        for (chunks, extent) in kinds(tiling) {
            let pixels = extent.iter().map(|&side| f64::from(side)).product::<f64>();
            let bytes = if is_ruled || pixels < (1.0 - PADDED) * chunk {
                deflated(plane, tiling, extent, level) as f64
            } else {
                pixels / 8.0 * code_bits(plane) / count as f64 + PLANE_BYTES
            };
            coded += chunks as f64 * bytes;
        }
    }
    Some(coded + tiling.blocks() as f64 * FRAME_BYTES)
}

/// Lists the kinds of chunks an image has, by the sections, rows and columns of it that are in them, and how many there are of
/// each: full ones, and those at its edges.
fn kinds(tiling: Tiling) -> Vec<(u64, [u32; 3])> {
    let Shape { nx, ny, nz } = tiling.shape();
    let along = |side: u32, part: u32| [(side / part, part), (1, side % part)];
    let mut kinds = Vec::new();
    for (above, sections) in along(nz, tiling.sections()) {
        for (down, rows) in along(ny, tiling.rows()) {
            for (across, columns) in along(nx, tiling.chunk_width() as u32) {
                let chunks = u64::from(above) * u64::from(down) * u64::from(across);
                if chunks > 0 && sections > 0 && rows > 0 && columns > 0 {
                    kinds.push((chunks, [sections, rows, columns]));
                }
            }
        }
    }
    kinds
}

/// Computes the bits that the bytes of a plane with such counts take in a Huffman code. Deflate's has a symbol more, the end
/// of a block: a plane of two values takes one and a half bits for each, not one.
fn code_bits(counts: &[u32; BYTES]) -> f64 {
    let mut symbols = [1; BYTES + 1];
    symbols[..BYTES].copy_from_slice(counts);
    let mut lengths = [0; BYTES + 1];
    huffman::lengths(&symbols, huffman::MAX_LENGTH, &mut lengths);
    counts.iter().zip(lengths).map(|(&count, length)| f64::from(count) * f64::from(length)).sum()
}

/// Deflates a chunk whose bytes have such counts, in no order, and are zeros beside the image; returns how many that makes.
fn deflated(counts: &[u32; BYTES], tiling: Tiling, extent: [u32; 3], level: Level) -> usize {
    let all: u64 = counts.iter().copied().map(u64::from).sum();
    let mut ends = [(0, 0); BYTES];
    let mut end = 0;
    for (byte, &count) in counts.iter().enumerate() {
        end += u64::from(count);
        ends[byte] = (end, byte as u8);
    }
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let [sections, rows, columns] = extent.map(|side| side as usize);
    let (width, height) = (tiling.chunk_width(), tiling.rows() as usize);
    let mut plane = vec![0; tiling.chunk_pixels() as usize];
    for (number, row) in plane.chunks_exact_mut(width).enumerate() {
        if number / height >= sections || number % height >= rows {
            continue;
        }
        for byte in &mut row[..columns] {
            // Knuth's generator; its high bits are good enough for this.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let chosen = ((state >> 32) * all) >> 32;
            *byte = ends[ends.partition_point(|&(end, _)| end <= chosen)].1;
        }
    }
    let mut out = Vec::new();
    Encoder::new().zlib(&plane, 1, level, &mut out);
    out.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn bytes(pixels: &[f32], bits: i64) -> Option<f64> {
        let tiling = Tiling::of(Shape { nx: 256, ny: 256, nz: 1 });
        let bits = Bits::new(bits).unwrap();
        let range = Range { low: 0.0, high: bits.top() as f32, exact: true };
        predict(pixels, tiling, bits, range, Level::default())
    }

    #[test]
    fn one_value_takes_next_to_nothing() {
        assert!(bytes(&[3.0; 50], 5).unwrap() < 200.0);
        assert_eq!(bytes(&[], 5), None);
    }

    #[test]
    fn chunks_at_the_edges_are_kinds_of_their_own() {
        let of = |nx, ny, nz| kinds(Tiling::of(Shape { nx, ny, nz }));
        assert_eq!(of(128, 64, 8), [(4, [4, 64, 64])]);
        let kinds = of(100, 70, 10);
        assert_eq!((kinds.len(), kinds[0], kinds[7]), (8, (2, [4, 64, 64]), (1, [2, 6, 36])));
        assert_eq!(
            kinds.iter().map(|kind| kind.0).sum::<u64>(),
            Tiling::of(Shape { nx: 100, ny: 70, nz: 10 }).blocks()
        );
    }

    #[test]
    fn even_codes_take_their_bits() {
        let even: Vec<f32> = (0..3200u16).map(|n| f32::from(n % 32)).collect();
        let found = bytes(&even, 5).unwrap() / (65_536.0 * 5.0 / 8.0);
        assert!((1.0..1.02).contains(&found), "{found}");
    }

    #[test]
    fn two_codes_take_more_than_a_bit() {
        let two: Vec<f32> = (0..3200u16).map(|n| f32::from(n % 2)).collect();
        let found = bytes(&two, 2).unwrap() / 8192.0;
        assert!((1.3..1.6).contains(&found), "{found}");
    }
}
