//! How large the chunks of an image will be, before all of them are made: some are, and stand for those like them.
//!
//! What deflate saves lies within a chunk: its own code lengths, runs and matches. No statistics of the whole image know
//! that, so that chunks are encoded as they will be stored. A small image is encoded as a whole. Of a larger one chunks
//! are taken by the spread of their pixels, which decides more than their place does how many bits their codes take: flat,
//! smooth and noisy ones in the parts that the image has of each, the extremes included. What sets them apart from the
//! others is corrected by a regression on the entropies of some pixels of every chunk (`strip.rs`): at a coarse step, where
//! a chunk lies between two codes decides more than its spread.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::group::{Group, Image};
use super::{Walk, strip};
use crate::error::Error;
use crate::image::Pixels;
use crate::pipeline::pass::{Pass, Steps, Unit};
use crate::pipeline::tiling::{Block, Tiling};
use crate::quantise::encoding::Coding;
use crate::quantise::statistics::Tally;
use crate::quantise::{Bits, Encoding, Range};

/// Bytes of a file beside its images.
pub const FILE_BYTES: u64 = 3_480;

/// Of an image of a stack at least so many pixels are encoded.
const LEAST_PIXELS: u64 = 128 << 10;

/// Pixels in the chunks that are encoded as floats, about.
const ENOUGH_FLOATS: u64 = 640 << 10;

/// How many times as many are encoded of a volume: its bricks are of more kinds, and differ more from each other than the tiles
/// of a picture do.
const OF_BRICKS: u64 = 3;

/// Chunks that are encoded of each kind at least: the least and the most spread.
const LEAST_CHUNKS: usize = 2;

/// Bits up to which entropies correct a size. With more, nearly every pixel has a code of its own.
const MOST_CORRECTED: u32 = 12;

/// How much the number of chunks counts beside how different they are where some are chosen.
const RANKS: f64 = 0.67;

/// Returns the pixels in the chunks that are encoded with so many bits, or as floats, about; the images of a stack share them.
/// At a coarse step few pixels have another code than those around them, so that it takes many to know how many.
fn enough_pixels(bits: Option<Bits>) -> u64 {
    match bits.map_or(u32::MAX, Bits::get) {
        u32::MAX => ENOUGH_FLOATS,
        ..=2 => 4 << 20,
        3 => 2 << 20,
        4 => 1 << 20,
        5..=12 => 640 << 10,
        _ => 192 << 10,
    }
}

/// Returns how many chunks of an image are encoded with so many bits, or as floats, about, in a file of so many images.
fn wanted(tiling: Tiling, bits: Option<Bits>, images: u32) -> u64 {
    let all = enough_pixels(bits) * if tiling.is_of_bricks() { OF_BRICKS } else { 1 };
    let pixels = (all / u64::from(images.max(1))).max(LEAST_PIXELS);
    pixels.div_ceil(tiling.chunk_pixels()).min(tiling.blocks())
}

/// What is known of every chunk of an image, in the order of the chunks.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// Variances of their pixels.
    spreads: Vec<f32>,
    /// Some pixels of each, where they may not all be encoded; of each as many.
    strips: Vec<f32>,
}

impl Outlook {
    /// Adds the chunk that follows, and some of its pixels.
    pub fn add(&mut self, tally: &Tally, strip: &mut Vec<f32>) {
        let finite = tally.finite.max(1) as f64;
        let mean = tally.sum / finite;
        let variance = tally.squares / finite - mean * mean;
        self.spreads.push(if variance > 0.0 { variance as f32 } else { 0.0 });
        self.strips.append(strip);
    }

    /// Tells whether all chunks of an image are encoded, whatever their bits.
    pub fn is_whole(tiling: Tiling, images: u32) -> bool {
        wanted(tiling, Some(Bits::MOST), images) == tiling.blocks()
    }
}

