//! What the pool does with one block, a function for each pass.

use std::sync::Mutex;

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
    values: Vec<f32>,
    planes: Vec<u8>,
    encoder: Encoder,
}

/// The work, and the buffers it needs: as many sets as threads have been at work at once.
pub struct Workbench {
    pixels: Pixels,
    options: Options,
    tools: Mutex<Vec<Tools>>,
}

/// The work of one pass on one block, given its bytes.
pub type Work = fn(&Workbench, &Image, &[u8], &mut Job);

impl Workbench {
    pub fn new(pixels: Pixels, options: Options) -> Self {
        Self { pixels, options, tools: Mutex::default() }
    }

    /// Runs one pass over a wave in the pool.
    pub fn run(&self, wave: &mut Wave, images: &[Image], held: &[u8], work: Work) {
        let (jobs, bytes) = wave.work(held);
        parallel::for_each(jobs, |job| {
            let span = job.bytes.clone();
            work(self, &images[job.image], &bytes[span], job);
        });
    }

    fn with_tools<R>(&self, work: impl FnOnce(&mut Tools) -> R) -> R {
        // A thread that panicked has left nothing behind in the list.
        let list = || self.tools.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let taken = list().pop();
        let mut tools = taken.unwrap_or_default();
        let result = work(&mut tools);
        list().push(tools);
        result
    }

    /// Runs `work` on the block's pixels as `f32`.
    fn with_values<R>(&self, image: &Image, bytes: &[u8], work: impl FnOnce(&[f32]) -> R) -> R {
        match self.pixels.as_values(bytes) {
            Some(values) => work(values),
            None => self.with_tools(|tools| work(self.decoded(image, bytes, &mut tools.values))),
        }
    }

    /// The block's pixels as `f32`, in `values` when they must be decoded.
    fn decoded<'a>(&self, image: &Image, bytes: &'a [u8], values: &'a mut Vec<f32>) -> &'a [f32] {
        self.pixels.as_values(bytes).unwrap_or_else(|| {
            self.pixels.decode(bytes, image.cut.shape().nx, values);
            values
        })
    }

    /// First pass: statistics. Integers are summed as they are.
    pub fn tally(&self, image: &Image, bytes: &[u8], job: &mut Job) {
        let words = bytes.as_chunks::<2>().0;
        job.tally = Some(match (self.pixels.kind, self.pixels.big_endian) {
            (PixelType::U8, _) => Tally::of_integers(bytes, i32::from),
            (PixelType::I8, _) => Tally::of_integers(bytes, |byte| (byte as i8).into()),
            (PixelType::U16, false) => Tally::of_integers(words, |word| u16::from_le_bytes(word).into()),
            (PixelType::U16, true) => Tally::of_integers(words, |word| u16::from_be_bytes(word).into()),
            (PixelType::I16, false) => Tally::of_integers(words, |word| i16::from_le_bytes(word).into()),
            (PixelType::I16, true) => Tally::of_integers(words, |word| i16::from_be_bytes(word).into()),
            (PixelType::U4 | PixelType::F16 | PixelType::F32, _) => self.with_values(image, bytes, Tally::of),
        });
    }

    /// For limits without outliers: the histogram.
    pub fn count(&self, image: &Image, bytes: &[u8], job: &mut Job) {
        let bins = job.bins.get_or_insert_with(|| Box::new([0; _]));
        self.with_values(image, bytes, |values| Histogram::count(&image.statistics, values, bins));
    }

    /// For an image with limits and fractions: whether any fraction lies within the limits.
    pub fn find_fractions(&self, image: &Image, bytes: &[u8], job: &mut Job) {
        job.fractions = image
            .limits
            .is_some_and(|limits| self.with_values(image, bytes, |values| limits.enclose_a_fraction(values)));
    }

    /// Last pass: codes and chunk, or the floats as they are.
    pub fn encode(&self, image: &Image, bytes: &[u8], job: &mut Job) {
        job.out.clear();
        job.truncated = 0;
        if self.options.stored == Stored::Raw {
            self.with_values(image, bytes, |values| {
                job.out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            });
            return;
        }
        self.with_tools(|tools| {
            let Tools { values, planes, encoder } = tools;
            let element = self.options.stored.element_size() as usize;
            // The last chunk of a section may be longer than its rows; what is beyond them is code 0.
            let full = image.cut.chunk_pixels() as usize;
            let rows = bytes.len() / image.row_bytes as usize;
            if rows * (image.cut.shape().nx as usize) < full {
                planes.clear();
            }
            planes.resize(full * element, 0);
            job.truncated = self.plane_codes(image, bytes, values, planes);
            chunk::encode(encoder, planes, element, self.options.level.unwrap_or_default(), &mut job.out);
        });
    }

    /// Codes of a block as byte planes; returns how many pixels were truncated.
    fn plane_codes(&self, image: &Image, bytes: &[u8], values: &mut Vec<f32>, planes: &mut [u8]) -> u64 {
        let element = self.options.stored.element_size();
        let Image { table: Some(table), .. } = image else {
            let values = self.decoded(image, bytes, values);
            return match image.quantiser {
                Some(quantiser) if element == 1 => quantiser.bytes(values, &mut planes[..values.len()]),
                Some(quantiser) => {
                    let (low, high) = planes.split_at_mut(planes.len() / 2);
                    quantiser.planes(values, &mut low[..values.len()], &mut high[..values.len()])
                }
                None => {
                    chunk::shuffle(values, planes);
                    0
                }
            };
        };
        if element == 1 {
            return table.bytes(bytes, planes);
        }
        let (low, high) = planes.split_at_mut(planes.len() / 2);
        table.planes(bytes, low, high)
    }
}
