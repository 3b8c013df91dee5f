//! Expanding: from any [`Images`] to an MRC file.
//!
//! A file is read once to find a mode that changes no value, unless floats are asked for, and once
//! to be written. The pool decodes one wave of rows while this thread reads the next one and writes
//! the one before. Memory follows the width of the images, not their number or size: two waves, each of
//! about 1 Mi pixels or one row of chunks (up to 8 Mi pixels where images are very wide), with at most
//! 20 bytes per pixel.

pub(crate) mod error;
mod predict;
mod rounding;
mod survey;

use std::ops::ControlFlow;

pub use error::ExpandError;
pub use predict::predict_expansion;

use crate::error::Error;
use crate::formats::mrc::write::{Extended, Layout, MrcFile, records};
use crate::image::Images;
use crate::image::PixelType;
use crate::image::Pixels;
use crate::io::sink::Sink;
use crate::kernel::strided::Strided;
use crate::pipeline::bands::{Band, Bands};
use crate::pipeline::budget::{Memory, bytes_of_pixels};
use crate::pipeline::held::{Coming, Held};
use crate::pipeline::pass::{Loaded, Pass, Room, Steps, Unit};
use crate::pipeline::progress::{Meter, Progress};
use crate::pipeline::scratch::Scratch;
use crate::quantise::statistics::Tally;
use crate::verify::readback::Manifest;
use crate::warning::Warning;
use rounding::Rounding;
use survey::Survey;

/// Bytes of an extended header that are held at once.
const PIECE_BYTES: usize = 1 << 20;

/// What decides the bytes of an MRC file, apart from the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ExpandOptions {
    /// How pixels are stored. `None` chooses: the original's integers or halves where all values fit them
    /// exactly, else the smallest integers all fit, else floats.
    pub mode: Option<PixelType>,
    /// How much memory to use; changes no byte of the output.
    pub memory: Memory,
}

/// The outcome for one input.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ExpandReport {
    /// Number of images.
    pub images: u32,
    /// Pixels in all of them.
    pub pixels: u64,
    /// How they are stored.
    #[cfg_attr(feature = "serde", serde(serialize_with = "as_mode"))]
    pub mode: PixelType,
    /// Length of the output in bytes.
    pub output_bytes: u64,
    /// What the output must read back as.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub manifest: Manifest,
    /// Things its owner should know.
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "crate::warning::with_kinds"))]
    pub warnings: Vec<Warning>,
}

/// Serialises a type as the number of its mode.
#[cfg(feature = "serde")]
#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn as_mode<S: serde::Serializer>(kind: &PixelType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i32(kind.mrc_mode().unwrap_or_default())
}

/// Returns the extension by which programs tell a stack of images from one image or volume: `mrcs` or `mrc`.
#[must_use]
pub fn extension(images: &dyn Images) -> &'static str {
    if images.images() > 1 && images.shape(0).nz == 1 { "mrcs" } else { "mrc" }
}

/// Writes everything `images` offers into an MRC file in `sink`. Images must have one size. Several
/// volumes become a stack of volumes, MRC2014's space group 401.
///
/// # Errors
/// Any [`Error`]; what the sink holds then is no MRC file.
pub fn expand(
    images: &dyn Images,
    sink: &mut dyn Sink,
    options: &ExpandOptions,
    progress: &dyn Progress,
) -> Result<ExpandReport, Error> {
    if let Some(kind) = options.mode.filter(|kind| !PixelType::MRC_MODES.contains(kind)) {
        return Err(ExpandError::Mode(kind).into());
    }
    let survey = Survey::of(images)?;
    // Floats hold everything, so nothing needs to be known of the values.
    let floats = options.mode.or(survey.mode) == Some(PixelType::F32);
    let total = bytes_of_pixels(images).saturating_mul(if floats { 1 } else { 2 });
    let meter = Meter::new(progress, total);
    let pass = Pass { wave: options.memory.wave, meter: &meter, counted: true };
    let walk = Walk { images, pass };
    let (mode, measured) = match options.mode {
        _ if floats => (PixelType::F32, None),
        Some(asked) => (asked, Some(walk.check(asked)?)),
        None => walk.choose(&survey).map(|(mode, tally)| (mode, Some(tally)))?,
    };
    // Halves may round; anything else reads back as it was measured.
    let measured = measured.filter(|_| mode != PixelType::F16);
    let Survey { shape, extended, big_endian, .. } = survey;
    let layout = Layout { shape, images: images.images(), mode, extended, big_endian };
    let mut file = MrcFile::new(sink, &layout, &survey.first, survey.kept.as_ref());
    match extended {
        Extended::None => {}
        Extended::Records(length) => {
            for image in 0..layout.images {
                file.append(&records::record(&images.attributes(image)?, length))?;
            }
        }
        Extended::Original(length) => {
            let mut piece = Vec::new();
            for start in (0..length).step_by(PIECE_BYTES) {
                piece.resize((length - start).min(PIECE_BYTES as u64) as usize, 0);
                images.read_extended_header(start, &mut piece)?;
                file.append(&piece)?;
            }
        }
    }
    let mut tally = measured.unwrap_or(Tally::EMPTY);
    let mut rounding = Rounding::default();
    walk.run(
        |values, wide, encoded: &mut Encoded| encoded.fill(&layout, values, wide, measured.is_none()),
        |_, encoded| {
            tally.merge(&encoded.tally);
            rounding.merge(encoded.rounding);
            file.append(&encoded.bytes)
        },
    )?;
    images.check_end()?;
    let mut warnings = survey.warnings;
    // The end of a file may tell more.
    let later: Vec<Warning> =
        images.warnings().into_iter().filter(|found| !warnings.contains(found)).collect();
    warnings.extend(later);
    warnings.extend(rounding.warnings(mode, tally.pixels()));
    if mode == PixelType::U8 && !mode.agreed(tally.maximum) {
        warnings.push(Warning::LargeBytes);
    }
    let manifest = file.finish(&tally)?;
    let (images, pixels, output_bytes) = (layout.images, tally.pixels(), manifest.length());
    Ok(ExpandReport { images, pixels, mode, output_bytes, manifest, warnings })
}

