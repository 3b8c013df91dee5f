//! Strided of images that are computed together while the next ones are read.

use std::ops::Range;

use crate::error::Error;
use crate::formats::mrc::Mode;
use crate::image::Images;
use crate::image::PixelType;
use crate::image::pixels::Pixels;
use crate::kernel::strided::Strided;
use crate::pipeline::pool;
use crate::pipeline::tiling::{TARGET_PIXELS, Tiling};
use crate::quantise::statistics::Tally;

/// Pixels of a wave, about; one row of chunks is more where images are wide, at most 8 Mi.
const WAVE_PIXELS: u64 = 1 << 20;

/// Strided of a wave, at most, however small images are.
const MOST_PIECES: usize = 4 << 10;

/// Whole rows of one image: the work of one thread.
pub struct Piece {
    pub image: u32,
    pixels: Pixels,
    /// Columns.
    nx: u32,
    /// Where they lie in the wave's bytes.
    bytes: Range<usize>,
    count: usize,
    values: Vec<f32>,
    read: Vec<f32>,
    /// What the last work found.
    pub tally: Tally,
    pub misfit: Option<f32>,
}

impl Default for Piece {
    fn default() -> Self {
        Self {
            image: 0,
            pixels: Pixels::new(PixelType::F32, false),
            nx: 0,
            bytes: 0..0,
            count: 0,
            values: Vec::new(),
            read: Vec::new(),
            tally: Tally::EMPTY,
            misfit: None,
        }
    }
}

impl Piece {
    fn decode<'a>(&self, stored: &'a [u8], values: &'a mut Vec<f32>) -> &'a [f32] {
        // What lies in one piece is seen in one piece.
        let there = self.pixels.as_values(Strided::whole(stored)).and_then(|pieces| pieces.each().next());
        there.unwrap_or_else(|| {
            values.clear();
            self.pixels.decode(stored, self.nx, values);
            values
        })
    }

    /// Runs `work` on the values.
    fn with_values<R>(&mut self, raw: &[u8], work: impl FnOnce(&[f32], &mut Vec<f32>) -> R) -> R {
        let (mut values, mut read) = (std::mem::take(&mut self.values), std::mem::take(&mut self.read));
        let result = work(self.decode(&raw[self.bytes.clone()], &mut values), &mut read);
        (self.values, self.read) = (values, read);
        result
    }
}

/// Where the next rows come from.
#[derive(Clone, Copy, Default)]
pub struct Place {
    image: u32,
    block: u64,
}

/// Strided that are read and computed together.
#[derive(Default)]
pub struct Wave {
    raw: Vec<u8>,
    out: Vec<u8>,
    pieces: Vec<Piece>,
    used: usize,
}

impl Wave {
    /// Takes the rows from `place` on and leaves `place` after them; false when there were none.
    /// Whole rows of chunks, as [`Tiling`] makes them, so that none is inflated twice in a pass.
    pub fn load(&mut self, reader: &dyn Images, place: &mut Place) -> Result<bool, Error> {
        self.used = 0;
        let (mut taken, mut end) = (0, 0);
        while place.image < reader.images() && taken < WAVE_PIXELS && self.used < MOST_PIECES {
            let cut = Tiling::of(reader.shape(place.image));
            let rows = cut.block(place.block).rows;
            let start = end;
            end += self.add(place.image, reader.pixels(place.image), cut.shape().nx, rows.clone(), start);
            if self.raw.len() < end {
                self.raw.resize(end, 0);
            }
            reader.read(place.image, rows.clone(), &mut self.raw[start..end])?;
            taken += (rows.end - rows.start) * u64::from(cut.shape().nx);
            while !cut.ends_rows(place.block) {
                place.block += 1;
            }
            place.block += 1;
            if place.block >= cut.blocks() {
                *place = Place { image: place.image + 1, block: 0 };
            }
        }
        Ok(self.used > 0)
    }

    /// Cuts rows that start at byte `start` into pieces; returns how many bytes they take.
    fn add(&mut self, image: u32, pixels: Pixels, nx: u32, rows: Range<u64>, start: usize) -> usize {
        let row_bytes = pixels.row_bytes(nx) as usize;
        let count = (rows.end - rows.start) as usize;
        let most = (TARGET_PIXELS / u64::from(nx)).max(1) as usize;
        for first in (0..count).step_by(most) {
            let end = count.min(first + most);
            if self.used == self.pieces.len() {
                self.pieces.push(Piece::default());
            }
            let piece = &mut self.pieces[self.used];
            (piece.image, piece.pixels, piece.nx) = (image, pixels, nx);
            piece.bytes = start + first * row_bytes..start + end * row_bytes;
            piece.count = (end - first) * nx as usize;
            self.used += 1;
        }
        count * row_bytes
    }

    /// First pass: statistics, and the first value of each piece that does not fit `mode`, if one is
    /// asked about.
    pub fn measure(&mut self, mode: Option<Mode>, may_round: bool) {
        let raw = &self.raw;
        pool::for_each(&mut self.pieces[..self.used], |piece| {
            (piece.tally, piece.misfit) = piece.with_values(raw, |values, _| {
                let tally = Tally::of(values);
                (tally, mode.and_then(|mode| mode.misfit(values, &tally, may_round)))
            });
        });
    }

    /// Last pass: the bytes to be written and, if asked for, statistics of what they read back as.
    pub fn encode(&mut self, mode: Mode, tally: bool) {
        let total: usize = self.pieces().iter().map(|piece| piece.count * mode.bytes()).sum();
        self.out.resize(total, 0);
        let mut rest = self.out.as_mut_slice();
        let mut jobs = Vec::with_capacity(self.used);
        for piece in &mut self.pieces[..self.used] {
            let (out, after) = rest.split_at_mut(piece.count * mode.bytes());
            jobs.push((piece, out));
            rest = after;
        }
        let raw = &self.raw;
        pool::for_each(&mut jobs, |(piece, out)| {
            piece.tally = piece.with_values(raw, |values, read| {
                mode.encode(values, out);
                if tally { Tally::of(mode.as_read(values, read)) } else { Tally::EMPTY }
            });
        });
    }

    /// Bytes the last pass made.
    pub fn out(&self) -> &[u8] {
        &self.out
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces[..self.used]
    }

    /// Bytes of pixels read.
    pub fn bytes(&self) -> u64 {
        self.pieces().last().map_or(0, |piece| piece.bytes.end as u64)
    }
}
