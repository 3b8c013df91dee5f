//! The walk itself: reads images, has the pool compute, appends chunks.
//!
//! Images are taken in groups (`group.rs`), each pass in waves ([`crate::pipeline::pass`]); in the last pass the
//! next group is read ahead. Neither groups nor waves change a byte of the output.

mod advice;
mod estimate;
pub(crate) mod expected;
mod foresee;
mod group;
mod kept;
mod loss;
mod measure;
pub mod options;
mod outline;
mod passes;
mod predict;
mod proof;
pub mod report;
mod size;
mod strip;

use std::mem::take;
use std::ops::ControlFlow;

use crate::error::Error;
use crate::formats::eman2::{Description, EmanFile};
use crate::image::attributes::Value;
use crate::image::{Images, PixelType};
use crate::io::checksum::Checksum;
use crate::io::sink::Sink;
use crate::pipeline::bands::Band;
use crate::pipeline::budget::bytes_of_pixels;
pub use crate::pipeline::held::Buffer;
use crate::pipeline::held::{Coming, Store};
use crate::pipeline::pass::{Loaded, Pass, Room, Steps, Unit, Wave};
use crate::pipeline::progress::{Meter, Progress};
use crate::pipeline::scratch::Scratch;
use crate::quantise::statistics::Statistics;
use crate::quantise::{Encoding, PixelEncoding};
use crate::verify::VerifyError;
pub use advice::Proposal;
pub use estimate::{Estimate, Spread};
pub(crate) use estimate::{is_estimated, is_most};
pub(crate) use expected::measure_some;
pub use expected::{OptionsError, StoredAs, check_options};
pub use foresee::{Foreseen, foresee};
use group::{Group, Image};
pub use loss::Loss;
use options::Options;
pub(crate) use outline::Around;
use passes::{Buffers, Encoded, Passes};
pub use predict::{Prediction, enough, predict};
use proof::Proven;
use report::{Report, Written};
pub(crate) use size::Sizes;

/// Chooses how an image is stored, from its number in the input and its statistics.
pub type Choose<'a> = &'a dyn Fn(u32, &Statistics) -> PixelEncoding;

