//! Each step of the walk on one core, in nanoseconds a pixel, beside a plain copy of its input.

use e2compress_core::chunk;
use e2compress_core::codes::Quantiser;
use e2compress_core::deflate::Encoder;
use e2compress_core::limits::Histogram;
use e2compress_core::options::{Level, Stored};
use e2compress_core::pixels::{PixelType, Pixels};
use e2compress_core::range::{Bounds, range};
use e2compress_core::statistics::{Statistics, Tally};
use e2compress_core::table::Table;

use crate::clock::least;

const BLOCK: usize = 64 << 10;
const BLOCKS: usize = 64;
const ROUNDS: usize = 7;

pub fn print() {
    let mut seed = 1u64;
    let mut even = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 40) as f32 / (1u64 << 24) as f32
    };
    let normal: Vec<f32> = (0..BLOCK * BLOCKS).map(|_| (0..6).map(|_| even()).sum::<f32>() - 3.0).collect();
    let f32s: Vec<u8> = normal.iter().flat_map(|v| v.to_le_bytes()).collect();
    let u16s: Vec<u8> = normal.iter().flat_map(|v| ((v * 600.0 + 5600.0) as u16).to_le_bytes()).collect();
    let u8s: Vec<u8> = normal.iter().map(|v| (v.abs() * 3.0) as u8).collect();
    println!("nanoseconds a pixel, one core");
    for (name, kind, raw, bits) in [
        ("f32 5 bits", PixelType::F32, &f32s, 5),
        ("f32 10 bits", PixelType::F32, &f32s, 10),
        ("u16 5 bits", PixelType::U16, &u16s, 5),
        ("u8 4 bits", PixelType::U8, &u8s, 4),
    ] {
        stages(name, kind, raw, bits);
    }
}

fn stages(name: &str, kind: PixelType, raw: &[u8], bits: i64) {
    let pixels = Pixels { kind, big_endian: false };
    let block_bytes = raw.len() / BLOCKS;
    let blocks = || raw.chunks_exact(block_bytes);
    let Ok(Stored::Codes(bits)) = Stored::from_bits(bits) else { return };
    let total = (BLOCK * BLOCKS) as f64 / 1e9;
    let mut values = Vec::new();
    let mut copy = vec![0; raw.len()];
    let copied = least(ROUNDS, || copy.copy_from_slice(raw));
    let decode = least(ROUNDS, || blocks().for_each(|block| pixels.decode(block, BLOCK as u32, &mut values)));
    let mut tally = Tally::EMPTY;
    let tallied = least(ROUNDS, || {
        tally = Tally::EMPTY;
        for block in blocks() {
            tally.merge(&match kind {
                PixelType::U8 => Tally::of_integers(block, i32::from),
                PixelType::U16 => {
                    Tally::of_integers(block.as_chunks::<2>().0, |word| u16::from_le_bytes(word).into())
                }
                _ => {
                    pixels.decode(block, BLOCK as u32, &mut values);
                    Tally::of(&values)
                }
            });
        }
    });
    let statistics = Statistics::of(&tally);
    let mut bins = [0; 1024];
    let histogram =
        least(ROUNDS, || blocks().for_each(|_| Histogram::count(&statistics, &values, &mut bins)));
    let range = range(Bounds::unlimited(&statistics), None, bits).expect("a range");
    let quantiser = Quantiser::new(range, bits);
    let wide = bits.get() > 8;
    let element = 1 + usize::from(wide);
    let mut codes = vec![0; BLOCK * element];
    let table = Table::new(pixels, (BLOCK * BLOCKS) as u64, quantiser);
    let mut quantise = |codes: &mut Vec<u8>, block: &[u8]| {
        let (low, high) = codes.split_at_mut(BLOCK);
        if let Some(table) = &table {
            return if wide { table.planes(block, low, high) } else { table.bytes(block, low) };
        }
        pixels.decode(block, BLOCK as u32, &mut values);
        if wide { quantiser.planes(&values, low, high) } else { quantiser.bytes(&values, low) }
    };
    let quantised = least(ROUNDS, || {
        blocks().for_each(|block| {
            quantise(&mut codes, block);
        })
    });
    let mut encoder = Encoder::new();
    let mut out = Vec::new();
    let encoded = least(3, || {
        for block in blocks() {
            quantise(&mut codes, block);
            out.clear();
            chunk::encode(&mut encoder, &codes, element, Level::default(), &mut out);
        }
    });
    println!(
        "{name:12} copy {:.2}  decode {:.2}  decode+statistics {:.2}  histogram {:.2}  decode+codes {:.2}  decode+codes+chunk {:.2}",
        copied / total,
        decode / total,
        tallied / total,
        histogram / total,
        quantised / total,
        encoded / total
    );
}
