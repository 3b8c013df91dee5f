//! The bytes of the streams themselves, so that every target can be checked against them.

use super::{Encoder, Level};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Pixels of each kind here.
const CHUNK: usize = 64 << 10;

/// Xorshift64* (Vigna 2016): integers only, the same everywhere.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Draws a value in 0..n.
    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }
}

/// Computes FNV-1a of 64 bits (Fowler, Noll, Vo).
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// Makes codes with integers only: logarithms may differ in the last bit between targets.
fn integer_kinds() -> Vec<(&'static str, Vec<u8>)> {
    let mut random = Random::new(9);
    let mut noise = |bits: u32| {
        (0..CHUNK).map(|_| (0..4).map(|_| random.below(1 << bits)).sum::<u64>() as u8).collect::<Vec<u8>>()
    };
    let narrow = noise(2);
    let wide = noise(6);
    let mut random = Random::new(10);
    let sparse: Vec<u8> =
        (0..CHUNK).map(|_| u8::from(random.below(20) == 0) * (1 + u8::from(random.below(40) == 0))).collect();
    let mut value = 16i32;
    let smooth: Vec<u8> = (0..CHUNK)
        .map(|i| {
            value = (value + (random.below(9) == 0) as i32 - (random.below(9) == 0) as i32).clamp(1, 31);
            if (i / 512 + i % 512 / 40) % 3 == 0 { 0 } else { value as u8 }
        })
        .collect();
    let masked: Vec<u8> =
        wide.iter().enumerate().map(|(i, &byte)| if i % 256 < 100 { 0 } else { byte }).collect();
    vec![("narrow", narrow), ("wide", wide), ("sparse", sparse), ("smooth", smooth), ("masked", masked)]
}

/// Hashes of the streams at levels 0, 1, 2, 5, 6 and 9, one after another, each kind with one plane and with two.
const ANSWERS: [(&str, u64); 5] = [
    ("narrow", 0x0F53_EF02_EC7D_2FD2),
    ("wide", 0x9E7D_4878_F70F_752A),
    ("sparse", 0xF6A1_BE4A_B2EB_1B59),
    ("smooth", 0x48EE_482B_91C9_A2B0),
    ("masked", 0xED2F_36B4_5A87_6B83),
];

#[test]
fn every_target_writes_the_same_bytes() {
    let mut encoder = Encoder::new();
    let found: Vec<(&str, u64)> = integer_kinds()
        .into_iter()
        .map(|(name, data)| {
            let mut out = Vec::new();
            for planes in [1, 2] {
                for level in [0, 1, 2, 5, 6, 9] {
                    encoder.zlib(&data, planes, Level::new(level).expect("a level"), &mut out);
                }
            }
            (name, hash(&out))
        })
        .collect();
    assert_eq!(found, ANSWERS, "{found:#X?}");
}

/// Checks that what an encoder did before leaves no trace in what it does next.
#[test]
fn used_encoders_write_the_same_bytes() {
    let mut used = Encoder::new();
    for (name, data) in integer_kinds() {
        for level in 0..=9 {
            let level = Level::new(level).expect("a level");
            let (mut again, mut fresh) = (Vec::new(), Vec::new());
            used.zlib(&data, 1, level, &mut again);
            Encoder::new().zlib(&data, 1, level, &mut fresh);
            assert!(again == fresh, "{name} at level {level:?}");
        }
    }
}

/// Checks that a size that is only counted is that of the bytes.
#[test]
fn counted_bytes_are_those_written() {
    let mut encoder = Encoder::new();
    for (name, data) in integer_kinds() {
        for length in [0, 1, 700, data.len()] {
            for (planes, level) in [(1, 0), (1, 1), (2, 1), (1, 2), (2, 6), (1, 9)] {
                let (data, level) = (&data[..length], Level::new(level).expect("a level"));
                let mut out = Vec::new();
                encoder.zlib(data, planes, level, &mut out);
                assert_eq!(
                    encoder.zlib_size(data, planes, level),
                    out.len(),
                    "{name}, {length} at {level:?}"
                );
            }
        }
    }
}

/// Checks that noise no code can shorten costs five bytes per stored block and six around them.
#[test]
fn incompressible_bytes_are_stored() {
    let mut random = Random::new(11);
    let data: Vec<u8> = (0..200_000).map(|_| random.next() as u8).collect();
    for level in 0..=9 {
        let mut out = Vec::new();
        Encoder::new().zlib(&data, 1, Level::new(level).expect("a level"), &mut out);
        assert!(out.len() <= data.len() + 4 * 5 + 6, "level {level}: {}", out.len());
    }
}
