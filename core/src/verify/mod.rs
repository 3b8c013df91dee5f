//! Whether a file is sound and, beside its original, whether it holds what it should of it.
//!
//! Every file is read to its end. For HDF5 that is: the structure is sound, every attribute can be read,
//! no image is missing, no pixel was never written, no two pieces of pixel data share bytes, every chunk
//! inflates to its size with its checksum right, no code is higher than its bits can count, and what
//! EMAN2's attributes say of extent, type and range agrees with the dataset. A chunk that was never
//! written is valid HDF5, its pixels are the fill value; EMAN2 writes every chunk of an image, so here it
//! is a failure. What EMAN2 writes although it is odd is no fault but a note: statistics of 32-bit floats that
//! are not those of the pixels (it leaves them as they were when it writes a region, and takes an infinite pixel
//! for a maximum of 0), codes as signed numbers, floats with attributes of codes.
//!
//! Beside the original every code must be the one that the original's value, the stored range and the
//! stored bits make, and the code's value must be within half a step of it; where values are stored as
//! they are, they must be the original's, bit for bit. Codes that are the original's own codes are right with
//! the original's own attributes. The attributes must say the original's statistics and the number of
//! truncated pixels, and everything else that compressing the original gives, but for the values of `source_path` and
//! `changecount`. Statistics may differ by what another order of summing changes,
//! since EMAN2 sums in another order. A file that this program wrote must be what it writes for the same contents, byte
//! for byte around the pixels ([`Images::rewritten`]); what libhdf5 added or removed makes it another program's. Images
//! and bytes that no reader comes to are no part of what the original gives. Not checked is whether the range is the one that the rules
//! ([`crate::quantise::range`]) make: which limits were asked for is not in the file.
//!
//! One pass: the pool compares a wave of blocks while this thread reads the next one from both files.
//! Memory follows the width of the images, as in [`crate::expand()`].

mod attributes;
pub(crate) mod compare;
mod contents;
mod declared;
pub(crate) mod error;
mod extents;
mod header;
mod image;
mod near_range;
pub mod readback;
pub(crate) mod report;
mod soundness;
pub mod stream;

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;

pub use error::{Place, ReadbackError, VerifyError};
pub use report::{Comparison, VerifyReport};
pub use soundness::{check_description, check_input};

use crate::compress::is_estimated;
use crate::compress::options::Options;
use crate::compress::report::Report;
use crate::encode::Level;
use crate::error::Error;
use crate::image::pixels::Pixels;
use crate::image::{Images, NumberKind, PixelType, Storage};
use crate::pipeline::bands::{Band, Bands};
use crate::pipeline::budget::{Memory, bytes_of_pixels};
use crate::pipeline::held::{Coming, Held};
use crate::pipeline::pass::{Loaded, Pass, Room, Steps, Unit};
use crate::pipeline::progress::{Meter, Progress};
use crate::pipeline::scratch::Scratch;
use crate::pipeline::tiling::Block;
use crate::quantise::detail::Detail;
use crate::quantise::noise::ImageNoise;
use crate::quantise::statistics::{Statistics, Tally};
use crate::quantise::{Bits, PixelEncoding};
use crate::warning::{Share, Warning};
use attributes::Surplus;
use compare::{Differences, Misfit, MisfitKind};
use declared::{Claims, check_flat};
use extents::Extents;
use image::{Image, Outcome};
use report::Coding;

