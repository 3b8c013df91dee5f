//! The way back: from any [`Images`] to an MRC file.
//!
//! A file is read once to find a mode that changes no value, unless floats are asked for, and once
//! to be written. The pool decodes one wave of rows while this thread reads the next one and writes
//! the one before. Memory follows the width of the images, not their number or size: two waves, each of
//! about 1 Mi pixels or one row of chunks (up to 8 Mi pixels where images are very wide), with at most
//! 20 bytes a pixel.

pub(crate) mod error;
mod survey;
mod wave;

use std::cell::Cell;

pub use error::ExpandError;

use crate::error::Error;
use crate::formats::mrc::Mode;
use crate::formats::mrc::write::{Layout, MrcFile, records};
use crate::image::Images;
use crate::io::sink::Sink;
use crate::pipeline::pool::in_turns;
use crate::pipeline::progress::Progress;
use crate::quantise::statistics::Tally;
use crate::verify::readback::Manifest;
use survey::Survey;
use wave::{Piece, Place, Wave};

/// What decides the bytes of an MRC file, apart from the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ExpandOptions {
    /// How pixels are stored. `None` chooses: the original's integers or halves where all values fit them
    /// exactly, else the smallest integers all fit, else floats.
    pub mode: Option<Mode>,
}

/// The outcome for one input.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExpandReport {
    /// Number of images.
    pub images: u32,
    /// Pixels in all of them.
    pub pixels: u64,
    /// How they are stored.
    pub mode: Mode,
    /// Length of the output in bytes.
    pub output_bytes: u64,
    /// What the output must read back as.
    pub manifest: Manifest,
    /// Things its owner should know.
    pub warnings: Vec<String>,
}

/// The extension by which programs tell a stack of images from one image or volume: `mrcs` or `mrc`.
#[must_use]
pub fn extension(reader: &dyn Images) -> &'static str {
    if reader.images() > 1 && reader.shape(0).nz == 1 { "mrcs" } else { "mrc" }
}

/// Writes everything `reader` offers into an MRC file in `sink`. Images must have one size. Several
/// volumes become a stack of volumes, MRC2014's space group 401.
///
/// # Errors
/// Any [`Error`]; what the sink holds then is no MRC file.
pub fn expand(
    reader: &dyn Images,
    sink: &mut dyn Sink,
    options: &ExpandOptions,
    watch: &dyn Progress,
) -> Result<ExpandReport, Error> {
    let survey = Survey::of(reader)?;
    let passes = if options.mode == Some(Mode::Floats) { 1 } else { 2 };
    let walk = Walk { reader, watch, done: Cell::new(0), total: bytes(reader).saturating_mul(passes) };
    let (mode, measured) = match options.mode {
        Some(Mode::Floats) => (Mode::Floats, None),
        Some(asked) => (asked, Some(walk.check(asked)?)),
        None => walk.choose(survey.mode).map(|(mode, tally)| (mode, Some(tally)))?,
    };
    // Halves may round; anything else reads back as it was measured.
    let measured = measured.filter(|_| mode != Mode::Halves);
    let layout = Layout { shape: survey.shape, images: reader.images(), mode, record: survey.record };
    let mut file = MrcFile::new(sink, &layout, &survey.first);
    if let Some(length) = layout.record {
        for image in 0..layout.images {
            file.append(&records::record(&reader.attributes(image)?, length))?;
        }
    }
    let mut tally = measured.unwrap_or(Tally::EMPTY);
    walk.pass(
        |wave| wave.encode(mode, measured.is_none()),
        |wave| {
            wave.pieces().iter().for_each(|piece| tally.merge(&piece.tally));
            file.append(wave.out())
        },
    )?;
    let mut warnings = survey.warnings;
    if mode == Mode::Bytes && !mode.agreed(tally.maximum) {
        warnings.push(
            "bytes above 127 are negative to programs that take mode 0 as signed; --mode 6 avoids that"
                .into(),
        );
    }
    let manifest = file.finish(&tally)?;
    let (images, pixels, output_bytes) = (layout.images, tally.pixels(), manifest.length());
    Ok(ExpandReport { images, pixels, mode, output_bytes, manifest, warnings })
}

/// Bytes of pixels in all images.
pub(crate) fn bytes(reader: &dyn Images) -> u64 {
    let of = |image| {
        let shape = reader.shape(image);
        shape.rows().saturating_mul(reader.pixels(image).row_bytes(shape.nx))
    };
    (0..reader.images()).map(of).fold(0, u64::saturating_add)
}

struct Walk<'a> {
    reader: &'a dyn Images,
    watch: &'a dyn Progress,
    /// Bytes of pixels that are through, and to do in all.
    done: Cell<u64>,
    total: u64,
}

impl Walk<'_> {
    /// The original mode if it holds every value, else one for the values as they are; and statistics.
    fn choose(&self, original: Option<Mode>) -> Result<(Mode, Tally), Error> {
        let (tally, misfit) = self.measure(original, false)?;
        Ok((original.filter(|_| misfit.is_none()).unwrap_or_else(|| fitting(&tally)), tally))
    }

    /// Statistics, if the mode asked for takes every value.
    fn check(&self, asked: Mode) -> Result<Tally, Error> {
        match self.measure(Some(asked), true)? {
            (tally, None) => Ok(tally),
            (tally, Some((image, value))) => {
                Err(ExpandError::Value { image, value, asked, fits: fitting(&tally) }.into())
            }
        }
    }

    /// Statistics of all images, and the first value that does not fit `mode`, with its image.
    fn measure(&self, mode: Option<Mode>, may_round: bool) -> Result<(Tally, Option<(u32, f32)>), Error> {
        let mut tally = Tally::EMPTY;
        let mut misfit = None;
        let first = |piece: &Piece| piece.misfit.map(|value| (piece.image, value));
        self.pass(
            |wave| wave.measure(mode, may_round),
            |wave| {
                wave.pieces().iter().for_each(|piece| tally.merge(&piece.tally));
                misfit = misfit.or_else(|| wave.pieces().iter().find_map(first));
                Ok(())
            },
        )?;
        Ok((tally, misfit))
    }

    /// Runs `work` over all waves in the pool, and `after` over each in order on this thread.
    fn pass(
        &self,
        work: impl Fn(&mut Wave) + Send + Sync,
        mut after: impl FnMut(&Wave) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut place = Place::default();
        in_turns(
            |wave: &mut Wave| wave.load(self.reader, &mut place),
            work,
            |wave| {
                after(wave)?;
                self.done.set(self.done.get().saturating_add(wave.bytes()));
                self.watch.advanced(self.done.get(), self.total);
                if self.watch.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
            },
        )
    }
}

/// The smallest mode that all values surely fit.
fn fitting(tally: &Tally) -> Mode {
    let integers = tally.all_int && tally.finite == tally.pixels();
    if integers { Mode::of_integers(tally.minimum, tally.maximum) } else { Mode::Floats }
}

#[cfg(test)]
mod tests;
