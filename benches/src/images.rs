//! Whole images, from a file in memory to a file in memory, on one thread: what natively and in
//! WebAssembly is compared by.

use std::hint::black_box;

use e2compress_core::formats::mrc::Mrc;
use e2compress_core::{Compressor, NoProgress, Options};
use e2compress_core::{Level, PixelEncoding};

use crate::clock::least;
use e2compress_bench::kinds::Random;

/// Rows and columns.
const SIDE: usize = 4096;

/// WebAssembly gets its optimised code during the first rounds.
const ROUNDS: usize = 9;

/// Prints a line per image: its name, nanoseconds per pixel, the output's length and a sum of its bytes,
/// between tabs.
pub fn print() {
    let mut random = Random::new(3);
    let part: Vec<f32> = (0..SIDE * SIDE / 16).map(|_| random.normal() as f32).collect();
    let normal = part.repeat(16);
    let floats: Vec<u8> = normal.iter().flat_map(|v| v.to_le_bytes()).collect();
    let words: Vec<u8> = normal.iter().flat_map(|v| ((v * 600.0 + 5600.0) as u16).to_le_bytes()).collect();
    let bytes: Vec<u8> = normal.iter().map(|v| (v.abs() * 3.0) as u8).collect();
    for (name, mode, pixels, bits, level) in [
        ("f32, 5 bits", 2, &floats, 5, 1),
        ("f32, 10 bits", 2, &floats, 10, 1),
        ("u16, 5 bits", 6, &words, 5, 1),
        ("u8, 4 bits", 0, &bytes, 4, 1),
        ("f32, 5 bits, level 6", 2, &floats, 5, 6),
    ] {
        let file = [&header(SIDE, 1, mode)[..], pixels].concat();
        let (Ok(stored), Ok(level)) = (PixelEncoding::from_bits(bits), Level::new(level)) else { return };
        let options = Options { stored, level: Some(level), ..Options::default() };
        let (mut compressor, mut out) = (Compressor::default(), Vec::new());
        let seconds = least(ROUNDS, || {
            out.clear();
            let slice: &[u8] = black_box(&file);
            let mrc = Mrc::open(&slice, "image.mrc").expect("the header is sound");
            let done = compressor.compress(&mrc, "image.mrc", &mut out, &options, &NoProgress);
            done.expect("memory takes all");
        });
        let sum = out.iter().fold(0u64, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        println!("{name}\t{}\t{}\t{sum:016x}", seconds * 1e9 / (SIDE * SIDE) as f64, out.len());
    }
}

/// Makes an MRC 2014 header of square images.
pub fn header(side: usize, images: usize, mode: i32) -> [u8; 1024] {
    let mut header = [0; 1024];
    let (side, images) = (side as i32, images as i32);
    for (word, value) in [(0, side), (1, side), (2, images), (3, mode), (7, side), (8, side), (9, images)] {
        header[word * 4..][..4].copy_from_slice(&value.to_le_bytes());
    }
    // The order of the axes.
    for axis in 0..3u8 {
        header[64 + usize::from(axis) * 4] = axis + 1;
    }
    header[208..214].copy_from_slice(b"MAP \x44\x44");
    header
}
