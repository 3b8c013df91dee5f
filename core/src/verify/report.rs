//! The outcome for a file that is what it should be.

use crate::quantise::Scale;
use crate::quantise::{Decoder, Quantiser};
use crate::warning::Warning;

/// A file that is sound and, where an original was there, holds what it should hold of it.
#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct VerifyReport {
    /// Number of images.
    pub images: u32,
    /// Pixels in all of them.
    pub pixels: u64,
    /// HDF5 chunks; 0 where pixels lie in one piece.
    pub chunks: u64,
    /// Bytes that the pixels take in the file.
    pub stored_bytes: u64,
    /// Beside the original, if there was one.
    pub comparison: Option<Comparison>,
    /// Things its owner should know.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "crate::warning::with_kinds"))]
    pub warnings: Vec<Warning>,
}

/// How far what is read back is from the original.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Comparison {
    /// Largest difference of a finite pixel, truncated ones included, in the pixels' unit: from the number as it
    /// is stored in the original, also where no 32-bit float is that number.
    pub largest: f64,
    /// Root of the mean square of those differences.
    pub rms: f64,
    /// Half the step between codes, of the image with the largest step; `None` without codes.
    pub half_step: Option<f64>,
    /// Pixels outside the range of their image, infinite ones included.
    pub truncated: u64,
    /// Pixels that are NaN.
    pub nan: u64,
    /// Pixels that are infinite.
    pub infinite: u64,
    /// Numbers of the original that no 32-bit float is.
    pub rounded: u64,
}

/// How codes stand to the original's values.
#[derive(Clone, Copy, Debug)]
pub struct Coding {
    pub quantiser: Quantiser,
    pub scale: Scale,
    pub decoder: Decoder,
    /// Half a step.
    pub half_step: f64,
    /// The largest difference there may be.
    pub bound: f64,
    /// A code nearer than this to its value is the right one.
    pub sure: f64,
}

impl Coding {
    /// Differences of one in the last place of an `f32` that the way to a code and back may add: each of
    /// the six operations rounds by half of that, the largest number in them being the range's width,
    /// at most twice its larger end.
    const ROUNDING: f64 = 8.0;

    /// Tells whether differences of whole numbers, and the sums of some squares of them, are whole numbers that floats
    /// hold: of 32 numbers, no larger than half a step each.
    pub fn is_whole_in_floats(&self) -> bool {
        const MOST: f64 = (1 << f32::MANTISSA_DIGITS) as f64;
        let largest = f64::from(self.scale.range.low.abs().max(self.scale.range.high.abs()));
        let half = self.half_step + 1.0;
        self.decoder.is_whole() && largest < MOST / 2.0 && 33.0 * half * half < MOST
    }

    /// Creates the description of codes with a scale; `None` when their bits are none this program writes.
    pub fn new(scale: Scale) -> Option<Self> {
        let quantiser = Quantiser::new(scale.range, scale.bits()?);
        let (low, high) = (f64::from(scale.range.low), f64::from(scale.range.high));
        let half_step = (high - low).abs() / f64::from(scale.most) / 2.0;
        let least = f64::from(f32::from_bits(1));
        let place = f64::from(f32::EPSILON) * low.abs().max(high.abs()) + least;
        Some(Self {
            quantiser,
            scale,
            decoder: scale.decoder(),
            half_step,
            bound: half_step + Self::ROUNDING * place,
            sure: half_step - Self::ROUNDING * place,
        })
    }
}
