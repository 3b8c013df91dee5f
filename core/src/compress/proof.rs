//! Proofs that are made with the output: every chunk is checked against the pixels it was made of while both are at hand.
//!
//! In the pool, after a chunk is deflated: its stream is checked against the codes (`verify/stream`), its codes to the
//! pixels, with the rule of quantisation applied again (`verify/compare`), and its checksum is taken, which is compared
//! when it is written. Checksums of the rows are taken in the first pass, in the last, and once more when the input is
//! read again at the end: what was measured is what was coded is what the file holds.

use std::ops::ControlFlow;

use super::Walk;
use super::group::{self, Image};
use crate::error::Error;
use crate::formats::hdf5::read::InflateFault;
use crate::io::checksum::Checksum;
use crate::kernel::strided::Strided;
use crate::pipeline::bands::Bands;
use crate::pipeline::held::Held;
use crate::pipeline::pass::{Steps, Unit, Wave};
use crate::pipeline::tiling::Block;
use crate::quantise::{self, Encoding};
use crate::verify::compare::{self, Differences, Misfit};
use crate::verify::report::{Coding, Comparison};
use crate::verify::stream::StreamCheck;
use crate::verify::{VerifyError, named};

/// One chunk in so many is inflated even if that is not needed.
const INFLATED: u32 = 32;

/// Makes proofs; it keeps its buffers.
#[derive(Default)]
pub struct Prover {
    streams: StreamCheck,
    codes: Vec<f32>,
}

/// What is wrong with a chunk.
#[derive(Clone, Copy, Debug)]
pub enum Flaw {
    Stream(InflateFault),
    Pixel(Misfit),
}

/// What is known of a chunk in which nothing is wrong.
#[derive(Clone, Copy)]
pub struct Proof {
    differences: Differences,
    /// Of the chunk.
    checksum: Checksum,
    /// Its image and its first pixel.
    place: [u32; 4],
}

/// A chunk and what it was made of.
pub struct Evidence<'a> {
    pub image: &'a Image,
    pub block: &'a Block,
    /// Of the input.
    pub stored: Strided<'a, u8>,
    /// Decoded.
    pub values: Strided<'a, f32>,
    /// As they were deflated; nothing where pixels are stored without.
    pub planes: &'a [u8],
    /// What is written.
    pub bytes: &'a [u8],
}

impl Prover {
    /// Holds a chunk to what it was made of.
    pub fn prove(&mut self, evidence: &Evidence<'_>) -> Result<Proof, Flaw> {
        let Evidence { image, block, bytes, .. } = *evidence;
        Ok(Proof {
            differences: self.differences(evidence)?,
            checksum: Checksum::of(bytes),
            place: place(image.number, block),
        })
    }

    fn differences(&mut self, evidence: &Evidence<'_>) -> Result<Differences, Flaw> {
        let Evidence { image, block, stored, values, planes, bytes } = *evidence;
        if !matches!(image.encoding, Encoding::Raw) {
            let number = block.rows.start / 256 * 5 + block.columns.start / 256 + block.sections.start;
            self.streams.check(bytes, planes, number % INFLATED == 0).map_err(Flaw::Stream)?;
        }
        let scale = image.encoding.coding().map(quantise::encoding::Coding::scale);
        // Codes that are taken over are the input's, which needs no rule.
        let coding = scale.filter(|_| image.kept.is_none()).and_then(Coding::new);
        let integers = !image.pixels.kind.is_float() && image.pixels.scale.is_none();
        let most = compare::most(block);
        let element = image.pixels.kind.bits() as usize / 8;
        let mut wide =
            image.pixels.is_wide().then(|| compare::pieces(stored, most * element).map(Strided::whole));
        let mut all = Differences::default();
        let mut first = 0;
        for values in compare::pieces(values, most) {
            let piece = Piece { row: first / block.width(), first, pixels: values.len() };
            first += values.len();
            let compared = if let Some(coding) = &coding {
                let [low, high] = code_planes(evidence, &piece);
                compare::planes(coding, low, (!high.is_empty()).then_some(high), values, integers)
            } else {
                read_back(evidence, &piece, &mut self.codes);
                let found = Strided::whole(&self.codes);
                let other = compare::unequal(found, Strided::whole(values), scale.is_some());
                other.map_or_else(|| Ok(same(values)), Err)
            };
            let below = |misfit: Misfit| Flaw::Pixel(Misfit { row: piece.row, ..misfit });
            let mut differences = compared.map_err(below)?;
            if let Some(stored) = wide.as_mut().and_then(Iterator::next) {
                read_back(evidence, &piece, &mut self.codes);
                let read = self.codes.iter().map(|&code| scale.map_or(code, |scale| scale.value(code)));
                let numbers = image.pixels.wide_values(stored);
                compare::from_wide(read, numbers, &mut differences);
            }
            all.merge(&differences);
        }
        Ok(all)
    }
}

/// Pixels of a block that follow each other in its chunk: a row, or the rows of one section.
struct Piece {
    /// The first row, counted through the block.
    row: usize,
    /// The first pixel, counted through the block.
    first: usize,
    pixels: usize,
}

/// Describes values that are stored as they are.
fn same(values: &[f32]) -> Differences {
    let count = values.iter().filter(|value| value.is_finite()).count() as u64;
    Differences { count, ..Differences::default() }
}

