//! What the pool does with one block, a function for each pass.

use std::sync::Mutex;

use crate::block::Block;
use crate::chunk;
use crate::deflate::Encoder;
use crate::limits::Histogram;
use crate::options::{Options, Stored};
use crate::parallel;
use crate::pixels::{PixelType, Pixels};
use crate::statistics::Tally;
use crate::wave::{Image, Job, Wave};

/// Buffers one thread needs for one block.
#[derive(Default)]
struct Tools {
    stored: Vec<u8>,
    values: Vec<f32>,
    planes: Vec<u8>,
    encoder: Encoder,
}

/// Sets of buffers, as many as threads have been at work at once.
#[derive(Default)]
pub struct Toolbox(Mutex<Vec<Tools>>);

impl Toolbox {
    fn with<R>(&self, work: impl FnOnce(&mut Tools) -> R) -> R {
        // A thread that panicked has left nothing behind in the list.
        let list = || self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let taken = list().pop();
        let mut tools = taken.unwrap_or_default();
        let result = work(&mut tools);
        list().push(tools);
        result
    }
}

/// The work, and what it needs.
pub struct Workbench<'a> {
    options: Options,
    toolbox: &'a Toolbox,
}

/// Stored pixels of a block as `f32`, in `values` when they must be decoded.
fn decoded<'a>(image: &Image, block: &Block, stored: &'a [u8], values: &'a mut Vec<f32>) -> &'a [f32] {
    image.pixels.as_values(stored).unwrap_or_else(|| {
        image.pixels.decode(stored, block.columns.len() as u32, values);
        values
    })
}

/// The work of one pass on one block.
pub type Work<'t> = fn(&Workbench<'t>, &Image, Rows<'_>, &mut Job);

/// The rows a block lies in, all columns, as stored.
#[derive(Clone, Copy)]
pub struct Rows<'a>(&'a [u8]);

impl<'t> Workbench<'t> {
    pub fn new(options: Options, toolbox: &'t Toolbox) -> Self {
        Self { options, toolbox }
    }

    /// Runs one pass over a wave in the pool.
    pub fn run(&self, wave: &mut Wave, images: &[Image], held: &[u8], work: Work<'t>) {
        let (jobs, bytes) = wave.work(held);
        parallel::for_each(jobs, |job| {
            let rows = Rows(&bytes[job.rows.clone()]);
            work(self, &images[job.image], rows, job);
        });
    }

    /// The stored pixels of a block, gathered in `stored` unless they are all of its rows.
    fn stored<'a>(
        &self,
        image: &Image,
        block: &Block,
        Rows(rows): Rows<'a>,
        stored: &'a mut Vec<u8>,
    ) -> &'a [u8] {
        if block.width() == image.cut.shape().nx as usize {
            return rows;
        }
        let byte = |column: u32| image.pixels.row_bytes(column) as usize;
        let part = byte(block.columns.start)..byte(block.columns.end);
        stored.clear();
        for row in rows.chunks_exact(image.row_bytes as usize) {
            stored.extend_from_slice(&row[part.clone()]);
        }
        stored
    }

    /// Runs `work` on the block's pixels as `f32`.
    fn with_values<R>(&self, image: &Image, job: &Job, rows: Rows<'_>, work: impl FnOnce(&[f32]) -> R) -> R {
        let block = image.cut.block(job.block);
        self.toolbox.with(|tools| {
            let stored = self.stored(image, &block, rows, &mut tools.stored);
            work(decoded(image, &block, stored, &mut tools.values))
        })
    }

    /// First pass: statistics. Integers are summed as they are.
    pub fn tally(&self, image: &Image, rows: Rows<'_>, job: &mut Job) {
        let block = image.cut.block(job.block);
        job.tally = Some(self.toolbox.with(|tools| {
            let stored = self.stored(image, &block, rows, &mut tools.stored);
            let words = stored.as_chunks::<2>().0;
            let Pixels { kind, big_endian, scale } = image.pixels;
            match (kind, big_endian) {
                _ if scale.is_some() => Tally::of(decoded(image, &block, stored, &mut tools.values)),
                (PixelType::U8, _) => Tally::of_integers(stored, i32::from),
                (PixelType::I8, _) => Tally::of_integers(stored, |byte| (byte as i8).into()),
                (PixelType::U16, false) => Tally::of_integers(words, |word| u16::from_le_bytes(word).into()),
                (PixelType::U16, true) => Tally::of_integers(words, |word| u16::from_be_bytes(word).into()),
                (PixelType::I16, false) => Tally::of_integers(words, |word| i16::from_le_bytes(word).into()),
                (PixelType::I16, true) => Tally::of_integers(words, |word| i16::from_be_bytes(word).into()),
                _ => Tally::of(decoded(image, &block, stored, &mut tools.values)),
            }
        }));
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
        if self.options.stored == Stored::Raw {
            self.with_values(image, job, rows, |values| {
                out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            });
        } else {
            let level = self.options.level.unwrap_or_default();
            let element = self.options.stored.element_size() as usize;
            self.toolbox.with(|tools| {
                job.truncated = self.plane_codes(image, &image.cut.block(job.block), rows, tools);
                chunk::encode(&mut tools.encoder, &tools.planes, element, level, &mut out);
            });
        }
        job.out = out;
    }

    /// Codes of a block as the byte planes of a full chunk; what lies beyond the block is code 0.
    /// Returns how many pixels were truncated.
    fn plane_codes(&self, image: &Image, block: &Block, rows: Rows<'_>, tools: &mut Tools) -> u64 {
        let element = self.options.stored.element_size() as usize;
        let (pixels, full) = (block.pixels() as usize, image.cut.chunk_pixels() as usize);
        let Tools { stored, values, planes, .. } = tools;
        if pixels < full {
            planes.clear();
        }
        planes.resize(full * element, 0);
        let stored = self.stored(image, block, rows, stored);
        let (low, high) = planes.split_at_mut(full);
        let low = &mut low[..pixels];
        let truncated = match (&image.table, image.quantiser) {
            (Some(table), _) if element == 1 => table.bytes(stored, low),
            (Some(table), _) => table.planes(stored, low, &mut high[..pixels]),
            (None, quantiser) => {
                let values = decoded(image, block, stored, values);
                match quantiser {
                    Some(quantiser) if element == 1 => quantiser.bytes(values, low),
                    Some(quantiser) => quantiser.planes(values, low, &mut high[..pixels]),
                    None => {
                        chunk::shuffle(values, planes);
                        0
                    }
                }
            }
        };
        for plane in planes.chunks_exact_mut(full) {
            chunk::spread(plane, block.width(), pixels / block.width(), image.cut.chunk_width());
        }
        truncated
    }
}
