//! Each step of the walk on one core, in nanoseconds per pixel, and how far it is from a plain copy of
//! the same input in the same run.

use std::hint::black_box;

use e2compress_core::Level;
use e2compress_core::encode::deflate::Encoder;
use e2compress_core::encode::shuffle;
use e2compress_core::image::PixelType;
use e2compress_core::image::pixels::Pixels;
use e2compress_core::kernel::strided::Strided;
use e2compress_core::quantise::Bits;
use e2compress_core::quantise::limits::Histogram;
use e2compress_core::quantise::range::{Bounds, range};
use e2compress_core::quantise::statistics::{Statistics, Tally};
use e2compress_core::quantise::{Quantiser, Subtract, Table};

use crate::clock::least;
use e2compress_bench::kinds::Random;

/// Pixels of a block, and blocks: 16 Mi pixels do not fit a cache.
const BLOCK: usize = 64 << 10;
const BLOCKS: usize = 256;
const ROUNDS: usize = 5;

/// Prints the table.
pub fn print() {
    let mut random = Random::new(3);
    let part: Vec<f32> = (0..BLOCK * BLOCKS / 16).map(|_| random.normal() as f32).collect();
    let normal = part.repeat(16);
    let f32s: Vec<u8> = normal.iter().flat_map(|v| v.to_le_bytes()).collect();
    let u16s: Vec<u8> = normal.iter().flat_map(|v| ((v * 600.0 + 5600.0) as u16).to_le_bytes()).collect();
    let u8s: Vec<u8> = normal.iter().map(|v| (v.abs() * 3.0) as u8).collect();
    println!(
        "one core, beside the physical limit: plain copies of the image and of the step's own input, in the same run"
    );
    println!("{:13} {:14} {:>9} {:>9} {:>9}", "", "", "ns/pixel", "x image", "x input");
    for (name, kind, raw, bits) in [
        ("f32, 5 bits", PixelType::F32, &f32s, 5),
        ("f32, 10 bits", PixelType::F32, &f32s, 10),
        ("u16, 5 bits", PixelType::U16, &u16s, 5),
        ("u8, 4 bits", PixelType::U8, &u8s, 4),
    ] {
        let Some(bits) = Bits::new(bits) else { return };
        stages(name, Pixels::new(kind, false), raw, bits);
    }
}

fn tally(pixels: Pixels, block: &[u8], values: &mut Vec<f32>) -> Tally {
    match pixels.kind {
        PixelType::U8 => Tally::of_integers(Strided::whole(block), |byte| byte, 0),
        PixelType::U16 => Tally::of_integers(Strided::whole(block.as_chunks::<2>().0), u16::from_le_bytes, 0),
        _ => Tally::of(in_place(pixels, block, values)),
    }
}

/// A block as `f32`, where it lies if that is what it holds.
fn in_place<'a>(pixels: Pixels, block: &'a [u8], values: &'a mut Vec<f32>) -> &'a [f32] {
    if let Some(there) = pixels.as_values(Strided::whole(block)).and_then(|strided| strided.rows().next()) {
        return there;
    }
    values.clear();
    pixels.decode(block, BLOCK as u32, values);
    values
}

fn stages(name: &str, pixels: Pixels, raw: &[u8], bits: Bits) {
    let blocks = || raw.chunks_exact(raw.len() / BLOCKS);
    let (mut values, mut sum) = (Vec::new(), Tally::EMPTY);
    let mut copy = vec![0; raw.len()];
    let copied = least(ROUNDS, || {
        copy.copy_from_slice(raw);
        black_box(&mut copy);
    });
    let summed = least(ROUNDS, || {
        sum = Tally::EMPTY;
        blocks().for_each(|block| sum.merge(&tally(pixels, block, &mut values)));
    });
    let statistics = Statistics::of(&sum);
    let mut histogram = [0; _];
    let counted = least(ROUNDS, || {
        for block in blocks() {
            let values = in_place(pixels, block, &mut values);
            Histogram::count(&statistics, Strided::whole(values), &mut histogram);
        }
    });
    let Some(range) = range(Bounds::unlimited(&statistics), None, bits) else { return };
    let quantiser = Quantiser::new(range, bits);
    let shift = Subtract::new(pixels, range, bits).filter(|_| pixels.kind == PixelType::U8);
    let table = Table::new(pixels, (BLOCK * BLOCKS) as u64, quantiser);
    let wide = bits.get() > 8;
    let element = 1 + usize::from(wide);
    let mut planes = vec![0; BLOCK * element];
    let mut code = |planes: &mut [u8], block: &[u8]| {
        let (low, high) = planes.split_at_mut(BLOCK);
        if let Some(shift) = shift {
            return shift.bytes(block, |byte| byte, low);
        }
        if let Some(table) = &table {
            return if wide { table.planes(block, low, high) } else { table.bytes(block, low) };
        }
        let values = in_place(pixels, block, &mut values);
        if wide { quantiser.planes(values, low, high) } else { quantiser.bytes(values, low) }
    };
    let mut truncated = 0;
    let coded = least(ROUNDS, || blocks().for_each(|block| truncated += code(&mut planes, block)));
    let chunks: Vec<Vec<u8>> = blocks()
        .map(|block| {
            truncated += code(&mut planes, block);
            planes.clone()
        })
        .collect();
    let codes_copied = least(ROUNDS, || {
        for (planes, copy) in chunks.iter().zip(copy.chunks_exact_mut(chunks[0].len())) {
            copy.copy_from_slice(planes);
        }
        black_box(&mut copy);
    });
    let (mut encoder, mut out) = (Encoder::new(), Vec::new());
    let deflated = least(3, || {
        for planes in &chunks {
            out.clear();
            shuffle::encode(&mut encoder, planes, element, Level::default(), &mut out);
        }
    });
    for (step, seconds, limit) in [
        ("copy of image", copied, copied),
        ("statistics", summed, copied),
        ("histogram", counted, copied),
        ("codes", coded, copied),
        ("copy of codes", codes_copied, codes_copied),
        ("deflate", deflated, codes_copied),
    ] {
        let pixel = seconds * 1e9 / (BLOCK * BLOCKS) as f64;
        println!("{name:13} {step:14} {pixel:9.2} {:9.1} {:9.1}", seconds / copied, seconds / limit);
    }
}
