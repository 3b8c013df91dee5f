//! What would help where the step leaves nothing of a picture, or where no number of bits keeps enough. That takes a look at
//! the pixels, but only where something is wrong.

use std::ops::ControlFlow;

use super::Walk;
use super::group::{Group, Image};
use crate::error::Error;
use crate::quantise::limits::{LimitRule, Limits};
use crate::quantise::range::range;
use crate::quantise::{Bits, PixelEncoding, Reason};

/// Limits under which an image would be codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// `--nooutliers` gives them.
    pub outliers: bool,
    /// What they are.
    pub limits: (f32, f32),
    /// Bits that auto would take then.
    pub bits: u32,
    /// Pixels that would be clipped.
    pub cut: u64,
}

/// How far beyond the sampled pixels limits are proposed, in parts of their spread.
const MARGIN: f32 = 0.25;

impl Walk<'_> {
    /// Finds limits for images of which no number of bits keeps enough: those without outliers or, where they do not help,
    /// some around all but the most extreme pixels.
    pub(super) fn find_proposals(&self, group: &mut Group) -> Result<(), Error> {
        let PixelEncoding::Auto(target) = self.options.stored else { return Ok(()) };
        let missed =
            |image: &Image| image.reason == Reason::TargetMissed && self.options.limits == LimitRule::All;
        if !group.images.iter().any(missed) {
            return Ok(());
        }
        let histograms = self.count_values(group, missed)?;
        let mut proposals: Vec<Option<Proposal>> = Vec::new();
        for (image, histogram) in group.images.iter_mut().zip(&histograms) {
            let (all_int, sampled) = (image.statistics.all_int, around(&image.sampled));
            let candidates = [
                (LimitRule::NoOutliers, LimitRule::NoOutliers.limits(&image.statistics, histogram.as_ref())),
                (LimitRule::All, sampled),
            ];
            let proposal =
                candidates.into_iter().filter(|_| histogram.is_some()).find_map(|(rule, limits)| {
                    image.limits = Some(limits?);
                    image.fractions = !all_int;
                    let options = super::Options { limits: rule, ..*self.options };
                    match image.choose(target, &options).0 {
                        PixelEncoding::Codes(bits) => Some(Proposal {
                            outliers: rule == LimitRule::NoOutliers,
                            limits: (limits?.low, limits?.high),
                            bits: bits.get(),
                            cut: 0,
                        }),
                        _ => None,
                    }
                });
            if histogram.is_some() {
                (image.limits, image.fractions) = (None, false);
            }
            proposals.push(proposal);
        }
        self.count_cut(group, &mut proposals)?;
        for (image, proposal) in group.images.iter_mut().zip(proposals) {
            image.proposal = proposal;
        }
        Ok(())
    }

    /// Counts the pixels that proposed limits would clip.
    fn count_cut(&self, group: &mut Group, proposals: &mut [Option<Proposal>]) -> Result<(), Error> {
        if proposals.iter().all(Option::is_none) {
            return Ok(());
        }
        let passes = &self.passes;
        let limits: Vec<_> = proposals.iter().map(|proposal| Some(proposal.as_ref()?.limits)).collect();
        self.pass(
            group,
            |image, unit, rows, cut: &mut u64| {
                *cut = limits[unit.about]
                    .map_or(0, |limits| passes.count_outside(image, &unit.block, rows, limits));
            },
            |unit, cut| {
                if let Some(proposal) = &mut proposals[unit.about] {
                    proposal.cut += *cut;
                }
                ControlFlow::Continue(())
            },
            false,
        )
    }

    /// Finds out what would keep what is lost. That takes a look at the pixels, but only where something is.
    pub(super) fn find_advice(&self, group: &mut Group) -> Result<(), Error> {
        if group.images.iter().all(|image| !image.lost.any()) {
            return Ok(());
        }
        let unlimited = self.options.limits == LimitRule::All;
        let histograms = self.count_values(group, |image| unlimited && image.lost.any())?;
        for (image, histogram) in group.images.iter_mut().zip(&histograms) {
            let Some(bits) = image.encoding.coding().map(|coding| coding.bits).filter(|_| image.lost.any())
            else {
                continue;
            };
            let keeps = |image: &Image, limits, rule, bits| {
                let found = range(image.bounds(limits, rule), limits, bits);
                found.is_some_and(|range| !image.lost_in(range, bits).any())
            };
            image.lost.bits_help =
                bits < Bits::MOST && keeps(image, image.limits, self.options.limits, Bits::MOST);
            if let Some(histogram) = histogram {
                let rule = LimitRule::NoOutliers;
                let limits = rule.limits(&image.statistics, Some(histogram));
                // Real numbers have fractions within any limits.
                image.fractions = !image.statistics.all_int;
                image.lost.outliers_help = limits.is_some() && keeps(image, limits, rule, bits);
            }
        }
        Ok(())
    }
}

/// Returns limits around pixels; `None` around none.
fn around(pixels: &[f32]) -> Option<Limits> {
    let low = pixels.iter().copied().reduce(f32::min)?;
    let high = pixels.iter().copied().reduce(f32::max)?;
    let margin = MARGIN * (high - low);
    Limits { low: low - margin, high: high + margin }.usable()
}