/// Reads `file` to its end and checks it against itself and the `original`, if there is one.
///
/// # Errors
/// [`Error::Verify`] with the first thing that is wrong; [`Error::Original`] when it is the original that
/// cannot be read; what reading the file fails with.
pub fn verify(
    file: &dyn Images,
    original: Option<&dyn Images>,
    options: &VerifyOptions,
    progress: &dyn Progress,
) -> Result<VerifyReport, Error> {
    let reader = file;
    if let Some(original) = original
        && original.images() != reader.images()
    {
        return Err(VerifyError::Images { found: reader.images(), expected: original.images() }.into());
    }
    let check = Check { reader, original, opened: RefCell::default() };
    let total = bytes_of_pixels(reader).saturating_add(original.map_or(0, bytes_of_pixels));
    let meter = Meter::new(progress, total);
    let pass = Pass { wave: options.memory.wave, meter: &meter, counted: true };
    let (scratch, mut sums) = (Scratch::default(), Sums::default());
    pass.run(
        Bands::all(reader),
        &mut Held::nothing(),
        &mut Vec::new(),
        Steps {
            read: |band: &Band, _: &mut Coming<'_>, room: &mut Room<'_>| {
                let about = check.open(band.image, band.is_first())?;
                let stored = room.read_band(0, reader, band)?;
                let original = original.map_or(Ok(0..0), |original| {
                    let read = room.read_band(1, original, band);
                    read.map_err(|problem| Error::Original(Box::new(problem)))
                })?;
                Ok(Loaded { rows: [stored, original], about })
            },
            compute: |unit: &Unit<Image>, [stored, original]: [&[u8]; 2], outcome: &mut Option<Compared>| {
                let compared =
                    scratch.with(|buffers| unit.about.compare(&unit.block, stored, original, buffers));
                *outcome = Some(compared);
            },
            take: |unit: &Unit<Image>, outcome: &mut Option<Compared>| {
                if let Some(outcome) = outcome.take() {
                    check.take(unit, outcome, &mut sums)?;
                }
                Ok(ControlFlow::Continue(()))
            },
            beside: |_| Ok(()),
        },
    )?;
    check.around()?;
    reader.check_end()?;
    let at_end = original.map_or(Ok(()), Images::check_end);
    at_end.map_err(|problem| Error::Original(Box::new(problem)))?;
    Ok(check.conclude(sums))
}

/// What decides how a file is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct VerifyOptions {
    /// How much memory to use; changes no outcome.
    pub memory: Memory,
}

/// What comparing a unit gives.
type Compared = Result<Outcome, Misfit>;

struct Check<'a> {
    reader: &'a dyn Images,
    original: Option<&'a dyn Images>,
    opened: RefCell<Opened>,
}

/// What is known of the images so far, before their pixels are compared.
#[derive(Default)]
struct Opened {
    report: VerifyReport,
    extents: Extents,
    /// Those whose extents are taken.
    datasets: BTreeSet<u64>,
    /// Of the images whose pixels are on their way.
    claims: VecDeque<Claims>,
    stale: u32,
    /// Images with codes as signed numbers.
    signed: u32,
    /// The deflate level that was asked for, if any was.
    level: Option<Level>,
    /// What the original does not give.
    surplus: Surplus,
    /// A range that is nearly what the rules make: a fault in a file by this program, whose rules they are.
    nearly: Option<VerifyError>,
    /// The original has an MRC header that the file does not keep.
    lacks_header: bool,
}

/// What the blocks add up to.
#[derive(Default)]
struct Sums {
    /// Of all images.
    differences: Differences,
    half_step: Option<f64>,
    nan: u64,
    infinite: u64,
    rounded: u64,
    /// Images whose statistics are others than those of their pixels.
    odd_statistics: u32,
    /// Of the image at hand.
    tally: Option<Tally>,
    detail: Detail,
    noise: ImageNoise,
    truncated: u64,
    /// Some code is another than the original's.
    requantised: bool,
    /// What compressing would report.
    losses: Report,
}

