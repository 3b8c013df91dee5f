//! What the step between codes costs an image, for reports and plans; and which images of a stack are estimated.

use super::advice::Proposal;
use super::group::Image;
use super::options::{Estimates, Options};
use crate::image::Shape;
use crate::quantise::choice::{Cost, Evidence};
use crate::quantise::noise::Noise;
use crate::quantise::range::range;
use crate::quantise::statistics::Tally;
use crate::quantise::{Bits, Encoding, PixelEncoding, Quantiser, Range, Reason, Scale, Target};

/// Images of at least so many pixels are all estimated: it takes little beside the rest of the work.
const LARGE_IMAGE: u64 = 1 << 20;

/// Images that are estimated in a stack of smaller ones.
const OF_A_STACK: u64 = 16;

/// Tells whether the noise of image `number` of `images` is estimated.
pub fn is_estimated(number: u32, images: u32, shape: Shape, options: &Options) -> bool {
    match (options.stored, options.estimates) {
        (PixelEncoding::Floats | PixelEncoding::Raw, _) | (PixelEncoding::Codes(_), Estimates::None) => false,
        (PixelEncoding::Auto(_), _) | (_, Estimates::Every) => true,
        (PixelEncoding::Codes(_), Estimates::Few) => {
            let (number, images) = (u64::from(number), u64::from(images));
            let place = (number * OF_A_STACK).div_ceil(images);
            shape.pixels() >= LARGE_IMAGE
                || images <= OF_A_STACK
                || place < OF_A_STACK && place * images / OF_A_STACK == number
        }
    }
}

/// Tells whether so large a part of the pixels is most of them.
pub fn is_most(part: f64) -> bool {
    part > 0.5
}

/// What the bits of an image cost it.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Estimate {
    /// Number of the image.
    pub image: u32,
    /// Number of the last image that this is about: images that follow each other and were not estimated share one.
    pub through: u32,
    /// The noise was estimated. Of a stack of small images that is done for some only, unless it was asked for; the rest of
    /// what is here is unknown then.
    pub estimated: bool,
    /// Bits of a code, 0 for 32-bit floats.
    pub bits: Option<u32>,
    /// Why so many: `asked`, `target`, `exact`, `constant`, `noise unknown`, `not finite`, `target missed` or
    /// `kept`.
    pub reason: Option<&'static str>,
    /// The largest loss that was allowed, as a share; `None` where bits were asked for.
    pub target: Option<f64>,
    /// Standard deviation of the noise floor; `None` where it is not known.
    pub noise_floor: Option<f64>,
    /// Difference between neighbouring codes; `None` for floats.
    pub step: Option<f64>,
    /// The same, as a multiple of the noise floor.
    pub step_over_noise: Option<f64>,
    /// Part of the information that is lost at the noise floor; 0 only where every pixel comes back as it was, `None` where
    /// the noise is not known or most pixels are clipped.
    pub loss: Option<f64>,
    /// Part that is lost in the middle one of the bands.
    pub loss_median: Option<f64>,
    /// Spatial frequencies of the floor, from and to, in parts of Nyquist.
    pub band: Option<(f64, f64)>,
    /// The finest detail loses about as much as any.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub at_the_top: bool,
    /// Standard deviation of the noise that codes add.
    pub added_noise: Option<f64>,
    /// Blocks of 16 x 16 pixels that the noise was estimated in.
    pub blocks: usize,
    /// The floor may be signal, as in maps and averages: a quarter of the target was allowed.
    pub signal: bool,
    /// Values repeat as counts times a gain do: a quarter of the target was allowed.
    pub counts_times_gain: bool,
    /// Limits under which some bits would keep the target, where none do.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub proposal: Option<Proposal>,
    /// Predicted bytes of the image, its attributes included and, with the first image, the structure of the file; `None`
    /// where that was not asked.
    pub predicted_size: Option<u64>,
}

impl Estimate {
    /// Describes an image whose plan is known, of which so many bytes of the output are predicted.
    pub(crate) fn of(image: &Image, predicted: Option<u64>, options: &Options) -> Self {
        let number = image.number;
        let reason = Some(image.reason.name());
        let floats = Self {
            bits: Some(0),
            reason,
            proposal: image.proposal,
            predicted_size: predicted,
            ..Self::without(number)
        };
        if matches!(image.wanted, PixelEncoding::Floats | PixelEncoding::Raw) && !image.estimated {
            return Self { loss: Some(0.0), ..floats };
        }
        if !image.estimated {
            return Self::without(number);
        }
        let target = match options.stored {
            PixelEncoding::Auto(target) => Some(target.share()),
            _ => None,
        };
        let noise = image.noise.as_ref();
        let common = Self {
            estimated: true,
            target,
            noise_floor: noise.map(Noise::sigma),
            at_the_top: noise.is_some_and(Noise::is_lowest_at_the_top),
            band: noise.map(|noise| Noise::frequencies(noise.band)),
            blocks: noise.map_or(0, |noise| noise.blocks),
            signal: noise.is_some_and(|noise| noise.signal),
            counts_times_gain: noise.is_some_and(|noise| noise.counts),
            ..floats
        };
        let Encoding::Codes(coding) = &image.encoding else {
            return Self { loss: Some(0.0), loss_median: Some(0.0), ..common };
        };
        let cost = image.cost(coding.bits, coding.range);
        let median = noise.map(|noise| cost.error / (noise.middle_density() + cost.error));
        Self {
            bits: Some(coding.bits.get()),
            step: Some(cost.step),
            step_over_noise: noise.map(|noise| cost.step / noise.sigma()),
            loss: cost.loss,
            loss_median: cost.loss.and(if cost.error == 0.0 { Some(0.0) } else { median }),
            added_noise: Some(cost.error.sqrt()),
            ..common
        }
    }

