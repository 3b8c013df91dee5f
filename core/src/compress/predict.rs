//! What a file would become, before anything is made of it: from a few of its images, which are measured as compressing
//! measures them.
//!
//! The bytes of their chunks are predicted, and of the other images by the number of their pixels. What is around the chunks
//! is written, without them, into a sink that keeps nothing: that part is exact.

use std::collections::BTreeMap;
use std::io;
use std::ops::{ControlFlow, Range};

use super::estimate::Estimate;
use super::expected::measure_some;
use super::group::{Image, tiling};
use super::options::{Estimates, Options};
use super::size::Sizes;
use crate::error::Error;
use crate::formats::eman2::{Description, EmanFile};
use crate::image::attributes::Value;
use crate::image::{Images, PixelType};
use crate::io::sink::Sink;
use crate::pipeline::progress::Progress;
use crate::pipeline::tiling::Tiling;
use crate::quantise::encoding::Coding;
use crate::quantise::statistics::{Statistics, Tally};
use crate::quantise::{Bits, Encoding, PixelEncoding, Range as Codes};

/// Images that say enough of a file where they are large.
const FEW: u64 = 3;

/// Small images differ more from each other, and take less: so many more are looked at.
const MANY: u64 = 64;

/// Pixels up to which there may be more than a few.
const ENOUGH_PIXELS: u64 = 4 << 20;

/// Images whose structure is written; that of the rest is taken to be like it.
const WRITTEN: u32 = 1000;

/// What a file would become.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Prediction {
    /// Length of the output in bytes; `None` where nothing tells, as of floats that are deflated.
    pub output_bytes: Option<u64>,
    /// The length is what it will be, to the byte.
    pub exact: bool,
    /// Images that were measured for it.
    pub looked_at: u32,
    /// Images of the file.
    pub images: u32,
    /// The most bits among those measured, 0 where one would be 32-bit floats; `None` where the output has no codes.
    pub bits: Option<u32>,
    /// The largest loss among them; `None` where one is unknown.
    pub loss: Option<f64>,
}

/// Returns how many images of a file say enough of it for [`predict`]: three, or more where they are small.
#[must_use]
pub fn enough(images: &dyn Images) -> u32 {
    (ENOUGH_PIXELS / images.shape(0).pixels()).clamp(FEW, MANY).min(images.images().into()) as u32
}

/// Predicts what compressing a file gives, from at most `most` images spread over it, at least 1. `source_path` is the
/// input's name as the output would record it. Nothing is written.
///
/// # Errors
/// What reading the images fails with; [`Error::Cancelled`].
pub fn predict(
    images: &dyn Images,
    source_path: &str,
    options: &Options,
    most: u32,
    progress: &dyn Progress,
) -> Result<Prediction, Error> {
    let count = images.images();
    let floats = Prediction {
        output_bytes: None,
        exact: false,
        looked_at: 0,
        images: count,
        bits: Some(0),
        loss: Some(0.0),
    };
    match options.stored {
        PixelEncoding::Floats => return Ok(floats),
        PixelEncoding::Raw => {
            let all = Looked { codes: None, bytes: 0.0, pixels: 0 };
            let file = Outline { images, source_path, options, looked: &BTreeMap::from([(0, all)]) };
            let exact = count <= WRITTEN;
            return Ok(Prediction { output_bytes: Some(file.length()?), exact, ..floats });
        }
        PixelEncoding::Codes(_) | PixelEncoding::Auto(_) => {}
    }
    let options = Options { estimates: Estimates::Every, verify: false, ..*options };
    let mut looked = BTreeMap::new();
    let (mut bits, mut loss) = (Some(1), Some(0.0f64));
    let mut take = |image: &Image| {
        let estimate = Estimate::planned(image, &options);
        // Floats take more than any bits.
        bits = bits.zip(estimate.bits.filter(|&bits| bits > 0)).map(|(a, b)| a.max(b));
        loss = loss.zip(estimate.loss).map(|(a, b)| a.max(b));
        looked.insert(image.number, Looked::at(image));
        ControlFlow::Continue(())
    };
    measure_some(images, &spread(count, most), &options, Sizes::AsPlanned, progress, &mut take)?;
    let looked_at = looked.len() as u32;
    let looked: Option<BTreeMap<u32, Looked>> =
        looked.into_iter().map(|(number, looked)| Some((number, looked?))).collect();
    let output_bytes = match &looked {
        Some(looked) => Some(Outline { images, source_path, options: &options, looked }.length()?),
        None => None,
    };
    let bits = Some(bits.unwrap_or_default());
    Ok(Prediction { output_bytes, exact: false, looked_at, images: count, bits, loss })
}

