//! What a file would become, before anything is made of it: from a few of its images, which are measured as compressing
//! measures them.
//!
//! The bytes of their chunks are predicted, and of the other images by the number of their pixels. What is around the chunks
//! is written, without them, into a sink that keeps nothing: that part is exact.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use super::estimate::Spread;
use super::expected::measure_some;
use super::foresee::{Findings, Foreseen};
use super::group::Image;
use super::options::{Estimates, Options};
use super::outline::{Around, Looked, Outline, WRITTEN};
use super::size::Sizes;
use crate::error::Error;
use crate::image::Images;
use crate::pipeline::progress::Progress;
use crate::quantise::PixelEncoding;

/// Images that say enough of a file where they are large.
const FEW: u64 = 3;

/// Small images differ more from each other, and take less: so many more are looked at.
const MANY: u64 = 64;

/// Pixels up to which there may be more than a few.
const ENOUGH_PIXELS: u64 = 4 << 20;

/// What a file would become.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Prediction {
    /// Length of the output in bytes; `None` where nothing tells.
    pub output_bytes: Option<u64>,
    /// Bytes that it has at most, where its length is not known.
    pub most_bytes: Option<u64>,
    /// The length is what it will be, to the byte.
    pub exact: bool,
    /// Images that were measured for it.
    pub looked_at: u32,
    /// Images of the file.
    pub images: u32,
    /// The most bits among those measured, 0 where one would be 32-bit floats; `None` where the output has no codes.
    pub bits: Option<u32>,
    /// The largest loss among them; `None` where one is unknown.
    pub loss: Option<f64>,
    /// What a run would say of the measured images, which are none where nothing need be measured.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub foreseen: Foreseen,
    /// The part of their pixels that lies outside the range; `None` where nothing tells.
    pub clipped: Option<f64>,
    /// What was chosen for them, and why; empty where the output has no codes.
    pub spread: Vec<Spread>,
}

/// Returns how many images of a file say enough of it for [`predict`]: three, or more where they are small.
#[must_use]
pub fn enough(images: &dyn Images) -> u32 {
    (ENOUGH_PIXELS / images.shape(0).pixels()).clamp(FEW, MANY).min(images.images().into()) as u32
}

/// Predicts what compressing a file gives, from at most `most` images spread over it, at least 1. `source_path` is the
/// input's name as the output would record it. Nothing is written.
///
/// # Errors
/// What reading the images fails with; [`Error::Cancelled`].
pub fn predict(
    images: &dyn Images,
    source_path: &str,
    options: &Options,
    most: u32,
    progress: &dyn Progress,
) -> Result<Prediction, Error> {
    let count = images.images();
    let floats = Prediction {
        output_bytes: None,
        most_bytes: None,
        exact: false,
        looked_at: 0,
        images: count,
        bits: Some(0),
        loss: Some(0.0),
        foreseen: Foreseen::default(),
        clipped: None,
        spread: Vec::new(),
    };
    if options.stored == PixelEncoding::Raw {
        let all = Looked { codes: None, bytes: 0.0, pixels: 0 };
        let file = Outline { images, source_path, options, looked: &BTreeMap::from([(0, all)]) };
        let exact = count <= WRITTEN;
        return Ok(Prediction { output_bytes: Some(file.length()?), exact, ..floats });
    }
    let asked = options;
    let options = Options { estimates: Estimates::Every, verify: false, ..*options };
    let (mut looked, mut findings) = (BTreeMap::new(), Findings::default());
    let (mut bits, mut loss) = (Some(1), Some(0.0f64));
    let mut chosen = Vec::new();
    let mut outside = Some((0, 0));
    let around = Around::of(images, source_path, &options)?;
    let mut take = |image: &Image| {
        let estimate = around.estimate(image, &options);
        if asked.stored.may_be_codes() {
            Spread::add(&mut chosen, &estimate);
        }
        outside = outside.zip(image.outside()).map(|(all, of)| (all.0 + of.0, all.1 + of.1));
        // Floats take more than any bits.
        bits = bits.zip(estimate.bits.filter(|&bits| bits > 0)).map(|(a, b)| a.max(b));
        loss = loss.zip(estimate.loss).map(|(a, b)| a.max(b));
        looked.insert(image.number, Looked::at(image));
        findings.add(images, image, asked);
        ControlFlow::Continue(())
    };
    measure_some(images, &spread(count, most), &options, Sizes::AsPlanned, progress, &mut take)?;
    let looked_at = looked.len() as u32;
    let looked: Option<BTreeMap<u32, Looked>> =
        looked.into_iter().map(|(number, looked)| Some((number, looked?))).collect();
    let output_bytes = looked.map(|looked| {
        let file = Outline { images, source_path, options: &options, looked: &looked };
        let floats = looked.values().filter(|looked| looked.codes.is_none()).count();
        around.length(count, floats as f64 / looked.len().max(1) as f64, file.chunks())
    });
    let clipped = outside.filter(|&(_, of)| of > 0).map(|(outside, of)| outside as f64 / of as f64);
    let bits = Some(bits.unwrap_or_default());
    let foreseen = findings.conclude(images);
    Ok(Prediction {
        output_bytes,
        most_bytes: None,
        exact: false,
        looked_at,
        images: count,
        bits,
        loss,
        clipped,
        spread: chosen,
        foreseen,
    })
}

