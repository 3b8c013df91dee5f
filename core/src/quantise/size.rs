//! How large the codes of an image will be, before any is made: from the code lengths of each byte plane of some of its
//! pixels.
//!
//! Noise does not repeat itself, so that its chunks are Huffman codes of bytes and little else. Where one byte fills most of
//! a plane runs save more than any code of single bytes does, and on smooth images matches do: there the prediction is more
//! than what comes out.

use super::{Bits, Quantiser, Range};
use crate::encode::deflate::huffman;
use crate::pipeline::tiling::Tiling;

/// Values of a byte.
const BYTES: usize = 256;

/// From this part of a plane on one byte rules it.
const RULES: f64 = 0.6;

/// What runs leave of such a plane, at most, in parts of its entropy.
const OF_ENTROPY: f64 = 1.3;

/// Bytes of a chunk beyond its codes: zlib's frame, the code lengths, and its entry in the image's index.
const CHUNK_BYTES: f64 = 8.0 + 16.0 + 40.0;

/// Bytes of the code lengths of each plane of a chunk.
const PLANE_BYTES: f64 = 40.0;

/// Bytes of an image beside its chunks: attributes and the structure of its group.
pub const IMAGE_BYTES: f64 = 10_300.0;

/// Bytes of a file beside its images.
pub const FILE_BYTES: f64 = 2_600.0;

/// Predicts the bytes of an image of codes that span a range, from some of its pixels, evenly spread; `None` from none.
#[must_use]
pub fn predict(pixels: &[f32], tiling: Tiling, bits: Bits, range: Range) -> Option<f64> {
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
    let bits_a_pixel = planes.iter().map(|plane| plane_bits(plane)).sum::<f64>() / count as f64;
    let in_chunks = tiling.blocks() as f64 * (CHUNK_BYTES + PLANE_BYTES * planes.len() as f64);
    Some(tiling.shape().pixels() as f64 * bits_a_pixel / 8.0 + in_chunks)
}

/// Computes the bits of a plane with such counts.
fn plane_bits(counts: &[u32; BYTES]) -> f64 {
    if counts.iter().filter(|&&count| count > 0).count() < 2 {
        return 0.0;
    }
    let mut lengths = [0; BYTES];
    huffman::lengths(counts, huffman::MAX_LENGTH, &mut lengths);
    let coded = counts.iter().zip(lengths).map(|(&count, length)| f64::from(count) * f64::from(length)).sum();
    let all = counts.iter().map(|&count| f64::from(count)).sum::<f64>();
    let most = counts.iter().copied().max().unwrap_or_default();
    if f64::from(most) < RULES * all {
        return coded;
    }
    let of = |count: u32| if count == 0 { 0.0 } else { f64::from(count) * log2(all / f64::from(count)) };
    let entropy: f64 = counts.iter().map(|&count| of(count)).sum();
    (OF_ENTROPY * entropy).min(coded)
}

/// Computes the logarithm to base 2 of a number of at least 1 in plain arithmetic, which no target does otherwise.
fn log2(number: f64) -> f64 {
    /// 2 / ln 2.
    const SCALE: f64 = 2.885_390_081_777_926_8;
    const MANTISSA_BITS: u32 = 52;
    let bits = number.to_bits();
    let exponent = (bits >> MANTISSA_BITS) as f64 - 1023.0;
    let mantissa = f64::from_bits(bits & ((1 << MANTISSA_BITS) - 1) | 1.0f64.to_bits());
    // ln m = 2 artanh((m - 1) / (m + 1)), with m from 1 to 2 drawn to its middle.
    let (mantissa, exponent) = if mantissa > std::f64::consts::SQRT_2 {
        (mantissa / 2.0, exponent + 1.0)
    } else {
        (mantissa, exponent)
    };
    let place = (mantissa - 1.0) / (mantissa + 1.0);
    let square = place * place;
    let mut sum = 0.0;
    for odd in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / odd;
    }
    exponent + SCALE * place * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Shape;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn logarithms() {
        for number in [1.0, 1.0 + f64::EPSILON, 1.3, 1.5, 2.0, 3.0, 1e6, 123_456.789, 1e18] {
            assert!((log2(number) - number.log2()).abs() < 1e-13, "{number}");
        }
    }

    #[test]
    fn one_value_takes_no_bits() {
        let tiling = Tiling::of(Shape { nx: 100, ny: 100, nz: 1 });
        let range = Range { low: 0.0, high: 31.0, exact: true };
        let bytes = |pixels: &[f32]| predict(pixels, tiling, Bits::new(5).unwrap(), range);
        assert_eq!(bytes(&[3.0; 50]), Some(CHUNK_BYTES + PLANE_BYTES));
        let even: Vec<f32> = (0..32).map(|n| n as f32).collect();
        assert_eq!(bytes(&even), Some(CHUNK_BYTES + PLANE_BYTES + 10_000.0 * 5.0 / 8.0));
        assert_eq!(bytes(&[]), None);
    }
}
