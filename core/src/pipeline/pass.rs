//! One pass over pixels: reads ahead, has the pool compute, takes the results in order.
//!
//! The pool computes one wave of units while the calling thread, which alone touches sources and sinks,
//! reads the next wave and takes the results of the one before. Waves change no result, nor which error is
//! the first: what comes before a failure is taken before the failure is told.

use std::ops::{ControlFlow, Range};

use super::bands::Band;
use super::held::{Coming, Held};
use super::pool;
use super::progress::Meter;
use super::scratch::Scratch;
use super::tiling::Block;
use crate::error::Error;
use crate::image::Images;

/// Units in a wave, about, however small they are.
const MOST_UNITS: usize = 4 << 10;

/// The work of one thread.
#[derive(Clone, Debug)]
pub struct Unit<C> {
    /// Number of the image in its file.
    pub image: u32,
    /// Pixels of the unit.
    pub block: Block,
    /// Tells that the unit is the last one of its image.
    pub last: bool,
    /// Context of its image, as loading returned it.
    pub about: C,
    /// Ranges of the band it lies in, all columns: of the input, and of what is read beside it.
    rows: [Range<usize>; 2],
    /// Columns of the image, of a brick that is worth gathering.
    gathered: Option<u32>,
}

impl<C> Unit<C> {
    /// Returns the rows the unit lies in or, of a brick, its part of them, gathered in `buffer`: loops over pixels
    /// are slow to start, and a brick's rows are short.
    fn rows<'a>(&self, side: usize, all: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
        let rows = &all[self.rows[side].clone()];
        let height = self.block.height() as usize;
        let Some(nx) = self.gathered.filter(|_| !rows.is_empty()) else { return rows };
        let row_bytes = rows.len() / height;
        // What pads a row to whole bytes is less than a bit for each of its pixels.
        let bits = row_bytes * 8 / nx as usize;
        let byte = |column: u32| column as usize * bits / 8;
        let columns = byte(self.block.columns.start)..byte(self.block.columns.end);
        buffer.clear();
        rows.chunks_exact(row_bytes).for_each(|row| buffer.extend_from_slice(&row[columns.clone()]));
        buffer
    }
}

/// A unit and what was computed of it. Results are used again, with the memory they have.
struct Slot<C, R> {
    unit: Unit<C>,
    result: R,
}

/// Units that are computed together.
pub struct Wave<C, R> {
    slots: Vec<Slot<C, R>>,
    used: usize,
    /// The rows that are not held, of the input and of what is read beside it.
    read: [Vec<u8>; 2],
    bytes: u64,
}

impl<C, R> Default for Wave<C, R> {
    fn default() -> Self {
        Self { slots: Vec::new(), used: 0, read: [Vec::new(), Vec::new()], bytes: 0 }
    }
}

/// Memory for a band's rows in the wave that is read.
pub struct Room<'a> {
    read: &'a mut [Vec<u8>; 2],
    ends: &'a mut [usize; 2],
}

impl Room<'_> {
    /// Reads a band of the input (`side` 0), or of what is read beside it (1); returns where it lies.
    ///
    /// # Errors
    /// What reading the images fails with.
    pub fn read_band(
        &mut self,
        side: usize,
        images: &dyn Images,
        band: &Band,
    ) -> Result<Range<usize>, Error> {
        let row_bytes = images.pixels(band.image).row_bytes(images.shape(band.image).nx);
        let start = self.ends[side];
        let end = start + (band.height() * row_bytes) as usize;
        if self.read[side].len() < end {
            self.read[side].resize(end, 0);
        }
        band.read(images, &mut self.read[side][start..end])?;
        self.ends[side] = end;
        Ok(start..end)
    }
}

/// Rows of a band, of the input and of what is read beside it, with the context of their image.
pub struct Loaded<C> {
    /// Within what is held or, when nothing is, within the wave.
    pub rows: [Range<usize>; 2],
    /// Context of the image.
    pub about: C,
}

/// The steps of a pass, apart from its walk.
pub struct Steps<Read, Compute, Take, Beside> {
    /// Brings the rows of a band and says where they lie; on the calling thread.
    pub read: Read,
    /// Computes a unit from its rows; in the pool.
    pub compute: Compute,
    /// Takes the next result, and says whether more are wanted; on the calling thread.
    pub take: Take,
    /// Runs on the calling thread while a wave of that many bytes is computed.
    pub beside: Beside,
}

/// A pass.
pub struct Pass<'a> {
    /// Pixels in a wave, about.
    pub wave: u64,
    /// Counter of the bytes.
    pub meter: &'a Meter<'a>,
    /// Tells that its bytes are among those that are sure to come.
    pub counted: bool,
}

