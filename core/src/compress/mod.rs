//! The walk itself: reads images, has the pool compute, appends chunks.
//!
//! Images are taken in groups (`group.rs`), each pass in waves ([`crate::pipeline::pass`]); in the last pass the
//! next group is read ahead. Neither groups nor waves change a byte of the output.

pub(crate) mod expected;
mod group;
mod kept;
mod loss;
pub mod options;
mod passes;
mod proof;
pub mod report;

use std::ops::ControlFlow;

use crate::error::Error;
use crate::formats::eman2::{Description, EmanFile};
use crate::image::attributes::Value;
use crate::image::{Images, PixelType};
use crate::io::sink::Sink;
use crate::pipeline::bands::Band;
use crate::pipeline::budget::bytes_of_pixels;
pub use crate::pipeline::held::Buffer;
use crate::pipeline::held::{Coming, Store};
use crate::pipeline::pass::{Loaded, Pass, Room, Steps, Unit, Wave};
use crate::pipeline::progress::{Meter, Progress};
use crate::pipeline::scratch::Scratch;
use crate::quantise::detail::Lost;
use crate::quantise::encoding::Coding;
use crate::quantise::limits::{BlockBins, Histogram, LimitRule};
use crate::quantise::range::range;
use crate::quantise::statistics::Statistics;
use crate::quantise::{Bits, Encoding, PixelEncoding};
use crate::verify::VerifyError;
pub use expected::{OptionsError, StoredAs, check_options};
use group::{Group, Image};
use kept::Kept;
pub use loss::Loss;
use options::Options;
use passes::{Buffers, Encoded, Findings, Measured, Passes};
use proof::Proven;
use report::{Report, Written};

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
    again: Vec<Wave<usize, Option<u32>>>,
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
                verify: options.verify,
                #[cfg(test)]
                tamper: self.tamper,
                scratch,
            },
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
    let counts = options.limits.needs_histogram() && matches!(options.stored, PixelEncoding::Codes(_));
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
    meter: Meter<'a>,
}

