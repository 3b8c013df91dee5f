//! How a compression takes an input: groups of images that are held together.

use std::ops;

use super::advice::Proposal;
use super::estimate::is_estimated;
use super::kept::{Extremes, Kept};
use super::options::{Estimates, Options};
use super::size::{ChunkSample, Outlook};
use crate::image::{Images, Pixels, Shape};
use crate::io::checksum::Checksum;
use crate::pipeline::bands::Bands;
use crate::pipeline::held::{Held, Store};
use crate::pipeline::tiling::Tiling;
use crate::quantise::detail::{Detail, Lost};
use crate::quantise::limits::{LimitRule, Limits};
use crate::quantise::noise::Noise;
use crate::quantise::range::Bounds;
use crate::quantise::statistics::{Statistics, Tally};
use crate::quantise::{Bits, Encoding, PixelEncoding, Range, Reason};

/// Images in a group, at most, however small they are.
const MOST_IMAGES: usize = 16 << 10;

/// What is known of an image so far.
pub struct Image {
    /// In the input.
    pub number: u32,
    pub tiling: Tiling,
    /// How its bytes make pixels.
    pub pixels: Pixels,
    pub tally: Tally,
    /// Of the same pixels.
    pub detail: Detail,
    /// Of the tally, once that is complete.
    pub statistics: Statistics,
    /// How it is to be stored, as far as that is known before the range.
    pub wanted: PixelEncoding,
    pub limits: Option<Limits>,
    /// What goes along with its codes, if they are taken over.
    pub kept: Option<Kept>,
    /// Some value within the limits has a fraction.
    pub fractions: bool,
    /// The plan, once the range is known.
    pub encoding: Encoding,
    /// What that leaves nothing of.
    pub lost: Lost,
    /// Its noise is estimated.
    pub estimated: bool,
    /// Its size is predicted.
    pub sized: bool,
    /// The estimate, where anything is known.
    pub noise: Option<Noise>,
    /// Spacing of its values.
    pub grid: f64,
    /// Some of its pixels, evenly spread, until its plan is known.
    pub sampled: Vec<f32>,
    /// What its chunks are chosen by that its size is predicted from, where that is predicted.
    pub outlook: Outlook,
    /// The chunks that its size is predicted from while it is written.
    pub sample: ChunkSample,
    /// Predicted bytes of its chunks for each number of bits that was to be tried; `None` are floats.
    pub sizes: Vec<(Option<Bits>, f64)>,
    /// The lowest and the highest of its codes.
    pub extremes: Extremes,
    /// Why it has its number of bits.
    pub reason: Reason,
    /// Limits that would give it some, where none is enough.
    pub proposal: Option<Proposal>,
}

/// Images that are taken together: one, or several small ones, read once and held, or a single one that is
/// too large for that, read once for each pass.
pub struct Group {
    pub images: Vec<Image>,
    pub held: Held,
    /// Bytes of pixels in it.
    pub bytes: u64,
    /// Of the rows as they were first read, where chunks are proven.
    pub checksums: Vec<Checksum>,
}

impl Group {
    /// Makes the group that starts with image `first`, nothing read yet; `None` after the last image.
    pub fn new(input: &dyn Images, first: u32, options: &Options, store: &mut Store) -> Option<Self> {
        Self::among(input, first..input.images(), options, store)
    }

    /// Makes the first group of some images that follow each other.
    pub fn among(
        input: &dyn Images,
        numbers: ops::Range<u32>,
        options: &Options,
        store: &mut Store,
    ) -> Option<Self> {
        let first = numbers.start;
        let mut images = Vec::new();
        let mut bytes = 0;
        let mut holds = true;
        for number in numbers {
            let (shape, pixels) = (input.shape(number), input.pixels(number));
            let length = pixels.row_bytes(shape.nx) * shape.rows();
            let most = if images.is_empty() { options.memory.hold } else { options.memory.hold_several() };
            let fits = bytes + length <= most && images.len() < MOST_IMAGES;
            if !fits && !images.is_empty() {
                break;
            }
            images.push(Image::new(number, input, options));
            bytes += length;
            if !fits {
                holds = false;
                break;
            }
        }
        if images.is_empty() {
            return None;
        }
        let numbers = first..first + images.len() as u32;
        let held = if holds { Held::new(input, numbers, tiling(options), store) } else { Held::nothing() };
        Some(Self { images, held, bytes, checksums: Vec::new() })
    }

    /// Returns the numbers of its images.
    pub fn numbers(&self) -> ops::Range<u32> {
        let first = self.images.first().map_or(0, |image| image.number);
        first..first + self.images.len() as u32
    }

    /// Walks through its images.
    pub fn bands<'a>(&self, input: &'a dyn Images, options: &Options) -> Bands<'a> {
        Bands::new(input, self.numbers(), tiling(options))
    }
}

/// Tiles an image: a dataset without chunks takes its pixels row by row.
pub fn tiling(options: &Options) -> fn(Shape) -> Tiling {
    if options.stored == PixelEncoding::Raw { Tiling::in_rows } else { Tiling::of }
}

impl Image {
    fn new(number: u32, input: &dyn Images, options: &Options) -> Self {
        let (shape, pixels) = (input.shape(number), input.pixels(number));
        let estimated = is_estimated(number, input.images(), shape, options);
        Self {
            number,
            tiling: tiling(options)(shape),
            pixels,
            tally: Tally::EMPTY,
            detail: Detail::default(),
            statistics: Statistics::of(&Tally::EMPTY),
            wanted: options.stored,
            limits: None,
            kept: None,
            fractions: false,
            encoding: Encoding::Raw,
            lost: Lost::default(),
            estimated,
            // Nothing is estimated of floats that were asked for.
            sized: estimated
                || (options.stored, options.estimates) == (PixelEncoding::Floats, Estimates::Every),
            noise: None,
            grid: 0.0,
            sampled: Vec::new(),
            outlook: Outlook::default(),
            sample: ChunkSample::default(),
            sizes: Vec::new(),
            extremes: Extremes::default(),
            reason: Reason::Asked,
            proposal: None,
        }
    }

    /// Returns the spread of its values under limits.
    pub fn bounds(&self, limits: Option<Limits>, rule: LimitRule) -> Bounds {
        let bounds = limits.map_or_else(
            || Bounds::unlimited(&self.statistics),
            |limits| Bounds::limited(&self.tally, limits, self.fractions),
        );
        Bounds { whole_step: limits.is_some() && rule.is_computed() && self.statistics.all_int, ..bounds }
    }

    /// Returns what codes that span a range leave nothing of. Of codes that are taken over nothing is lost.
    pub fn lost_in(&self, range: Range, bits: Bits) -> Lost {
        if self.kept.as_ref().is_some_and(|kept| kept.bits == bits) {
            return Lost::default();
        }
        self.detail.lost(&self.tally, range, bits, self.noise.as_ref())
    }

    /// Returns its codes as the numbers they are, where it has a scale.
    pub fn scaled_codes(&self) -> Option<Pixels> {
        self.pixels
            .scale
            .filter(|_| !self.pixels.kind.is_float())
            .map(|_| Pixels { scale: None, ..self.pixels })
    }
}
