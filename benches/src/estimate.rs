//! What the estimate of the noise costs a plain run, and how far predicted sizes are from real ones.

use std::ops::ControlFlow;
use std::path::Path;

use e2compress_core::{
    Compressor, Estimates, ImagePlan, Images, NoProgress, Options, PixelEncoding, open, plan,
};

use crate::clock::least;
use crate::images::header;
use e2compress_bench::kinds::Random;
use e2compress_bench::simulated::{damped, floats, white};

/// Interleaved runs with and without the estimate.
const ROUNDS: usize = 9;

/// What it may cost, in parts of the plain run's CPU seconds.
const MOST: f64 = 0.15;

/// Noise is predicted within this part of the real size, for these numbers of bits.
const NEAR: f64 = 0.03;
const BITS: std::ops::RangeInclusive<u32> = 2..=12;

/// Prints both; real images are those of a folder, where there is one.
pub fn print(real: Option<&Path>) {
    cost();
    println!("\npredicted beside real size, in per cent more or less; goal on noise: {} %", NEAR * 100.0);
    print!("{:36}", "bits");
    BITS.for_each(|bits| print!("{bits:>7}"));
    println!("{:>7}", "worst");
    for side in [256usize, 512, 1024, 2048] {
        let noise = white(21, side * side);
        let integers: Vec<f64> = noise.iter().map(|noise| (600.0 * noise + 5600.0).round()).collect();
        let damped = damped(22, side);
        for (name, values) in [("white", noise), ("white, integers", integers), ("damped", damped)] {
            // As a file, whose attributes are a part of what is predicted.
            let pixels = floats(&values).into_iter().flat_map(f32::to_le_bytes);
            let file: Vec<u8> = header(side, 1, 2).into_iter().chain(pixels).collect();
            let source = file.as_slice();
            let images = open(&source, "image.mrc").expect("the header is sound");
            sizes(&format!("{name}, {side} x {side}"), &*images);
        }
    }
    let mut paths: Vec<_> = real.into_iter().flat_map(std::fs::read_dir).flatten().flatten().collect();
    paths.sort_by_key(std::fs::DirEntry::file_name);
    for path in paths {
        let name = path.file_name().to_string_lossy().into_owned();
        let Ok(bytes) = std::fs::read(path.path()) else { continue };
        let source = bytes.as_slice();
        if let Ok(images) = open(&source, &name) {
            sizes(&name, &*images);
        }
    }
}

/// Prints the CPU time of a plain run with and without the estimate.
fn cost() {
    println!("one worker thread, ns per pixel; goal: the estimate takes at most {} %", MOST * 100.0);
    println!("{:24}{:>10}{:>10}{:>10}", "", "without", "with", "more");
    let mut random = Random::new(3);
    for side in [1024usize, 2048, 4096] {
        let part: Vec<f32> = (0..side * side / 16).map(|_| random.normal() as f32).collect();
        let noise = part.repeat(16);
        for (name, mode, bits) in [("u8, 4 bits", 0, 4), ("u16, 6 bits", 6, 6), ("f32, 5 bits", 2, 5)] {
            let pixels: Vec<u8> = match mode {
                0 => noise.iter().map(|v| (v.abs() * 3.0) as u8).collect(),
                6 => noise.iter().flat_map(|v| ((v * 600.0 + 5600.0) as u16).to_le_bytes()).collect(),
                _ => noise.iter().flat_map(|v| v.to_le_bytes()).collect(),
            };
            let file = [&header(side, 1, mode)[..], &pixels].concat();
            let source = file.as_slice();
            let images = open(&source, "image.mrc").expect("the header is sound");
            let (mut compressor, mut out) = (Compressor::default(), Vec::new());
            let mut run = |estimates| {
                let options = Options { estimates, ..Options::bits(bits).expect("a number of bits") };
                least(1, || {
                    out.clear();
                    let done = compressor.compress(&*images, "image.mrc", &mut out, &options, &NoProgress);
                    done.expect("memory takes all");
                })
            };
            let (mut without, mut with) = (f64::INFINITY, f64::INFINITY);
            for _ in 0..ROUNDS {
                without = without.min(run(Estimates::None));
                with = with.min(run(Estimates::Few));
            }
            let of = |seconds: f64| seconds * 1e9 / (side * side) as f64;
            let share = with / without - 1.0;
            let verdict = if share > MOST { "  missed" } else { "" };
            println!(
                "{:24}{:10.2}{:10.2}{:8.1} %{verdict}",
                format!("{side} x {side} {name}"),
                of(without),
                of(with),
                share * 100.0
            );
        }
    }
}

/// Prints how far the predicted sizes of an input are from those of its outputs.
fn sizes(name: &str, images: &dyn Images) {
    let mut predicted = vec![Some(0); 17];
    let mut take = |planned: ImagePlan| {
        for row in planned.table {
            let sum = &mut predicted[row.bits as usize];
            *sum = sum.zip(row.predicted_size).map(|(sum, size)| sum + size);
        }
        ControlFlow::Continue(())
    };
    if plan(images, "a.mrc", &Options::default(), &mut take, &NoProgress).is_err() {
        return;
    }
    let mut worst = 0f64;
    print!("{name:36}");
    for bits in BITS {
        let stored = PixelEncoding::from_bits(bits.into()).expect("a number of bits");
        let options = Options { stored, estimates: Estimates::None, ..Options::default() };
        let mut out = Vec::new();
        let done = Compressor::default().compress(images, name, &mut out, &options, &NoProgress);
        let (Some(size), Ok(_)) = (predicted[bits as usize], done) else {
            print!("{:>7}", "-");
            continue;
        };
        let more = size as f64 / out.len() as f64 - 1.0;
        worst = worst.max(more.abs());
        print!("{:7.1}", more * 100.0);
    }
    println!("{:7.1}", worst * 100.0);
}
