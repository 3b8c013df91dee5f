//! What the pool does with one block, a function for each pass.

use std::sync::Mutex;

use crate::chunk::ChunkEncoder;
use crate::limits::Histogram;
use crate::options::{Options, Stored};
use crate::parallel;
use crate::pixels::Pixels;
use crate::statistics::Tally;
use crate::wave::{Image, Job, Wave};

/// Buffers one thread needs for one block.
#[derive(Default)]
struct Tools {
    values: Vec<f32>,
    codes: Vec<u8>,
    encoder: ChunkEncoder,
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

    /// Runs `work` on the block's pixels.
    fn with_values<R>(&self, image: &Image, bytes: &[u8], work: impl FnOnce(&mut Tools) -> R) -> R {
        // A thread that panicked has left nothing behind in the list.
        let list = || self.tools.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut tools = list().pop().unwrap_or_default();
        self.pixels.decode(bytes, image.cut.shape().nx, &mut tools.values);
        let result = work(&mut tools);
        list().push(tools);
        result
    }

    /// First pass: statistics.
    pub fn tally(&self, image: &Image, bytes: &[u8], job: &mut Job) {
        job.tally = Some(self.with_values(image, bytes, |tools| Tally::of(&tools.values)));
    }

    /// For limits without outliers: the histogram.
    pub fn count(&self, image: &Image, bytes: &[u8], job: &mut Job) {
        let mut bins = job.bins.take().unwrap_or_else(|| Box::new([0; _]));
        let count = Histogram::counter(&image.statistics);
        self.with_values(image, bytes, |tools| count(&tools.values, &mut bins));
        job.bins = Some(bins);
    }

    /// For an image with limits and fractions: whether any fraction lies within the limits.
    pub fn find_fractions(&self, image: &Image, bytes: &[u8], job: &mut Job) {
        job.fractions = image.limits.is_some_and(|limits| {
            self.with_values(image, bytes, |tools| limits.enclose_a_fraction(&tools.values))
        });
    }

    /// Last pass: codes and chunk.
    pub fn encode(&self, image: &Image, bytes: &[u8], job: &mut Job) {
        job.out.clear();
        job.truncated = 0;
        let level = self.options.level.unwrap_or_default();
        let element = self.options.stored.element_size() as usize;
        self.with_values(image, bytes, |tools| {
            let Tools { values, codes, encoder } = tools;
            if self.options.stored == Stored::Raw {
                put_floats(values, &mut job.out);
                return;
            }
            codes.clear();
            match image.quantiser {
                Some(quantiser) if element == 1 => job.truncated = quantiser.bytes(values, codes),
                Some(quantiser) => job.truncated = quantiser.words(values, codes),
                None => put_floats(values, codes),
            }
            let full = image.cut.chunk_pixels() as usize * element;
            encoder.encode(codes, element, full, level, &mut job.out);
        });
    }
}

fn put_floats(values: &[f32], out: &mut Vec<u8>) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}
