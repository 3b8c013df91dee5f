//! The encoder and its peers on every kind of codes, cut into chunks of 64 Ki pixels: size, and
//! speed as a ratio. Rounds are interleaved, so that a busy machine disturbs all alike.

use std::io::Write;

use e2compress_core::deflate::Encoder;
use e2compress_core::options::Level;

use crate::clock::cpu_seconds;
use e2compress_bench::kinds;

/// A micrograph.
const PIXELS: usize = 4096 * 4096;

/// Pixels of a chunk.
const CHUNK: usize = 64 << 10;

/// Rounds at level 1, where runs are short.
const ROUNDS: usize = 3;

/// Returns the size of the stream.
type Encode = Box<dyn FnMut(&[u8], usize) -> usize>;

fn ours(level: u8) -> Encode {
    let mut encoder = Encoder::new();
    let mut out = Vec::new();
    let level = Level::new(level.into()).expect("a level");
    Box::new(move |data, planes| {
        out.clear();
        encoder.zlib(data, planes, level, &mut out);
        out.len()
    })
}

/// The C library, as HDF5's deflate filter uses it: a fresh stream a chunk.
fn zlib(level: u8) -> Encode {
    let mut out = Vec::new();
    Box::new(move |data, _| {
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
    Box::new(move |data, _| encoder.zlib_compress(data, &mut out).expect("room enough"))
}

fn miniz(level: u8) -> Encode {
    Box::new(move |data, _| miniz_oxide::deflate::compress_to_vec_zlib(data, level).len())
}

fn zlib_rs(level: u8) -> Encode {
    let mut out = vec![0; 2 * 2 * CHUNK];
    let config = zlib_rs::DeflateConfig::new(level.into());
    Box::new(move |data, _| zlib_rs::compress_slice(&mut out, data, config).0.len())
}

fn encoders(level: u8) -> Vec<(String, Encode)> {
    let mut encoders = vec![
        ("ours".to_owned(), ours(level)),
        (format!("zlib {level}"), zlib(level)),
        (format!("libdeflate {level}"), libdeflate(level.into())),
        (format!("miniz_oxide {level}"), miniz(level)),
        (format!("zlib-rs {level}"), zlib_rs(level)),
    ];
    if level == 1 {
        encoders.push(("zlib 6".into(), zlib(6)));
        encoders.push(("libdeflate 12".into(), libdeflate(12)));
    }
    if level == 9 {
        encoders.push(("libdeflate 12".into(), libdeflate(12)));
    }
    encoders
}

/// Prints the table for some levels.
pub fn print(levels: &[u8]) {
    for &level in levels {
        println!(
            "\nlevel {level}: KB, MB/s; beside each peer, our size over its size and our speed over its speed"
        );
        let pixels = if level == 1 { PIXELS } else { PIXELS / 8 };
        for name in kinds::NOISE.into_iter().chain(kinds::FLAT) {
            let kind = kinds::make(name, pixels);
            let chunks = kind.chunks(CHUNK * kind.width);
            let mut encoders = encoders(level);
            let mut best = vec![(0, f64::INFINITY); encoders.len()];
            for _ in 0..if level == 1 { ROUNDS } else { 1 } {
                for ((_, encode), best) in encoders.iter_mut().zip(&mut best) {
                    let start = cpu_seconds();
                    let size = chunks.iter().map(|data| encode(data, kind.planes())).sum();
                    *best = (size, best.1.min(cpu_seconds() - start));
                }
            }
            let (size, seconds) = best[0];
            let speed = kind.bytes.len() as f64 / seconds / 1e6;
            print!("{name:>7} {:8.0} {speed:6.0}", size as f64 / 1e3);
            for ((peer, _), (peer_size, peer_seconds)) in encoders.iter().zip(&best).skip(1) {
                print!(" | {peer} {:.3} {:.1}x", size as f64 / *peer_size as f64, peer_seconds / seconds);
            }
            println!();
        }
    }
}
