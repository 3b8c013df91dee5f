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

/// The part by which the structure of an image that was not written may be larger.
const UNWRITTEN: f64 = 1.0 / 64.0;

/// Bytes of a block that deflate stores as it is, at most, and of the header of such a block.
const STORED_BLOCK: u64 = 65_535;
const STORED_HEADER: u64 = 5;

/// Bytes of zlib's header and checksum.
const ZLIB_FRAME: u64 = 6;

/// What an output has around the chunks of its images.
pub struct Around {
    /// Bytes of each image.
    each: f64,
    /// Bytes of the file's own, which go with its first image.
    first: f64,
}

impl Around {
    /// Measures an output without any pixels.
    pub fn of(images: &dyn Images, source_path: &str, options: &Options) -> Result<Self, Error> {
        Self::measured(images, source_path, options, Some(Bits::FEWEST))
    }

    /// Measures the most that an output has around any pixels.
    pub fn widest(images: &dyn Images, source_path: &str, options: &Options) -> Result<Self, Error> {
        Self::measured(images, source_path, options, Some(Bits::MOST))
    }

    /// Measures the least that an output has around any pixels: with floats that are not even compressed.
    pub fn barest(images: &dyn Images, source_path: &str, options: &Options) -> Result<Self, Error> {
        Self::measured(images, source_path, options, None)
    }

    fn measured(
        images: &dyn Images,
        source_path: &str,
        options: &Options,
        bits: Option<Bits>,
    ) -> Result<Self, Error> {
        // Beyond bytes there is the description of one filter more; otherwise neither the bits nor the range change anything
        // but numbers of a fixed length.
        let codes = bits.map(|bits| (bits, Codes { low: 0.0, high: 1.0, exact: false }));
        let looked = &BTreeMap::from([(0, Looked { codes, bytes: 0.0, pixels: 1 })]);
        let stored = bits.map_or(PixelEncoding::Raw, PixelEncoding::Codes);
        let options = &Options { stored, ..*options };
        let outline = Outline { images, source_path, options, looked };
        let count = images.images();
        let all = outline.structure()?;
        // An empty file's part is not the images'.
        let each = (all.structure / f64::from(count)).floor();
        Ok(Self { each, first: all.structure + all.kept as f64 - each * f64::from(count) })
    }

    /// Returns the bytes of an image whose chunks take so many.
    pub fn with(&self, image: &Image, chunks: f64) -> u64 {
        let first = if image.number == 0 { self.first } else { 0.0 };
        (chunks + self.each + first).round() as u64
    }

    /// Returns the length of an output of so many images whose chunks take so many bytes.
    pub fn length(&self, images: u32, chunks: f64) -> u64 {
        (self.each * f64::from(images) + self.first + chunks).round() as u64
    }

    /// Returns what all images take whatever their pixels are.
    pub fn least(&self, images: u32) -> u64 {
        (self.each * f64::from(images) + self.first) as u64
    }

    /// Returns the most that all images take whose pixels are so many bytes each: deflate stores what it cannot make smaller.
    pub fn most(&self, images: &dyn Images, bytes: u64, options: &Options) -> u64 {
        let of_chunks = |number| {
            let tiling = tiling(options)(images.shape(number));
            let chunk = tiling.chunk_pixels() * bytes;
            tiling.blocks().max(1) * (chunk + chunk.div_ceil(STORED_BLOCK) * STORED_HEADER + ZLIB_FRAME)
        };
        let count = images.images();
        let chunks = (0..count).map(of_chunks).fold(0, u64::saturating_add);
        // Indices of more images than were written grow in steps.
        let unwritten = f64::from(count.saturating_sub(WRITTEN)) * self.each * UNWRITTEN;
        chunks.saturating_add(self.least(count)).saturating_add(unwritten as u64)
    }

    /// Describes an image whose plan is known.
    pub fn estimate(&self, image: &Image, options: &Options) -> Estimate {
        let chunks = image.encoding.coding().and_then(|coding| image.predicted_chunks(coding.bits));
        Estimate::of(image, chunks.map(|chunks| self.with(image, chunks)), options)
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
        let coding = image.encoding.coding()?;
        let bytes = image.predicted_chunks(coding.bits)?;
        Some(Self { codes: Some((coding.bits, coding.range)), bytes, pixels: image.tiling.shape().pixels() })
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