/// Compresses all `images` into an EMAN2 HDF5 file in `sink`. `source_path` is the input's name as the
/// output shall record it.
///
/// # Errors
/// Any [`Error`]; what the sink holds then is no HDF5 file.
pub fn compress(
    images: &dyn Images,
    source_path: &str,
    sink: &mut dyn Sink,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report, Error> {
    Compressor::default().compress(images, source_path, sink, options, progress)
}

/// Compresses one input after the other in the same memory: fresh memory costs a third of the time
/// of an image that is read from the cache.
#[derive(Default)]
pub struct Compressor {
    scratch: Scratch<Buffers>,
    /// Waves that are not in use, for their buffers.
    waves: Vec<Wave<usize, Encoded>>,
    /// The same, of those that read the input again.
    again: Vec<Wave<usize, Option<Checksum>>>,
    /// The same of groups: the one at work and the next.
    store: Store,
    #[cfg(test)]
    tamper: Option<proof::tests::Tamper>,
}

impl Compressor {
    /// Holds images in memory from `allocate`, which gives so many bytes, zeroed. Large pages, for example,
    /// save a third of the time of a single image.
    #[must_use]
    pub fn with_memory(allocate: fn(usize) -> Buffer) -> Self {
        Self { store: Store::new(allocate), ..Self::default() }
    }

    /// Compresses as the function [`compress()`].
    ///
    /// # Errors
    /// As there.
    pub fn compress(
        &mut self,
        images: &dyn Images,
        source_path: &str,
        sink: &mut dyn Sink,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<Report, Error> {
        self.compress_each(images, source_path, sink, options, &|_, _| options.stored, progress)
    }

    /// Compresses as [`Compressor::compress`], but stores each image as `choose` says once its statistics are
    /// known. Floats without a filter are a matter of the whole file: they are stored where `options` ask for
    /// them, and nowhere else.
    ///
    /// # Errors
    /// See [`compress()`].
    pub fn compress_each(
        &mut self,
        images: &dyn Images,
        source_path: &str,
        sink: &mut dyn Sink,
        options: &Options,
        choose: Choose<'_>,
        progress: &dyn Progress,
    ) -> Result<Report, Error> {
        if i32::try_from(images.images()).is_err() {
            return Err(Error::TooManyImages(images.images().into()));
        }
        let Self { scratch, waves, again, store, .. } = self;
        let passes = 1 + passes_of(options) + u64::from(options.verify);
        let total = bytes_of_pixels(images).saturating_mul(passes);
        let walk = Walk {
            images,
            options,
            choose,
            passes: Passes {
                level: options.level.unwrap_or_default(),
                images: images.images(),
                verify: options.verify,
                #[cfg(test)]
                tamper: self.tamper,
                scratch,
            },
            sizes: Sizes::AsWritten,
            meter: Meter::new(progress, total),
        };
        let mut output = Output {
            source_path,
            file: EmanFile::new(sink, options.level).proving(options.verify),
            report: Report::default(),
            proven: Proven::default(),
        };
        let mut checksums = Vec::new();
        let mut next = Group::new(images, 0, options, store);
        while let Some(mut group) = next {
            next = Group::new(images, group.numbers().end, options, store);
            walk.measure(&mut group)?;
            walk.encode(&mut group, next.as_mut(), waves, &mut output)?;
            checksums.append(&mut group.checksums);
            store.give(group.held);
        }
        if options.verify {
            walk.read_again(&checksums, again)?;
        }
        images.check_end()?;
        let Output { mut file, mut report, proven, .. } = output;
        report.comparison = options.verify.then(|| proven.conclude());
        file.keep_original(images)?;
        let manifest = file.finish()?;
        report.output_bytes = manifest.length();
        report.manifest = Some(manifest);
        report.conclude(images.warnings());
        Ok(report)
    }
}

/// Counts the passes up to the range that are sure to come.
fn passes_of(options: &Options) -> u64 {
    let counts = options.limits.needs_histogram() && options.stored.may_be_codes();
    1 + u64::from(counts)
}

/// What is written so far.
struct Output<'a> {
    source_path: &'a str,
    file: EmanFile<'a>,
    report: Report,
    proven: Proven,
}

struct Walk<'a> {
    images: &'a dyn Images,
    options: &'a Options,
    choose: Choose<'a>,
    passes: Passes<'a>,
    sizes: Sizes,
    meter: Meter<'a>,
}

