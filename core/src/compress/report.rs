//! What was done to a file, for the person who asked for it.

use super::advice::Proposal;
use super::estimate::{Estimate, Spread};
use super::loss::{Loss, Losses};
use crate::quantise::detail::Lost;
use crate::quantise::encoding::Coding;
use crate::quantise::statistics::Tally;
use crate::quantise::{Encoding, Reason};
use crate::verify::readback::Manifest;
use crate::verify::report::Comparison;
use crate::warning::{Share, Warning};

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
    /// What its bits cost each image, of the first 4096 entries; [`Report::spread`] knows of all.
    pub estimates: Vec<Estimate>,
    /// The bits of the estimated images, and how many have them for which reason.
    pub spread: Vec<Spread>,
    /// The estimate of the image that loses most.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub worst: Option<Estimate>,
    /// The output beside the input, where [`Options::verify`](super::Options::verify) asks for it.
    pub comparison: Option<Comparison>,
    /// What the output must read back as.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub manifest: Option<Manifest>,
    /// What it lacks of the input beyond the bits that were to go; the warnings name it, too.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub losses: Vec<Loss>,
    /// Things its owner should know before the original is deleted.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "crate::warning::with_kinds"))]
    pub warnings: Vec<Warning>,
    #[cfg_attr(feature = "serde", serde(skip))]
    concerns: Concerns,
}

/// Counts behind the warnings.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
struct Concerns {
    nan: u64,
    infinite: u64,
    coarse: Coarse,
    flat: Coarse,
    mostly_outside: u32,
    coded: bool,
    losses: Losses,
    costs: Costs,
    missed: u32,
    proposal: Option<Proposal>,
}

/// Images whose step costs more than it should.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
struct Costs {
    count: u64,
    /// Images whose cost is known.
    of: u64,
    largest: f64,
}

impl Costs {
    fn add(&mut self, loss: f64) {
        /// What a step should not cost unasked, as a share.
        const DEAR: f64 = 0.05;
        self.of += 1;
        if loss > DEAR {
            self.count += 1;
            self.largest = self.largest.max(loss);
        }
    }

    fn found(&self) -> Option<Warning> {
        let images = Share::some(self.count, self.of)?;
        Some(Warning::Dear { images, share: self.largest })
    }
}

/// Pictures or sections that are lost, and how many of them could be kept.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
struct Coarse {
    count: u64,
    of: u64,
    /// Without outliers.
    outliers: u64,
    /// With more bits.
    bits: u64,
}

impl Coarse {
    fn add(&mut self, count: u64, of: u64, lost: Lost) {
        self.count += count;
        self.of += of;
        self.outliers += if lost.outliers_help { count } else { 0 };
        self.bits += if lost.bits_help { count } else { 0 };
    }

    /// Returns what there is, and whether each way would keep all of it.
    fn found(&self) -> Option<(Share, bool, bool)> {
        let Self { count, of, outliers, bits } = *self;
        Some((Share::some(count, of)?, outliers == count, bits == count))
    }
}

/// What is written of an image.
pub(crate) struct Written<'a> {
    pub tally: &'a Tally,
    pub encoding: &'a Encoding,
    pub truncated: u64,
    pub lost: Lost,
    /// Limits were asked for.
    pub limited: bool,
    /// Its codes were taken over.
    pub kept: bool,
    /// It is stored as it was.
    pub unchanged: bool,
    pub estimate: Option<Estimate>,
}

impl Report {
    /// Adds an image.
    pub(crate) fn add(&mut self, written: Written<'_>) {
        let Written { tally, encoding, truncated, lost, limited, kept, unchanged, estimate } = written;
        if let Some(estimate) = estimate {
            if let Some(loss) = estimate.loss.filter(|_| estimate.estimated && !lost.picture) {
                self.concerns.costs.add(loss);
            }
            if estimate.reason == Some(Reason::TargetMissed.name()) {
                self.concerns.missed += 1;
                self.concerns.proposal = self.concerns.proposal.or(estimate.proposal);
            }
            self.add_estimate(estimate);
        }
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
        let step = Coding::step_of(range, bits) as f32;
        let widen = |found: Option<(f32, f32)>, low: f32, high: f32| {
            Some(found.map_or((low, high), |(a, b)| (a.min(low), b.max(high))))
        };
        self.range = widen(self.range, range.low, range.high);
        self.step = widen(self.step, step, step);
        self.concerns.coarse.add(lost.picture.into(), 1, lost);
        self.concerns.flat.add(lost.sections, lost.of, lost);
        self.concerns.mostly_outside += u32::from(!limited && !kept && truncated > tally.pixels() / 2);
    }

    fn add_estimate(&mut self, estimate: Estimate) {
        /// Entries of the list, so that a record of a stack of any length has a bound.
        const MOST_ESTIMATES: usize = 4096;
        if estimate.estimated {
            Spread::add(&mut self.spread, &estimate);
            // What is unknown is worse than anything known.
            let loss = |estimate: &Estimate| estimate.loss.unwrap_or(f64::INFINITY);
            if self.worst.as_ref().is_none_or(|worst| loss(&estimate) > loss(worst)) {
                self.worst = Some(estimate.clone());
            }
        }
        estimate.add_to(&mut self.estimates, MOST_ESTIMATES);
    }

    /// Lists the warnings.
    pub(crate) fn conclude(&mut self, of_input: Vec<Warning>) {
        self.warnings = of_input;
        let Concerns { nan, infinite, coarse, flat, mostly_outside, coded, losses, costs, missed, proposal } =
            self.concerns;
        if nan + infinite > 0 {
            self.warnings.push(Warning::NotFinite { nan, infinite, coded });
        }
        self.losses = losses.list(self.images, self.pixels);
        self.warnings.extend(self.losses.iter().copied().map(Warning::Loss));
        let lost =
            coarse.found().map(|(images, outliers, bits)| Warning::PictureLost { images, outliers, bits });
        let flat =
            flat.found().map(|(sections, outliers, bits)| Warning::SectionsLost { sections, outliers, bits });
        let outside = Share::some(mostly_outside, self.images).map(Warning::MostlyOutside);
        let missed =
            Share::some(missed, self.images).map(|images| Warning::TargetMissed { images, proposal });
        self.warnings.extend([lost, missed, costs.found(), flat, outside].into_iter().flatten());
    }
}
