//! Codes that are taken over as they are: an image that has no more bits than asked for loses nothing that a
//! second quantisation could spare, and would be rounded twice by one. So compressing twice is compressing once.
//! Where bits are chosen, codes get fewer only if that costs little (`quantise/choice.rs`).

use super::group::Image;
use super::options::Options;
use crate::error::Error;
use crate::image::attributes::Attributes;
use crate::image::{Declared, Images, Pixels};
use crate::quantise::limits::LimitRule;
use crate::quantise::statistics::Statistics;
use crate::quantise::{Bits, PixelEncoding, Scale};

/// What goes along with codes that are taken over.
pub struct Kept {
    /// How the codes read back.
    pub scale: Scale,
    /// Bits of the codes.
    pub bits: Bits,
    /// Statistics of the pixels that the codes were made of, as the input says them.
    pub statistics: Statistics,
    /// How many of those were truncated, as the input says.
    pub truncated: u64,
    /// The attributes `source_path` and `source_n`, where the input has them.
    pub source: Attributes,
}

/// The lowest and the highest code of an image, which is what decides whether they are codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extremes {
    pub lowest: f32,
    pub highest: f32,
}

impl Default for Extremes {
    fn default() -> Self {
        Self { lowest: f32::INFINITY, highest: f32::NEG_INFINITY }
    }
}

impl Extremes {
    /// Adds those of another block.
    pub fn merge(&mut self, next: Self) {
        self.lowest = self.lowest.min(next.lowest);
        self.highest = self.highest.max(next.highest);
    }
}

/// Returns scale and bits of an image's codes that may be taken over under options, whatever bits are asked
/// for: with limits, values decide.
pub fn candidate(pixels: Pixels, options: &Options) -> Option<(Scale, Bits)> {
    let scale = pixels.scale.filter(|_| options.limits == LimitRule::All && !pixels.kind.is_float())?;
    Some((scale, scale.bits()?))
}

/// Tells whether codes of a scale and so many bits stay as they are where so many are wanted: they have no more, and are
/// codes.
fn stay((scale, bits): (Scale, Bits), wanted: Bits, extremes: Extremes) -> bool {
    bits <= wanted && extremes.lowest >= 0.0 && extremes.highest <= scale.most
}

impl Image {
    /// Returns scale and bits of its codes, where they stay as they are if so many bits are asked for.
    pub fn kept_under(&self, wanted: Bits, options: &Options) -> Option<(Scale, Bits)> {
        let taken_over = self.kept.as_ref().map(|kept| (kept.scale, kept.bits));
        let codes = taken_over.or_else(|| candidate(self.pixels, options))?;
        stay(codes, wanted, self.extremes).then_some(codes)
    }
}

impl Kept {
    /// Takes over the codes of an image if they have no more bits than are wanted, and are codes.
    /// `measured` are the statistics of the values they read back as, for what the input does not say.
    pub fn of(
        images: &dyn Images,
        image: u32,
        options: &Options,
        wanted: PixelEncoding,
        extremes: Extremes,
        measured: &Statistics,
    ) -> Result<Option<Self>, Error> {
        let PixelEncoding::Codes(wanted) = wanted else { return Ok(None) };
        let codes = candidate(images.pixels(image), options).filter(|&codes| stay(codes, wanted, extremes));
        let Some((scale, bits)) = codes else { return Ok(None) };
        let declared = images.declared(image)?.unwrap_or_default();
        let truncated = declared.stored_truncated.filter(|&count| count >= 0.0).unwrap_or_default() as u64;
        let statistics = declared_statistics(&declared, measured);
        Ok(Some(Self { scale, bits, statistics, truncated, source: images.recorded_source(image)? }))
    }
}

/// Takes the statistics that a file states, and the measured ones for those it lacks.
fn declared_statistics(declared: &Declared, measured: &Statistics) -> Statistics {
    let figure = |said: Option<f64>, measured: f32| said.map_or(measured, |said| said as f32);
    Statistics {
        minimum: figure(declared.minimum, measured.minimum),
        maximum: figure(declared.maximum, measured.maximum),
        mean: figure(declared.mean, measured.mean),
        sigma: figure(declared.sigma, measured.sigma),
        square_sum: figure(declared.square_sum, measured.square_sum),
        mean_nonzero: figure(declared.mean_nonzero, measured.mean_nonzero),
        sigma_nonzero: figure(declared.sigma_nonzero, measured.sigma_nonzero),
        all_int: declared.all_int.map_or(measured.all_int, |said| said != 0.0),
    }
}