impl Pass<'_> {
    /// Runs it over bands, whose rows are in `held` or, when that holds nothing, in the wave. Takes waves
    /// out of `spare` and puts them back.
    ///
    /// # Errors
    /// The first one that `read` or `take` gives, in the order of the units; [`Error::Cancelled`].
    pub fn run<C: Copy + Send + Sync, R: Default + Send>(
        &self,
        mut bands: impl Iterator<Item = Band>,
        held: &mut Held,
        spare: &mut Vec<Wave<C, R>>,
        mut steps: Steps<
            impl FnMut(&Band, &mut Coming<'_>, &mut Room<'_>) -> Result<Loaded<C>, Error>,
            impl Fn(&Unit<C>, [&[u8]; 2], &mut R) + Send + Sync,
            impl FnMut(&Unit<C>, &mut R) -> Result<ControlFlow<()>, Error>,
            impl FnMut(u64) -> Result<(), Error>,
        >,
    ) -> Result<(), Error> {
        let holds = held.total() > 0;
        let scratch = Scratch::default();
        let mut failed = None;
        let (mut current, mut next, mut before) = (waves(spare), waves(spare), waves(spare));
        self.load(&mut current, &mut bands, &mut held.split().1, &mut steps.read, &mut failed);
        let (mut ended, mut there_is_one) = (false, false);
        while current.used > 0 && !ended {
            let (there, mut coming) = held.split();
            let bytes = current.bytes;
            let Steps { read, compute, take, beside } = &mut steps;
            pool::overlap(
                || current.compute(holds.then_some(there), &scratch, &*compute),
                || {
                    if failed.is_none() {
                        self.load(&mut next, &mut bands, &mut coming, read, &mut failed);
                    } else {
                        next.used = 0;
                    }
                    if there_is_one && self.take(&mut before, take)?.is_break() {
                        ended = true;
                    }
                    beside(bytes)
                },
            )?;
            there_is_one = true;
            // What was next is current, what was current waits to be taken.
            std::mem::swap(&mut before, &mut current);
            std::mem::swap(&mut current, &mut next);
        }
        if there_is_one && !ended {
            let _ = self.take(&mut before, &mut steps.take)?;
        }
        spare.extend([current, next, before]);
        // A failure is told even if what was read is not wanted any more: the source is not to be trusted.
        failed.map_or(Ok(()), Err)
    }

    /// Fills a wave with the bands that follow, up to one that fails.
    fn load<C: Copy, R: Default>(
        &self,
        wave: &mut Wave<C, R>,
        bands: &mut impl Iterator<Item = Band>,
        coming: &mut Coming<'_>,
        read: &mut impl FnMut(&Band, &mut Coming<'_>, &mut Room<'_>) -> Result<Loaded<C>, Error>,
        failed: &mut Option<Error>,
    ) {
        (wave.used, wave.bytes) = (0, 0);
        let (mut pixels, mut ends) = (0, [0; 2]);
        while wave.used == 0 || pixels < self.wave && wave.used < MOST_UNITS {
            let Some(band) = bands.next() else { break };
            let Loaded { rows, about } =
                match read(&band, coming, &mut Room { read: &mut wave.read, ends: &mut ends }) {
                    Ok(loaded) => loaded,
                    Err(problem) => {
                        *failed = Some(problem);
                        break;
                    }
                };
            pixels += band.pixels();
            wave.bytes += rows.iter().map(|rows| rows.len() as u64).sum::<u64>();
            for block in band.blocks() {
                let gathered = band.gathers(&block);
                wave.push(Unit {
                    image: band.image,
                    block,
                    last: false,
                    about,
                    rows: rows.clone(),
                    gathered,
                });
            }
            wave.slots[wave.used - 1].unit.last = band.last;
        }
    }
}

impl Pass<'_> {
    /// Hands over the results of a wave, as long as more are wanted.
    fn take<C, R>(
        &self,
        wave: &mut Wave<C, R>,
        take: &mut impl FnMut(&Unit<C>, &mut R) -> Result<ControlFlow<()>, Error>,
    ) -> Result<ControlFlow<()>, Error> {
        for Slot { unit, result } in &mut wave.slots[..wave.used] {
            if take(unit, result)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.meter.advance(if self.counted { wave.bytes } else { 0 })?;
        Ok(ControlFlow::Continue(()))
    }
}

fn waves<C, R>(spare: &mut Vec<Wave<C, R>>) -> Wave<C, R> {
    spare.pop().unwrap_or_default()
}

impl<C: Send + Sync, R: Default + Send> Wave<C, R> {
    fn compute(
        &mut self,
        held: Option<&[u8]>,
        scratch: &Scratch<[Vec<u8>; 2]>,
        compute: impl Fn(&Unit<C>, [&[u8]; 2], &mut R) + Send + Sync,
    ) {
        let Self { slots, used, read: [own, beside], .. } = self;
        let own = held.unwrap_or(own);
        pool::for_each(&mut slots[..*used], |Slot { unit, result }| {
            scratch.with(|[gathered, gathered_beside]| {
                let rows = [unit.rows(0, own, gathered), unit.rows(1, beside, gathered_beside)];
                compute(unit, rows, result);
            });
        });
    }
}

impl<C, R: Default> Wave<C, R> {
    fn push(&mut self, unit: Unit<C>) {
        match self.slots.get_mut(self.used) {
            Some(slot) => slot.unit = unit,
            None => self.slots.push(Slot { unit, result: R::default() }),
        }
        self.used += 1;
    }
}