impl Check<'_> {
    /// Opens an image; checks all of it but the pixels when it is met first.
    fn open(&self, number: u32, first: bool) -> Result<Image, Error> {
        let (shape, stored) = (self.reader.shape(number), self.reader.pixels(number));
        if first {
            self.check_shape(number)?;
            let mut opened = self.opened.borrow_mut();
            opened.report.images += 1;
            opened.report.pixels += shape.pixels();
            // A format that tells where pixels are is checked against what it says of them.
            if let Some(storage) = self.reader.storage(number)? {
                let declared = self.reader.declared(number)?.unwrap_or_default();
                let claims = Claims { image: number, declared, level: storage.level };
                claims.check_dataset(shape, stored)?;
                opened.stale += u32::from(claims.is_stale(stored.kind));
                opened.claims.push_back(claims);
                opened.take_storage(storage, number)?;
            } else {
                opened.report.stored_bytes += shape.rows() * stored.row_bytes(shape.nx);
            }
        }
        let most = stored.scale.map(|scale| scale.most);
        let most = most.filter(|_| stored.kind.number_kind() == NumberKind::Unsigned);
        if first && stored.scale.is_some() && most.is_none() {
            self.opened.borrow_mut().signed += 1;
        }
        let coding = match (stored.scale, self.original) {
            (Some(scale), Some(_)) => Some(
                Coding::new(scale)
                    .ok_or_else(|| VerifyError::OddBits { image: number, bits: scale.bit_count() })?,
            ),
            _ => None,
        };
        // Bits that were chosen lose too little for a warning, whichever images are looked at.
        let estimated = coding.is_some_and(|coding| {
            let bits = coding.scale.bits().unwrap_or(Bits::DEFAULT);
            let asked = Options { stored: PixelEncoding::Codes(bits), ..Options::default() };
            is_estimated(number, self.reader.images(), shape, &asked)
        });
        Ok(Image {
            estimated,
            number,
            shape,
            stored: Pixels { scale: None, ..stored },
            original: self.original.map(|original| original.pixels(number)),
            scale: stored.scale,
            coding,
            most,
            same_scale: self.original.is_some_and(|original| {
                stored.scale.is_some() && original.pixels(number).scale == stored.scale
            }),
        })
    }

    fn check_shape(&self, image: u32) -> Result<(), VerifyError> {
        let found = self.reader.shape(image);
        match self.original.map(|original| original.shape(image)) {
            Some(expected) if expected != found => Err(VerifyError::Shape { image, found, expected }),
            _ => Ok(()),
        }
    }

    /// Takes the next block.
    fn take(&self, unit: &Unit<Image>, outcome: Compared, sums: &mut Sums) -> Result<(), Error> {
        let Outcome { tally, differences, detail, noise, taken_over } =
            outcome.map_err(|misfit| named(unit.image, &unit.block, misfit))?;
        sums.requantised |= !taken_over;
        sums.tally.get_or_insert(Tally::EMPTY).merge(&tally);
        sums.truncated += differences.truncated;
        sums.rounded += tally.rounded;
        if let Some(detail) = &detail {
            sums.detail.merge(detail);
        }
        if let Some(mut noise) = noise {
            sums.noise.merge(&mut noise);
        }
        sums.differences.merge(&differences);
        if unit.last { self.finish_image(&unit.about, sums) } else { Ok(()) }
    }

    /// Holds what is said of an image to all of its pixels.
    fn finish_image(&self, image: &Image, sums: &mut Sums) -> Result<(), Error> {
        let tally = sums.tally.take().unwrap_or(Tally::EMPTY);
        let truncated = std::mem::take(&mut sums.truncated);
        let detail = std::mem::take(&mut sums.detail);
        let noise = std::mem::take(&mut sums.noise).conclude(&tally);
        let taken_over = !std::mem::take(&mut sums.requantised);
        let said = self.opened.borrow_mut().claims.pop_front();
        sums.nan += tally.nan;
        sums.infinite += tally.above + tally.below;
        if let Some(coding) = &image.coding {
            sums.half_step = Some(sums.half_step.unwrap_or(0.0).max(coding.half_step));
            let range = coding.scale.range;
            if tally.finite > 0 {
                let (minimum, maximum) = (tally.minimum.into(), tally.maximum.into());
                check_flat(image.number, range.low, range.high, minimum, maximum)?;
            }
        }
        let Some(said) = said else { return Ok(()) };
        let repeats = match self.original.filter(|_| taken_over) {
            Some(original) => original.declared(image.number)?.is_some_and(|found| said.repeats(&found)),
            None => false,
        };
        if repeats {
            sums.differences.truncated += said.declared.stored_truncated.unwrap_or_default() as u64;
        } else if self.original.is_some() {
            said.check_statistics(&tally, |image, name, said, expected| VerifyError::Statistic {
                image,
                name,
                said,
                expected,
            })?;
            if image.coding.is_some() {
                said.check_truncated(truncated)?;
            }
        } else if image.stored.kind == PixelType::F32 {
            let odd = said.check_statistics(&tally, |image, name, said, found| VerifyError::Attribute {
                image,
                name,
                said,
                found,
            });
            sums.odd_statistics += u32::from(odd.is_err());
        }
        self.check_attributes(image, said.level, &Statistics::of(&tally), repeats)?;
        self.report_losses(image, &said.declared, (&tally, &detail, &noise), repeats, &mut sums.losses);
        Ok(())
    }

    fn conclude(self, mut sums: Sums) -> VerifyReport {
        let Opened { mut report, stale, signed, surplus, lacks_header, .. } = self.opened.into_inner();
        let Differences { largest, truncated, .. } = sums.differences;
        report.comparison = self.original.map(|_| Comparison {
            largest,
            rms: sums.differences.rms(),
            half_step: sums.half_step,
            truncated,
            nan: sums.nan,
            infinite: sums.infinite,
            rounded: sums.rounded,
        });
        let share = |count| Share::some(count, report.images);
        let stale = share(stale).map(Warning::StaleCodes);
        let signed = share(signed).map(Warning::SignedCodes);
        let odd = share(sums.odd_statistics).map(Warning::OddStatistics);
        report.warnings.extend([stale, signed, odd].into_iter().flatten());
        report.warnings.extend(surplus.warning(report.images).map(Warning::Surplus));
        // What a reader of images never comes to.
        let beside = |found: &Warning| matches!(found, Warning::NotCarried(_) | Warning::OtherFiles(_));
        report.warnings.extend(self.reader.warnings().into_iter().filter(beside));
        if lacks_header {
            report.warnings.push(Warning::LacksHeader);
        }
        sums.losses.conclude(Vec::new());
        report.warnings.append(&mut sums.losses.warnings);
        report
    }
}

