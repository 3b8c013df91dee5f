//! Inflaters on streams of ours and of zlib's, chunks of 64 Ki pixels: speed over `miniz_oxide`'s.
//! Rounds are interleaved, so that a busy machine disturbs all alike.

use std::io::Write;

use e2compress_bench::kinds;
use e2compress_core::Level;
use e2compress_core::encode::deflate::Encoder;
use e2compress_core::formats::hdf5::read::Inflater;
use e2compress_core::verify::stream::StreamCheck;

use crate::clock::cpu_seconds;

const PIXELS: usize = 2 << 20;
const CHUNK: usize = 64 << 10;
const ROUNDS: usize = 7;

/// Fills its room from a stream, given what it should then hold.
type Inflate = Box<dyn FnMut(&[u8], &mut [u8], &[u8])>;

fn inflaters() -> Vec<(&'static str, Inflate)> {
    let mut libdeflate = libdeflater::Decompressor::new();
    let mut zlib_rs = zlib_rs::Inflate::new(true, 15);
    let mut miniz = miniz_oxide::inflate::core::DecompressorOxide::new();
    let mut ours = Inflater::new();
    let mut check = StreamCheck::default();
    vec![
        (
            "miniz_oxide",
            Box::new(move |stream, out, _| {
                miniz.init();
                let flags = miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
                    | miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_COMPUTE_ADLER32
                    | miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
                let (status, _, made) =
                    miniz_oxide::inflate::core::decompress(&mut miniz, stream, out, 0, flags);
                assert_eq!((status as i8, made), (0, out.len()));
            }),
        ),
        ("ours (fdeflate)", Box::new(move |stream, out, _| ours.inflate(stream, out).expect("a stream"))),
        (
            "ours, checked against its bytes",
            Box::new(move |stream, _, bytes| check.check(stream, bytes, false).expect("a stream")),
        ),
        (
            "zlib-rs",
            Box::new(move |stream, out, _| {
                zlib_rs.reset(true);
                zlib_rs.decompress(stream, out, zlib_rs::InflateFlush::Finish).expect("a stream");
                assert_eq!(zlib_rs.total_out(), out.len() as u64);
            }),
        ),
        (
            "zune-inflate",
            Box::new(move |stream, out, _| {
                let options = zune_inflate::DeflateOptions::default().set_size_hint(out.len());
                let made = zune_inflate::DeflateDecoder::new_with_options(stream, options).decode_zlib();
                assert_eq!(made.expect("a stream").len(), out.len());
            }),
        ),
        (
            "libdeflate (C)",
            Box::new(move |stream, out, _| {
                assert_eq!(libdeflate.zlib_decompress(stream, out), Ok(out.len()));
            }),
        ),
    ]
}

fn ours(kind: &kinds::Kind, level: i64) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new();
    let level = Level::new(level).expect("a level");
    let stream = |data: Vec<u8>| {
        let mut out = Vec::new();
        encoder.zlib(&data, kind.planes(), level, &mut out);
        out
    };
    kind.chunks(CHUNK * kind.width).into_iter().map(stream).collect()
}

fn zlib(kind: &kinds::Kind, level: u32) -> Vec<Vec<u8>> {
    let stream = |data: Vec<u8>| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(&data).and_then(|()| encoder.finish()).expect("memory takes all")
    };
    kind.chunks(CHUNK * kind.width).into_iter().map(stream).collect()
}

/// Prints the table.
pub fn print() {
    println!("MB/s of miniz_oxide; the others' speed over it");
    for name in kinds::NOISE.into_iter().chain(kinds::FLAT) {
        let kind = kinds::make(name, PIXELS);
        let chunks = kind.chunks(CHUNK * kind.width);
        let makers = [("ours 1", ours(&kind, 1)), ("ours 6", ours(&kind, 6)), ("zlib 1", zlib(&kind, 1))];
        for (maker, streams) in makers {
            let mut inflaters = inflaters();
            let mut best = vec![f64::INFINITY; inflaters.len()];
            let mut out = vec![0; CHUNK * kind.width];
            for _ in 0..ROUNDS {
                for ((_, inflate), best) in inflaters.iter_mut().zip(&mut best) {
                    let start = cpu_seconds();
                    for (stream, chunk) in streams.iter().zip(&chunks) {
                        inflate(stream, &mut out[..chunk.len()], chunk);
                    }
                    *best = best.min(cpu_seconds() - start);
                }
            }
            print!("{name:>7} by {maker:6} {:6.0}", kind.bytes.len() as f64 / best[0] / 1e6);
            for ((name, _), seconds) in inflaters.iter().zip(&best).skip(1) {
                print!(" | {name} {:.2}", best[0] / seconds);
            }
            println!();
        }
    }
}
