//! What a run would say of a file, as far as a few of its images tell: its warnings, what would be lost, and the figures by
//! which an output is told from another picture's.

use std::ops::ControlFlow;

use super::Loss;
use super::estimate::{Estimate, is_estimated};
use super::expected::measure_some;
use super::group::Image;
use super::options::Options;
use super::predict::{Prediction, predict, spread};
use super::report::Report;
use super::size::Sizes;
use crate::error::Error;
use crate::image::{Declared, Images};
use crate::pipeline::progress::Progress;
use crate::quantise::statistics::Statistics;
use crate::warning::Warning;

/// What a run would find, of the images that were measured.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Foreseen {
    /// Its warnings, but for those about some pixels outside the range: their number is known when codes are made.
    pub warnings: Vec<Warning>,
    /// What the output would lack of the input beyond bits.
    pub losses: Vec<Loss>,
    /// The figures that the output would have of each image, by its number.
    pub declared: Vec<(u32, Declared)>,
}

/// Gathers it image by image.
#[derive(Default)]
pub struct Findings {
    report: Report,
    declared: Vec<(u32, Declared)>,
}

impl Findings {
    /// Adds an image whose plan is known.
    pub fn add(&mut self, images: &dyn Images, image: &Image, options: &Options) {
        let kept = image.kept.as_ref();
        let statistics = kept.map_or(&image.statistics, |kept| &kept.statistics);
        self.declared.push((image.number, declared(statistics)));
        // How many pixels are clipped is known without a look where all are.
        let all_out = image.encoding.coding().is_some_and(|coding| image.is_beyond(coding.range));
        let truncated = if all_out && kept.is_none() { image.tally.pixels() - image.tally.nan } else { 0 };
        let told = is_estimated(image.number, images.images(), image.tiling.shape(), options);
        let estimate = told.then(|| Estimate::of(image, None, options));
        self.report.add(image.written(images, truncated, estimate));
    }

    /// Returns all of it; `images` are those it was found in.
    pub fn conclude(mut self, images: &dyn Images) -> Foreseen {
        self.report.conclude(images.warnings());
        Foreseen { warnings: self.report.warnings, losses: self.report.losses, declared: self.declared }
    }
}

/// Predicts what [`predict`] does, and what a run would say, of uncompressed floats as well, which are predicted unseen.
///
/// # Errors
/// Those of [`predict`].
pub fn foresee(
    images: &dyn Images,
    source_path: &str,
    options: &Options,
    most: u32,
    progress: &dyn Progress,
) -> Result<Prediction, Error> {
    let mut found = predict(images, source_path, options, most, progress)?;
    if found.foreseen.declared.is_empty() {
        let mut findings = Findings::default();
        let mut take = |image: &Image| {
            findings.add(images, image, options);
            ControlFlow::Continue(())
        };
        measure_some(images, &spread(images.images(), most), options, Sizes::AsPlanned, progress, &mut take)?;
        found.foreseen = findings.conclude(images);
    }
    Ok(found)
}

/// Lists the figures that statistics give.
fn declared(statistics: &Statistics) -> Declared {
    let figure = |value: f32| Some(f64::from(value));
    Declared {
        minimum: figure(statistics.minimum),
        maximum: figure(statistics.maximum),
        mean: figure(statistics.mean),
        sigma: figure(statistics.sigma),
        square_sum: figure(statistics.square_sum),
        ..Declared::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compress;
    use crate::formats::open;
    use crate::pipeline::progress::NoProgress;
    use crate::quantise::limits::LimitRule;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const MICROGRAPH: &[u8] = include_bytes!("../../../tests/data/u16_micrograph.mrc");
    const OUTLIERS: &[u8] = include_bytes!("../../../tests/data/f32_outliers.mrc");
    const NAN: &[u8] = include_bytes!("../../../tests/data/nan_pixel.mrc");
    const STACK: &[u8] = include_bytes!("../../../tests/data/f32_stack.mrcs");

    #[test]
    fn a_run_says_what_was_foreseen() {
        for file in [MICROGRAPH, OUTLIERS, NAN, STACK] {
            let images = open(&file, "a.mrcs").unwrap();
            let limits = |low, high| LimitRule::explicit(low, high).unwrap();
            let options = [-1, 0, 2, 5, 12].map(|bits| Options::bits(bits).unwrap());
            // Pixels that lie outside the limits are within the range, which of integers goes on beyond them.
            let integers = (file == MICROGRAPH).then(|| limits(0.0, 1.0));
            let limited = [limits(1e9, 2e9)].into_iter().chain(integers);
            let limited = limited
                .flat_map(|limits| [5, 16].map(|bits| Options { limits, ..Options::bits(bits).unwrap() }));
            for options in options.into_iter().chain(limited) {
                let bits = options.stored;
                let found = foresee(&*images, "a", &options, images.images(), &NoProgress).unwrap().foreseen;
                let mut output = Vec::new();
                let report = compress(&*images, "a", &mut output, &options, &NoProgress).unwrap();
                assert_eq!((found.warnings, found.losses), (report.warnings, report.losses), "{bits:?}");
                let output = output.as_slice();
                let written = open(&output, "a.hdf").unwrap();
                for (image, declared) in found.declared {
                    let there = written.declared(image).unwrap().unwrap();
                    let figures = |of: &Declared| [of.minimum, of.maximum, of.mean, of.sigma, of.square_sum];
                    assert_eq!(figures(&declared), figures(&there), "{bits:?}, image {image}");
                }
            }
        }
    }
}