impl Opened {
    /// Checks where an image's pixels are stored.
    fn take_storage(&mut self, storage: Storage, image: u32) -> Result<(), Error> {
        if let Some([section, row, column]) = storage.unwritten {
            let [section, row, column] = [section, row, column].map(|place| place as u32);
            let place = Place { image, section, row, column };
            let chunks = storage.expected.max(1);
            return Err(VerifyError::Unwritten { place, missing: chunks - storage.chunks, chunks }.into());
        }
        // The same dataset under another name is nothing that overlaps.
        if !self.datasets.insert(storage.dataset) {
            return Ok(());
        }
        let mut pieces = storage.pieces;
        pieces.sort_unstable();
        for (address, length) in pieces {
            if !self.extents.take(address, length) {
                return Err(VerifyError::Overlap { image, address }.into());
            }
            self.report.stored_bytes += length;
        }
        self.report.chunks += storage.chunks;
        Ok(())
    }
}

/// Names a misfit with its place in the file.
pub(crate) fn named(image: u32, block: &Block, misfit: Misfit) -> VerifyError {
    // Rows that lie in one piece were counted as one.
    let (row, column) = (misfit.row + misfit.column / block.width(), misfit.column % block.width());
    let [section, row] = block.place(row);
    let place = Place { image, section, row, column: block.columns.start + column as u32 };
    match misfit.kind {
        MisfitKind::Code { code, most } => VerifyError::Code { place, code, most },
        MisfitKind::WrongCode { found, expected, value } => {
            VerifyError::WrongCode { place, found, expected, value }
        }
        MisfitKind::WrongValue { found, expected } => VerifyError::WrongValue { place, found, expected },
        MisfitKind::Far { found, expected } => VerifyError::Far { place, found, expected },
    }
}

#[cfg(test)]
mod tests;