struct Walk<'a> {
    images: &'a dyn Images,
    pass: Pass<'a>,
}

/// What measuring a unit finds.
#[derive(Clone, Copy, Default)]
struct Measured {
    tally: Tally,
    /// The first value that the mode does not hold.
    misfit: Option<f32>,
}

/// What a unit is written as.
#[derive(Default)]
struct Encoded {
    bytes: Vec<u8>,
    /// Of the values as they read back, where that is asked for.
    tally: Tally,
    rounding: Rounding,
    read: Vec<f32>,
}

impl Encoded {
    /// Writes values, so many of which are other numbers in the input.
    fn fill(&mut self, layout: &Layout, values: &[f32], wide: u64, tally: bool) {
        let mode = layout.mode;
        self.bytes.resize(values.len() * mode.bytes(), 0);
        mode.encode(values, &mut self.bytes);
        if layout.big_endian {
            self.bytes.chunks_exact_mut(mode.bytes()).for_each(<[u8]>::reverse);
        }
        let read = mode.as_read(values, &mut self.read);
        self.tally = if tally { Tally::of(read) } else { Tally::EMPTY };
        self.rounding = Rounding::of(values, read, wide);
    }
}

impl Walk<'_> {
    /// Chooses the original mode if it holds every value, else one for the values as they are; and statistics.
    fn choose(&self, survey: &Survey) -> Result<(PixelType, Tally), Error> {
        let (tally, misfit) = self.measure(survey.mode, false)?;
        let holds = survey.mode.filter(|_| misfit.is_none());
        // Signed bytes need a header that shows the sign.
        let shown = |mode: &PixelType| {
            let kept = survey.kept.as_ref();
            *mode != PixelType::I8 || kept.is_some_and(|kept| kept.signs_bytes(tally.minimum))
        };
        Ok((holds.filter(shown).unwrap_or_else(|| fitting(&tally)), tally))
    }

    /// Returns statistics, if the mode asked for takes every value.
    fn check(&self, asked: PixelType) -> Result<Tally, Error> {
        match self.measure(Some(asked), true)? {
            (tally, None) => Ok(tally),
            (tally, Some((image, value))) => {
                Err(ExpandError::Value { image, value, asked, fits: fitting(&tally) }.into())
            }
        }
    }

    /// Returns statistics of all images, and the first value that does not fit `mode`, with its image.
    fn measure(
        &self,
        mode: Option<PixelType>,
        may_round: bool,
    ) -> Result<(Tally, Option<(u32, f32)>), Error> {
        let mut all = Tally::EMPTY;
        let mut first = None;
        self.run(
            |values, _, measured| {
                let tally = Tally::of(values);
                let misfit = mode.and_then(|mode| mode.misfit(values, &tally, may_round));
                *measured = Measured { tally, misfit };
            },
            |image, &mut Measured { tally, misfit }| {
                all.merge(&tally);
                first = first.or_else(|| misfit.map(|value| (image, value)));
                Ok(())
            },
        )?;
        Ok((all, first))
    }

    /// Runs `work` in the pool on the values of every unit and the number of those that are another number in the
    /// input, and `take` on its results in order, each with the number of its image.
    fn run<R: Default + Send>(
        &self,
        work: impl Fn(&[f32], u64, &mut R) + Send + Sync,
        mut take: impl FnMut(u32, &mut R) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let scratch = Scratch::default();
        self.pass.run(
            Bands::in_rows(self.images),
            &mut Held::nothing(),
            &mut Vec::new(),
            Steps {
                read: |band: &Band, _: &mut Coming<'_>, room: &mut Room<'_>| {
                    let rows = [room.read_band(0, self.images, band)?, 0..0];
                    Ok(Loaded { rows, about: self.images.pixels(band.image) })
                },
                compute: |unit: &Unit<Pixels>, [rows, _]: [&[u8]; 2], result: &mut R| {
                    scratch.with(|values: &mut Vec<f32>| {
                        let nx = unit.block.columns.end;
                        let wide = unit.about.rounded(Strided::whole(rows));
                        work(decoded(unit.about, nx, rows, values), wide, result);
                    });
                },
                take: |unit: &Unit<Pixels>, result: &mut R| {
                    take(unit.image, result).map(|()| ControlFlow::Continue(()))
                },
                beside: |_| Ok(()),
            },
        )
    }
}

/// Makes values of whole rows, in `values` when they must be decoded.
fn decoded<'a>(pixels: Pixels, nx: u32, rows: &'a [u8], values: &'a mut Vec<f32>) -> &'a [f32] {
    // What lies in one piece is seen in one piece.
    let there = pixels.as_values(Strided::whole(rows)).and_then(|strided| strided.rows().next());
    there.unwrap_or_else(|| {
        values.clear();
        pixels.decode(rows, nx, values);
        values
    })
}

/// Chooses the smallest mode that all values surely fit.
fn fitting(tally: &Tally) -> PixelType {
    let integers = tally.all_int && tally.finite == tally.pixels();
    if integers { PixelType::of_integers(tally.minimum, tally.maximum) } else { PixelType::F32 }
}

#[cfg(test)]
mod tests;
