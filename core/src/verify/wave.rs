//! Bands of the file and of its original that are compared together while the next ones are read.

use std::ops::Range;

use super::compare::{self, Differences, Misfit};
use super::report::Coding;
use crate::error::Error;
use crate::image::Images;
use crate::image::PixelType;
use crate::image::pixels::Pixels;
use crate::kernel::strided::Strided;
use crate::pipeline::pool;
use crate::pipeline::scratch::Scratch;
use crate::pipeline::tiling::{Block, Tiling};
use crate::quantise::statistics::Tally;

/// Pixels of a wave, about; one row of chunks is more where images are wide, at most 8 Mi.
const WAVE_PIXELS: u64 = 1 << 20;

/// Blocks in a wave, at most, however small they are.
const MOST_BLOCKS: usize = 4 << 10;

/// What blocks of one image have in common.
#[derive(Clone, Copy)]
pub struct Image {
    pub number: u32,
    pub cut: Tiling,
    /// As stored in the file: codes are left codes.
    pub stored: Pixels,
    pub original: Option<Pixels>,
    /// How codes stand to the original's values.
    pub coding: Option<Coding>,
    /// The highest code.
    pub most: Option<f32>,
}

/// Where the next rows come from.
#[derive(Clone, Copy, Default)]
pub struct Place {
    image: u32,
    block: u64,
}

/// One block.
pub struct Job {
    /// In the wave.
    pub image: usize,
    pub block: u64,
    /// Where its rows lie in the wave's bytes.
    stored: Range<usize>,
    original: Range<usize>,
    pub outcome: Result<Outcome, Misfit>,
}

/// What is known of a block in which nothing is wrong.
#[derive(Clone, Copy)]
pub struct Outcome {
    /// Of the original's values or, without one, of floats as stored.
    pub tally: Tally,
    pub differences: Differences,
}

/// Buffers for one block.
#[derive(Default)]
pub struct Tools {
    stored: Vec<f32>,
    original: Vec<f32>,
}

/// Blocks that are read and compared together.
#[derive(Default)]
pub struct Wave {
    stored: Vec<u8>,
    original: Vec<u8>,
    images: Vec<Image>,
    jobs: Vec<Job>,
    bytes: u64,
}

impl Wave {
    /// Takes the rows from `place` on and leaves `place` after them; false when there were none.
    /// `open` tells what is to be known of an image; its second argument is whether it is met for the
    /// first time.
    pub fn load(
        &mut self,
        file: &dyn Images,
        original: Option<&dyn Images>,
        place: &mut Place,
        mut open: impl FnMut(u32, bool) -> Result<Image, Error>,
    ) -> Result<bool, Error> {
        self.images.clear();
        self.jobs.clear();
        let (mut pixels, mut stored_end, mut original_end) = (0, 0, 0);
        while place.image < file.images() && pixels < WAVE_PIXELS && self.jobs.len() < MOST_BLOCKS {
            let image = open(place.image, place.block == 0)?;
            let (cut, nx) = (image.cut, image.cut.shape().nx);
            let rows = cut.block(place.block).rows;
            let stored = read(file, &image, image.stored, &rows, &mut self.stored, &mut stored_end)?;
            let original = match (original, image.original) {
                (Some(reader), Some(pixels)) => {
                    let place = read(reader, &image, pixels, &rows, &mut self.original, &mut original_end);
                    place.map_err(|problem| Error::Original(Box::new(problem)))?
                }
                _ => 0..0,
            };
            pixels += (rows.end - rows.start) * u64::from(nx);
            loop {
                self.jobs.push(Job {
                    image: self.images.len(),
                    block: place.block,
                    stored: stored.clone(),
                    original: original.clone(),
                    outcome: Ok(Outcome { tally: Tally::EMPTY, differences: Differences::default() }),
                });
                place.block += 1;
                if cut.ends_rows(place.block - 1) {
                    break;
                }
            }
            self.images.push(image);
            if place.block >= cut.blocks() {
                *place = Place { image: place.image + 1, block: 0 };
            }
        }
        self.bytes = (stored_end + original_end) as u64;
        Ok(!self.jobs.is_empty())
    }

    /// Compares.
    pub fn compare(&mut self, toolbox: &Scratch<Tools>) {
        let Self { stored, original, images, jobs, .. } = self;
        pool::for_each(jobs, |job| {
            let image = &images[job.image];
            let block = image.cut.block(job.block);
            let (stored, original) = (&stored[job.stored.clone()], &original[job.original.clone()]);
            job.outcome = toolbox.with(|tools| image.compare(&block, stored, original, tools));
        });
    }

    /// The blocks, in order, each with its image.
    pub fn jobs(&self) -> impl Iterator<Item = (&Image, &Job)> {
        self.jobs.iter().map(|job| (&self.images[job.image], job))
    }

    /// Bytes of pixels read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Reads rows behind what is there; returns where they are.
fn read(
    reader: &dyn Images,
    image: &Image,
    pixels: Pixels,
    rows: &Range<u64>,
    bytes: &mut Vec<u8>,
    end: &mut usize,
) -> Result<Range<usize>, Error> {
    let length = (rows.end - rows.start) * pixels.row_bytes(image.cut.shape().nx);
    let place = *end..*end + length as usize;
    if bytes.len() < place.end {
        bytes.resize(place.end, 0);
    }
    reader.read(image.number, rows.clone(), &mut bytes[place.clone()])?;
    *end = place.end;
    Ok(place)
}

impl Image {
    fn compare(
        &self,
        block: &Block,
        stored: &[u8],
        original: &[u8],
        tools: &mut Tools,
    ) -> Result<Outcome, Misfit> {
        let nx = self.cut.shape().nx;
        let Tools { stored: stored_values, original: original_values } = tools;
        let mut outcome = Outcome { tally: Tally::EMPTY, differences: Differences::default() };
        let stored = decoded(self.stored, nx, block, stored, stored_values);
        let Some(pixels) = self.original else {
            if self.stored.kind == PixelType::F32 {
                outcome.tally = Tally::of_pieces(stored);
            }
            let stray = self.most.and_then(|most| compare::stray(stored, most));
            return stray.map_or(Ok(outcome), Err);
        };
        let values = decoded(pixels, nx, block, original, original_values);
        outcome.tally = Tally::of_pieces(values);
        if let Some(coding) = &self.coding {
            outcome.differences = compare::codes(coding, stored, values)?;
        } else {
            let integers = !matches!(self.stored.kind, PixelType::F16 | PixelType::F32 | PixelType::F64);
            if let Some(misfit) = compare::unequal(stored, values, integers) {
                return Err(misfit);
            }
        }
        Ok(outcome)
    }
}

/// A block's pixels out of its rows.
fn decoded<'a>(
    pixels: Pixels,
    nx: u32,
    block: &Block,
    rows: &'a [u8],
    values: &'a mut Vec<f32>,
) -> Strided<'a, f32> {
    pixels.values(nx, block, pixels.of_block(nx, block, rows), values)
}