/// Chooses `most` images of `count`, evenly: each the middle one of as many parts.
fn spread(count: u32, most: u32) -> Vec<Range<u32>> {
    let taken = u64::from(most.clamp(1, count.max(1)));
    let number = |place: u64| ((2 * place + 1) * u64::from(count) / (2 * taken)) as u32;
    (0..taken).map(number).map(|number| number..number + 1).collect()
}

/// What is known of an image that was looked at.
struct Looked {
    /// Bits and range of its codes; `None` for floats.
    codes: Option<(Bits, Codes)>,
    /// Predicted bytes of its chunks.
    bytes: f64,
    pixels: u64,
}

impl Looked {
    /// Takes what is needed of a measured image; `None` where its size is not known.
    fn at(image: &Image) -> Option<Self> {
        let coding = image.encoding.coding()?;
        let bytes = image.predicted_chunks(coding.bits)?;
        Some(Self { codes: Some((coding.bits, coding.range)), bytes, pixels: image.tiling.shape().pixels() })
    }
}

/// An output without its pixels.
struct Outline<'a> {
    images: &'a dyn Images,
    source_path: &'a str,
    options: &'a Options,
    /// At least one image.
    looked: &'a BTreeMap<u32, Looked>,
}

impl Outline<'_> {
    /// Finds the length of the output.
    fn length(&self) -> Result<u64, Error> {
        let count = self.images.images();
        let mut sink = Nothing;
        let mut file = EmanFile::new(&mut sink, self.options.level);
        let (mut all, mut passed) = (0.0, 0);
        for number in 0..count {
            let bytes = self.bytes_of(number);
            all += bytes;
            if number < WRITTEN {
                passed += self.outline(&mut file, number, bytes.round() as u64)?;
            }
        }
        let before = file.end();
        file.keep_original(self.images)?;
        let kept = file.end() - before;
        let structure = (file.finish()?.length() - passed - kept) as f64;
        let rest = f64::from(count) / f64::from(count.min(WRITTEN));
        Ok((structure * rest + all).round() as u64 + kept)
    }

    /// Returns the bytes of an image's pixels in the output: by those that were looked at.
    fn bytes_of(&self, number: u32) -> f64 {
        let pixels = self.images.shape(number).pixels();
        if self.options.stored == PixelEncoding::Raw {
            return PixelType::F32.bytes() as f64 * pixels as f64;
        }
        self.looked.get(&number).map_or_else(
            || {
                let known = self.looked.values();
                let (bytes, of) = known
                    .fold((0.0, 0.0), |sums, looked| (sums.0 + looked.bytes, sums.1 + looked.pixels as f64));
                bytes / of * pixels as f64
            },
            |looked| looked.bytes,
        )
    }

    /// Appends an image, its pixels passed by; returns how many bytes these are.
    fn outline(&self, file: &mut EmanFile<'_>, number: u32, bytes: u64) -> Result<u64, Error> {
        let tiling: Tiling = tiling(self.options)(self.images.shape(number));
        let near = self.looked.range(..=number).next_back().or_else(|| self.looked.iter().next());
        let codes = near.and_then(|(_, looked)| looked.codes);
        let encoding =
            codes.map_or(Encoding::Raw, |(bits, range)| Encoding::Codes(Coding::of_codes(bits, range)));
        let chunks = if codes.is_some() { tiling.blocks().max(1) } else { 1 };
        for chunk in 0..chunks {
            file.pass_by(bytes / chunks + u64::from(chunk < bytes % chunks))?;
        }
        let description = Description {
            image: number,
            shape: tiling.shape(),
            statistics: &Statistics::of(&Tally::EMPTY),
            element: encoding.element(),
            codes,
            level: self.options.level,
            truncated: 0,
            source_path: Value::text(self.source_path.as_bytes()),
            source: None,
        };
        file.finish_image(tiling, &encoding, description.attributes(self.images)?)?;
        Ok(bytes)
    }
}

/// Keeps nothing.
struct Nothing;

