//! What each number of bits would cost the images of a file, before anything is made of it. What is found is found by
//! compressing's own passes, up to the range.

use std::ops::{ControlFlow, Range};

use crate::compress::options::{Estimates, Options};
use crate::compress::{Around, Estimate, Sizes, measure_some};
use crate::error::Error;
use crate::image::{Images, Shape};
use crate::pipeline::progress::Progress;
use crate::quantise::choice::allowed;
use crate::quantise::noise::Noise;
use crate::quantise::statistics::Statistics;
use crate::quantise::{Bits, PixelEncoding, Target};

/// The highest frequency, in cycles per pixel.
const NYQUIST: f64 = 0.5;

/// What is planned for one image.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ImagePlan {
    /// Extent of the image.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub shape: Shape,
    /// Smallest finite pixel.
    pub minimum: f32,
    /// Largest finite pixel.
    pub maximum: f32,
    /// Standard deviation of the finite pixels.
    pub sigma: f32,
    /// The choice of `--bits auto`, and what it costs.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub choice: Estimate,
    /// Part of the pixels that the choice clips, about; `None` where it has no codes, or nothing tells.
    pub clipped: Option<f64>,
    /// Density of the noise, where it is known.
    pub noise: Option<Noise>,
    /// What each number of bits costs, the lowest first.
    pub table: Vec<BitsPlan>,
}

impl ImagePlan {
    /// Returns the part of the information that may be lost at any frequency; `None` where nothing was estimated.
    #[must_use]
    pub fn allowed(&self) -> Option<f64> {
        let doubtful = self.noise.is_some_and(|noise| noise.is_doubtful());
        self.choice.target.map(|target| allowed(target, doubtful))
    }

    /// Returns from which to which frequency each density of the noise is, in cycles per pixel; nothing where it is not
    /// known.
    #[must_use]
    pub fn noise_bands(&self) -> Vec<(f64, f64)> {
        let density: &[f64] = self.noise.as_ref().map_or(&[], |noise| &noise.density);
        let parts_of_nyquist = (0..density.len()).map(Noise::frequencies);
        parts_of_nyquist.map(|(from, to)| (from * NYQUIST, to * NYQUIST)).collect()
    }
}

/// What a number of bits costs an image.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BitsPlan {
    /// Bits of a code.
    pub bits: u32,
    /// Value of the lowest code.
    pub low: f32,
    /// Value of the highest code.
    pub high: f32,
    /// Difference between neighbouring codes.
    pub step: f64,
    /// The same, as a multiple of the noise floor, where that is known.
    pub step_over_noise: Option<f64>,
    /// Part of the information that is lost at the noise floor; 0 only where every pixel comes back as it was, `None` where
    /// the noise is not known or most pixels are clipped.
    pub loss: Option<f64>,
    /// Every pixel comes back as it was.
    pub exact: bool,
    /// Variance of the error, the same at every frequency.
    pub error: f64,
    /// The step, or what is clipped, leaves nothing of the picture.
    pub lost: bool,
    /// Predicted bytes of the image in the output, all that is around its chunks included, and with the first image what the
    /// file has besides: all images together make the file.
    pub predicted_size: Option<u64>,
    /// It is what `--bits auto` takes.
    pub chosen: bool,
    /// Bits of the input's codes, where these stay as they are if so many bits are asked for; `None` where new ones are made.
    pub kept: Option<u32>,
}

/// Plans the images of a file one by one, in order, each handed to `take` until that breaks off. `options` give the limits; a
/// target among them counts, otherwise it is [`Target::DEFAULT`]. `source_path` is the input's name as the output would record
/// it. Nothing is written.
///
/// # Errors
/// What reading the images fails with; [`Error::Cancelled`].
pub fn plan(
    images: &dyn Images,
    source_path: &str,
    options: &Options,
    take: &mut dyn FnMut(ImagePlan) -> ControlFlow<()>,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let all = 0..images.images();
    plan_some(images, std::slice::from_ref(&all), source_path, options, take, progress)
}