    /// Describes an image of which nothing but the loss is of interest; `None` where its noise is not known.
    pub(crate) fn of_loss(image: u32, loss: Option<f64>) -> Self {
        Self { estimated: true, loss, ..Self::without(image) }
    }

    /// Says nothing of an image.
    fn without(image: u32) -> Self {
        Self {
            image,
            through: image,
            estimated: false,
            bits: None,
            reason: None,
            target: None,
            noise_floor: None,
            step: None,
            step_over_noise: None,
            loss: None,
            loss_median: None,
            band: None,
            at_the_top: true,
            added_noise: None,
            blocks: 0,
            signal: false,
            counts_times_gain: false,
            proposal: None,
            predicted_size: None,
        }
    }

    /// Adds the next image to a list: what is not estimated goes with what is before it.
    pub(super) fn add_to(self, entries: &mut Vec<Self>, most: usize) {
        let full = entries.len() >= most;
        match entries.last_mut() {
            Some(last)
                if !last.estimated
                    && Self { image: last.image, ..self.clone() }
                        == Self { through: self.through, ..last.clone() } =>
            {
                last.through = self.through;
            }
            _ if full => {}
            _ => entries.push(self),
        }
    }
}

/// Images that have the same bits for the same reason.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Spread {
    /// Bits of a code, 0 for 32-bit floats.
    pub bits: u32,
    /// Why so many: see [`Estimate::reason`].
    pub reason: &'static str,
    /// How many images.
    pub images: u64,
    /// The largest loss among them; `None` where one is unknown.
    pub loss: Option<f64>,
    /// Predicted bytes of all of them; `None` where that was not asked.
    pub predicted_size: Option<u64>,
}

impl Spread {
    /// Adds an image to a list, which is in the order of bits.
    pub fn add(list: &mut Vec<Self>, estimate: &Estimate) {
        let &Estimate { bits, reason, loss, predicted_size, .. } = estimate;
        let (bits, reason) = (bits.unwrap_or_default(), reason.unwrap_or_default());
        if let Some(known) = list.iter_mut().find(|known| (known.bits, known.reason) == (bits, reason)) {
            known.images += 1;
            known.loss = known.loss.zip(loss).map(|(a, b)| a.max(b));
            known.predicted_size = known.predicted_size.zip(predicted_size).map(|(a, b)| a + b);
        } else {
            let place = list.partition_point(|known| known.bits <= bits);
            list.insert(place, Self { bits, reason, images: 1, loss, predicted_size });
        }
    }
}

impl Image {
    /// Returns what its bits are chosen from.
    pub fn evidence(&self) -> Evidence<'_> {
        let scale = self.pixels.scale.filter(|_| !self.pixels.kind.is_float());
        let step = scale
            .map(|Scale { range, most }| (f64::from(range.high) - f64::from(range.low)) / f64::from(most));
        Evidence {
            tally: &self.tally,
            grid: self.grid,
            noise: self.noise.as_ref(),
            limits: self.limits,
            earlier: step.map_or(0.0, |step| step * step / 12.0),
        }
    }

    /// Computes what codes of so many bits that span a range cost: nothing where they are taken over. What is lost where most
    /// pixels are clipped is not known: the step says nothing of them.
    pub fn cost(&self, bits: Bits, range: Range) -> Cost {
        let cost = self.evidence().cost(bits, range);
        match &self.kept {
            Some(kept) if kept.bits == bits => cost.of_kept_codes(),
            _ if self.clipped_in(range, bits).is_some_and(is_most) => {
                Cost { exact: false, loss: None, ..cost }
            }
            _ => cost,
        }
    }

    /// Returns the part of its pixels that lies outside a range, about; `None` where nothing tells.
    pub fn clipped_in(&self, range: Range, bits: Bits) -> Option<f64> {
        if self.is_beyond(range) {
            return Some(1.0);
        }
        let (outside, of) = self.outside_of(range, bits);
        (of > 0).then(|| outside as f64 / of as f64)
    }

    /// Tells whether all its pixels lie on one side of a range.
    pub fn is_beyond(&self, range: Range) -> bool {
        let Tally { minimum, maximum, finite, .. } = self.tally;
        finite > 0 && (minimum > range.high || maximum < range.low)
    }

    /// Counts those of some of its pixels that lie outside a range, and the pixels that were looked at.
    fn outside_of(&self, range: Range, bits: Bits) -> (u64, u64) {
        let quantiser = Quantiser::new(range, bits);
        let outside = self.sampled.iter().filter(|&&pixel| quantiser.is_outside(pixel)).count();
        (outside as u64, self.sampled.len() as u64)
    }

    /// Returns what codes of so many bits span, where any can.
    pub fn range_of(&self, bits: Bits, options: &Options) -> Option<Range> {
        range(self.bounds(self.limits, options.limits), self.limits, bits)
    }

    /// Chooses its bits.
    pub fn choose(&self, target: Target, options: &Options) -> (PixelEncoding, Reason) {
        self.evidence().choose(target, |bits| self.range_of(bits, options))
    }

    /// Counts those of some of its pixels that lie outside the range of its codes, and the pixels that were looked at; `None`
    /// where nothing tells.
    pub fn outside(&self) -> Option<(u64, u64)> {
        let coding = self.encoding.coding()?;
        Some(self.outside_of(coding.range, coding.bits))
    }

    /// Returns the predicted bytes of its chunks alone with so many bits, or as floats; `None` where these were not to be
    /// tried.
    pub fn predicted_chunks(&self, bits: Option<Bits>) -> Option<f64> {
        self.sizes.iter().find(|(tried, _)| *tried == bits).map(|&(_, chunks)| chunks)
    }
}
