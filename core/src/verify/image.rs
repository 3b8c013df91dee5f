//! What the units of an image have in common while they are compared.

use super::compare::{self, Differences, Misfit};
use super::report::Coding;
use crate::image::{PixelType, Pixels, Shape};
use crate::kernel::strided::Strided;
use crate::pipeline::tiling::{Block, Tiling};
use crate::quantise::detail::BlockDetail;
use crate::quantise::noise::PartNoise;
use crate::quantise::statistics::Tally;
use crate::quantise::{Bits, Range, Scale};

/// An image of the file, and the original's.
#[derive(Clone, Copy)]
pub struct Image {
    pub number: u32,
    pub shape: Shape,
    /// As stored in the file: codes are left codes.
    pub stored: Pixels,
    pub original: Option<Pixels>,
    /// How its codes read back.
    pub scale: Option<Scale>,
    /// How codes stand to the original's values.
    pub coding: Option<Coding>,
    /// The highest code, where codes count from 0.
    pub most: Option<f32>,
    /// The original has codes of the same scale: they may have been taken over as they are.
    pub same_scale: bool,
    /// The original's noise is estimated, as where it was compressed.
    pub estimated: bool,
}

/// What is known of a unit in which nothing is wrong.
#[derive(Clone)]
pub struct Outcome {
    /// Of the original's values or, without one, of floats as stored.
    pub tally: Tally,
    pub differences: Differences,
    /// What codes may leave nothing of, of an original that became codes.
    pub detail: Option<BlockDetail>,
    /// Of an original whose noise is estimated.
    pub noise: Option<PartNoise>,
    /// Every code is the original's code.
    pub taken_over: bool,
}

/// Buffers for one unit.
#[derive(Default)]
pub struct Buffers {
    stored: Vec<f32>,
    original: Vec<f32>,
    codes: Vec<f32>,
}

impl Image {
    /// Returns bits and range of its codes, where it has codes of this program's or EMAN2's.
    pub fn codes(&self) -> Option<(Bits, Range)> {
        let scale = self.scale?;
        Some((scale.bits()?, scale.range))
    }

    /// Compares a block with the original or, without one, checks it against itself.
    pub fn compare(
        &self,
        block: &Block,
        stored: &[u8],
        original: &[u8],
        buffers: &mut Buffers,
    ) -> Result<Outcome, Misfit> {
        let nx = self.shape.nx;
        let Buffers { stored: stored_values, original: original_values, codes } = buffers;
        let mut outcome = Outcome {
            tally: Tally::EMPTY,
            differences: Differences::default(),
            detail: None,
            noise: None,
            taken_over: false,
        };
        let stored = decoded(self.stored, nx, block, stored, stored_values);
        let Some(pixels) = self.original else {
            if self.stored.kind == PixelType::F32 {
                outcome.tally = Tally::of_strided(stored);
            }
            let stray = self.most.and_then(|most| compare::stray(stored, most));
            return stray.map_or(Ok(outcome), Err);
        };
        let values = decoded(pixels, nx, block, original, original_values);
        let most = compare::most(block);
        outcome.tally = Tally::of_strided(values);
        outcome.noise = self.estimated.then(|| {
            let (tiling, all_int) = (Tiling::of(self.shape), outcome.tally.all_int);
            PartNoise::measure(pixels, tiling, block, original, all_int, codes)
        });
        if self.same_scale {
            let codes = decoded(Pixels { scale: None, ..pixels }, nx, block, original, codes);
            if compare::unequal(stored, codes, true).is_none() {
                outcome.differences.count = outcome.tally.finite;
                outcome.taken_over = true;
                return Ok(outcome);
            }
        }
        if let Some(coding) = &self.coding {
            outcome.detail = Some(BlockDetail::of(values, block, self.shape, &outcome.tally));
            outcome.differences = compare::codes(coding, stored, values, most)?;
        } else if let Some(misfit) = compare::unequal(stored, values, !self.stored.kind.is_float()) {
            return Err(misfit);
        } else {
            outcome.differences.count = outcome.tally.finite;
        }
        if pixels.is_wide() {
            let numbers = pixels.of_block(nx, block, original);
            outcome.tally.rounded = pixels.rounded(numbers);
            let scale = self.coding.map(|coding| coding.scale);
            let mut sums = Differences { truncated: outcome.differences.truncated, ..Differences::default() };
            let bytes = most * pixels.kind.bytes();
            for (stored, numbers) in compare::pieces(stored, most).zip(compare::pieces(numbers, bytes)) {
                let read = stored.iter().map(|&code| scale.map_or(code, |scale| scale.value(code)));
                let mut piece = Differences::default();
                compare::from_wide(read, pixels.wide_values(Strided::whole(numbers)), &mut piece);
                sums.merge(&piece);
            }
            outcome.differences = sums;
        }
        Ok(outcome)
    }
}

/// Decodes a block's pixels out of its rows.
fn decoded<'a>(
    pixels: Pixels,
    nx: u32,
    block: &Block,
    rows: &'a [u8],
    values: &'a mut Vec<f32>,
) -> Strided<'a, f32> {
    pixels.values(block, pixels.of_block(nx, block, rows), values)
}
