//! What was done to a file, for the person who asked for it.

use super::loss::{Loss, Losses};
use crate::quantise::Encoding;
use crate::quantise::limits::LimitRule;
use crate::quantise::statistics::{Statistics, Tally};
use crate::verify::readback::Manifest;
use crate::verify::report::Comparison;

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
    /// Bytes of the output that are pixels; the rest is structure and attributes.
    pub stored_bytes: u64,
    /// Images whose pixels are stored as they were in the input.
    pub unchanged: u32,
    /// Pixels outside the range: they read back as its nearer end.
    pub truncated: u64,
    /// Smallest low end and largest high end of the images' ranges; `None` for floats.
    pub range: Option<(f32, f32)>,
    /// Smallest and largest difference between neighbouring codes; `None` for floats.
    pub step: Option<(f32, f32)>,
    /// The output beside the input, where [`Options::verify`](super::Options::verify) asks for it.
    pub comparison: Option<Comparison>,
    /// What the output must read back as.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub manifest: Option<Manifest>,
    /// What it lacks of the input beyond the bits that were to go; the warnings name it, too.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub losses: Vec<Loss>,
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
    losses: Losses,
}

/// What is written of an image.
pub(crate) struct Written<'a> {
    pub tally: &'a Tally,
    /// As the output states them.
    pub statistics: &'a Statistics,
    pub encoding: &'a Encoding,
    pub truncated: u64,
    /// Limits were asked for.
    pub limited: bool,
    /// Its codes were taken over.
    pub kept: bool,
    /// It is stored as it was.
    pub unchanged: bool,
}

impl Report {
    /// Adds an image.
    pub(crate) fn add(&mut self, written: &Written<'_>) {
        let &Written { tally, statistics, encoding, truncated, limited, kept, unchanged } = written;
        // What was lost before is none of this.
        let cut = if limited && !kept { truncated } else { 0 };
        self.concerns.losses.add(tally.pixels(), tally.nan, tally.rounded, cut);
        self.unchanged += u32::from(unchanged);
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
        // Where most pixels are 0, as around a particle, the others tell what detail there is.
        let spread = statistics.sigma.max(statistics.sigma_nonzero);
        let rough = !range.exact && statistics.sigma > 0.0 && step > spread;
        self.concerns.coarse += u32::from(rough && !kept);
        self.concerns.mostly_outside += u32::from(!limited && !kept && truncated > tally.pixels() / 2);
    }

    /// Puts the warnings into words.
    pub(crate) fn conclude(&mut self, of_input: Vec<String>, limits: LimitRule) {
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
        self.losses = self.concerns.losses.list(self.images, self.pixels);
        self.warnings.extend(self.losses.iter().map(ToString::to_string));
        let which = |count: u32| match self.images {
            1 => "the image".to_owned(),
            images => format!("{count} of {images} images"),
        };
        if coarse > 0 {
            let advice = if limits == LimitRule::All { "--nooutliers or more bits" } else { "more bits" };
            self.warnings.push(format!(
                "the step between codes is larger than sigma in {}: the picture is lost; use {advice}",
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
