//! Same bytes at any thread count, any memory setting, and without threads at all.

use e2compress_core::Memory;
use e2compress_core::formats::mrc::Mrc;
use e2compress_core::quantise::limits::Limits;
use e2compress_core::{Estimates, Level, LimitRule, NoProgress, Options, PixelEncoding, Target, compress};
use e2compress_fixtures::made::{self, Noise};
use proptest::prelude::*;

fn bytes(mrc: &made::Mrc, name: &str, options: &Options, threads: usize) -> Result<Vec<u8>, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let source = mrc.bytes.as_slice();
        let reader = Mrc::open(&source, name).map_err(|error| error.to_string())?;
        let mut out = Vec::new();
        compress(&reader, name, &mut out, options, &NoProgress).map_err(|error| error.to_string())?;
        Ok(out)
    })
}

fn shapes() -> impl Strategy<Value = (i32, i32, i32)> {
    prop_oneof![
        (1..200, 1..40, 1..6),
        (1..2000, 1..3, 1..4),
        (1..3, 1..2000, 1..4),
        (700..900, 300..500, 1..3),
        // Volumes, cut into bricks, with more than one along each axis.
        (65..150, 65..150, 18..22),
    ]
}

fn asked() -> impl Strategy<Value = LimitRule> {
    prop_oneof![
        Just(LimitRule::All),
        Just(LimitRule::NoOutliers),
        Just(LimitRule::Sigma { below: 2.0, above: 3.5 }),
        Just(LimitRule::Explicit(Limits { low: -1.0, high: 1.5 })),
    ]
}

fn stored() -> impl Strategy<Value = PixelEncoding> {
    prop_oneof![
        3 => prop_oneof![Just(-1i64), Just(0), 2i64..17].prop_map(|bits| PixelEncoding::from_bits(bits).unwrap()),
        1 => (0.01..5.0).prop_map(|percent| PixelEncoding::Auto(Target::new(percent).unwrap())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn neither_threads_nor_memory_change_a_byte(
        (nx, ny, nz) in shapes(),
        mode in prop_oneof![Just(0), Just(1), Just(2), Just(6), Just(12), Just(17), Just(101)],
        transposed: bool,
        stack: bool,
        stored in stored(),
        level in 0i64..10,
        limits in asked(),
        seed: u64,
    ) {
        let mut mrc = made::Mrc::new(nx, ny, nz, mode);
        let pixels = nx as usize * ny as usize * nz as usize;
        let mut noise = Noise(seed);
        match mode {
            2 => mrc.bytes.extend(noise.take(pixels).flat_map(f32::to_le_bytes)),
            101 => mrc.bytes.extend((0..(nx as usize).div_ceil(2) * (ny * nz) as usize).map(|_| (noise.even() * 255.0) as u8)),
            // Halves: only finite ones.
            12 => mrc.bytes.extend((0..pixels).flat_map(|_| ((noise.even() * 31_000.0) as u16).to_le_bytes())),
            1 | 6 => mrc.bytes.extend((0..pixels).flat_map(|_| ((noise.even() * 60_000.0) as u16).to_le_bytes())),
            _ => mrc.bytes.extend((0..pixels).map(|_| (noise.even() * 255.0) as u8)),
        }
        if transposed {
            mrc.int(64, 2).int(68, 1);
        }
        let name = if stack { "x.mrcs" } else { "x.mrc" };
        let mut options = Options {
            stored,
            level: Level::new(level).ok(),
            limits,
            memory: Memory::DEFAULT,
            verify: false,
            estimates: Estimates::Every,
        };
        let one = bytes(&mrc, name, &options, 1);
        prop_assert_eq!(&bytes(&mrc, name, &options, 2), &one);
        prop_assert_eq!(&bytes(&mrc, name, &options, 7), &one);
        options.verify = true;
        options.estimates = Estimates::None;
        options.memory = Memory { hold: 0, wave: 0 };
        prop_assert_eq!(&bytes(&mrc, name, &options, 2), &one);
        options.memory = Memory { hold: 5_000, wave: 100_000 };
        prop_assert_eq!(&bytes(&mrc, name, &options, 2), &one);
    }
}