impl Walk<'_> {
    /// Writes chunks and metadata of every image of a group, while the next group is read.
    fn encode(
        &self,
        group: &mut Group,
        mut next: Option<&mut Group>,
        waves: &mut Vec<Wave<usize, Encoded>>,
        output: &mut Output<'_>,
    ) -> Result<(), Error> {
        let first = group.numbers().start;
        let bands = group.bands(self.images, self.options);
        let Group { images, held, bytes: group_bytes, checksums } = group;
        let (images, group_bytes): (&[Image], _) = (images, *group_bytes);
        let next_bytes = next.as_ref().map_or(0, |next| next.held.total());
        let passes = &self.passes;
        let (mut truncated, mut lengths) = (0, Vec::new());
        let mut checksums = checksums.iter();
        self.waves().run(
            bands,
            held,
            waves,
            Steps {
                read: Self::rows(self.images, first),
                compute: |unit: &Unit<usize>, [rows, _]: [&[u8]; 2], encoded: &mut Encoded| {
                    passes.encode(&images[unit.about], &unit.block, rows, encoded);
                },
                take: |unit: &Unit<usize>, encoded: &mut Encoded| {
                    let image = &images[unit.about];
                    #[cfg(test)]
                    passes.tamper.iter().for_each(|tamper| tamper.before_writing(unit, encoded));
                    if let Some(proof) = encoded.proof.take() {
                        output.proven.take(image, &unit.block, proof, &encoded.bytes)?;
                    }
                    if encoded.checksum.is_some_and(|found| checksums.next() != Some(&found)) {
                        return Err(VerifyError::Changed { image: image.number }.into());
                    }
                    output.file.append(&encoded.bytes, &image.encoding)?;
                    output.report.stored_bytes += encoded.bytes.len() as u64;
                    truncated += encoded.truncated;
                    if image.sample.contains(image.tiling.number(&unit.block)) {
                        lengths.push(encoded.bytes.len());
                    }
                    if unit.last {
                        self.finish_image(image, take(&mut truncated), &take(&mut lengths), output)?;
                    }
                    Ok(ControlFlow::Continue(()))
                },
                beside: |wave_bytes| {
                    let Some(next) = next.as_deref_mut() else { return Ok(()) };
                    let share = u128::from(next_bytes) * u128::from(wave_bytes) / u128::from(group_bytes);
                    next.held.read_ahead(self.images, share as u64)
                },
            },
        )
    }

    /// Ends an image. The chunks that its size would have been predicted from have these lengths.
    fn finish_image(
        &self,
        image: &Image,
        truncated: u64,
        lengths: &[usize],
        output: &mut Output<'_>,
    ) -> Result<(), Error> {
        let coding = image.encoding.coding();
        let codes = coding.map(|coding| (coding.bits, coding.range));
        let predicted =
            image.sized.then(|| image.sample.predict(lengths, image.tiling, &image.outlook, codes));
        let kept = image.kept.as_ref();
        let statistics = kept.map_or(&image.statistics, |kept| &kept.statistics);
        let truncated = kept.map_or(truncated, |kept| kept.truncated);
        let description = Description {
            image: image.number,
            shape: image.tiling.shape(),
            statistics,
            element: image.encoding.element(),
            codes,
            level: self.options.level,
            truncated,
            source_path: Value::text(output.source_path.as_bytes()),
            source: kept.map(|kept| &kept.source),
        };
        let attributes = description.attributes(self.images)?;
        let before = output.file.end();
        output.file.finish_image(image.tiling, &image.encoding, attributes)?;
        // What a plan takes from the outline of a file is there by now, but for the file's own part.
        let structure = output.file.end() - before + if image.number == 0 { size::FILE_BYTES } else { 0 };
        output.proven.finish_image(image);
        let predicted = predicted.map(|chunks| chunks.round() as u64 + structure);
        let estimate = Some(Estimate::of(image, predicted, self.options));
        output.report.add(image.written(self.images, truncated, estimate));
        Ok(())
    }

    fn waves(&self) -> Pass<'_> {
        Pass { wave: self.options.memory.wave, meter: &self.meter, counted: true }
    }

    /// Reads bands of the group that starts with image `first` into what holds the group or, when nothing does, into the wave.
    fn rows(
        images: &dyn Images,
        first: u32,
    ) -> impl FnMut(&Band, &mut Coming<'_>, &mut Room<'_>) -> Result<Loaded<usize>, Error> {
        move |band, coming, room| {
            let rows = if coming.holds() {
                coming.read_band(images, band)?
            } else {
                room.read_band(0, images, band)?
            };
            Ok(Loaded { rows: [rows, 0..0], about: (band.image - first) as usize })
        }
    }
}

impl Image {
    /// Describes it, as an output has it or would, for the report.
    fn written(&self, images: &dyn Images, truncated: u64, estimate: Option<Estimate>) -> Written<'_> {
        Written {
            tally: &self.tally,
            encoding: &self.encoding,
            truncated,
            lost: self.lost,
            limited: self.limits.is_some(),
            kept: self.kept.is_some(),
            unchanged: is_unchanged(images, self),
            estimate,
        }
    }
}

/// Tells whether an image is stored as it was.
fn is_unchanged(images: &dyn Images, image: &Image) -> bool {
    let floats = image.pixels.kind == PixelType::F32;
    match image.encoding {
        Encoding::Codes(_) => image.kept.is_some(),
        Encoding::Floats => floats,
        Encoding::Raw => {
            // What cannot tell where its pixels are is not replaced.
            let storage = images.storage(image.number).ok().flatten();
            floats && storage.is_some_and(|storage| storage.expected == 0)
        }
    }
}
