//! The encoder and its peers on every kind of codes, cut into chunks of 64 Ki pixels: size, and
//! speed as a ratio. Rounds are interleaved, so that a busy machine disturbs all alike.

use std::fmt;
use std::io::Write;

use e2compress_core::Level;
use e2compress_core::encode::deflate::Encoder;

use crate::clock::cpu_seconds;
use crate::isal::Isal;
use e2compress_bench::kinds::{self, Kind};

/// Pixels of each kind: some megabytes, which no inner cache holds.
const PIXELS: usize = 2 << 20;

/// Pixels of a chunk.
const CHUNK: usize = 64 << 10;

/// Rounds, and the seconds of CPU time after which an encoder sits out the others.
const ROUNDS: usize = 5;
const ENOUGH: f64 = 0.2;

/// Levels of the short form.
const QUICK: [u8; 3] = [1, 6, 9];

/// The columns: peers at the level of the row, then two that are the same in every row.
const PEERS: [&str; 6] = ["zlib", "libdeflate", "zlib-rs", "miniz_oxide", "libdeflate 12", "ISA-L 1"];
const AT_LEVEL: usize = 4;

/// Makes streams of all chunks and returns their size and the CPU seconds.
type Encode = Box<dyn FnMut(&[Vec<u8>], usize) -> (usize, f64)>;

/// An encoder of one chunk at a time, which returns the size of the stream.
fn timed(mut encode: impl FnMut(&[u8], usize) -> usize + 'static) -> Encode {
    Box::new(move |chunks, planes| {
        let start = cpu_seconds();
        let size = chunks.iter().map(|data| encode(data, planes)).sum();
        (size, cpu_seconds() - start)
    })
}

fn ours(level: u8) -> Encode {
    let mut encoder = Encoder::new();
    let mut out = Vec::new();
    let level = Level::new(level.into()).expect("a level");
    timed(move |data, planes| {
        out.clear();
        encoder.zlib(data, planes, level, &mut out);
        out.len()
    })
}

/// The C library, as HDF5's deflate filter uses it: a fresh stream a chunk.
fn zlib(level: u8) -> Encode {
    let mut out = Vec::new();
    timed(move |data, _| {
        out.clear();
        let mut encoder = flate2::write::ZlibEncoder::new(&mut out, flate2::Compression::new(level.into()));
        encoder
            .write_all(data)
            .and_then(|()| encoder.finish().map(|out| out.len()))
            .expect("memory takes all")
    })
}

fn libdeflate(level: i32) -> Encode {
    let level = libdeflater::CompressionLvl::new(level).expect("a level");
    let mut encoder = libdeflater::Compressor::new(level);
    let mut out = vec![0; 2 * 2 * CHUNK];
    timed(move |data, _| encoder.zlib_compress(data, &mut out).expect("room enough"))
}

fn zlib_rs(level: u8) -> Encode {
    let mut out = vec![0; 2 * 2 * CHUNK];
    let config = zlib_rs::DeflateConfig::new(level.into());
    timed(move |data, _| zlib_rs::compress_slice(&mut out, data, config).0.len())
}

fn miniz_oxide(level: u8) -> Encode {
    timed(move |data, _| miniz_oxide::deflate::compress_to_vec_zlib(data, level).len())
}

/// ISA-L, which gets the chunks as a file.
fn isal(python: &str, chunks: &[Vec<u8>], size: usize) -> Encode {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(&chunks.concat()).expect("room for a few megabytes");
    let mut isal = Isal::start(python).expect("Python starts");
    Box::new(move |_, _| isal.compress(file.path(), size).expect("Python has the package isal"))
}

/// The best an encoder has done.
#[derive(Clone, Copy)]
struct Best {
    size: usize,
    seconds: f64,
    spent: f64,
}

/// What was measured of one kind: for each level ours and [`PEERS`].
fn measured(kind: &Kind, levels: &[u8], python: &str) -> Vec<Vec<Best>> {
    let size = CHUNK * kind.width;
    let chunks = kind.chunks(size);
    let mut encoders: Vec<Encode> = levels
        .iter()
        .flat_map(|&level| {
            [ours(level), zlib(level), libdeflate(level.into()), zlib_rs(level), miniz_oxide(level)]
        })
        .chain([libdeflate(12), isal(python, &chunks, size)])
        .collect();
    let mut best = vec![Best { size: 0, seconds: f64::INFINITY, spent: 0.0 }; encoders.len()];
    for _ in 0..ROUNDS {
        for (encode, best) in encoders.iter_mut().zip(&mut best) {
            if best.spent < ENOUGH {
                let (size, seconds) = encode(&chunks, kind.planes());
                *best = Best { size, seconds: best.seconds.min(seconds), spent: best.spent + seconds };
            }
        }
    }
    let (at_levels, same) = best.split_at(levels.len() * (1 + AT_LEVEL));
    at_levels.chunks(1 + AT_LEVEL).map(|row| [row, same].concat()).collect()
}

/// Our size over a peer's, and our speed over its speed.
#[derive(Clone, Copy)]
struct Ratios {
    size: f64,
    speed: f64,
}

impl Ratios {
    fn of(ours: Best, peer: Best) -> Self {
        Self { size: ours.size as f64 / peer.size as f64, speed: peer.seconds / ours.seconds }
    }
}

/// Ratios from the least to the greatest.
struct Span(Vec<Ratios>);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = |part: fn(&Ratios) -> f64| {
            let values = self.0.iter().map(part);
            values.fold((f64::INFINITY, 0f64), |(least, most), value| (least.min(value), most.max(value)))
        };
        let (size, speed) = (ends(|ratios| ratios.size), ends(|ratios| ratios.speed));
        write!(f, "{:8.3} to {:.3} {:7.1}x to {:5.1}x", size.0, size.1, speed.0, speed.1)
    }
}

/// Prints a table for each kind, and what they span beside zlib.
pub fn print(python: &str, quick: bool) {
    let levels: Vec<u8> = if quick { QUICK.to_vec() } else { (0..=9).collect() };
    println!("beside each peer: our size over its size, our speed over its speed");
    let groups = [&kinds::NOISE[..], &kinds::FLAT[..]];
    let mut spans: Vec<Vec<Span>> =
        groups.iter().map(|_| levels.iter().map(|_| Span(Vec::new())).collect()).collect();
    for (group, spans) in groups.iter().zip(&mut spans) {
        for &name in *group {
            let kind = kinds::make(name, PIXELS);
            println!("\n{name:6} level       KB  MB/s{}", PEERS.map(|peer| format!("{peer:>15}")).concat());
            let rows = measured(&kind, &levels, python);
            for ((level, row), span) in levels.iter().zip(&rows).zip(spans.iter_mut()) {
                let speed = kind.bytes.len() as f64 / row[0].seconds / 1e6;
                print!("{level:12} {:8.0} {speed:5.0}", row[0].size as f64 / 1e3);
                let ratios: Vec<Ratios> = row[1..].iter().map(|&peer| Ratios::of(row[0], peer)).collect();
                for Ratios { size, speed } in &ratios {
                    print!("   {size:.3} {speed:5.1}x");
                }
                println!();
                span.0.push(ratios[0]);
            }
        }
    }
    println!("\nbeside zlib at the same level: size and speed on noise, on flat kinds");
    for (place, level) in levels.iter().enumerate() {
        println!("{level:5} {}   {}", spans[0][place], spans[1][place]);
    }
}
