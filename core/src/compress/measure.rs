//! The passes up to the plan of each image: statistics, limits, range, and what the step leaves nothing of.

use std::ops::ControlFlow;

use super::Walk;
use super::group::{Group, Image};
use super::kept::Kept;
use super::options::Options;
use super::passes::{Findings, Measured};
use crate::error::Error;
use crate::pipeline::pass::{Pass, Steps, Unit};
use crate::quantise::detail::Lost;
use crate::quantise::encoding::Coding;
use crate::quantise::limits::{BlockBins, Histogram};
use crate::quantise::range::range;
use crate::quantise::statistics::Statistics;
use crate::quantise::{Bits, Encoding, PixelEncoding, Reason};

impl Walk<'_> {
    /// Finds statistics, limits, range and plan of every image of a group.
    pub(super) fn measure(&self, group: &mut Group) -> Result<(), Error> {
        self.find_statistics(group)?;
        let histograms = self.find_histograms(group)?;
        for (image, histogram) in group.images.iter_mut().zip(&histograms) {
            if image.wanted.may_be_codes() {
                image.limits = self.options.limits.limits(&image.statistics, histogram.as_ref());
            }
        }
        let fractions = self.find_fractions(group)?;
        for (image, fractions) in group.images.iter_mut().zip(fractions) {
            image.fractions = fractions;
            if let PixelEncoding::Auto(target) = image.wanted {
                (image.wanted, image.reason) = image.choose(target, self.options);
                self.find_better(image)?;
            } else {
                self.find_kept(image, image.wanted)?;
            }
            image.encoding = plan(image, self.options)?;
            if image.sized {
                let bits = image.encoding.coding().map(|coding| coding.bits);
                image.sample = image.kinds(self.images.images()).sample(bits);
            }
            image.lost = match image.encoding.coding() {
                Some(coding) => image.lost_in(coding.range, coding.bits),
                None => Lost::default(),
            };
        }
        self.find_proposals(group)?;
        self.find_advice(group)?;
        self.find_sizes(group)
    }

    fn find_statistics(&self, group: &mut Group) -> Result<(), Error> {
        let passes = &self.passes;
        let mut measured = vec![Findings::default(); group.images.len()];
        let mut checksums = Vec::new();
        self.pass(
            group,
            |image, unit, rows, found: &mut Measured| *found = passes.measure(image, &unit.block, rows),
            |unit, found| {
                measured[unit.about].merge(found);
                if unit.last {
                    measured[unit.about].conclude();
                }
                checksums.extend(found.checksum);
                ControlFlow::Continue(())
            },
            true,
        )?;
        group.checksums = checksums;
        for (image, found) in group.images.iter_mut().zip(measured) {
            let Findings { tally, codes, detail, estimate, outlook, .. } = found;
            (image.grid, image.noise, image.sampled) = (estimate.grid, estimate.noise, estimate.sampled);
            image.outlook = outlook;
            image.extremes = codes;
            image.statistics = Statistics::of(&tally);
            image.tally = tally;
            image.detail = detail;
            image.wanted = match (self.choose)(image.number, &image.statistics) {
                PixelEncoding::Raw if self.options.stored != PixelEncoding::Raw => PixelEncoding::Floats,
                _ if self.options.stored == PixelEncoding::Raw => PixelEncoding::Raw,
                wanted => wanted,
            };
        }
        Ok(())
    }

    /// Takes over the codes of an image whose bits were chosen, where they are not to become coarser: as floats they would be
    /// larger and no better.
    fn find_better(&self, image: &mut Image) -> Result<(), Error> {
        let wanted = match (image.wanted, image.reason) {
            (PixelEncoding::Floats, Reason::NoiseUnknown | Reason::TargetMissed) => {
                PixelEncoding::Codes(Bits::MOST)
            }
            (wanted, _) => wanted,
        };
        self.find_kept(image, wanted)?;
        if let Some(kept) = &image.kept {
            (image.wanted, image.reason) = (PixelEncoding::Codes(kept.bits), Reason::Kept);
        }
        Ok(())
    }

    /// Takes over the codes of an image, where that is right.
    fn find_kept(&self, image: &mut Image, wanted: PixelEncoding) -> Result<(), Error> {
        let Image { number, extremes, .. } = *image;
        image.kept = Kept::of(self.images, number, self.options, wanted, extremes, &image.statistics)?;
        if image.kept.is_some() {
            image.pixels.scale = None;
        }
        Ok(())
    }

    /// Counts values for limits without outliers; none where nothing asks for it.
    fn find_histograms(&self, group: &mut Group) -> Result<Vec<Option<Histogram>>, Error> {
        self.count_values(group, |image| {
            let counts = self.options.limits.needs_histogram();
            counts && image.wanted.may_be_codes()
        })
    }

    /// Counts the values of the images that are to be `counted`.
    pub(super) fn count_values(
        &self,
        group: &mut Group,
        counted: impl Fn(&Image) -> bool,
    ) -> Result<Vec<Option<Histogram>>, Error> {
        let passes = &self.passes;
        let mut histograms: Vec<_> = group
            .images
            .iter()
            .map(|image| counted(image).then(|| Histogram::new(&image.statistics, image.tally.pixels())))
            .collect();
        if histograms.iter().any(Option::is_some) {
            self.pass(
                group,
                |image, unit, rows, bins: &mut Option<Box<BlockBins>>| {
                    let bins = bins.get_or_insert_with(|| Box::new([0; _]));
                    passes.count(image, &unit.block, rows, bins);
                },
                |unit, bins| {
                    if let (Some(histogram), Some(bins)) = (&mut histograms[unit.about], bins) {
                        histogram.merge(bins);
                    }
                    ControlFlow::Continue(())
                },
                true,
            )?;
        }
        Ok(histograms)
    }

    /// Looks for truncated values with a fraction, for images with limits. Only an image that has fractions
    /// somewhere needs a look, and it ends with the first unit that settles the last of them.
    fn find_fractions(&self, group: &mut Group) -> Result<Vec<bool>, Error> {
        let unsure = |image: &Image| image.limits.is_some() && !image.statistics.all_int;
        let passes = &self.passes;
        let mut fractions = vec![false; group.images.len()];
        let mut left = group.images.iter().filter(|image| unsure(image)).count();
        if left == 0 {
            return Ok(fractions);
        }
        self.pass(
            group,
            |image, unit, rows, found: &mut bool| {
                *found = unsure(image) && passes.find_fractions(image, &unit.block, rows);
            },
            |unit, &mut found| {
                if found && !fractions[unit.about] {
                    fractions[unit.about] = true;
                    left -= 1;
                }
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
            false,
        )?;
        Ok(fractions)
    }

    /// Runs a pass that measures.
    pub(super) fn pass<R: Default + Send>(
        &self,
        group: &mut Group,
        compute: impl Fn(&Image, &Unit<usize>, &[u8], &mut R) + Send + Sync,
        mut take: impl FnMut(&Unit<usize>, &mut R) -> ControlFlow<()>,
        counted: bool,
    ) -> Result<(), Error> {
        let first = group.numbers().start;
        let bands = group.bands(self.images, self.options);
        let Group { images, held, .. } = group;
        let images: &[Image] = images;
        let pass = Pass { counted, ..self.waves() };
        pass.run(
            bands,
            held,
            &mut Vec::new(),
            Steps {
                read: Self::rows(self.images, first),
                compute: |unit: &Unit<usize>, [rows, _]: [&[u8]; 2], result: &mut R| {
                    compute(&images[unit.about], unit, rows, result);
                },
                take: |unit: &Unit<usize>, result: &mut R| Ok(take(unit, result)),
                beside: |_| Ok(()),
            },
        )
    }
}

/// Decides how a measured image is stored.
fn plan(image: &Image, options: &Options) -> Result<Encoding, Error> {
    let bits = match image.wanted {
        PixelEncoding::Raw => return Ok(Encoding::Raw),
        PixelEncoding::Floats => return Ok(Encoding::Floats),
        PixelEncoding::Codes(bits) => bits,
        // Chosen by now.
        PixelEncoding::Auto(_) => Bits::DEFAULT,
    };
    let pixels = image.tiling.shape().pixels();
    if let Some(Kept { scale, bits, .. }) = image.kept {
        return Ok(Encoding::Codes(Coding::kept(bits, scale.range, image.pixels, pixels)));
    }
    let bounds = image.bounds(image.limits, options.limits);
    let found = range(bounds, image.limits, bits).ok_or(Error::RangeTooWide {
        image: image.number,
        minimum: bounds.minimum,
        maximum: bounds.maximum,
    })?;
    Ok(Encoding::Codes(Coding::new(bits, found, image.pixels, pixels)))
}
