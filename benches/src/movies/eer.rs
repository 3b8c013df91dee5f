//! EER beside imagecodecs: frames of the size and dose of a Falcon 4i, each an image or summed.

use std::fs;
use std::io;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Instant;

use e2compress_bench::kinds::Random;
use e2compress_core::formats::eer::{Eer, EerRendering, EerSums, Upsampling};
use e2compress_core::image::Images;
use e2compress_fixtures::eer::{Coding, Electron, Movie, codes};

use super::peer::Libtiff;
use super::{ROUNDS, cpu_seconds, middle};

const SIZE: u32 = 4096;
const FRAMES: u32 = 40;
const CODING: Coding = Coding { gap: 7, sub: 2, wasteful: false };

/// Electrons per pixel and frame: some 4 per pixel and second.
const DOSE: f64 = 0.0167;

/// Bytes after the codes of a frame: imagecodecs misses electrons whose codes end too near the end.
const PADDING: usize = 8;

/// Prints how fast frames are decoded.
pub fn print(
    folder: &Path,
    peer: &mut Libtiff,
    pools: &[rayon::ThreadPool; 2],
    quick: bool,
) -> io::Result<()> {
    let path = folder.join("movie.eer");
    let movie = movie();
    let file = movie.file();
    fs::write(&path, &file)?;
    println!(
        "EER, {FRAMES} frames of {SIZE} x {SIZE}, {} KB each; middle of {ROUNDS} rounds (least to most)",
        movie.frames[0].len() / 1000
    );
    let sum = NonZeroU32::new(FRAMES).map_or(EerSums::None, EerSums::Grouping);
    for (name, upsampling, sums) in [
        ("each frame, 1x", Upsampling::One, EerSums::None),
        ("each frame, 2x", Upsampling::Two, EerSums::None),
        ("all summed, 1x", Upsampling::One, sum),
        ("all summed, 2x", Upsampling::Two, sum),
    ] {
        let (mut beside, mut scaled, mut each) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let level = upsampling.factor().ilog2();
            let theirs = peer.decode_eer(&path, level, sums != EerSums::None)?;
            let rendering = EerRendering { sums, upsampling };
            let [one, two] = [&pools[0], &pools[1]].map(|pool| pool.install(|| decode(&file, rendering)));
            let ((cpu, wall, electrons), (_, wall_of_two, _)) = (one?, two?);
            assert_eq!(electrons, theirs.sum, "imagecodecs has other electrons");
            beside.push(theirs.seconds / cpu);
            scaled.push(wall / wall_of_two);
            each.push(cpu * 1e3 / f64::from(FRAMES));
        }
        println!(
            "{name}: {} ms of CPU per frame, {} times imagecodecs, two threads {} times one (goal: 1.7)",
            middle(each, 2),
            middle(beside, 2),
            middle(scaled, 2)
        );
        if quick {
            break;
        }
    }
    Ok(())
}

/// Draws a movie.
fn movie() -> Movie {
    let pixels = u64::from(SIZE) * u64::from(SIZE);
    let mut random = Random::new(17);
    let frames = (0..FRAMES).map(|_| {
        let (mut electrons, mut pixel) = (Vec::new(), 0);
        loop {
            pixel += (random.uniform().ln() / (1.0 - DOSE).ln()) as u64;
            if pixel >= pixels {
                let mut frame = codes(CODING, pixels, &electrons);
                frame.resize(frame.len().next_multiple_of(8) + PADDING, 0);
                break frame;
            }
            let [x, y] = [random.below(4), random.below(4)].map(|place| place as u32);
            electrons.push(Electron { pixel, x, y });
            pixel += 1;
        }
    });
    Movie::new(SIZE, SIZE, 65001, frames.collect())
}

/// Decodes a movie: seconds of CPU time of all threads, seconds, and the electrons of the last image.
fn decode(file: &[u8], rendering: EerRendering) -> io::Result<(f64, f64, u64)> {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let reader = Eer::open(&file, rendering).map_err(io::Error::other)?;
    // One row is enough to have an image made.
    let mut row = vec![0; reader.shape(0).nx as usize];
    for image in 0..reader.images() {
        reader.read(image, 0..1, &mut row).map_err(io::Error::other)?;
    }
    let (cpu, wall) = (cpu_seconds() - cpu, start.elapsed().as_secs_f64());
    let shape = reader.shape(0);
    let mut image = vec![0; shape.pixels() as usize];
    reader.read(reader.images() - 1, 0..shape.rows(), &mut image).map_err(io::Error::other)?;
    Ok((cpu, wall, image.iter().map(|&count| u64::from(count)).sum()))
}
