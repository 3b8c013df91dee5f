//! What a file holds beside pixels, checked against what compressing its original gives.

use super::image::Image;
use super::{Check, VerifyError, attributes, header, near_range};
use crate::compress::Estimate;
use crate::compress::report::{Report, Written};
use crate::encode::Level;
use crate::error::Error;
use crate::formats::eman2::Description;
use crate::image::attributes::Value;
use crate::image::{Declared, OutOfReach, Rewritten};
use crate::quantise::choice::Evidence;
use crate::quantise::detail::{Detail, Lost};
use crate::quantise::encoding::Coding;
use crate::quantise::noise;
use crate::quantise::range::{Bounds, range as range_of};
use crate::quantise::statistics::{Statistics, Tally};
use crate::quantise::{Bits, Encoding, Range};

impl Check<'_> {
    /// Checks every attribute of an image against what its original gives.
    pub(super) fn check_attributes(
        &self,
        image: &Image,
        level: Option<u32>,
        statistics: &Statistics,
        repeats: bool,
    ) -> Result<(), Error> {
        let number = image.number;
        let (Some(original), Some(found)) = (self.original, self.reader.stored_attributes(number)?) else {
            return Ok(());
        };
        let of_original = |problem| Error::Original(Box::new(problem));
        let recorded = repeats.then(|| original.recorded_source(number)).transpose().map_err(of_original)?;
        // The first image tells whether a level was asked for.
        let mut opened = self.opened.borrow_mut();
        if number == 0 {
            opened.level = attributes::level(&found)?;
        }
        let level =
            opened.level.map(|said| level.and_then(|level| Level::new(level.into()).ok()).unwrap_or(said));
        let description = Description {
            image: number,
            shape: image.shape,
            statistics,
            element: image.stored.kind,
            codes: image.codes(),
            level,
            truncated: 0,
            source_path: Value::text(b""),
            source: recorded.as_ref(),
        };
        let expected = description.attributes(original).map_err(of_original)?;
        match image.codes() {
            Some((bits, range)) if !repeats => {
                let nearly = near_range::check(number, bits, range, statistics);
                opened.nearly = opened.nearly.take().or(nearly.err());
            }
            None if !image.stored.kind.is_float() => attributes::check_values(number, &found)?,
            _ => {}
        }
        attributes::compare(number, &found, &expected, &mut opened.surplus)?;
        Ok(())
    }

    /// Adds an image to the report that compressing it would give.
    /// `kept` are codes that were the original's already.
    pub(super) fn report_losses(
        &self,
        image: &Image,
        said: &Declared,
        (tally, detail, found): (&Tally, &Detail, &noise::Findings),
        kept: bool,
        losses: &mut Report,
    ) {
        let truncated = said.stored_truncated.unwrap_or_default() as u64;
        let figure = |said: Option<f64>| said.unwrap_or_default();
        let mut lost = Lost::default();
        let (mut limited, mut estimate) = (false, None);
        // Codes say less of the pixels they were made of than the attributes do.
        let tally = if self.original.is_some() {
            *tally
        } else {
            Tally { finite: image.shape.pixels(), ..Tally::EMPTY }
        };
        let encoding = match image.codes() {
            Some((bits, range)) => {
                let step = Coding::step_of(range, bits);
                let all_int = match self.original {
                    Some(_) => Statistics::of(&tally).all_int,
                    None => figure(said.all_int) != 0.0,
                };
                let range = Range { exact: all_int && step <= 1.0, ..range };
                if self.original.is_some() && !kept {
                    lost = detail.lost(&tally, range, bits, found.noise.as_ref());
                } else if !kept {
                    let sigma = figure(said.sigma).max(figure(said.sigma_nonzero));
                    lost.picture = !range.exact && sigma > 0.0 && step > sigma;
                }
                // Without limits nothing is further from the range than a step.
                let (minimum, maximum) = match self.original {
                    Some(_) => (f64::from(tally.minimum), f64::from(tally.maximum)),
                    None => (figure(said.minimum), figure(said.maximum)),
                };
                limited = minimum < f64::from(range.low) - step || maximum > f64::from(range.high) + step;
                lost.bits_help = bits < Bits::MOST;
                if self.original.is_some() && lost.any() {
                    // Which limits were asked for is not in the file.
                    let finest = range_of(Bounds::unlimited(&Statistics::of(&tally)), None, Bits::MOST);
                    let lost_then = |range| detail.lost(&tally, range, Bits::MOST, found.noise.as_ref());
                    lost.bits_help &= finest.is_some_and(|range| !lost_then(range).any());
                }
                estimate = image.estimated.then(|| {
                    let &noise::Findings { grid, ref noise, .. } = found;
                    let evidence =
                        Evidence { tally: &tally, grid, noise: noise.as_ref(), limits: None, earlier: 0.0 };
                    let cost = evidence.cost(bits, range);
                    Estimate::of_loss(image.number, if kept { Some(0.0) } else { cost.loss })
                });
                Encoding::Codes(Coding::of_codes(bits, range))
            }
            None => Encoding::Floats,
        };
        losses.add(Written {
            tally: &tally,
            lost,
            encoding: &encoding,
            truncated,
            limited,
            kept,
            unchanged: false,
            estimate,
        });
    }

    /// Checks what is in the file beside images: its structure, the original's header, what nobody reads.
    pub(super) fn around(&self) -> Result<(), Error> {
        match self.reader.rewritten()? {
            Rewritten::Damaged { offset } => return Err(VerifyError::Structure { offset }.into()),
            Rewritten::Same => {
                if let Some(nearly) = self.opened.borrow_mut().nearly.take() {
                    return Err(nearly.into());
                }
            }
            Rewritten::Unlike => {}
        }
        let Some(original) = self.original.filter(|_| self.reader.is_self_checking()) else { return Ok(()) };
        let OutOfReach { bytes, images } = self.reader.out_of_reach();
        if images > 0 {
            return Err(VerifyError::Beyond { images }.into());
        }
        if bytes > 0 {
            return Err(VerifyError::Trailing { bytes }.into());
        }
        self.opened.borrow_mut().lacks_header = !header::compare(self.reader, original)?;
        Ok(())
    }
}