/// Chooses `most` images of `count`, evenly: each the middle one of as many parts.
pub(super) fn spread(count: u32, most: u32) -> Vec<Range<u32>> {
    let taken = u64::from(most.clamp(1, count.max(1)));
    let number = |place: u64| ((2 * place + 1) * u64::from(count) / (2 * taken)) as u32;
    (0..taken).map(number).map(|number| number..number + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::open;
    use crate::image::attributes::Attributes;
    use crate::image::{InMemory, Shape};
    use crate::pipeline::progress::NoProgress;
    use crate::{Target, compress};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const MICROGRAPH: &[u8] = include_bytes!("../../../tests/data/u16_micrograph.mrc");
    const STACK: &[u8] = include_bytes!("../../../tests/data/many_images.mrcs");
    const RECORDS: &[u8] = include_bytes!("../../../tests/data/ext_header_fei1.mrc");
    const VOLUME: &[u8] = include_bytes!("../../../tests/data/f32_volume.mrc");

    fn real(images: &dyn Images, options: &Options) -> u64 {
        let mut output = Vec::new();
        compress(images, "a.mrc", &mut output, options, &NoProgress).unwrap();
        output.len() as u64
    }

    /// Sums of twelve numbers each.
    fn noise(images: u32, shape: Shape, factor: f32) -> InMemory {
        let mut made = InMemory::new();
        let mut state = 7u32;
        let mut next = || {
            let sum: f32 = (0..12)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 8) as f32 / 16_777_216.0
                })
                .sum();
            (sum - 6.0) * factor
        };
        for _ in 0..images {
            made.push(shape, (0..shape.pixels()).map(|_| next()).collect(), Attributes::new());
        }
        made
    }

    fn off(images: &dyn Images, options: &Options, most: u32) -> f64 {
        let found = predict(images, "a.mrc", options, most, &NoProgress).unwrap();
        found.output_bytes.unwrap() as f64 / real(images, options) as f64 - 1.0
    }

    #[test]
    fn floats_without_a_filter_are_known_to_the_byte() {
        let options = Options { stored: PixelEncoding::Raw, ..Options::default() };
        for file in [MICROGRAPH, STACK, RECORDS, VOLUME] {
            let images = open(&file, "a.mrc").unwrap();
            let found = predict(&*images, "a.mrc", &options, 3, &NoProgress).unwrap();
            assert_eq!((found.output_bytes, found.exact), (Some(real(&*images, &options)), true));
        }
    }

    #[test]
    fn plans_of_all_images_add_up_to_the_file() {
        for (images, shape) in [(1, Shape { nx: 700, ny: 500, nz: 1 }), (20, Shape { nx: 96, ny: 96, nz: 1 })]
        {
            let images = noise(images, shape, 1.5);
            let options = Options::default();
            let mut sums = BTreeMap::new();
            let mut spread = Vec::new();
            let mut take = |planned: crate::ImagePlan| {
                Spread::add(&mut spread, &planned.choice);
                for row in planned.table {
                    *sums.entry(row.bits).or_insert(0) += row.predicted_size.unwrap();
                }
                ControlFlow::Continue(())
            };
            crate::plan(&images, "a.mrc", &options, &mut take, &NoProgress).unwrap();
            let auto = Options { stored: PixelEncoding::Auto(Target::DEFAULT), ..options };
            let all = predict(&images, "a.mrc", &auto, u32::MAX, &NoProgress).unwrap();
            assert_eq!(all.spread, spread);
            assert_eq!(sums.len(), 15);
            // Each image is rounded by itself.
            let near =
                |sum: u64, bytes: Option<u64>| sum.abs_diff(bytes.unwrap()) <= u64::from(images.images());
            assert!(near(spread.iter().map(|some| some.predicted_size.unwrap()).sum(), all.output_bytes));
            for (bits, sum) in sums {
                let options = Options::bits(bits.into()).unwrap();
                let found = predict(&images, "a.mrc", &options, u32::MAX, &NoProgress).unwrap();
                assert!(near(sum, found.output_bytes), "{bits} bits: {sum} {found:?}");
            }
        }
    }

    #[test]
    fn what_limits_clip_is_told_beside_what_is_lost() {
        let images = noise(1, Shape { nx: 300, ny: 300, nz: 1 }, 1.5);
        let limits = crate::LimitRule::sigmas(1.0, 1.0).unwrap();
        let options = Options { limits, ..Options::bits(7).unwrap() };
        let found = predict(&images, "a.mrc", &options, 3, &NoProgress).unwrap();
        // Of a normal distribution 32 % lie further out.
        assert!((found.clipped.unwrap() - 0.32).abs() < 0.02, "{found:?}");
        assert!(found.words().contains("% of the pixels clipped"), "{}", found.words());
        let whole = predict(&images, "a.mrc", &Options::bits(7).unwrap(), 3, &NoProgress).unwrap();
        assert!(whole.clipped == Some(0.0) && !whole.words().contains("clipped"));
    }

    #[test]
    fn an_image_too_small_to_be_measured_has_a_size() {
        let images = noise(1, Shape { nx: 5, ny: 3, nz: 1 }, 1.5);
        for bits in [0, 5] {
            let options = Options::bits(bits).unwrap();
            let off = off(&images, &options, 3);
            assert!(off.abs() < 0.01, "{bits} bits: {off}");
        }
    }

    #[test]
    fn noise_is_predicted_within_three_per_cent() {
        let auto = Options { stored: PixelEncoding::Auto(Target::DEFAULT), ..Options::default() };
        let mut far = Vec::new();
        for (count, shape) in [
            (1, Shape { nx: 700, ny: 500, nz: 1 }),
            (20, Shape { nx: 256, ny: 256, nz: 1 }),
            (40, Shape { nx: 96, ny: 96, nz: 1 }),
            (1, Shape { nx: 70, ny: 60, nz: 50 }),
            (1, Shape { nx: 100, ny: 100, nz: 100 }),
        ] {
            let images = noise(count, shape, 1.5);
            for options in [0, 4, 10].map(|bits| Options::bits(bits).unwrap()).into_iter().chain([auto]) {
                let off = off(&images, &options, enough(&images));
                if off.abs() >= 0.03 {
                    far.push(format!("{count} of {shape:?}, {:?}: {off}", options.stored));
                }
            }
        }
        assert!(far.is_empty(), "{far:#?}");
    }

    #[test]
    fn images_are_looked_at_all_over_the_file() {
        let firsts = |count, most| spread(count, most).into_iter().map(|part| part.start).collect::<Vec<_>>();
        assert_eq!(firsts(240, 3), [40, 120, 200]);
        assert_eq!(firsts(2, 3), [0, 1]);
        assert_eq!(firsts(5, 5), [0, 1, 2, 3, 4]);
        assert_eq!(firsts(9, 0), [4]);
        let images = noise(9, Shape { nx: 64, ny: 64, nz: 1 }, 1.0);
        assert_eq!(enough(&images), 9);
        let found = predict(&images, "a.mrc", &Options::bits(6).unwrap(), 3, &NoProgress).unwrap();
        assert_eq!((found.looked_at, found.images, found.bits), (3, 9, Some(6)));
        assert!(found.loss.unwrap() > 0.0 && !found.exact);
    }

    #[test]
    fn many_small_images_are_predicted_from_a_few() {
        let images = noise(1200, Shape { nx: 15, ny: 15, nz: 1 }, 10.0);
        for stored in [PixelEncoding::Auto(Target::DEFAULT), PixelEncoding::Floats] {
            let options = Options { stored, ..Options::default() };
            let off = off(&images, &options, 3);
            assert!(off.abs() < 0.01, "{stored:?}: {off}");
        }
    }

    #[test]
    fn what_auto_leaves_as_floats_has_a_size() {
        let mut images = InMemory::new();
        images.push(Shape { nx: 64, ny: 1, nz: 1 }, vec![f32::NAN; 64], Attributes::new());
        let auto = Options { stored: PixelEncoding::Auto(Target::DEFAULT), ..Options::default() };
        let found = predict(&images, "a.mrc", &auto, 3, &NoProgress).unwrap();
        assert_eq!(found.bits, Some(0), "{found:?}");
        assert!(found.words().starts_with("32-bit floats, about "), "{}", found.words());
        assert!(off(&images, &auto, 3).abs() < 0.03, "{found:?}");
        let planned = crate::plan(
            &images,
            "a.mrc",
            &auto,
            &mut |planned: crate::ImagePlan| {
                assert_eq!(planned.choice.predicted_size, found.output_bytes);
                ControlFlow::Continue(())
            },
            &NoProgress,
        );
        planned.unwrap();
    }
}