/// Gathers what a chunk has of a piece of its block.
fn read_back(evidence: &Evidence<'_>, piece: &Piece, found: &mut Vec<f32>) {
    let Evidence { image, bytes, .. } = *evidence;
    let plane = |number| plane(evidence, number, piece);
    found.clear();
    match &image.encoding {
        Encoding::Raw => {
            let (words, _) = bytes[piece.first * 4..][..piece.pixels * 4].as_chunks();
            found.extend(words.iter().map(|&word| f32::from_le_bytes(word)));
        }
        Encoding::Floats => {
            let planes = [0, 1, 2, 3].map(plane);
            found.extend((0..piece.pixels).map(|at| f32::from_le_bytes(planes.map(|plane| plane[at]))));
        }
        Encoding::Codes(_) => {
            found.resize(piece.pixels, 0.0);
            let [low, high] = code_planes(evidence, piece);
            compare::unpack(low, (!high.is_empty()).then_some(high), found);
        }
    }
}

/// Returns the low bytes of codes and, of codes of two bytes, the high ones.
fn code_planes<'a>(evidence: &Evidence<'a>, piece: &Piece) -> [&'a [u8]; 2] {
    let wide = evidence.image.encoding.element().bytes() > 1;
    [plane(evidence, 0, piece), if wide { plane(evidence, 1, piece) } else { &[] }]
}

/// Returns what a byte plane has of a piece.
fn plane<'a>(evidence: &Evidence<'a>, number: usize, piece: &Piece) -> &'a [u8] {
    let (tiling, rows) = (evidence.image.tiling, evidence.block.rows.len());
    let row = piece.row / rows * tiling.rows() as usize + piece.row % rows;
    let start = number * tiling.chunk_pixels() as usize + row * tiling.chunk_width();
    &evidence.planes[start..start + piece.pixels]
}

/// Returns what tells a chunk from all others of a file: its image and its first pixel.
fn place(image: u32, block: &Block) -> [u32; 4] {
    [image, block.sections.start, block.rows.start, block.columns.start]
}

/// What the proofs of a file add up to.
#[derive(Default)]
pub struct Proven {
    differences: Differences,
    comparison: Comparison,
}

impl Proven {
    /// Takes the next chunk, which is about to be written.
    ///
    /// # Errors
    /// [`Error::Verify`] when it is not what it should be, or not the one that was proven.
    pub fn take(
        &mut self,
        image: &Image,
        block: &Block,
        proof: Result<Proof, Flaw>,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let number = image.number;
        let proof = proof.map_err(|flaw| match flaw {
            Flaw::Stream(cause) => VerifyError::Stream { image: number, cause },
            Flaw::Pixel(misfit) => named(number, block, misfit),
        })?;
        if proof.place != place(number, block) || proof.checksum != Checksum::of(bytes) {
            return Err(VerifyError::Chunk { image: number }.into());
        }
        self.differences.merge(&proof.differences);
        Ok(())
    }

    /// Adds an image all of whose chunks are taken; so many of its pixels were truncated before.
    pub fn finish_image(&mut self, image: &Image) {
        let sums = &mut self.comparison;
        sums.nan += image.tally.nan;
        sums.infinite += image.tally.above + image.tally.below;
        sums.rounded += image.tally.rounded;
        sums.truncated += image.kept.as_ref().map_or(0, |kept| kept.truncated);
        if let Some(coding) = image.encoding.coding().and_then(|coding| Coding::new(coding.scale())) {
            sums.half_step = Some(sums.half_step.unwrap_or(0.0).max(coding.half_step));
        }
    }

    /// Returns how far the output is from the input.
    pub fn conclude(self) -> Comparison {
        let Differences { largest, truncated, .. } = self.differences;
        Comparison {
            largest,
            rms: self.differences.rms(),
            truncated: self.comparison.truncated + truncated,
            ..self.comparison
        }
    }
}

/// Takes the checksum of a unit's rows. They have all columns, so the unit that starts them takes it for all.
pub fn checksum(block: &Block, rows: &[u8]) -> Option<Checksum> {
    (block.columns.start == 0).then(|| Checksum::of(rows))
}

impl Walk<'_> {
    /// Reads all pixels once more, and demands those that there were.
    pub(super) fn read_again(
        &self,
        checksums: &[Checksum],
        waves: &mut Vec<Wave<usize, Option<Checksum>>>,
    ) -> Result<(), Error> {
        let mut checksums = checksums.iter();
        let bands = Bands::new(self.images, 0..self.images.images(), group::tiling(self.options));
        self.waves().run(
            bands,
            &mut Held::nothing(),
            waves,
            Steps {
                read: Self::rows(self.images, 0),
                compute: |unit: &Unit<usize>, [rows, _]: [&[u8]; 2], found: &mut Option<Checksum>| {
                    *found = checksum(&unit.block, rows);
                },
                take: |unit: &Unit<usize>, found: &mut Option<Checksum>| {
                    if found.is_some_and(|found| checksums.next() != Some(&found)) {
                        return Err(VerifyError::Changed { image: unit.image }.into());
                    }
                    Ok(ControlFlow::Continue(()))
                },
                beside: |_| Ok(()),
            },
        )
    }
}

#[cfg(test)]
pub mod tests;
