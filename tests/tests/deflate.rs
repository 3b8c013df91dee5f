//! Whatever the data, five inflaters that share no code read it back, at every level; and what the
//! levels promise.

use std::io::{Read, Write};

use e2compress_bench::kinds::{self, Random};
use e2compress_core::Level;
use e2compress_core::deflate::Encoder;
use proptest::prelude::*;

const LEVELS: std::ops::RangeInclusive<u8> = 0..=9;

/// An inflater: the data, or `None` when it refuses the stream. It is told the length.
type Inflate = fn(&[u8], usize) -> Option<Vec<u8>>;

const INFLATERS: [(&str, Inflate); 5] = [
    ("zlib", |stream, _| {
        let (mut out, mut decoder) = (Vec::new(), flate2::read::ZlibDecoder::new(stream));
        decoder.read_to_end(&mut out).ok()?;
        (decoder.total_in() == stream.len() as u64).then_some(out)
    }),
    ("libdeflate", |stream, length| {
        let mut out = vec![0; length];
        let size = libdeflater::Decompressor::new().zlib_decompress(stream, &mut out).ok()?;
        out.truncate(size);
        Some(out)
    }),
    ("zlib-rs", |stream, length| {
        let mut out = vec![0; length + 1];
        let (read, code) = zlib_rs::decompress_slice(&mut out, stream, zlib_rs::InflateConfig::default());
        (code == zlib_rs::ReturnCode::Ok).then(|| read.to_vec())
    }),
    ("miniz_oxide", |stream, _| miniz_oxide::inflate::decompress_to_vec_zlib(stream).ok()),
    ("fdeflate", |stream, _| fdeflate::decompress_to_vec(stream).ok()),
];

fn level(level: u8) -> Level {
    Level::new(level.into()).expect("a level")
}

/// Encodes at every level in `levels` with one encoder and checks that all inflaters read `data` back.
fn check(encoder: &mut Encoder, data: &[u8], planes: usize, levels: impl IntoIterator<Item = u8>) {
    for number in levels {
        let mut stream = b"before".to_vec();
        encoder.zlib(data, planes, level(number), &mut stream);
        let stream = stream.strip_prefix(b"before").expect("the stream is appended");
        for (name, inflate) in INFLATERS {
            let read = inflate(stream, data.len());
            let what = format!("level {number}, {} bytes, {planes} planes", data.len());
            assert!(read.is_some(), "{name} refuses {what}");
            assert!(read.as_deref() == Some(data), "{name} reads {what} otherwise");
        }
    }
}

#[test]
fn every_small_length() {
    let mut encoder = Encoder::new();
    let mut random = Random::new(1);
    for length in 0..=600 {
        let noise: Vec<u8> = (0..length).map(|_| random.below(13) as u8).collect();
        let flat: Vec<u8> = (0..length).map(|i| u8::from(i % 97 == 0)).collect();
        let wide: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        for data in [noise, flat, wide] {
            check(
                &mut encoder,
                &data,
                1 + length % 4,
                [0, 1, 2 + (length % 4) as u8, 6 + (length % 4) as u8],
            );
        }
    }
}

#[test]
fn every_alphabet_size() {
    let mut encoder = Encoder::new();
    let mut random = Random::new(2);
    for symbols in 1..=256u64 {
        for length in [100, 5000, 20_000] {
            let data: Vec<u8> = (0..length).map(|_| random.below(symbols) as u8).collect();
            check(&mut encoder, &data, 1, [1, (symbols % 10) as u8]);
        }
    }
}

/// Narrow noise with a few wide bytes, evenly or in one place: from none to too many for groups of four.
#[test]
fn narrow_bytes_with_some_wide_ones() {
    let mut encoder = Encoder::new();
    let mut random = Random::new(12);
    for every in [1u64, 30, 300, 3000, u64::MAX] {
        for from in [0, 20_000, 39_990] {
            let data: Vec<u8> = (0..40_003)
                .map(|i| {
                    let wide = i >= from && random.below(every) == 0;
                    (if wide { random.below(256) } else { random.below(4) + random.below(5) }) as u8
                })
                .collect();
            check(&mut encoder, &data, 1, [1]);
        }
    }
}

/// Fibonacci counts make the deepest Huffman tree there is: the length limits must hold.
#[test]
fn fibonacci_counts() {
    let mut encoder = Encoder::new();
    let mut random = Random::new(3);
    for symbols in 2..=26 {
        let (mut a, mut b) = (1usize, 1);
        let mut data = Vec::new();
        for symbol in 0..symbols {
            data.extend(std::iter::repeat_n(symbol as u8 * 9, a));
            (a, b) = (b, a + b);
        }
        check(&mut encoder, &data, 1, [1, 6]);
        for i in (1..data.len()).rev() {
            data.swap(i, random.below(i as u64 + 1) as usize);
        }
        check(&mut encoder, &data, 1, [1, 2, 6, 9]);
    }
}

#[test]
fn every_kind_at_every_level() {
    let mut encoder = Encoder::new();
    for name in kinds::NOISE.into_iter().chain(kinds::FLAT) {
        let kind = kinds::make(name, 64 << 10);
        for size in [2 << 10, 32 << 10, 128 << 10] {
            let chunks = kind.chunks(size);
            check(&mut encoder, &chunks[0], kind.planes(), LEVELS);
            check(&mut encoder, &chunks[chunks.len() / 2], kind.planes(), LEVELS);
        }
    }
}

