//! What a file is, as far as it says itself: no pixel is read.

use crate::error::Error;
use crate::image::PixelType;
use crate::image::Shape;
use crate::image::{Attributes, Declared, Images};
use crate::quantise::Scale;

/// A file's description. Figures of several images are brought together: the smallest minimum, the
/// largest maximum, the mean of means, the root mean square of sigmas.
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    /// The format's name.
    pub format: &'static str,
    /// Length of the file.
    pub file_bytes: u64,
    /// Number of images.
    pub images: u32,
    /// Of the first image.
    pub shape: Shape,
    /// Whether all images have that shape.
    pub same_shape: bool,
    /// The stored type of the first image's pixels, in words.
    pub pixel_type: &'static str,
    /// Edges of a pixel of the first image, in Angstrom, where they are known.
    pub pixel_size: Option<[f64; 3]>,
    /// Least and most bits of the images' codes; `None` where values are stored as they are.
    pub bits: Option<(u32, u32)>,
    /// Lowest and highest end of the images' ranges.
    pub range: Option<(f32, f32)>,
    /// Smallest and largest step between codes.
    pub step: Option<(f32, f32)>,
    /// Pixels that were outside their image's range.
    pub truncated: Option<u64>,
    /// Smallest value, as the file says.
    pub minimum: Option<f64>,
    /// Largest value, as the file says.
    pub maximum: Option<f64>,
    /// Mean, as the file says.
    pub mean: Option<f64>,
    /// Standard deviation, as the file says.
    pub sigma: Option<f64>,
    /// Bytes of all pixels in the original's type where that is known, else as 32-bit floats.
    pub original_bytes: u64,
    /// That type, in words.
    pub original_type: &'static str,
    /// What its owner should know.
    pub warnings: Vec<String>,
}

impl Info {
    /// Of an open file of so many bytes.
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
        let original = original.unwrap_or(PixelType::F32);
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
            minimum: sums.minimum,
            maximum: sums.maximum,
            mean: sums.mean.map(|mean| mean / f64::from(sums.count)),
            sigma: sums.variance.map(|variance| (variance / f64::from(sums.count)).sqrt()),
            original_bytes: pixels.saturating_mul(original.bytes() as u64),
            original_type: original.name(),
            warnings: input.warnings(),
        })
    }
}

fn original_mode(attributes: &Attributes) -> Option<PixelType> {
    let number = attributes.get("MRC.mode")?.number()?;
    PixelType::from_mrc_mode(number as i32)
}

fn pixel_size(attributes: &Attributes) -> Option<[f64; 3]> {
    let edge = |name| attributes.get(name)?.number().filter(|edge| edge.is_finite());
    Some([edge("apix_x")?, edge("apix_y")?, edge("apix_z")?])
}

/// What the images' scales have in common.
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
        let step = (range.high - range.low) / most;
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