/// The chunks of an image by their kind, each with its spread and its number, the least spread first.
pub struct Kinds {
    tiling: Tiling,
    images: u32,
    chunks: Vec<Vec<(f32, u64)>>,
}

impl Kinds {
    /// Sorts the chunks of an image in a file of so many images.
    #[must_use]
    pub fn of(tiling: Tiling, images: u32, outlook: &Outlook) -> Self {
        let mut kinds: BTreeMap<[usize; 3], Vec<(f32, u64)>> = BTreeMap::new();
        if !Outlook::is_whole(tiling, images) {
            for (block, spread) in (0..tiling.blocks()).zip(&outlook.spreads) {
                kinds.entry(extent(&tiling.block(block))).or_default().push((*spread, block));
            }
        }
        let mut kinds: Vec<_> = kinds.into_values().collect();
        for chunks in &mut kinds {
            chunks.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        Self { tiling, images, chunks: kinds }
    }

    /// Chooses the chunks that are encoded with so many bits, or as floats.
    #[must_use]
    pub fn sample(&self, bits: Option<Bits>) -> ChunkSample {
        let (blocks, wanted) = (self.tiling.blocks(), wanted(self.tiling, bits, self.images));
        if blocks == wanted {
            return ChunkSample { weights: (0..blocks).map(|block| (block, 1.0)).collect(), whole: true };
        }
        let mut sample = ChunkSample::default();
        for chunks in &self.chunks {
            let count = (wanted * chunks.len() as u64).div_ceil(blocks) as usize;
            sample.add(chunks, count.max(LEAST_CHUNKS));
        }
        sample
    }
}

/// The chunks of an image that are encoded to predict the bytes of all of them, and how many each stands for.
#[derive(Clone, Debug, Default)]
pub struct ChunkSample {
    /// By the number of the chunk.
    weights: BTreeMap<u64, f64>,
    /// They are all there are.
    whole: bool,
}

impl ChunkSample {
    /// Chooses `count` of some chunks that are sorted by their spread. Each of the others is shared by those before and
    /// after it, in parts that its spread decides.
    fn add(&mut self, chunks: &[(f32, u64)], count: usize) {
        let places = places(chunks, count);
        let mut weigh =
            |chunk: usize, weight: f64| *self.weights.entry(chunks[chunk].1).or_default() += weight;
        weigh(0, 1.0);
        for gap in places.windows(2) {
            let &[before, after] = gap else { continue };
            let [least, most] = [before, after].map(|chunk| chunks[chunk].0);
            for (chunk, &(spread, _)) in chunks.iter().enumerate().take(after).skip(before + 1) {
                let part = if most == least {
                    (chunk - before) as f64 / (after - before) as f64
                } else if least == 0.0 {
                    // Between a flat chunk and another lie those that are flat in part.
                    f64::from(spread / most)
                } else {
                    // The bits of a float above zero grow as its logarithm does, on every machine alike.
                    let [spread, least, most] =
                        [spread, least, most].map(|spread| f64::from(spread.to_bits()));
                    (spread - least) / (most - least)
                };
                weigh(before, 1.0 - part);
                weigh(after, part);
            }
            weigh(after, 1.0);
        }
    }

    /// Tells whether a chunk is among them.
    #[must_use]
    pub fn contains(&self, chunk: u64) -> bool {
        self.weights.contains_key(&chunk)
    }

