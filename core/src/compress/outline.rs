//! An output without its pixels: what is around its chunks is written into a sink that keeps nothing, so that the length of
//! that part is exact. Plans and predictions take the sizes of images and files from here alone.

use std::collections::BTreeMap;
use std::io;

use super::estimate::Estimate;
use super::group::{Image, tiling};
use super::options::Options;
use crate::error::Error;
use crate::formats::eman2::{Description, EmanFile};
use crate::image::attributes::Value;
use crate::image::{Images, PixelType};
use crate::io::sink::Sink;
use crate::pipeline::tiling::Tiling;
use crate::quantise::encoding::Coding;
use crate::quantise::statistics::{Statistics, Tally};
use crate::quantise::{Bits, Encoding, PixelEncoding, Range as Codes};

/// Images whose structure is written; that of the rest is taken to be like it.
pub const WRITTEN: u32 = 1000;

/// What an output has around the chunks of its images.
pub struct Around {
    /// Bytes of each image of codes.
    codes: f64,
    /// Bytes of each image of floats, which has fewer attributes.
    floats: f64,
    /// Bytes of the file's own, which go with its first image.
    first: f64,
}

impl Around {
    /// Measures an output without any pixels, of codes and of floats.
    pub fn of(images: &dyn Images, source_path: &str, options: &Options) -> Result<Self, Error> {
        let count = f64::from(images.images());
        // Beyond bytes there is the description of one filter more; otherwise neither the bits nor the range change anything
        // but numbers of a fixed length.
        let range = Codes { low: 0.0, high: 1.0, exact: false };
        let all = |codes| {
            let looked = &BTreeMap::from([(0, Looked { codes, bytes: 0.0, pixels: 1 })]);
            Outline { images, source_path, options, looked }.structure()
        };
        // An empty file's part is not the images'.
        let each = |all: &Structure| (all.structure / count).floor();
        let of_codes = all(Some((Bits::FEWEST, range)))?;
        let codes = each(&of_codes);
        let first = of_codes.structure + of_codes.kept as f64 - codes * count;
        Ok(Self { codes, floats: each(&all(None)?), first })
    }

    /// Returns the bytes of an image whose chunks take so many.
    pub fn with(&self, image: &Image, codes: bool, chunks: f64) -> u64 {
        let first = if image.number == 0 { self.first } else { 0.0 };
        let each = if codes { self.codes } else { self.floats };
        (chunks + each + first).round() as u64
    }

    /// Returns the length of an output of so many images whose chunks take so many bytes, a part of the images being
    /// floats.
    pub fn length(&self, images: u32, floats: f64, chunks: f64) -> u64 {
        let each = self.codes + floats * (self.floats - self.codes);
        (each * f64::from(images) + self.first + chunks).round() as u64
    }

    /// Describes an image whose plan is known.
    pub fn estimate(&self, image: &Image, options: &Options) -> Estimate {
        let bits = image.encoding.coding().map(|coding| coding.bits);
        let chunks = image.predicted_chunks(bits);
        Estimate::of(image, chunks.map(|chunks| self.with(image, bits.is_some(), chunks)), options)
    }
}

/// What is known of an image that was looked at.
pub struct Looked {
    /// Bits and range of its codes; `None` for floats.
    pub codes: Option<(Bits, Codes)>,
    /// Predicted bytes of its chunks.
    pub bytes: f64,
    /// Its pixels.
    pub pixels: u64,
}

impl Looked {
    /// Takes what is needed of a measured image; `None` where its size is not known.
    pub fn at(image: &Image) -> Option<Self> {
        let codes = image.encoding.coding().map(|coding| (coding.bits, coding.range));
        let bytes = image.predicted_chunks(codes.map(|(bits, _)| bits))?;
        Some(Self { codes, bytes, pixels: image.tiling.shape().pixels() })
    }
}

/// Bytes of an output around its chunks.
struct Structure {
    /// Of the file and its images.
    structure: f64,
    /// Of what is kept of the original's header.
    kept: u64,
}

/// An output without its pixels.
pub struct Outline<'a> {
    /// What is compressed.
    pub images: &'a dyn Images,
    /// Its name as the output records it.
    pub source_path: &'a str,
    /// How.
    pub options: &'a Options,
    /// At least one image.
    pub looked: &'a BTreeMap<u32, Looked>,
}

impl Outline<'_> {
    /// Finds the length of the output.
    pub fn length(&self) -> Result<u64, Error> {
        let Structure { structure, kept } = self.structure()?;
        Ok((structure + self.chunks()).round() as u64 + kept)
    }

    /// Sums the bytes of all pixels in the output.
    pub fn chunks(&self) -> f64 {
        (0..self.images.images()).map(|number| self.bytes_of(number)).sum()
    }

    /// Measures what the output has around its chunks.
    fn structure(&self) -> Result<Structure, Error> {
        let count = self.images.images();
        let mut sink = Nothing;
        let mut file = EmanFile::new(&mut sink, self.options.level);
        let mut passed = 0;
        for number in 0..count.min(WRITTEN) {
            passed += self.outline(&mut file, number, self.bytes_of(number).round() as u64)?;
        }
        let before = file.end();
        file.keep_original(self.images)?;
        let kept = file.end() - before;
        let structure = (file.finish()?.length() - passed - kept) as f64;
        let rest = f64::from(count) / f64::from(count.min(WRITTEN));
        Ok(Structure { structure: structure * rest, kept })
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
        let encoding = match codes {
            Some((bits, range)) => Encoding::Codes(Coding::of_codes(bits, range)),
            None if self.options.stored == PixelEncoding::Raw => Encoding::Raw,
            None => Encoding::Floats,
        };
        let chunks = if matches!(encoding, Encoding::Raw) { 1 } else { tiling.blocks().max(1) };
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
