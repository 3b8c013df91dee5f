//! Predicted sizes beside real ones, of images of every kind.

use super::*;
use crate::compress::options::{Estimates, Options};
use crate::compress::{compress, enough, predict};
use crate::image::attributes::Attributes;
use crate::image::{InMemory, Shape};
use crate::pipeline::budget::Memory;
use crate::pipeline::progress::NoProgress;
use crate::quantise::{PixelEncoding, Target};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Noise that is the same on every machine: sums of eight numbers each, with a deviation of 1.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    fn normal(&mut self) -> f32 {
        let sum: f32 = (0..8).map(|_| self.uniform()).sum();
        (sum - 4.0) * 1.224_745
    }
}

/// Makes images of a function of column, row, section and noise.
fn images(count: u32, shape: Shape, value: impl Fn([f32; 3], &mut Random) -> f32) -> InMemory {
    let mut random = Random(5);
    let mut made = InMemory::new();
    for _ in 0..count {
        let mut pixels = Vec::with_capacity(shape.pixels() as usize);
        for z in 0..shape.nz {
            for y in 0..shape.ny {
                pixels.extend((0..shape.nx).map(|x| value([x as f32, y as f32, z as f32], &mut random)));
            }
        }
        made.push(shape, pixels, Attributes::new());
    }
    made
}

/// Computes the square of the distance from a place, in pixels.
fn square(from: f32, place: &[f32]) -> f32 {
    place.iter().map(|along| (along - from) * (along - from)).sum()
}

fn picture(side: u32) -> Shape {
    Shape { nx: side, ny: side, nz: 1 }
}

fn kinds() -> Vec<(&'static str, InMemory)> {
    let cube = Shape { nx: 96, ny: 96, nz: 96 };
    let counts = |mean: f32| {
        move |_: [f32; 3], random: &mut Random| {
            (0..16).map(|_| f32::from(random.uniform() * 16.0 < mean)).sum()
        }
    };
    vec![
        ("noise", images(1, picture(1600), |_, random| random.normal())),
        ("integers", images(1, picture(1100), |_, random| (600.0 * random.normal() + 5600.0).round())),
        (
            "a blob in weak noise",
            images(1, cube, |at, random| {
                // A bell without the functions of mathematical libraries, which differ.
                let bell = 1.0 / (1.0 + square(48.0, &at) / 450.0);
                bell * bell * bell + 0.002 * random.normal()
            }),
        ),
        ("a gradient", images(1, picture(1600), |[x, y, _], random| random.normal() + x / 90.0 + y / 300.0)),
        (
            "flat regions",
            images(
                1,
                picture(1600),
                |[x, y, _], random| {
                    if y < 500.0 || x > 1300.0 { 0.0 } else { random.normal() }
                },
            ),
        ),
        (
            "a mask",
            images(1, picture(1700), |at, random| {
                if square(850.0, &at[..2]) < 500.0 * 500.0 { 20.0 + random.normal() } else { 0.0 }
            }),
        ),
        ("sparse counts", images(1, picture(1600), counts(0.03))),
        ("frames of a movie", images(4, picture(700), counts(1.2))),
        (
            "a small stack",
            images(20, picture(96), |at, random| {
                random.normal() + 2.0 / (1.0 + square(48.0, &at[..2]) / 99.0)
            }),
        ),
    ]
}

#[test]
fn sizes_of_every_kind_are_near() {
    let auto = PixelEncoding::Auto(Target::DEFAULT);
    let stored =
        || [0].into_iter().chain(2..=12).map(|bits| PixelEncoding::from_bits(bits).unwrap()).chain([auto]);
    let mut far = Vec::new();
    for (name, images) in kinds() {
        for stored in stored() {
            let options = Options { stored, ..Options::default() };
            let found = predict(&images, "a.mrc", &options, enough(&images), &NoProgress).unwrap();
            let mut output = Vec::new();
            compress(&images, "a.mrc", &mut output, &options, &NoProgress).unwrap();
            let off = found.output_bytes.unwrap() as f64 / output.len() as f64 - 1.0;
            if off.abs() > 0.03 {
                far.push(format!("{name}, {stored:?}: {:.2} % of {}", 100.0 * off, output.len()));
            }
        }
    }
    assert!(far.is_empty(), "{far:#?}");
}