    /// Predicts the bytes of all chunks from those that the chosen ones take, in their order: of codes of so many bits that
    /// span a range, or of floats.
    #[must_use]
    pub fn predict(
        &self,
        lengths: &[usize],
        tiling: Tiling,
        outlook: &Outlook,
        codes: Option<(Bits, Range)>,
    ) -> f64 {
        let weighed = || self.weights.values().zip(lengths).map(|(&weight, &length)| (weight, length as f64));
        let sum: f64 = weighed().map(|(weight, length)| weight * length).sum();
        let Some((bits, range)) = codes.filter(|(bits, _)| !self.whole && bits.get() <= MOST_CORRECTED)
        else {
            return sum;
        };
        let weight: f64 = self.weights.values().sum();
        let mean = sum / weight;
        let chunks = outlook.spreads.len();
        let per_pixel = strip::entropies(&outlook.strips, chunks, bits, range);
        let blocks = (0..).map(|number| tiling.block(number).pixels() as f64);
        let entropies: Vec<[f64; 2]> = per_pixel
            .into_iter()
            .zip(blocks)
            .map(|(halves, pixels)| halves.map(|bits| bits * pixels))
            .collect();
        let chosen = || self.weights.keys().map(|&chunk| entropies[chunk as usize]);
        // By how much the entropy of all chunks is more than that of the chosen ones, from either half of the pixels: what is
        // chance in so few pixels of each is told by that from what is so.
        let middle = |half: usize| {
            weighed().zip(chosen()).map(|((weight, _), halves)| weight * halves[half]).sum::<f64>() / weight
        };
        let middles = [middle(0), middle(1)];
        let all = |half: usize| entropies.iter().map(|halves| halves[half]).sum::<f64>() / chunks as f64;
        let more = [all(0) - middles[0], all(1) - middles[1]];
        let (common, apart) = (more[0] + more[1], more[0] - more[1]);
        let sure = if common == 0.0 { 0.0 } else { 1.0 - (apart / common) * (apart / common) };
        let (mut together, mut square) = (0.0, 0.0);
        for ((weight, length), halves) in weighed().zip(chosen()) {
            let entropy = halves[0] - middles[0] + halves[1] - middles[1];
            together += weight * entropy * (length - mean);
            square += weight * entropy * entropy;
        }
        let slope = if square > 0.0 { together / square } else { 0.0 };
        // What is extrapolated never makes a chunk smaller than the smallest that was encoded.
        let least = lengths.iter().copied().min().unwrap_or_default() as f64;
        (sum + weight * slope * common * sure.max(0.0)).max(weight * least)
    }
}

/// Chooses `count` of some chunks that are sorted by their spread, the first and the last included: so that neither many
/// chunks nor very different ones lie between two that follow each other.
fn places(chunks: &[(f32, u64)], count: usize) -> Vec<usize> {
    let last = chunks.len() - 1;
    let deviation = |chunk: usize| f64::from(chunks[chunk].0).sqrt();
    let width = deviation(last) - deviation(0);
    let way = |chunk: usize| {
        let across = if width > 0.0 { (deviation(chunk) - deviation(0)) / width } else { 0.0 };
        RANKS * chunk as f64 / last.max(1) as f64 + (1.0 - RANKS) * across
    };
    let gaps = count.clamp(2, last.max(1) + 1) - 1;
    let mut places = vec![0];
    for chunk in 1..=last {
        if way(chunk) * gaps as f64 >= places.len() as f64 || chunk == last {
            places.push(chunk);
        }
    }
    places
}

/// Counts the sections, rows and columns of an image that are in a chunk: where some are padding, runs of zeros take their
/// place.
fn extent(block: &Block) -> [usize; 3] {
    [block.sections.len(), block.rows.len(), block.columns.len()]
}

/// For which numbers of bits chunks are encoded to predict a size before anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// None: the chunks that are written tell.
    AsWritten,
    /// Those that the image is to have.
    AsPlanned,
    /// Every one.
    OfAllBits,
}

impl Image {
    /// Sorts its chunks, for those to be chosen that its size is predicted from, in a file of so many images.
    pub fn kinds(&self, images: u32) -> Kinds {
        Kinds::of(self.tiling, images, &self.outlook)
    }
}

/// What is tried for an image.
struct Trial {
    /// Of codes; `None` for floats.
    bits: Option<Bits>,
    encoding: Encoding,
    sample: ChunkSample,
}