impl Sink for Nothing {
    fn write_at(&mut self, _offset: u64, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::open;
    use crate::image::attributes::Attributes;
    use crate::image::{InMemory, Shape};
    use crate::pipeline::progress::NoProgress;
    use crate::{Target, compress};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const MICROGRAPH: &[u8] = include_bytes!("../../../tests/data/u16_micrograph.mrc");
    const STACK: &[u8] = include_bytes!("../../../tests/data/many_images.mrcs");
    const RECORDS: &[u8] = include_bytes!("../../../tests/data/ext_header_fei1.mrc");
    const VOLUME: &[u8] = include_bytes!("../../../tests/data/f32_volume.mrc");

    fn real(images: &dyn Images, options: &Options) -> u64 {
        let mut output = Vec::new();
        compress(images, "a.mrc", &mut output, options, &NoProgress).unwrap();
        output.len() as u64
    }

    /// Sums of twelve numbers each.
    fn noise(images: u32, shape: Shape, factor: f32) -> InMemory {
        let mut made = InMemory::new();
        let mut state = 7u32;
        let mut next = || {
            let sum: f32 = (0..12)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 8) as f32 / 16_777_216.0
                })
                .sum();
            (sum - 6.0) * factor
        };
        for _ in 0..images {
            made.push(shape, (0..shape.pixels()).map(|_| next()).collect(), Attributes::new());
        }
        made
    }

    fn off(images: &dyn Images, options: &Options, most: u32) -> f64 {
        let found = predict(images, "a.mrc", options, most, &NoProgress).unwrap();
        found.output_bytes.unwrap() as f64 / real(images, options) as f64 - 1.0
    }

    #[test]
    fn floats_without_a_filter_are_known_to_the_byte() {
        let options = Options { stored: PixelEncoding::Raw, ..Options::default() };
        for file in [MICROGRAPH, STACK, RECORDS, VOLUME] {
            let images = open(&file, "a.mrc").unwrap();
            let found = predict(&*images, "a.mrc", &options, 3, &NoProgress).unwrap();
            assert_eq!((found.output_bytes, found.exact), (Some(real(&*images, &options)), true));
        }
        let options = Options { stored: PixelEncoding::Floats, ..Options::default() };
        let images = open(&MICROGRAPH, "a.mrc").unwrap();
        assert_eq!(predict(&*images, "a.mrc", &options, 3, &NoProgress).unwrap().output_bytes, None);
    }

    #[test]
    fn noise_is_predicted_within_three_per_cent() {
        let auto = Options { stored: PixelEncoding::Auto(Target::DEFAULT), ..Options::default() };
        let mut far = Vec::new();
        for (count, shape) in [
            (1, Shape { nx: 700, ny: 500, nz: 1 }),
            (20, Shape { nx: 256, ny: 256, nz: 1 }),
            (40, Shape { nx: 96, ny: 96, nz: 1 }),
            (1, Shape { nx: 70, ny: 60, nz: 50 }),
            (1, Shape { nx: 100, ny: 100, nz: 100 }),
        ] {
            let images = noise(count, shape, 1.5);
            for options in [Options::bits(4).unwrap(), Options::bits(10).unwrap(), auto] {
                let off = off(&images, &options, enough(&images));
                if off.abs() >= 0.03 {
                    far.push(format!("{count} of {shape:?}, {:?}: {off}", options.stored));
                }
            }
        }
        assert!(far.is_empty(), "{far:#?}");
    }

    #[test]
    fn images_are_looked_at_all_over_the_file() {
        let firsts = |count, most| spread(count, most).into_iter().map(|part| part.start).collect::<Vec<_>>();
        assert_eq!(firsts(240, 3), [40, 120, 200]);
        assert_eq!(firsts(2, 3), [0, 1]);
        assert_eq!(firsts(5, 5), [0, 1, 2, 3, 4]);
        assert_eq!(firsts(9, 0), [4]);
        let images = noise(9, Shape { nx: 64, ny: 64, nz: 1 }, 1.0);
        assert_eq!(enough(&images), 9);
        let found = predict(&images, "a.mrc", &Options::bits(6).unwrap(), 3, &NoProgress).unwrap();
        assert_eq!((found.looked_at, found.images, found.bits), (3, 9, Some(6)));
        assert!(found.loss.unwrap() > 0.0 && !found.exact);
    }

    #[test]
    fn what_auto_leaves_as_floats_has_no_size() {
        let mut images = InMemory::new();
        images.push(Shape { nx: 64, ny: 1, nz: 1 }, vec![f32::NAN; 64], Attributes::new());
        let auto = Options { stored: PixelEncoding::Auto(Target::DEFAULT), ..Options::default() };
        let found = predict(&images, "a.mrc", &auto, 3, &NoProgress).unwrap();
        assert_eq!((found.output_bytes, found.bits), (None, Some(0)), "{found:?}");
        assert_eq!(found.words(), "32-bit floats, of unknown size, every pixel as it is");
    }
}
