//! What was done to a file, for the person who asked for it.

use crate::quantise::Encoding;
use crate::quantise::statistics::{Statistics, Tally};
use crate::verify::readback::Manifest;

/// The outcome for one input.
#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Report {
    /// Number of images.
    pub images: u32,
    /// Pixels in all of them.
    pub pixels: u64,
    /// Length of the output in bytes.
    pub output_bytes: u64,
    /// Pixels outside the range: they read back as its nearer end.
    pub truncated: u64,
    /// Smallest low end and largest high end of the images' ranges; `None` for floats.
    pub range: Option<(f32, f32)>,
    /// Smallest and largest difference between neighbouring codes; `None` for floats.
    pub step: Option<(f32, f32)>,
    /// What the output must read back as.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub manifest: Option<Manifest>,
    /// Things its owner should know before the original is deleted.
    pub warnings: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip))]
    concerns: Concerns,
}

/// Counts behind the warnings.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
struct Concerns {
    nan: u64,
    infinite: u64,
    coarse: u32,
    mostly_outside: u32,
    coded: bool,
}

impl Report {
    /// Adds an image.
    pub(crate) fn add(
        &mut self,
        tally: &Tally,
        statistics: &Statistics,
        encoding: &Encoding,
        truncated: u64,
    ) {
        self.images += 1;
        self.pixels += tally.pixels();
        self.truncated += truncated;
        self.concerns.nan += tally.nan;
        self.concerns.infinite += tally.above + tally.below;
        let Some(coding) = encoding.coding() else { return };
        let (range, bits) = (coding.range, coding.bits);
        self.concerns.coded = true;
        let step = (range.high - range.low) / bits.top() as f32;
        let widen = |found: Option<(f32, f32)>, low: f32, high: f32| {
            Some(found.map_or((low, high), |(a, b)| (a.min(low), b.max(high))))
        };
        self.range = widen(self.range, range.low, range.high);
        self.step = widen(self.step, step, step);
        self.concerns.coarse += u32::from(!range.exact && statistics.sigma > 0.0 && step > statistics.sigma);
        self.concerns.mostly_outside += u32::from(truncated > tally.pixels() / 2);
    }

    /// Puts the warnings into words.
    pub(crate) fn conclude(&mut self, of_input: Vec<String>) {
        self.warnings = of_input;
        let Concerns { nan, infinite, coarse, mostly_outside, .. } = self.concerns;
        if nan + infinite > 0 {
            let outcome = if self.concerns.coded {
                "NaN reads back as the low end of the range, infinities as its ends"
            } else {
                "they are kept as they are"
            };
            self.warnings.push(format!("{nan} NaN and {infinite} infinite pixels: {outcome}"));
        }
        let which = |count: u32| match self.images {
            1 => "the image".to_owned(),
            images => format!("{count} of {images} images"),
        };
        if coarse > 0 {
            self.warnings.push(format!(
                "the step between codes is larger than sigma in {}: the picture is lost; use \
                 --nooutliers or more bits",
                which(coarse)
            ));
        }
        if mostly_outside > 0 {
            self.warnings.push(format!(
                "more than half of the pixels lie outside the range in {}",
                which(mostly_outside)
            ));
        }
    }
}