/// Checks a run, which takes the sizes of chunks that it writes, beside a plan, which encodes them for that alone.
#[test]
fn runs_and_plans_say_the_same() {
    for shape in [picture(1600), Shape { nx: 200, ny: 150, nz: 100 }] {
        let images = images(1, shape, |[x, ..], random| random.normal() + x / 90.0);
        for bits in [3, 5, 9] {
            for hold in [Memory::DEFAULT.hold, 0] {
                let memory = Memory { hold, ..Memory::DEFAULT };
                let options = Options { estimates: Estimates::Every, memory, ..Options::bits(bits).unwrap() };
                let report = compress(&images, "a.mrc", &mut Vec::new(), &options, &NoProgress).unwrap();
                let mut planned = None;
                let mut take = |plan: crate::ImagePlan| {
                    let row = plan.table.into_iter().find(|row| i64::from(row.bits) == bits);
                    planned = row.and_then(|row| row.predicted_size);
                    ControlFlow::Continue(())
                };
                crate::plan(&images, "a.mrc", &options, &mut take, &NoProgress).unwrap();
                // A run counts the file's own part as most files have it; this one keeps no header.
                let (recorded, planned) = (report.estimates[0].predicted_size.unwrap(), planned.unwrap());
                assert!(
                    recorded.abs_diff(planned) < FILE_BYTES,
                    "{bits} bits of {shape:?}: {recorded}, {planned}"
                );
            }
        }
    }
}

#[test]
fn chunks_stand_for_all_of_their_kind() {
    for shape in [picture(3000), Shape { nx: 200, ny: 150, nz: 500 }] {
        let tiling = Tiling::of(shape);
        let spread = |block: u64| if block % 7 < 3 { 0.0 } else { (block * 37 % 101) as f32 };
        let outlook = Outlook { spreads: (0..tiling.blocks()).map(spread).collect(), strips: Vec::new() };
        let kinds = Kinds::of(tiling, 1, &outlook);
        for bits in Bits::all() {
            let sample = kinds.sample(Some(bits));
            let mut stands: BTreeMap<[usize; 3], f64> = BTreeMap::new();
            for (&block, &weight) in &sample.weights {
                assert!(weight >= 1.0 || sample.whole, "{weight}");
                *stands.entry(extent(&tiling.block(block))).or_default() += weight;
            }
            for (kind, weight) in stands {
                let blocks =
                    (0..tiling.blocks()).filter(|&block| extent(&tiling.block(block)) == kind).count();
                assert!(
                    (weight - blocks as f64).abs() < 1e-6,
                    "{kind:?} of {shape:?}: {weight} for {blocks}"
                );
            }
            let encoded = sample.weights.len() as u64 * tiling.chunk_pixels();
            assert!(
                sample.whole || encoded < 2 * OF_BRICKS * enough_pixels(Some(bits)),
                "{bits:?}: {encoded}"
            );
        }
    }
}

/// Checks that chunks that differ from those between them are no error where every chunk has some pixels to know it by.
#[test]
fn what_the_spread_does_not_tell_the_pixels_do() {
    let tiling = Tiling::of(picture(4000));
    // At a coarse step, chunks whose mean is near the edge of a code have two codes, others one.
    let mixed = |block: u64| block.is_multiple_of(3);
    let strip = |block: u64| (0..256u16).map(move |n| f32::from(n % 2) * f32::from(u8::from(mixed(block))));
    let spreads = (0..tiling.blocks()).map(|block| 1.0 + block as f32).collect();
    let outlook = Outlook { spreads, strips: (0..tiling.blocks()).flat_map(strip).collect() };
    let bits = Bits::new(5).unwrap();
    let sample = Kinds::of(tiling, 1, &outlook).sample(Some(bits));
    let length = |block: u64| if mixed(block) { 9000 } else { 300 };
    let lengths: Vec<usize> = sample.weights.keys().map(|&block| length(block)).collect();
    assert!(!sample.whole && lengths.len() < 16);
    let real: usize = (0..tiling.blocks()).map(length).sum();
    let range = Range { low: 0.0, high: 31.0, exact: true };
    let found = sample.predict(&lengths, tiling, &outlook, Some((bits, range)));
    assert!((found / real as f64 - 1.0).abs() < 0.001, "{found} {real}");
}