/// The hint of planes is only a hint.
#[test]
fn planes_that_do_not_divide_the_length() {
    let mut encoder = Encoder::new();
    let kind = kinds::make("g12s", 32 << 10);
    let data = &kind.chunks(64 << 10)[0];
    for planes in [0, 1, 2, 3, 4, 7, 1000, usize::MAX] {
        for length in [1, 2, 3, 5, 1023, 65_533] {
            check(&mut encoder, &data[..length], planes, LEVELS);
        }
    }
}

/// Masks that begin anywhere, constant stretches, runs up to each length and longer than the longest.
#[test]
fn runs_of_every_length() {
    let mut encoder = Encoder::new();
    let mut random = Random::new(4);
    let mut data = Vec::new();
    for run in 1..=600 {
        data.push(random.below(30) as u8 + 1);
        data.extend(std::iter::repeat_n(0, run));
    }
    check(&mut encoder, &data, 1, LEVELS);
    data.truncate(20_000);
    for _ in 0..40_000 {
        data.push(random.below(200) as u8);
    }
    data.resize(200_000, 7);
    check(&mut encoder, &data, 1, LEVELS);
    check(&mut encoder, &vec![0; 300_000], 2, LEVELS);
}

/// Repeats at every distance up to the window and beyond it.
#[test]
fn repeats_at_many_distances() {
    let mut encoder = Encoder::new();
    let mut random = Random::new(5);
    for distance in [1, 2, 3, 4, 5, 31, 256, 257, 4096, 32_767, 32_768, 32_769, 40_000] {
        let head: Vec<u8> = (0..distance).map(|_| random.below(256) as u8).collect();
        let data: Vec<u8> = head.iter().cycle().take(100_000).copied().collect();
        check(&mut encoder, &data, 1, LEVELS);
    }
}

/// Pieces of different character, one after another.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = (0..6u8, 1..6000usize, any::<u64>(), 1..=256u64).prop_map(|(kind, length, seed, symbols)| {
        let mut random = Random::new(seed);
        let byte = random.below(256) as u8;
        let mut data = Vec::with_capacity(length);
        while data.len() < length {
            match kind {
                0 => data.push(random.below(symbols) as u8),
                1 => data.push(byte),
                2 => data.push(u8::from(random.below(symbols) == 0)),
                3 => data.extend(std::iter::repeat_n(random.below(symbols) as u8, random.below(12) as usize)),
                4 if data.len() > 300 => {
                    let from = random.below(data.len() as u64 - 300) as usize;
                    let take = random.below(300) as usize;
                    data.extend_from_within(from..from + take);
                }
                _ => data.push((data.len() as u64 / (1 + symbols / 16)) as u8),
            }
        }
        data
    });
    prop::collection::vec(piece, 1..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_pieces(data in pieces(), planes in 0..5usize, level in LEVELS) {
        check(&mut Encoder::new(), &data, planes, [level]);
    }

    #[test]
    fn any_bytes(data in prop::collection::vec(any::<u8>(), 0..3000), planes in 0..5usize, level in LEVELS) {
        check(&mut Encoder::new(), &data, planes, [level]);
    }
}

/// Noise, a constant stretch longer than any step of the parse, sparse counts and noise again, cut where it may be.
#[test]
fn millions_of_bytes() {
    let mut random = Random::new(21);
    let mut data: Vec<u8> = (0..700_001).map(|_| random.below(40) as u8).collect();
    data.resize(1_900_000, 0);
    data.extend((0..900_000).map(|_| u8::from(random.below(30) == 0)));
    data.extend((0..300_000).map(|i| (i / 7 % 31) as u8 + random.below(2) as u8));
    data.extend((0..500_000).map(|_| random.draw() as u8));
    let mut encoder = Encoder::new();
    check(&mut encoder, &data, 1, 0..=9);
    check(&mut encoder, &data, 4, [1, 6]);
}

/// Pixels of each kind: two chunks of 64 KiB for bytes.
const PIXELS: usize = 128 << 10;
const CHUNK: usize = 64 << 10;

/// Sizes of all chunks of a kind at a level, by ours and by zlib (C).
fn sizes(name: &'static str, number: u8) -> (usize, usize) {
    let kind = kinds::make(name, PIXELS);
    let mut encoder = Encoder::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for chunk in kind.chunks(CHUNK) {
        encoder.zlib(&chunk, kind.planes(), level(number), &mut ours);
        let mut zlib = flate2::write::ZlibEncoder::new(&mut theirs, flate2::Compression::new(number.into()));
        zlib.write_all(&chunk).and_then(|()| zlib.finish()).expect("memory takes all");
    }
    (ours.len(), theirs.len())
}

#[test]
fn levels_never_grow_on_the_data_they_are_for() {
    for name in kinds::NOISE.into_iter().chain(kinds::FLAT) {
        let sizes: Vec<usize> = (0..=9).map(|level| sizes(name, level).0).collect();
        assert!(sizes.windows(2).all(|pair| pair[1] <= pair[0]), "{name}: {sizes:?}");
    }
}

#[test]
fn smaller_than_zlib_at_every_level_above_the_first() {
    for name in kinds::NOISE.into_iter().chain(kinds::FLAT) {
        for level in 2..=9 {
            let (ours, zlib) = sizes(name, level);
            assert!(ours <= zlib, "{name} at level {level}: {ours} bytes, zlib {zlib}");
        }
    }
}
