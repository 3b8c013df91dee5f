//! What the pool does with one block, a function for each pass.

use crate::compress::group::{Image, Job, Wave};
use crate::compress::options::{Options, PixelEncoding};
use crate::encode::deflate::Encoder;
use crate::encode::shuffle;
use crate::kernel::narrow::{Biased, NarrowWork};
use crate::kernel::strided::Strided;
use crate::pipeline::pool;
use crate::pipeline::scratch::Scratch;
use crate::pipeline::tiling::Block;
use crate::quantise::Subtract;
use crate::quantise::limits::Histogram;
use crate::quantise::statistics::Tally;

/// Buffers one thread needs for one block.
#[derive(Default)]
pub struct Tools {
    values: Vec<f32>,
    planes: Vec<u8>,
    encoder: Encoder,
}

/// The work, and what it needs.
pub struct Passes<'a> {
    options: Options,
    toolbox: &'a Scratch<Tools>,
}

/// The pixels of a block as stored.
fn stored<'a>(image: &Image, block: &Block, rows: &'a [u8]) -> Strided<'a, u8> {
    image.pixels.of_block(image.cut.shape().nx, block, rows)
}

/// The same as `f32`, in `values` when they must be decoded.
fn decoded<'a>(
    image: &Image,
    block: &Block,
    stored: Strided<'a, u8>,
    values: &'a mut Vec<f32>,
) -> Strided<'a, f32> {
    image.pixels.values(image.cut.shape().nx, block, stored, values)
}

/// Statistics of integers.
struct Sum;

impl NarrowWork for Sum {
    type Output = Tally;

    fn run<T: Copy, R: Biased>(
        self,
        pieces: Strided<'_, T>,
        rank: impl Fn(T) -> R + Copy,
        origin: i32,
    ) -> Tally {
        Tally::of_integers(pieces, rank, origin)
    }
}

/// Codes of integers by subtraction.
struct SubtractBlock<'a, 'c> {
    shift: Subtract,
    chunk: &'a mut Chunk<'c>,
}

impl NarrowWork for SubtractBlock<'_, '_> {
    type Output = u64;

    fn run<T: Copy, R: Biased>(self, pieces: Strided<'_, T>, rank: impl Fn(T) -> R + Copy, _: i32) -> u64 {
        let Self { shift, chunk } = self;
        let coded = pieces.each().enumerate().map(|(row, piece)| match chunk.places(row, piece.len()) {
            (low, None) => shift.bytes(piece, rank, low),
            (low, Some(high)) => shift.planes(piece, rank, low, high),
        });
        coded.sum()
    }
}

/// The places of codes in a chunk, low and high bytes apart.
struct Chunk<'a> {
    width: usize,
    low: &'a mut [u8],
    /// None for codes of one byte.
    high: Option<&'a mut [u8]>,
}

impl Chunk<'_> {
    /// Those of a row's first pixels.
    fn places(&mut self, row: usize, pixels: usize) -> (&mut [u8], Option<&mut [u8]>) {
        let all = row * self.width..row * self.width + pixels;
        (&mut self.low[all.clone()], self.high.as_deref_mut().map(|high| &mut high[all]))
    }
}

/// The work of one pass on one block.
pub type Work<'t> = fn(&Passes<'t>, &Image, Rows<'_>, &mut Job);

/// The rows a block lies in, all columns, as stored.
#[derive(Clone, Copy)]
pub struct Rows<'a>(&'a [u8]);

impl<'t> Passes<'t> {
    pub fn new(options: Options, toolbox: &'t Scratch<Tools>) -> Self {
        Self { options, toolbox }
    }

    /// Runs one pass over a wave in the pool.
    pub fn run(&self, wave: &mut Wave, images: &[Image], held: &[u8], work: Work<'t>) {
        let (jobs, bytes) = wave.work(held);
        pool::for_each(jobs, |job| {
            let rows = Rows(&bytes[job.rows.clone()]);
            work(self, &images[job.image], rows, job);
        });
    }

