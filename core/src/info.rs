//! What a file is, as far as it says itself: no pixel is read.

use crate::error::Error;
use crate::image::PixelType;
use crate::image::Shape;
use crate::image::{Attributes, Declared, Images};
use crate::quantise::Scale;
use crate::warning::Warning;

/// A file's description. Figures of several images are brought together: the smallest minimum, the
/// largest maximum, the mean of means, the root mean square of sigmas.
///
/// Serialised it is what `e2compress info --json` prints and what the page is told.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Info {
    /// The format's name.
    pub format: &'static str,
    /// Length of the file.
    #[cfg_attr(feature = "serde", serde(rename = "bytes"))]
    pub file_bytes: u64,
    /// Number of images.
    pub images: u32,
    /// Shape of the first image.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub shape: Shape,
    /// Tells that all images have that shape.
    pub same_shape: bool,
    /// Edges of a pixel of the first image, in Angstrom, where they are known.
    pub pixel_size: Option<[f32; 3]>,
    /// The stored type of the first image's pixels, in words.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub pixel_type: &'static str,
    /// Least and most bits of the images' codes; `None` where values are stored as they are.
    pub bits: Option<(u32, u32)>,
    /// Lowest and highest end of the images' ranges.
    pub range: Option<(f32, f32)>,
    /// Smallest and largest step between codes.
    pub step: Option<(f32, f32)>,
    /// Pixels that were outside their image's range.
    pub truncated: Option<u64>,
    /// Smallest value, as the file says.
    pub minimum: Option<f32>,
    /// Largest value, as the file says.
    pub maximum: Option<f32>,
    /// Mean, as the file says.
    pub mean: Option<f32>,
    /// Standard deviation, as the file says.
    pub sigma: Option<f32>,
    /// Bytes of all pixels in the original's type where that is known, else as 32-bit floats.
    #[cfg_attr(feature = "serde", serde(rename = "uncompressed_bytes"))]
    pub original_bytes: u64,
    /// The original's type, in words.
    #[cfg_attr(feature = "serde", serde(rename = "uncompressed_type"))]
    pub original_type: &'static str,
    /// Ratio of those bytes to the file's length.
    pub ratio: f64,
    /// Warnings for the file's owner.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "crate::warning::with_kinds"))]
    pub warnings: Vec<Warning>,
}

impl Info {
    /// Reads the edges of a pixel of an image, in Angstrom, where the file has them.
    ///
    /// # Errors
    /// As [`Info::of`].
    pub fn pixel_size_of(input: &dyn Images, image: u32) -> Result<Option<[f32; 3]>, Error> {
        Ok(pixel_size(&input.attributes(image)?))
    }

    /// Describes an open file of so many bytes; no pixel is read.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails, [`Error::Hdf`] when attributes are damaged.
    pub fn of(input: &dyn Images, file_bytes: u64) -> Result<Self, Error> {
        let images = input.images();
        let shape = input.shape(0);
        let first = input.attributes(0)?;
        let original = original_mode(&first);
        let mut sums = Sums::default();
        let (mut pixels, mut same_shape, mut scales) = (0u64, true, Extremes::default());
        for image in 0..images {
            let found = input.shape(image);
            pixels = pixels.saturating_add(found.pixels());
            same_shape &= found == shape;
            if let Some(scale) = input.pixels(image).scale {
                scales.add(scale);
            }
            if let Some(declared) = input.declared(image)? {
                sums.add(&declared);
            }
        }
        // What another format says of its pixels is what they were from the start.
        let stored = if input.is_self_checking() { PixelType::F32 } else { input.pixels(0).kind };
        let original = original.unwrap_or(stored);
        let original_bytes = pixels.saturating_mul(original.bytes() as u64);
        Ok(Self {
            format: input.format(),
            file_bytes,
            images,
            shape,
            same_shape,
            pixel_type: input.pixels(0).kind.name(),
            pixel_size: pixel_size(&first),
            bits: scales.bits,
            range: scales.range,
            step: scales.step,
            truncated: sums.truncated,
            minimum: sums.minimum.map(as_f32),
            maximum: sums.maximum.map(as_f32),
            mean: sums.mean.map(|mean| as_f32(mean / f64::from(sums.count))),
            sigma: sums.variance.map(|variance| as_f32((variance / f64::from(sums.count)).sqrt())),
            original_bytes,
            original_type: original.name(),
            ratio: original_bytes as f64 / file_bytes.max(1) as f64,
            warnings: input.warnings(),
        })
    }
}

fn original_mode(attributes: &Attributes) -> Option<PixelType> {
    let number = attributes.get("MRC.mode")?.number()?;
    PixelType::from_mrc_mode(number as i32)
}

/// Rounds a figure to a 32-bit float, as files have it.
fn as_f32(figure: f64) -> f32 {
    figure as f32
}

fn pixel_size(attributes: &Attributes) -> Option<[f32; 3]> {
    let edge = |name| attributes.get(name)?.number().filter(|edge| edge.is_finite()).map(as_f32);
    Some([edge("apix_x")?, edge("apix_y")?, edge("apix_z")?])
}

/// Extremes over the images' scales.
#[derive(Default)]
struct Extremes {
    bits: Option<(u32, u32)>,
    range: Option<(f32, f32)>,
    step: Option<(f32, f32)>,
}

impl Extremes {
    fn add(&mut self, scale: Scale) {
        fn widen<T: PartialOrd>(found: &mut Option<(T, T)>, low: T, high: T) {
            *found = Some(match found.take() {
                None => (low, high),
                Some((a, b)) => (if low < a { low } else { a }, if high > b { high } else { b }),
            });
        }
        let Scale { range, most } = scale;
        let bits = scale.bit_count();
        let step = (range.high - range.low).abs() / most;
        widen(&mut self.bits, bits, bits);
        widen(&mut self.range, range.low, range.high);
        widen(&mut self.step, step, step);
    }
}

/// The images' figures, brought together.
#[derive(Default)]
struct Sums {
    count: u32,
    minimum: Option<f64>,
    maximum: Option<f64>,
    mean: Option<f64>,
    variance: Option<f64>,
    truncated: Option<u64>,
}

impl Sums {
    /// Adds an image; a figure that one image lacks is none of all.
    fn add(&mut self, stated: &Declared) {
        let first = self.count == 0;
        self.count += 1;
        let merge = |all: Option<f64>, one: Option<f64>, how: fn(f64, f64) -> f64| {
            if first { one } else { Some(how(all?, one?)) }
        };
        self.minimum = merge(self.minimum, stated.minimum, f64::min);
        self.maximum = merge(self.maximum, stated.maximum, f64::max);
        self.mean = merge(self.mean, stated.mean, |all, one| all + one);
        self.variance = merge(self.variance, stated.sigma.map(|sigma| sigma * sigma), |all, one| all + one);
        let truncated =
            merge(self.truncated.map(|count| count as f64), stated.stored_truncated, |all, one| all + one);
        self.truncated = truncated.filter(|&count| count >= 0.0).map(|count| count as u64);
    }
}
