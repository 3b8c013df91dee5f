//! What each number of bits would cost the images of a file, before anything is made of it. What is found is found by
//! compressing's own passes, up to the range.

use std::ops::ControlFlow;

use crate::compress::options::{Estimates, Options};
use crate::compress::{Estimate, measure_each};
use crate::error::Error;
use crate::image::{Images, Shape};
use crate::pipeline::progress::Progress;
use crate::quantise::noise::Noise;
use crate::quantise::statistics::Statistics;
use crate::quantise::{Bits, PixelEncoding, Target};

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
    /// Density of the noise, where it is known.
    pub noise: Option<Noise>,
    /// What each number of bits costs, the lowest first.
    pub table: Vec<BitsPlan>,
}

/// What a number of bits costs an image.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BitsPlan {
    /// Bits of a code.
    pub bits: u32,
    /// Difference between neighbouring codes.
    pub step: f64,
    /// The same, as a multiple of the noise floor, where that is known.
    pub step_over_noise: Option<f64>,
    /// Part of the information that is lost at the noise floor; 0 only where every pixel comes back as it was.
    pub loss: Option<f64>,
    /// Every pixel comes back as it was.
    pub exact: bool,
    /// Variance of the error, the same at every frequency.
    pub error: f64,
    /// The step leaves nothing of the picture.
    pub lost: bool,
    /// Predicted bytes of the image, its attributes included; at most so many of a smooth image.
    pub predicted_size: Option<u64>,
    /// It is what `--bits auto` takes.
    pub chosen: bool,
}

/// Plans the images of a file one by one, in order, each handed to `take` until that breaks off. `options` give the limits; a
/// target among them counts, otherwise it is [`Target::DEFAULT`]. Nothing is written.
///
/// # Errors
/// What reading the images fails with; [`Error::Cancelled`].
pub fn plan(
    images: &dyn Images,
    options: &Options,
    take: &mut dyn FnMut(ImagePlan) -> ControlFlow<()>,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let target = match options.stored {
        PixelEncoding::Auto(target) => target,
        _ => Target::DEFAULT,
    };
    let stored = PixelEncoding::Auto(target);
    let options = Options { stored, estimates: Estimates::Every, verify: false, ..*options };
    measure_each(images, &options, progress, &mut |image| {
        let choice = Estimate::of(image, &options);
        let evidence = image.evidence();
        let table = Bits::all().filter_map(|bits| {
            let range = image.range_of(bits, &options)?;
            let cost = evidence.cost(bits, range);
            Some(BitsPlan {
                bits: bits.get(),
                step: cost.step,
                step_over_noise: image.noise.map(|noise| cost.step / noise.sigma()),
                loss: cost.loss,
                exact: cost.exact,
                error: cost.error,
                lost: image.lost_in(range, bits).picture,
                predicted_size: image.predicted(bits, range),
                chosen: choice.bits == Some(bits.get()),
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
        plan(&images, &Options::default(), &mut take, &NoProgress).unwrap();
        found.remove(0)
    }

    /// This runs with and without worker threads, with every vector unit that tests meet, and in WebAssembly.
    #[test]
    fn every_target_gives_the_same_bits() {
        let shape = Shape { nx: 301, ny: 203, nz: 2 };
        let values = noise(shape.pixels() as usize);
        let floats = planned(shape, values.clone());
        let integers = planned(shape, values.iter().map(|value| (97.0 * value).round()).collect());
        for (name, plan, floor, density, choice) in
            [("floats", floats, 0, [0; 6], (0, 0, 0)), ("integers", integers, 0, [0; 6], (0, 0, 0))]
        {
            let noise = plan.noise.unwrap();
            let (loss, step) = (plan.choice.loss.unwrap(), plan.choice.step.unwrap());
            assert_eq!(
                (noise.floor.to_bits(), noise.density.map(f64::to_bits)),
                (floor, density),
                "{name}: {:#x} {:#x?}",
                noise.floor.to_bits(),
                noise.density.map(f64::to_bits)
            );
            assert_eq!(
                (plan.choice.bits.unwrap(), step.to_bits(), loss.to_bits()),
                choice,
                "{name}: {} {:#x} {:#x}",
                plan.choice.bits.unwrap(),
                step.to_bits(),
                loss.to_bits()
            );
        }
    }
}
