//! The walk itself: reads images, has the pool compute, appends chunks.
//!
//! Images are taken in groups. A group is one image, or several small ones, held in memory and read
//! once, or a single image that is too large for that, read once for each pass. Each pass goes through the group's
//! blocks in waves: the pool computes one wave while this thread reads the next one (in the last
//! pass, of the next group) and appends what the wave before gave. Neither groups nor waves change
//! a byte of the output.

pub(crate) mod group;
pub mod options;
mod passes;
pub mod report;

use crate::pipeline::progress::Progress;
use std::cell::{Cell, RefCell};

pub use crate::compress::group::Buffer;
use crate::compress::group::{Coming, Group, Image, Job, Place, Store, Sums, Wave};
use crate::compress::options::{Options, PixelEncoding};
use crate::compress::passes::{Passes, Tools, Work};
use crate::compress::report::Report;
use crate::error::Error;
use crate::formats::eman2::{EmanFile, describe_storage};
use crate::image::Images;
use crate::io::sink::Sink;
use crate::pipeline::pool::overlap;
use crate::pipeline::scratch::Scratch;
use crate::quantise::limits::Histogram;
use crate::quantise::range::{Bounds, range};
use crate::quantise::statistics::Statistics;
use crate::quantise::{Quantiser, Subtract, Table};

/// Compresses everything `reader` offers into an EMAN2 HDF5 file in `sink`. `source_path` is the
/// input's name as the output shall record it.
///
/// # Errors
/// Any [`Error`]; what the sink holds then is no HDF5 file.
pub fn compress(
    reader: &dyn Images,
    source_path: &str,
    sink: &mut dyn Sink,
    options: &Options,
    watch: &dyn Progress,
) -> Result<Report, Error> {
    Compressor::default().compress(reader, source_path, sink, options, watch)
}

/// Compresses one input after the other in the same memory: fresh memory costs a third of the time
/// of an image that is read from the cache.
#[derive(Default)]
pub struct Compressor {
    toolbox: Scratch<Tools>,
    /// Waves that are not in use, for their buffers.
    waves: RefCell<Vec<Wave>>,
    /// The same of groups: the one at work and the next.
    store: Store,
}

impl Compressor {
    /// One that holds images in memory by `allocate`, which gives so many bytes, zeroed. Large pages,
    /// for example, save a third of the time of a single image.
    #[must_use]
    pub fn with_memory(allocate: fn(usize) -> Buffer) -> Self {
        Self { store: Store::new(allocate), ..Self::default() }
    }

    /// As the function [`compress()`].
    ///
    /// # Errors
    /// As there.
    pub fn compress(
        &mut self,
        reader: &dyn Images,
        source_path: &str,
        sink: &mut dyn Sink,
        options: &Options,
        watch: &dyn Progress,
    ) -> Result<Report, Error> {
        if i32::try_from(reader.images()).is_err() {
            return Err(Error::TooManyImages(reader.images().into()));
        }
        let Self { toolbox, waves, store } = self;
        let walk = Walk {
            reader,
            options,
            watch,
            bench: Passes::new(*options, toolbox),
            spare: waves,
            done: Cell::new(0),
            total: work_ahead(reader, options),
        };
        let mut output =
            Output { source_path, file: EmanFile::new(sink, options), report: Report::default() };
        let mut next = Group::new(reader, 0, options, store);
        while let Some(mut group) = next {
            next = Group::new(reader, group.next_image(), options, store);
            walk.measure(&mut group)?;
            walk.encode(&mut group, next.as_mut(), &mut output)?;
            store.give(group.held);
        }
        let Output { file, mut report, .. } = output;
        let manifest = file.finish()?;
        report.output_bytes = manifest.length();
        report.manifest = Some(manifest);
        report.conclude(options, reader.warnings());
        Ok(report)
    }
}

/// Bytes of pixels in all passes that are sure to come.
fn work_ahead(reader: &dyn Images, options: &Options) -> u64 {
    let passes = 2 + u64::from(counts(options));
    let bytes = |image| {
        let shape = reader.shape(image);
        shape.rows() * reader.pixels(image).row_bytes(shape.nx)
    };
    passes * (0..reader.images()).map(bytes).sum::<u64>()
}

/// Whether a pass for a histogram is needed.
fn counts(options: &Options) -> bool {
    matches!(options.stored, PixelEncoding::Codes(_)) && options.limits.needs_histogram()
}

/// What is written so far.
struct Output<'a> {
    source_path: &'a str,
    file: EmanFile<'a>,
    report: Report,
}

struct Walk<'a> {
    reader: &'a dyn Images,
    options: &'a Options,
    watch: &'a dyn Progress,
    bench: Passes<'a>,
    /// Waves that are not in use.
    spare: &'a RefCell<Vec<Wave>>,
    /// Bytes of pixels that are through, and to do in all.
    done: Cell<u64>,
    total: u64,
}