    /// Runs `work` on the block's pixels as `f32`.
    fn with_values<R>(
        &self,
        image: &Image,
        job: &Job,
        Rows(rows): Rows<'_>,
        work: impl FnOnce(Strided<'_, f32>) -> R,
    ) -> R {
        let block = image.cut.block(job.block);
        self.toolbox
            .with(|tools| work(decoded(image, &block, stored(image, &block, rows), &mut tools.values)))
    }

    /// First pass: statistics. Integers are summed as they are.
    pub fn tally(&self, image: &Image, rows: Rows<'_>, job: &mut Job) {
        let block = image.cut.block(job.block);
        let stored = stored(image, &block, rows.0);
        let tally = image.pixels.integers(stored, Sum);
        job.tally = tally.or_else(|| Some(self.with_values(image, job, rows, Tally::of_pieces)));
    }

    /// For limits without outliers: the histogram.
    pub fn count(&self, image: &Image, rows: Rows<'_>, job: &mut Job) {
        let mut bins = job.bins.take().unwrap_or_else(|| Box::new([0; _]));
        self.with_values(image, job, rows, |values| Histogram::count(&image.statistics, values, &mut bins));
        job.bins = Some(bins);
    }

    /// For an image with limits and fractions: whether any fraction lies within the limits.
    pub fn find_fractions(&self, image: &Image, rows: Rows<'_>, job: &mut Job) {
        job.fractions = image.limits.is_some_and(|limits| {
            self.with_values(image, job, rows, |values| limits.enclose_a_fraction(values))
        });
    }

    /// Last pass: codes and chunk, or the floats as they are.
    pub fn encode(&self, image: &Image, rows: Rows<'_>, job: &mut Job) {
        job.truncated = 0;
        let mut out = std::mem::take(&mut job.out);
        out.clear();
        if self.options.stored == PixelEncoding::Raw {
            self.with_values(image, job, rows, |values| {
                out.extend(values.each().flatten().flat_map(|value| value.to_le_bytes()));
            });
        } else {
            let level = self.options.level.unwrap_or_default();
            let element = self.options.stored.element_size() as usize;
            self.toolbox.with(|tools| {
                job.truncated = self.plane_codes(image, &image.cut.block(job.block), rows, tools);
                shuffle::encode(&mut tools.encoder, &tools.planes, element, level, &mut out);
            });
        }
        job.out = out;
    }

    /// Codes of a block as the byte planes of a full chunk; what lies beyond the block is code 0.
    /// Returns how many pixels were truncated.
    fn plane_codes(&self, image: &Image, block: &Block, rows: Rows<'_>, tools: &mut Tools) -> u64 {
        let element = self.options.stored.element_size() as usize;
        let (pixels, full) = (block.pixels() as usize, image.cut.chunk_pixels() as usize);
        let Tools { values, planes, .. } = tools;
        if pixels < full {
            planes.clear();
        }
        planes.resize(full * element, 0);
        let stored = stored(image, block, rows.0);
        let width = image.cut.chunk_width();
        let Some(quantiser) = image.quantiser else {
            for (row, piece) in decoded(image, block, stored, values).each().enumerate() {
                shuffle::shuffle(piece, planes, row * width);
            }
            return 0;
        };
        let (low, high) = planes.split_at_mut(full);
        let mut chunk = Chunk { width, low, high: (element > 1).then_some(high) };
        if let Some(shift) = image.shift {
            let truncated = image.pixels.integers(stored, SubtractBlock { shift, chunk: &mut chunk });
            if let Some(truncated) = truncated {
                return truncated;
            }
        }
        if let Some(table) = &image.table {
            let coded = stored.each().enumerate().map(|(row, piece)| {
                match chunk.places(row, piece.len() / table.bytes_per_pixel()) {
                    (low, None) => table.bytes(piece, low),
                    (low, Some(high)) => table.planes(piece, low, high),
                }
            });
            return coded.sum();
        }
        let coded = decoded(image, block, stored, values).each().enumerate();
        let coded = coded.map(|(row, piece)| match chunk.places(row, piece.len()) {
            (low, None) => quantiser.bytes(piece, low),
            (low, Some(high)) => quantiser.planes(piece, low, high),
        });
        coded.sum()
    }
}