/// Plans the images of some parts of a file, as [`plan`] does all of them: what is said of each is the same.
///
/// # Errors
/// [`Error::NoSuchImage`], and what reading the images fails with; [`Error::Cancelled`].
pub fn plan_some(
    images: &dyn Images,
    parts: &[Range<u32>],
    source_path: &str,
    options: &Options,
    take: &mut dyn FnMut(ImagePlan) -> ControlFlow<()>,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let count = images.images();
    if let Some(part) = parts.iter().find(|part| part.end > count) {
        return Err(Error::NoSuchImage { image: part.end - 1, images: count });
    }
    let target = match options.stored {
        PixelEncoding::Auto(target) => target,
        _ => Target::DEFAULT,
    };
    let stored = PixelEncoding::Auto(target);
    let options = Options { stored, estimates: Estimates::Every, verify: false, ..*options };
    let around = Around::of(images, source_path, &options)?;
    measure_some(images, parts, &options, Sizes::OfAllBits, progress, &mut |image| {
        let choice = around.estimate(image, &options);
        let table = Bits::all().filter_map(|bits| {
            let kept = image.kept_under(bits, &options);
            let planned = image.encoding.coding().filter(|coding| coding.bits == bits);
            let range = match (kept, planned) {
                (Some((scale, _)), _) => scale.range,
                (None, Some(coding)) => coding.range,
                (None, None) => image.range_of(bits, &options)?,
            };
            let stored = kept.map_or(bits, |(_, bits)| bits);
            let cost = image.cost(stored, range);
            let cost = if kept.is_some() { cost.of_kept_codes() } else { cost };
            Some(BitsPlan {
                bits: bits.get(),
                low: range.low,
                high: range.high,
                step: cost.step,
                step_over_noise: image.noise.map(|noise| cost.step / noise.sigma()),
                loss: cost.loss,
                exact: cost.exact,
                error: cost.error,
                lost: kept.is_none() && (image.lost_in(range, bits).picture || image.is_beyond(range)),
                predicted_size: image
                    .predicted_chunks(Some(stored))
                    .map(|chunks| around.with(image, true, chunks)),
                chosen: choice.bits == Some(bits.get()),
                kept: kept.map(|(_, bits)| bits.get()),
            })
        });
        let Statistics { minimum, maximum, sigma, .. } = image.statistics;
        let table = table.collect();
        take(ImagePlan {
            shape: image.tiling.shape(),
            minimum,
            maximum,
            sigma,
            choice,
            clipped: image.encoding.coding().and_then(|coding| image.clipped_in(coding.range, coding.bits)),
            noise: image.noise,
            table,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::InMemory;
    use crate::image::attributes::Attributes;
    use crate::pipeline::progress::NoProgress;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Bits of a choice; floor, loss and step; the density in each band.
    type Figures = (Option<u32>, [u64; 3], [u64; 6]);

    const FLOATS: Figures = (
        Some(5),
        [0x3feb_386c_dd75_5ce7, 0x3f82_f46e_fd32_6441, 0x3fd3_c360_0000_0000],
        [
            0x3fff_9d1d_664e_df76,
            0x3ffd_a1d9_b6a4_27e9,
            0x3ff9_3166_e439_00af,
            0x3ff5_fa3c_c595_c769,
            0x3ff2_492b_4585_aa17,
            0x3fee_0942_84af_11a6,
        ],
    );
    const INTEGERS: Figures = (
        Some(6),
        [0x40bf_5039_9bb0_2c99, 0x3f65_a896_4919_fc17, 0x4030_0000_0000_0000],
        [
            0x40d2_20d6_5c38_d15a,
            0x40d1_005f_da10_c0f8,
            0x40cc_f0e5_9055_6d12,
            0x40c9_46bf_165a_2f34,
            0x40c5_01ff_aa9e_4bae,
            0x40c1_44ca_f99f_8554,
        ],
    );

    /// Sums of twelve even numbers with a part of their neighbours, in arithmetic that no target does otherwise.
    fn noise(pixels: usize) -> Vec<f32> {
        let mut state = 11u64;
        let mut next = || {
            let sum: u64 = (0..12)
                .map(|_| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    state >> 48
                })
                .sum();
            sum as f64 / 65536.0 - 6.0
        };
        let white: Vec<f64> = (0..=pixels).map(|_| next()).collect();
        white.windows(2).map(|pair| (pair[0] + 0.5 * pair[1]) as f32).collect()
    }

    fn planned(shape: Shape, values: Vec<f32>) -> ImagePlan {
        let mut images = InMemory::new();
        images.push(shape, values, Attributes::new());
        let mut found = Vec::new();
        let mut take = |planned| {
            found.push(planned);
            ControlFlow::Continue(())
        };
        plan(&images, "a.mrc", &Options::default(), &mut take, &NoProgress).unwrap();
        found.remove(0)
    }

    /// Runs with and without worker threads, and in WebAssembly.
    #[test]
    fn every_target_gives_the_same_bits() {
        let shape = Shape { nx: 301, ny: 203, nz: 2 };
        let values = noise(shape.pixels() as usize);
        let floats = planned(shape, values.clone());
        let integers = planned(shape, values.iter().map(|value| (97.0 * value).round()).collect());
        let bits = |plan: &ImagePlan| -> Figures {
            let noise = plan.noise.unwrap();
            let figures = [noise.floor, plan.choice.loss.unwrap(), plan.choice.step.unwrap()];
            (plan.choice.bits, figures.map(f64::to_bits), noise.density.map(f64::to_bits))
        };
        for (plan, expected) in [(floats, FLOATS), (integers, INTEGERS)] {
            let found = bits(&plan);
            assert_eq!(found, expected, "{found:#x?}, from {plan:?}");
        }
    }

    #[test]
    fn what_a_plan_allows_and_where_its_noise_is_are_told() {
        let shape = Shape { nx: 301, ny: 203, nz: 1 };
        let mut plan = planned(shape, noise(shape.pixels() as usize));
        let bands = plan.noise_bands();
        assert_eq!(bands.len(), plan.noise.unwrap().density.len());
        assert_eq!((bands[0].0, bands[bands.len() - 1].1), (0.125, 0.5));
        assert!(bands.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert_eq!(plan.allowed(), Some(0.01));
        plan.noise.as_mut().unwrap().signal = true;
        assert_eq!(plan.allowed(), Some(0.0025));
        let flat = planned(shape, vec![1.0; shape.pixels() as usize]);
        assert!(flat.noise_bands().is_empty());
    }
}