impl Walk<'_> {
    /// Predicts the bytes of the chunks of every image whose plan is known and whose size is predicted.
    pub(super) fn find_sizes(&self, group: &mut Group) -> Result<(), Error> {
        let trials: Vec<Vec<Trial>> = group.images.iter().map(|image| self.trials(image)).collect();
        if trials.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let first = group.numbers().start;
        let (walked, passes) = (self.images, &self.passes);
        let bands = group.bands(walked, self.options);
        let Group { images, held, .. } = group;
        // Codes that are taken over are those of the plan alone.
        let originals: Vec<Pixels> = images.iter().map(|image| walked.pixels(image.number)).collect();
        let number = |about: usize, block: &Block| images[about].tiling.number(block);
        let mut found: Vec<Vec<Vec<usize>>> =
            trials.iter().map(|trials| vec![Vec::new(); trials.len()]).collect();
        let bands = bands.filter(|band| {
            let about = (band.image - first) as usize;
            let mut blocks = band.blocks().map(|block| number(about, &block));
            blocks.any(|number| trials[about].iter().any(|trial| trial.sample.contains(number)))
        });
        Pass { counted: false, ..self.waves() }.run(
            bands,
            held,
            &mut Vec::new(),
            Steps {
                read: Self::rows(walked, first),
                compute: |unit: &Unit<usize>, [rows, _]: [&[u8]; 2], lengths: &mut Vec<Option<usize>>| {
                    lengths.clear();
                    let (image, number) = (&images[unit.about], number(unit.about, &unit.block));
                    let chosen = |trial: &&Trial| trial.sample.contains(number);
                    if trials[unit.about].iter().any(|trial| chosen(&trial)) {
                        let encodings = trials[unit.about].iter().map(|trial| {
                            let taken_over =
                                image.kept.as_ref().is_some_and(|kept| Some(kept.bits) == trial.bits);
                            Some(trial)
                                .filter(chosen)
                                .map(|trial| if taken_over { &image.encoding } else { &trial.encoding })
                        });
                        *lengths = passes.sizes(image, originals[unit.about], &unit.block, rows, encodings);
                    }
                },
                take: |unit: &Unit<usize>, lengths: &mut Vec<Option<usize>>| {
                    for (found, &length) in found[unit.about].iter_mut().zip(&*lengths) {
                        found.extend(length);
                    }
                    Ok(ControlFlow::Continue(()))
                },
                beside: |_| Ok(()),
            },
        )?;
        for (image, (trials, found)) in images.iter_mut().zip(trials.into_iter().zip(found)) {
            let sizes = trials.into_iter().zip(found).map(|(trial, lengths)| {
                let codes = trial.encoding.coding().map(|coding| (coding.bits, coding.range));
                (trial.bits, trial.sample.predict(&lengths, image.tiling, &image.outlook, codes))
            });
            image.sizes = sizes.collect();
        }
        Ok(())
    }

    /// Lists what is tried for an image, and chooses the chunks that are written to tell its size.
    fn trials(&self, image: &Image) -> Vec<Trial> {
        let planned = image.encoding.coding();
        if !image.sized || self.sizes == Sizes::AsWritten {
            return Vec::new();
        }
        let kinds = image.kinds(self.images.images());
        let wanted = |bits: &Bits| {
            self.sizes == Sizes::OfAllBits || planned.is_some_and(|coding| coding.bits == *bits)
        };
        let trials = Bits::all().filter(wanted).filter_map(|bits| {
            let known = planned.filter(|coding| coding.bits == bits).map(|coding| coding.range);
            let range = known.or_else(|| image.range_of(bits, self.options))?;
            let encoding = Encoding::Codes(Coding::of_codes(bits, range));
            Some(Trial { bits: Some(bits), encoding, sample: kinds.sample(Some(bits)) })
        });
        let floats = matches!(image.encoding, Encoding::Floats);
        let floats =
            floats.then(|| Trial { bits: None, encoding: Encoding::Floats, sample: kinds.sample(None) });
        trials.chain(floats).collect()
    }
}

#[cfg(test)]
mod tests;