impl Walk<'_> {
    /// Finds statistics, limits, range and plan of every image of a group.
    fn measure(&self, group: &mut Group) -> Result<(), Error> {
        self.find_statistics(group)?;
        let histograms = self.find_histograms(group)?;
        for (image, histogram) in group.images.iter_mut().zip(&histograms) {
            if matches!(image.wanted, PixelEncoding::Codes(_)) {
                image.limits = self.options.limits.limits(&image.statistics, histogram.as_ref());
            }
        }
        let fractions = self.find_fractions(group)?;
        for (image, fractions) in group.images.iter_mut().zip(fractions) {
            image.fractions = fractions;
            image.encoding = plan(image, self.options)?;
            image.lost = match image.encoding.coding() {
                Some(coding) => image.lost_in(coding.range, coding.bits),
                None => Lost::default(),
            };
        }
        self.find_advice(group)
    }

    /// Finds out what would keep what is lost. That takes a look at the pixels, but only where something is.
    fn find_advice(&self, group: &mut Group) -> Result<(), Error> {
        if group.images.iter().all(|image| !image.lost.any()) {
            return Ok(());
        }
        let unlimited = self.options.limits == LimitRule::All;
        let histograms = self.count_values(group, |image| unlimited && image.lost.any())?;
        for (image, histogram) in group.images.iter_mut().zip(&histograms) {
            let Some(bits) = image.encoding.coding().map(|coding| coding.bits).filter(|_| image.lost.any())
            else {
                continue;
            };
            let keeps = |image: &Image, limits, rule, bits| {
                let found = range(image.bounds(limits, rule), limits, bits);
                found.is_some_and(|range| !image.lost_in(range, bits).any())
            };
            image.lost.bits_help =
                bits < Bits::MOST && keeps(image, image.limits, self.options.limits, Bits::MOST);
            if let Some(histogram) = histogram {
                let rule = LimitRule::NoOutliers;
                let limits = rule.limits(&image.statistics, Some(histogram));
                // Real numbers have fractions within any limits.
                image.fractions = !image.statistics.all_int;
                image.lost.outliers_help = limits.is_some() && keeps(image, limits, rule, bits);
            }
        }
        Ok(())
    }

    fn find_statistics(&self, group: &mut Group) -> Result<(), Error> {
        let passes = &self.passes;
        let mut measured = vec![Findings::default(); group.images.len()];
        let mut checksums = Vec::new();
        self.pass(
            group,
            |image, unit, rows, found: &mut Measured| *found = passes.measure(image, &unit.block, rows),
            |place, found| {
                measured[place].merge(found);
                checksums.extend(found.checksum);
                ControlFlow::Continue(())
            },
            true,
        )?;
        group.checksums = checksums;
        for (image, Findings { tally, codes, detail }) in group.images.iter_mut().zip(measured) {
            image.statistics = Statistics::of(&tally);
            image.tally = tally;
            image.detail = detail;
            image.wanted = match (self.choose)(image.number, &image.statistics) {
                PixelEncoding::Raw if self.options.stored != PixelEncoding::Raw => PixelEncoding::Floats,
                _ if self.options.stored == PixelEncoding::Raw => PixelEncoding::Raw,
                wanted => wanted,
            };
            let (number, wanted) = (image.number, image.wanted);
            image.kept = Kept::of(self.images, number, self.options, wanted, codes, &image.statistics)?;
            if image.kept.is_some() {
                image.pixels.scale = None;
            }
        }
        Ok(())
    }

    /// Counts values for limits without outliers; none where nothing asks for it.
    fn find_histograms(&self, group: &mut Group) -> Result<Vec<Option<Histogram>>, Error> {
        self.count_values(group, |image| {
            let counts = self.options.limits.needs_histogram();
            counts && matches!(image.wanted, PixelEncoding::Codes(_))
        })
    }

    /// Counts the values of the images that are to be `counted`.
    fn count_values(
        &self,
        group: &mut Group,
        counted: impl Fn(&Image) -> bool,
    ) -> Result<Vec<Option<Histogram>>, Error> {
        let passes = &self.passes;
        let mut histograms: Vec<_> = group
            .images
            .iter()
            .map(|image| counted(image).then(|| Histogram::new(&image.statistics, image.tally.pixels())))
            .collect();
        if histograms.iter().any(Option::is_some) {
            self.pass(
                group,
                |image, unit, rows, bins: &mut Option<Box<BlockBins>>| {
                    let bins = bins.get_or_insert_with(|| Box::new([0; _]));
                    passes.count(image, &unit.block, rows, bins);
                },
                |place, bins| {
                    if let (Some(histogram), Some(bins)) = (&mut histograms[place], bins) {
                        histogram.merge(bins);
                    }
                    ControlFlow::Continue(())
                },
                true,
            )?;
        }
        Ok(histograms)
    }

    /// Looks for truncated values with a fraction, for images with limits. Only an image that has fractions
    /// somewhere needs a look, and it ends with the first unit that settles the last of them.
    fn find_fractions(&self, group: &mut Group) -> Result<Vec<bool>, Error> {
        let unsure = |image: &Image| image.limits.is_some() && !image.statistics.all_int;
        let passes = &self.passes;
        let mut fractions = vec![false; group.images.len()];
        let mut left = group.images.iter().filter(|image| unsure(image)).count();
        if left == 0 {
            return Ok(fractions);
        }
        self.pass(
            group,
            |image, unit, rows, found: &mut bool| {
                *found = unsure(image) && passes.find_fractions(image, &unit.block, rows);
            },
            |place, &mut found| {
                if found && !fractions[place] {
                    fractions[place] = true;
                    left -= 1;
                }
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
            false,
        )?;
        Ok(fractions)
    }

    /// Runs a pass that measures; `take` gets the place of the image in the group.
    fn pass<R: Default + Send>(
        &self,
        group: &mut Group,
        compute: impl Fn(&Image, &Unit<usize>, &[u8], &mut R) + Send + Sync,
        mut take: impl FnMut(usize, &mut R) -> ControlFlow<()>,
        counted: bool,
    ) -> Result<(), Error> {
        let first = group.numbers().start;
        let bands = group.bands(self.images, self.options);
        let Group { images, held, .. } = group;
        let images: &[Image] = images;
        let pass = Pass { counted, ..self.waves() };
        pass.run(
            bands,
            held,
            &mut Vec::new(),
            Steps {
                read: Self::rows(self.images, first),
                compute: |unit: &Unit<usize>, [rows, _]: [&[u8]; 2], result: &mut R| {
                    compute(&images[unit.about], unit, rows, result);
                },
                take: |unit: &Unit<usize>, result: &mut R| Ok(take(unit.about, result)),
                beside: |_| Ok(()),
            },
        )
    }

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
        let mut truncated = 0;
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
                    if unit.last {
                        self.finish_image(image, std::mem::take(&mut truncated), output)?;
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

    fn finish_image(&self, image: &Image, truncated: u64, output: &mut Output<'_>) -> Result<(), Error> {
        let kept = image.kept.as_ref();
        let statistics = kept.map_or(&image.statistics, |kept| &kept.statistics);
        let truncated = kept.map_or(truncated, |kept| kept.truncated);
        let description = Description {
            image: image.number,
            shape: image.tiling.shape(),
            statistics,
            element: image.encoding.element(),
            codes: image.encoding.coding().map(|coding| (coding.bits, coding.range)),
            level: self.options.level,
            truncated,
            source_path: Value::text(output.source_path.as_bytes()),
            source: kept.map(|kept| &kept.source),
        };
        let attributes = description.attributes(self.images)?;
        output.file.finish_image(image.tiling, &image.encoding, attributes)?;
        output.proven.finish_image(image);
        output.report.add(&Written {
            tally: &image.tally,
            encoding: &image.encoding,
            truncated,
            lost: image.lost,
            limited: image.limits.is_some(),
            kept: kept.is_some(),
            unchanged: self.is_unchanged(image),
        });
        Ok(())
    }

    /// Tells whether an image is stored as it was.
    fn is_unchanged(&self, image: &Image) -> bool {
        let floats = image.pixels.kind == PixelType::F32;
        match image.encoding {
            Encoding::Codes(_) => image.kept.is_some(),
            Encoding::Floats => floats,
            Encoding::Raw => {
                // What cannot tell where its pixels are is not replaced.
                let storage = self.images.storage(image.number).ok().flatten();
                floats && storage.is_some_and(|storage| storage.expected == 0)
            }
        }
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

/// Decides how a measured image is stored.
fn plan(image: &Image, options: &Options) -> Result<Encoding, Error> {
    let bits = match image.wanted {
        PixelEncoding::Raw => return Ok(Encoding::Raw),
        PixelEncoding::Floats => return Ok(Encoding::Floats),
        PixelEncoding::Codes(bits) => bits,
    };
    let pixels = image.tiling.shape().pixels();
    if let Some(Kept { scale, bits, .. }) = image.kept {
        return Ok(Encoding::Codes(Coding::kept(bits, scale.range, image.pixels, pixels)));
    }
    let bounds = image.bounds(image.limits, options.limits);
    let found = range(bounds, image.limits, bits).ok_or(Error::RangeTooWide {
        image: image.number,
        minimum: bounds.minimum,
        maximum: bounds.maximum,
    })?;
    Ok(Encoding::Codes(Coding::new(bits, found, image.pixels, pixels)))
}