impl<'a> Walk<'a> {
    /// Statistics, limits and range of every image of a group.
    fn measure(&self, group: &mut Group) -> Result<(), Error> {
        self.pass(group, None, Passes::tally, |_, sums, job| {
            if let Some(tally) = &job.tally {
                sums.tally.merge(tally);
            }
            Ok(())
        })?;
        for (image, sums) in group.images.iter_mut().zip(&group.sums) {
            image.statistics = Statistics::of(&sums.tally);
        }
        let PixelEncoding::Codes(bits) = self.options.stored else {
            return Ok(());
        };
        if counts(self.options) {
            for (image, sums) in group.images.iter().zip(&mut group.sums) {
                sums.histogram = Some(Histogram::new(&image.statistics, sums.tally.pixels()));
            }
            self.pass(group, None, Passes::count, |_, sums, job| {
                if let (Some(histogram), Some(bins)) = (&mut sums.histogram, &job.bins) {
                    histogram.merge(bins);
                }
                Ok(())
            })?;
        }
        for (image, sums) in group.images.iter_mut().zip(&mut group.sums) {
            let histogram = sums.histogram.take();
            image.limits = self.options.limits.limits(&image.statistics, histogram.as_ref());
        }
        self.find_fractions(group)?;
        for (image, sums) in group.images.iter_mut().zip(&group.sums) {
            let bounds = image.limits.map_or_else(
                || Bounds::unlimited(&image.statistics),
                |limits| Bounds::limited(&sums.tally, limits, sums.fractions),
            );
            let found = range(bounds, image.limits, bits).ok_or(Error::RangeTooWide {
                image: image.index,
                minimum: bounds.minimum,
                maximum: bounds.maximum,
            })?;
            image.range = Some(found);
            let quantiser = Quantiser::new(found, bits);
            image.shift = Subtract::new(image.pixels, found, bits);
            if image.shift.is_none() {
                image.table = Table::new(image.pixels, image.cut.shape().pixels(), quantiser);
            }
            image.quantiser = Some(quantiser);
        }
        Ok(())
    }

    /// For images with limits: whether any truncated value has a fraction. Only one that has
    /// fractions somewhere needs a look, and it ends with the first wave that shows one.
    fn find_fractions(&self, group: &mut Group) -> Result<(), Error> {
        let unsure = |(image, sums): (&Image, &Sums)| {
            image.limits.is_some() && !image.statistics.all_int && !sums.fractions
        };
        let mut place = Place::default();
        let mut wave = self.spare.borrow_mut().pop().unwrap_or_default();
        while group.images.iter().zip(&group.sums).any(unsure) {
            let Group { images, sums, held } = group;
            let (there, mut coming) = held.split();
            if !wave.load(self.reader, images, &mut coming, self.options.memory, &mut place)? {
                break;
            }
            self.bench.run(&mut wave, images, there, Passes::find_fractions);
            for job in wave.jobs() {
                sums[job.image].fractions |= job.fractions;
            }
        }
        self.spare.borrow_mut().push(wave);
        Ok(())
    }

    /// Chunks and metadata of every image of a group, while the next group is read.
    fn encode(
        &self,
        group: &mut Group,
        next: Option<&mut Group>,
        output: &mut Output<'_>,
    ) -> Result<(), Error> {
        self.pass(group, next, Passes::encode, |image, sums, job| {
            output.file.append(&job.out)?;
            sums.truncated += job.truncated;
            if job.block + 1 == image.cut.blocks() {
                self.finish_image(image, sums, output)?;
            }
            Ok(())
        })
    }

    fn finish_image(&self, image: &Image, sums: &Sums, output: &mut Output<'_>) -> Result<(), Error> {
        let mut attributes = self.reader.attributes(image.index)?;
        image.statistics.describe(&mut attributes);
        describe_storage(self.options, image.range, sums.truncated, &mut attributes);
        attributes.text("source_path", output.source_path.as_bytes());
        attributes.int("source_n", image.index as i32);
        output.file.finish_image(image.cut, &attributes)?;
        let coded = match (self.options.stored, image.range) {
            (PixelEncoding::Codes(bits), Some(range)) => Some((range, bits)),
            _ => None,
        };
        output.report.add(&sums.tally, &image.statistics, coded, sums.truncated);
        Ok(())
    }

    /// Runs `work` over all blocks of a group in the pool, and `after` over the results in block
    /// order on this thread, which also reads a share of the `next` group with every wave.
    fn pass(
        &self,
        group: &mut Group,
        mut next: Option<&mut Group>,
        work: Work<'a>,
        mut after: impl FnMut(&Image, &mut Sums, &Job) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let group_bytes = group.bytes();
        let next_bytes = next.as_ref().map_or(0, |next| next.held_bytes());
        let Group { images, sums, held } = group;
        let mut after_wave = |wave: &Wave| -> Result<(), Error> {
            for job in wave.jobs() {
                after(&images[job.image], &mut sums[job.image], job)?;
            }
            self.advance(wave.bytes())
        };
        let mut place = Place::default();
        let mut load = |coming: &mut Coming<'_>| -> Result<Option<Wave>, Error> {
            let mut wave = self.spare.borrow_mut().pop().unwrap_or_default();
            let any = wave.load(self.reader, images, coming, self.options.memory, &mut place)?;
            Ok(any.then_some(wave))
        };
        let bench = &self.bench;
        let mut current = load(&mut held.split().1)?;
        let mut done: Option<Wave> = None;
        while let Some(mut wave) = current {
            let wave_bytes = wave.bytes();
            let (there, mut coming) = held.split();
            current = overlap(
                || bench.run(&mut wave, images, there, work),
                || {
                    let loaded = load(&mut coming);
                    if let Some(done) = done.take() {
                        after_wave(&done)?;
                        self.spare.borrow_mut().push(done);
                    }
                    if let Some(next) = next.as_deref_mut() {
                        let share = u128::from(next_bytes) * u128::from(wave_bytes) / u128::from(group_bytes);
                        next.read_ahead(self.reader, share as u64)?;
                    }
                    loaded
                },
            )?;
            done = Some(wave);
        }
        if let Some(done) = done {
            after_wave(&done)?;
            self.spare.borrow_mut().push(done);
        }
        Ok(())
    }

    /// Tells the watcher that so many bytes are through.
    fn advance(&self, bytes: u64) -> Result<(), Error> {
        self.done.set(self.done.get() + bytes);
        self.watch.advanced(self.done.get(), self.total);
        if self.watch.cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }
}
