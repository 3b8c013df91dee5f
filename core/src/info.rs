//! What a file is, as far as it says itself: no pixel is read.

use crate::error::Error;
use crate::formats::mrc::Mode;
use crate::formats::open::Input;
use crate::image::PixelType;
use crate::image::Shape;
use crate::image::attributes::Attributes;
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

/// Figures of one image, as the file says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stated {
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub mean: Option<f64>,
    pub sigma: Option<f64>,
    pub truncated: Option<f64>,
}

impl Info {
    /// Of an open file of so many bytes.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails, [`Error::Hdf`] when attributes are damaged.
    pub fn of(input: &Input<'_>, file_bytes: u64) -> Result<Self, Error> {
        let reader = input.reader();
        let images = reader.images();
        let shape = reader.shape(0);
        let first = reader.attributes(0)?;
        let original = original_mode(&first);
        let mut sums = Sums::default();
        let (mut pixels, mut same_shape, mut scales) = (0u64, true, Extremes::default());
        for image in 0..images {
            let found = reader.shape(image);
            pixels = pixels.saturating_add(found.pixels());
            same_shape &= found == shape;
            if let Some(scale) = reader.pixels(image).scale {
                scales.add(scale);
            }
            // An MRC file has one header for all of its images.
            match input {
                Input::Eman(eman) => sums.add(eman.stated(image)?),
                Input::Mrc(_) if image == 0 => sums.add(header_figures(&first)),
                Input::Mrc(_) => {}
            }
        }
        let (bytes, original_type) = original.map_or((4, "32-bit floats"), |mode| match mode {
            Mode::Bytes => (1, "bytes"),
            Mode::Shorts | Mode::UnsignedShorts => (2, "16-bit integers"),
            Mode::Halves => (2, "16-bit floats"),
            Mode::Floats => (4, "32-bit floats"),
        });
        Ok(Self {
            format: match input {
                Input::Mrc(_) => "MRC",
                Input::Eman(_) => "EMAN2 HDF5",
            },
            file_bytes,
            images,
            shape,
            same_shape,
            pixel_type: name(reader.pixels(0).kind),
            pixel_size: pixel_size(&first),
            bits: scales.bits,
            range: scales.range,
            step: scales.step,
            truncated: sums.truncated,
            minimum: sums.minimum,
            maximum: sums.maximum,
            mean: sums.mean.map(|mean| mean / f64::from(sums.count)),
            sigma: sums.variance.map(|variance| (variance / f64::from(sums.count)).sqrt()),
            original_bytes: pixels.saturating_mul(bytes),
            original_type,
            warnings: reader.warnings(),
        })
    }
}

fn name(kind: PixelType) -> &'static str {
    match kind {
        PixelType::U4 => "4-bit integers",
        PixelType::U8 => "unsigned bytes",
        PixelType::I8 => "signed bytes",
        PixelType::I16 => "16-bit integers",
        PixelType::U16 => "unsigned 16-bit integers",
        PixelType::F16 => "16-bit floats",
        PixelType::F32 => "32-bit floats",
        PixelType::I32 => "32-bit integers",
        PixelType::U32 => "unsigned 32-bit integers",
        PixelType::I64 => "64-bit integers",
        PixelType::U64 => "unsigned 64-bit integers",
        PixelType::F64 => "64-bit floats",
    }
}

fn original_mode(attributes: &Attributes) -> Option<Mode> {
    let number = attributes.get("MRC.mode")?.number()?;
    Mode::from_number(number as i32)
}

fn pixel_size(attributes: &Attributes) -> Option<[f64; 3]> {
    let edge = |name| attributes.get(name)?.number().filter(|edge| edge.is_finite());
    Some([edge("apix_x")?, edge("apix_y")?, edge("apix_z")?])
}

/// What an MRC header says, unless it says that it doesn't know.
fn header_figures(attributes: &Attributes) -> Stated {
    let figure = |name| attributes.get(name)?.number();
    let (minimum, maximum) = (figure("MRC.minimum"), figure("MRC.maximum"));
    let known = matches!((minimum, maximum), (Some(minimum), Some(maximum)) if minimum < maximum);
    let mean = figure("MRC.mean").filter(|mean| Some(*mean) >= minimum);
    let sigma = figure("MRC.rms").filter(|&rms| rms >= 0.0);
    if known { Stated { minimum, maximum, mean, sigma, truncated: None } } else { Stated::default() }
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
    fn add(&mut self, stated: Stated) {
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
            merge(self.truncated.map(|count| count as f64), stated.truncated, |all, one| all + one);
        self.truncated = truncated.filter(|&count| count >= 0.0).map(|count| count as u64);
    }
}
