//! Some pixels of each chunk of an image: what they say of the chunks that are not encoded, beside those that are.

use crate::image::Pixels;
use crate::pipeline::tiling::{Block, Tiling};
use crate::quantise::{Bits, Quantiser, Range};

/// Pixels of all chunks together, about.
const PIXELS: u64 = 64 << 10;

/// Pixels of a piece of a row, at most; an even number, so that those of half a byte start with a byte.
const PIECE: u32 = 16;

/// Pixels that go to either half in turn.
const HALF_PIECE: usize = 8;

/// Pieces of a chunk, at most.
const MOST_PIECES: u64 = 16;

/// Values of a byte.
const BYTES: usize = 256;

/// Appends some pixels of a block of an image, in pieces of rows all over it. Its `rows` are all of the image's columns or
/// its own.
pub fn take(pixels: Pixels, tiling: Tiling, block: &Block, rows: &[u8], values: &mut Vec<f32>) {
    let pieces = (PIXELS / u64::from(PIECE) / tiling.blocks()).clamp(1, MOST_PIECES);
    let (width, height) = (block.columns.len() as u32, block.height());
    let pitch = rows.len() / height.max(1) as usize;
    let own_columns = pitch != pixels.row_bytes(tiling.shape().nx) as usize;
    let start = if own_columns { 0 } else { block.columns.start };
    let long = width.min(PIECE);
    // Of narrow blocks more pieces: every block gives as many pixels, however few it has.
    let all = pieces * u64::from(PIECE);
    let pieces = all.div_ceil(long.into());
    let end = values.len() + all as usize;
    for piece in 0..pieces {
        let row = ((2 * piece + 1) * height / (2 * pieces)) as usize;
        // Five places are visited in turn, which no number of pieces up to 16 but multiples of 5 falls in with.
        let column = (width - long) / 4 * (2 * piece % 5) as u32 / 2 * 2;
        let [from, to] = [column, column + long].map(|column| pixels.row_bytes(start + column) as usize);
        pixels.decode(&rows[row * pitch..][from..to], long, values);
    }
    values.truncate(end);
}

/// Estimates the bits per pixel that each chunk of an image takes, from the entropies of the byte planes of its codes in equal
/// parts of `values`, twice: from either half of them. It is for comparing chunks with each other: runs and matches are not
/// counted.
pub fn entropies(values: &[f32], chunks: usize, bits: Bits, range: Range) -> Vec<[f64; 2]> {
    let quantiser = Quantiser::new(range, bits);
    let planes = if bits.get() > 8 { 2 } else { 1 };
    let part = values.len() / chunks.max(1);
    let mut counts = [[[0u32; BYTES]; 2]; 2];
    let of_chunk = |values: &[f32]| {
        counts.as_flattened_mut().as_flattened_mut().fill(0);
        for (piece, values) in values.chunks(HALF_PIECE).enumerate() {
            let [low, high] = &mut counts[piece % 2];
            for &value in values {
                let code = quantiser.code(value);
                low[(code & 255) as usize] += 1;
                high[(code >> 8 & 255) as usize] += 1;
            }
        }
        counts.each_ref().map(|half| half[..planes].iter().map(entropy).sum())
    };
    values.chunks_exact(part.max(1)).map(of_chunk).collect()
}

/// Computes the bits per byte of a plane with such counts.
fn entropy(counts: &[u32; BYTES]) -> f64 {
    let all: u32 = counts.iter().sum();
    let bits_of = |count: u32| f64::from(count) * (logarithm(all) - logarithm(count));
    counts.iter().filter(|&&count| count > 0).map(|&count| bits_of(count)).sum::<f64>()
        / f64::from(all.max(1))
}

/// Approximates the logarithm to base 2 of a number from 1 on by straight lines between the powers of 2: the same on every
/// machine, which those of mathematical libraries are not.
fn logarithm(number: u32) -> f64 {
    const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
    f64::from(number).to_bits() as f64 / (1u64 << FRACTION) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{PixelType, Shape};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn pieces_are_those_of_the_chunk() {
        let shape = Shape { nx: 1000, ny: 700, nz: 1 };
        let tiling = Tiling::of(shape);
        let pixels = Pixels::new(PixelType::F32, false);
        for block in (0..tiling.blocks()).map(|number| tiling.block(number)) {
            let of = |columns: std::ops::Range<u32>| -> Vec<u8> {
                let row = |y: u32| columns.clone().flat_map(move |x| ((y * 1000 + x) as f32).to_le_bytes());
                block.rows.clone().flat_map(row).collect()
            };
            let (mut all, mut own) = (Vec::new(), Vec::new());
            take(pixels, tiling, &block, &of(0..1000), &mut all);
            take(pixels, tiling, &block, &of(block.columns.clone()), &mut own);
            assert_eq!((all.len(), &all), (256, &own));
            let inside = |value: &f32| {
                let (y, x) = (*value as u32 / 1000, *value as u32 % 1000);
                block.rows.contains(&y) && block.columns.contains(&x)
            };
            assert!(all.iter().all(inside), "{block:?}");
        }
    }

    #[test]
    fn flat_chunks_take_less_than_noisy_ones() {
        let bits = Bits::new(4).unwrap();
        let range = Range { low: 0.0, high: 15.0, exact: true };
        let values: Vec<f32> = (0..64u16).map(|n| if n < 32 { 3.0 } else { f32::from(n % 16) }).collect();
        assert_eq!(entropies(&values, 2, bits, range), [[0.0, 0.0], [3.0, 3.0]]);
    }
}
