//! Whatever the data, inflaters of others read it back, at every level; and what the levels promise.
//! `E2COMPRESS_PAKO` names a folder with pako; `cargo xtask test` makes one.

use std::cell::RefCell;
use std::io::Write;

use e2compress_bench::kinds::{self, Random};
use e2compress_core::Level;
use e2compress_core::encode::deflate::Encoder;
use e2compress_tests::inflaters::{self, Inflater};
use libtest_mimic::{Arguments, Trial};
use proptest::prelude::*;

const LEVELS: std::ops::RangeInclusive<u8> = 0..=9;

/// Checks streams of some kind.
type Corpus = fn(&mut Check);

/// What inflaters are checked against.
const READ: [(&str, Corpus); 14] = [
    ("damaged streams", damaged_streams),
    ("every small length", every_small_length),
    ("lengths around the largest stored block", lengths_around_the_largest_stored_block),
    ("every alphabet size", every_alphabet_size),
    ("narrow bytes with some wide ones", narrow_bytes_with_some_wide_ones),
    ("long codes", long_codes),
    ("Fibonacci counts", fibonacci_counts),
    ("every kind at every level", every_kind_at_every_level),
    ("planes that do not divide the length", planes_that_do_not_divide_the_length),
    ("runs of every length", runs_of_every_length),
    ("repeats at many distances", repeats_at_many_distances),
    ("any pieces", any_pieces),
    ("any bytes", any_bytes),
    ("millions of bytes", millions_of_bytes),
];

/// What the encoder's sizes are checked against.
const SIZES: [(&str, fn()); 2] = [
    ("levels never grow on the data they are for", levels_never_grow),
    ("smaller than zlib at every level above the first", smaller_than_zlib),
];

fn main() {
    let folder = std::env::var_os("E2COMPRESS_PAKO");
    let mut trials = Vec::new();
    for (name, run) in SIZES {
        trials.push(Trial::test(name, move || {
            run();
            Ok(())
        }));
    }
    for (name, run) in READ {
        trials.push(Trial::test(format!("libraries: {name}"), move || {
            run(&mut Check::by(inflaters::linked()));
            Ok(())
        }));
        let path = folder.clone();
        let pako = Trial::test(format!("pako: {name}"), move || {
            let pako = inflaters::pako(&path.ok_or("E2COMPRESS_PAKO is not set")?)?;
            run(&mut Check::by(vec![pako]));
            Ok(())
        });
        trials.push(pako.with_ignored_flag(folder.is_none()));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn level(level: u8) -> Level {
    Level::new(level.into()).expect("a level")
}

/// An encoder and those who read what it writes.
struct Check {
    encoder: Encoder,
    inflaters: Vec<Inflater>,
    /// First blocks: stored, with the fixed codes, with codes of their own.
    forms: [usize; 3],
}

impl Check {
    fn by(inflaters: Vec<Inflater>) -> Self {
        Self { encoder: Encoder::new(), inflaters, forms: [0; 3] }
    }

    /// Encodes at some levels and checks that every inflater reads `data` back, from all of the stream:
    /// without its last byte, which belongs to the checksum, each must refuse it.
    fn reads(&mut self, data: &[u8], planes: usize, levels: impl IntoIterator<Item = u8>) {
        for number in levels {
            let mut stream = b"before".to_vec();
            self.encoder.zlib(data, planes, level(number), &mut stream);
            let stream = stream.strip_prefix(b"before").expect("the stream is appended");
            // After the two bytes of zlib come the flag of the last block and two bits of its form.
            self.forms[usize::from(stream[2] >> 1 & 3)] += 1;
            let what = format!("level {number}, {} bytes, {planes} planes", data.len());
            for inflater in &mut self.inflaters {
                assert!(inflater.accepts(stream, data), "{} refuses {what}", inflater.name);
                let short = &stream[..stream.len() - 1];
                assert!(!inflater.accepts(short, data), "{}: bytes left over, {what}", inflater.name);
            }
        }
    }
}

/// That inflaters look at the checksum, and at the header.
fn damaged_streams(check: &mut Check) {
    let data = b"codes";
    let mut stream = Vec::new();
    check.encoder.zlib(data, 1, level(1), &mut stream);
    let last = stream.len() - 1;
    for (place, bit) in [(0, 1), (1, 1), (last - 3, 0x80), (last, 1)] {
        stream[place] ^= bit;
        for inflater in &mut check.inflaters {
            assert!(!inflater.accepts(&stream, data), "{} overlooks byte {place}", inflater.name);
        }
        stream[place] ^= bit;
    }
}

fn every_small_length(check: &mut Check) {
    let mut random = Random::new(1);
    for length in 0..=600 {
        let noise: Vec<u8> = (0..length).map(|_| random.below(13) as u8).collect();
        let flat: Vec<u8> = (0..length).map(|i| u8::from(i % 97 == 0)).collect();
        let wide: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        for data in [noise, flat, wide] {
            check.reads(&data, 1 + length % 4, [0, 1, 2 + (length % 4) as u8, 6 + (length % 4) as u8]);
        }
    }
    assert!(check.forms.iter().all(|&blocks| blocks > 0), "every form of a block occurs: {:?}", check.forms);
}

/// A stored block holds 65535 bytes, and a chunk of this project about 65536 or twice that.
fn lengths_around_the_largest_stored_block(check: &mut Check) {
    let mut random = Random::new(6);
    let noise: Vec<u8> = (0..131_073).map(|_| random.below(256) as u8).collect();
    let sparse: Vec<u8> = noise.iter().map(|&byte| u8::from(byte < 5)).collect();
    for length in [32_767, 32_768, 65_534, 65_535, 65_536, 65_537, 131_070, 131_071, 131_072, 131_073] {
        for planes in [1, 2, 4] {
            check.reads(&noise[..length], planes, LEVELS);
            check.reads(&sparse[..length], planes, LEVELS);
        }
    }
}

fn every_alphabet_size(check: &mut Check) {
    let mut random = Random::new(2);
    for symbols in 1..=256u64 {
        for length in [100, 5000, 20_000] {
            let data: Vec<u8> = (0..length).map(|_| random.below(symbols) as u8).collect();
            check.reads(&data, 1, [1, (symbols % 10) as u8]);
        }
    }
}

/// Narrow noise with a few wide bytes, evenly or in one place: from none to too many for groups of four.
fn narrow_bytes_with_some_wide_ones(check: &mut Check) {
    let mut random = Random::new(12);
    for every in [1u64, 30, 300, 3000, u64::MAX] {
        for from in [0, 20_000, 39_990] {
            let data: Vec<u8> = (0..40_003)
                .map(|i| {
                    let wide = i >= from && random.below(every) == 0;
                    (if wide { random.below(256) } else { random.below(4) + random.below(5) }) as u8
                })
                .collect();
            check.reads(&data, 1, [1]);
        }
    }
}

/// Narrow noise with a burst of rare values here and there: the longest codes next to each other.
fn long_codes(check: &mut Check) {
    let mut random = Random::new(13);
    for symbols in 28..=64 {
        let data: Vec<u8> = (0..40_003u64)
            .map(|i| if i % 4001 < 12 { symbols - 1 - random.below(24) } else { random.below(4) } as u8)
            .collect();
        check.reads(&data, 1, [1]);
    }
}

/// Fibonacci counts make the deepest Huffman tree there is: the length limits must hold.
fn fibonacci_counts(check: &mut Check) {
    let mut random = Random::new(3);
    for symbols in 2..=26 {
        let (mut a, mut b) = (1usize, 1);
        let mut data = Vec::new();
        for symbol in 0..symbols {
            data.extend(std::iter::repeat_n(symbol as u8 * 9, a));
            (a, b) = (b, a + b);
        }
        check.reads(&data, 1, [1, 6]);
        for i in (1..data.len()).rev() {
            data.swap(i, random.below(i as u64 + 1) as usize);
        }
        check.reads(&data, 1, [1, 2, 6, 9]);
    }
}

fn every_kind_at_every_level(check: &mut Check) {
    for name in kinds::NOISE.into_iter().chain(kinds::FLAT) {
        let kind = kinds::make(name, 64 << 10);
        for size in [2 << 10, 32 << 10, 128 << 10] {
            let chunks = kind.chunks(size);
            check.reads(&chunks[0], kind.planes(), LEVELS);
            check.reads(&chunks[chunks.len() / 2], kind.planes(), LEVELS);
        }
    }
}

/// The hint of planes is only a hint.
fn planes_that_do_not_divide_the_length(check: &mut Check) {
    let kind = kinds::make("g12s", 32 << 10);
    let data = &kind.chunks(64 << 10)[0];
    for planes in [0, 1, 2, 3, 4, 7, 1000, usize::MAX] {
        for length in [1, 2, 3, 5, 1023, 65_533] {
            check.reads(&data[..length], planes, LEVELS);
        }
    }
}

/// Masks that begin anywhere, constant parts, runs up to each length and longer than the longest.
fn runs_of_every_length(check: &mut Check) {
    let mut random = Random::new(4);
    let mut data = Vec::new();
    for run in 1..=600 {
        data.push(random.below(30) as u8 + 1);
        data.extend(std::iter::repeat_n(0, run));
    }
    check.reads(&data, 1, LEVELS);
    data.truncate(20_000);
    for _ in 0..40_000 {
        data.push(random.below(200) as u8);
    }
    data.resize(200_000, 7);
    check.reads(&data, 1, LEVELS);
    check.reads(&vec![0; 300_000], 2, LEVELS);
}

/// Repeats at every distance up to the window and beyond it.
fn repeats_at_many_distances(check: &mut Check) {
    let mut random = Random::new(5);
    for distance in [1, 2, 3, 4, 5, 31, 256, 257, 4096, 32_767, 32_768, 32_769, 40_000] {
        let head: Vec<u8> = (0..distance).map(|_| random.below(256) as u8).collect();
        let data: Vec<u8> = head.iter().cycle().take(100_000).copied().collect();
        check.reads(&data, 1, LEVELS);
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

fn any_pieces(check: &mut Check) {
    let check = RefCell::new(check);
    proptest!(|(data in pieces(), planes in 0..5usize, level in LEVELS)| {
        check.borrow_mut().reads(&data, planes, [level]);
    });
}

fn any_bytes(check: &mut Check) {
    let check = RefCell::new(check);
    let bytes = prop::collection::vec(any::<u8>(), 0..3000);
    proptest!(|(data in bytes, planes in 0..5usize, level in LEVELS)| {
        check.borrow_mut().reads(&data, planes, [level]);
    });
}

/// Noise, a constant stretch longer than any step of the parse, sparse counts and noise again, cut where it may be.
fn millions_of_bytes(check: &mut Check) {
    let mut random = Random::new(21);
    let mut data: Vec<u8> = (0..700_001).map(|_| random.below(40) as u8).collect();
    data.resize(1_900_000, 0);
    data.extend((0..900_000).map(|_| u8::from(random.below(30) == 0)));
    data.extend((0..300_000).map(|i| (i / 7 % 31) as u8 + random.below(2) as u8));
    data.extend((0..500_000).map(|_| random.draw() as u8));
    check.reads(&data, 1, 0..=9);
    check.reads(&data, 4, [1, 6]);
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

fn levels_never_grow() {
    for name in kinds::NOISE.into_iter().chain(kinds::FLAT) {
        let sizes: Vec<usize> = (0..=9).map(|level| sizes(name, level).0).collect();
        assert!(sizes.windows(2).all(|pair| pair[1] <= pair[0]), "{name}: {sizes:?}");
    }
}

fn smaller_than_zlib() {
    for name in kinds::NOISE.into_iter().chain(kinds::FLAT) {
        for level in 2..=9 {
            let (ours, zlib) = sizes(name, level);
            assert!(ours <= zlib, "{name} at level {level}: {ours} bytes, zlib {zlib}");
        }
    }
}
