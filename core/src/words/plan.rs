//! Words for what bits cost, in plans, lines of files and the page.

use super::{bytes, counted, figure, percent, short};
use crate::compress::{Estimate, Loss, Proposal, is_most};
use crate::plan::{BitsPlan, ImagePlan};
use crate::quantise::noise::Noise;

/// Rows of a table beyond the choice end with these bits.
const LAST_ROW: u32 = 12;

/// Words that the step says nothing of what is lost.
const MOSTLY_CLIPPED: &str = "what is kept is not known, as so many pixels are clipped";

/// Words that every pixel is clipped.
pub(super) const PICTURE_LOST: &str = "the picture is lost";

/// Words what limits leave of images where they clip most pixels; `None` where what is kept can be said.
pub(super) fn cut(losses: &[Loss]) -> Option<String> {
    losses.iter().find_map(|loss| match *loss {
        Loss::AllCut { images, of } if images == of => Some(PICTURE_LOST.into()),
        Loss::AllCut { images, of } => Some(format!("{PICTURE_LOST} in {images} of {of} images")),
        Loss::Cut { percent, .. } if is_most(percent / 100.0) => Some(MOSTLY_CLIPPED.into()),
        _ => None,
    })
}

/// Words the part of the information that is kept, where so much is lost: with as many digits as show the loss.
#[must_use]
pub fn kept(loss: f64) -> String {
    /// Losses below this are not told apart.
    const LEAST: f64 = 1e-6;
    // Only where every pixel comes back as it was.
    if loss == 0.0 {
        return "100 %".into();
    }
    if loss < LEAST {
        return "more than 99.9999 %".into();
    }
    let digits = [1.0, 0.1, 0.01, 0.001].iter().filter(|&&digit| 100.0 * loss < digit).count();
    format!("{:.digits$} %", 100.0 * (1.0 - loss))
}

/// Words the pixels that come back as they were, where limits clip some or none.
pub(super) fn every(clips: bool) -> &'static str {
    if clips { "every other pixel" } else { "every pixel" }
}

/// Words what the bits of an image cost it, the one that loses most of several, where limits clip some pixels or none; `None`
/// where no estimate was made.
#[must_use]
pub fn cost(estimate: &Estimate, of_several: bool, clips: bool) -> Option<String> {
    if !estimate.estimated {
        return None;
    }
    let Some(loss) = estimate.loss else {
        let is_noise_known = estimate.noise_floor.is_some();
        return Some(if is_noise_known { MOSTLY_CLIPPED } else { "noise unknown" }.into());
    };
    if loss == 0.0 {
        return Some(format!("keeps {} as it is", every(clips)));
    }
    let step = estimate
        .step_over_noise
        .map_or(String::new(), |step| format!("step {} of the noise, ", two_digits(step)));
    let least = if of_several { "at least " } else { "" };
    Some(format!("{step}keeps {least}{} of the information {}", kept(loss), place(estimate)))
}

/// Words what limits would do.
#[must_use]
pub fn proposal(proposal: &Proposal) -> String {
    let &Proposal { outliers, limits: (low, high), bits, cut } = proposal;
    let option = if outliers { "--nooutliers".into() } else { format!("--range={low},{high}") };
    format!("{option} would take {} and clip {}", counted(bits.into(), "bit"), counted(cut, "pixel"))
}

/// Words the noise floor of an image and where it is, for those who want to know more.
#[must_use]
pub fn floor(estimate: &Estimate) -> Option<String> {
    let (floor, (from, to)) = estimate.noise_floor.zip(estimate.band)?;
    let place = if from == to { "at Nyquist".into() } else { format!("at {from} to {to} of Nyquist") };
    Some(format!("noise floor {} {place}", figure(floor)))
}

/// Words where most is lost.
fn place(estimate: &Estimate) -> String {
    match estimate.band.filter(|_| !estimate.at_the_top) {
        Some((from, to)) => format!("at {from} to {to} of Nyquist"),
        None => "at the finest detail".into(),
    }
}

/// Words the part of the pixels that limits clip, if they clip any.
pub(super) fn clipped(share: f64) -> Option<String> {
    (share > 0.0).then(|| format!("about {} of the pixels clipped", percent(share)))
}

/// Writes how many times the noise a step is: with three decimals where these say something and fit.
fn times(step: f64) -> String {
    if step == 0.0 || (0.001..100_000.0).contains(&step) { format!("{step:.3}") } else { figure(step) }
}

fn two_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.1e}").parse().unwrap_or(value);
    short(rounded)
}

impl ImagePlan {
    /// Words what the image is, and its noise floor.
    #[must_use]
    pub fn heading(&self) -> String {
        let shape = self.shape;
        let depth = if shape.nz == 1 { String::new() } else { format!("x{}", shape.nz) };
        let floor = match &self.noise {
            None => "noise unknown".into(),
            Some(noise) => format!("noise floor {} ({})", figure(noise.sigma()), whence(noise)),
        };
        format!("{}x{}{depth}, sigma {}, {floor}", shape.nx, shape.ny, figure(self.sigma.into()))
    }

    /// Words the table of bits, and what is chosen.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![" bits  step        step/noise  information lost  size".to_owned()];
        lines.extend(self.rows().iter().map(|(_, words)| words.line()));
        lines.push(match self.choice.bits {
            Some(0) => format!(" {}", self.choice_words()),
            _ => format!(" * {}", self.choice_words()),
        });
        lines
    }

    /// Words the rows of the table that matter: those up to 12 bits, to the choice, and to the first beyond it that is exact.
    #[must_use]
    pub fn rows(&self) -> Vec<(&BitsPlan, BitsWords)> {
        let mut rows = Vec::new();
        for row in &self.table {
            let last = row.exact
                && (row.chosen
                    || self.choice.bits == Some(0)
                    || row.bits > self.choice.bits.unwrap_or_default());
            if row.bits <= LAST_ROW || row.chosen || last {
                rows.push((row, row.words()));
            }
            if last {
                break;
            }
        }
        rows
    }

    /// Words the rows beyond those: with these bits a picture may be stored as well.
    #[must_use]
    pub fn beyond(&self) -> Vec<(&BitsPlan, BitsWords)> {
        let shown: Vec<u32> = self.rows().iter().map(|(row, _)| row.bits).collect();
        self.table.iter().filter(|row| !shown.contains(&row.bits)).map(|row| (row, row.words())).collect()
    }

    /// Words what auto takes, and why.
    #[must_use]
    pub fn choice_words(&self) -> String {
        let reason = match self.choice.reason {
            Some("target") => {
                format!("loses at most {} at any frequency", percent(self.allowed().unwrap_or_default()))
            }
            Some("exact") => {
                format!("{} comes back as it was", every(self.clipped.is_some_and(|part| part > 0.0)))
            }
            Some("constant") => "all pixels are the same".into(),
            Some("noise unknown") => "nothing is known of the noise".into(),
            Some("kept") => "codes that stay as they are; fewer bits would cost too much".into(),
            Some("not finite") => "some pixels are not finite: 32-bit floats".into(),
            Some("target missed") => {
                let help = self
                    .choice
                    .proposal
                    .as_ref()
                    .map_or(String::new(), |help| format!("; {}", proposal(help)));
                format!("no number of bits keeps enough: 32-bit floats{help}")
            }
            other => other.unwrap_or_default().into(),
        };
        let reason = match self.table.iter().find(|row| row.chosen) {
            Some(row) if row.lost => PICTURE_LOST.into(),
            Some(row) if row.loss.is_none() && self.noise.is_some() => MOSTLY_CLIPPED.into(),
            _ => reason,
        };
        let takes = if self.choice.bits == Some(0) { "auto" } else { "what auto takes" };
        let clipped = self.clipped.and_then(clipped).map_or(String::new(), |words| format!("; {words}"));
        format!("{takes}: {reason}{clipped}")
    }
}

/// Words where the floor is.
fn whence(noise: &Noise) -> String {
    let (from, to) = Noise::frequencies(noise.band);
    let place = if noise.is_lowest_at_the_top() {
        "highest frequencies".into()
    } else {
        format!("{from} to {to} of Nyquist")
    };
    if noise.signal {
        format!("{place}; perhaps signal, so that more is kept")
    } else if noise.counts {
        format!("{place}; counts times a gain, so that more is kept")
    } else {
        place
    }
}

/// One row of a table of bits, in words.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BitsWords {
    /// Bits of a code.
    pub bits: u32,
    /// Difference between neighbouring codes.
    pub step: String,
    /// The same, as a multiple of the noise floor.
    pub step_over_noise: String,
    /// What is lost.
    pub loss: String,
    /// The same as a part of a sentence.
    pub cost: String,
    /// Predicted size; empty where it is not known.
    pub size: String,
    /// It is what `--bits auto` takes.
    pub chosen: bool,
}

impl BitsPlan {
    /// Words what so many bits cost.
    fn words(&self) -> BitsWords {
        let step_over_noise = match self.step_over_noise {
            _ if self.exact => "-".into(),
            None => "?".into(),
            Some(step) => times(step),
        };
        let loss = match self.loss {
            _ if self.exact => "none: exact".into(),
            _ if self.lost => "picture lost".into(),
            None => "unknown".into(),
            Some(loss) => percent(loss),
        };
        let cost = match self.loss {
            _ if self.exact => match self.kept {
                Some(kept) if kept < self.bits => {
                    format!("the input's codes of {kept} bits stay, every pixel as it is")
                }
                _ => "every pixel as it is".into(),
            },
            _ if self.lost => PICTURE_LOST.into(),
            None => "what is lost is not known".into(),
            Some(loss) => format!("{} of the information lost", percent(loss)),
        };
        let size = self.predicted_size.map_or(String::new(), bytes);
        BitsWords {
            bits: self.bits,
            step: figure(self.step),
            step_over_noise,
            loss,
            cost,
            size,
            chosen: self.chosen,
        }
    }
}

impl BitsWords {
    fn line(&self) -> String {
        let Self { bits, step, step_over_noise, loss, size, chosen, .. } = self;
        let mark = if *chosen { '*' } else { ' ' };
        let line = format!("  {bits:3}{mark} {step:<11} {step_over_noise:<11} {loss:<17} {size}");
        line.trim_end().to_owned()
    }
}

impl ImagePlan {
    /// Returns what orders images by what they need: the bits of the choice, floats last.
    #[must_use]
    pub fn dearness(&self) -> f64 {
        self.choice.bits.filter(|&bits| bits > 0).map_or(f64::INFINITY, f64::from)
    }

    /// Words the noise, and what auto would take, or of codes what their step is beside it: the name of each fact, and the
    /// fact.
    #[must_use]
    pub fn facts(&self, step: Option<f64>) -> Vec<(&'static str, String)> {
        let Some(noise) = &self.noise else { return vec![("Noise", "unknown".into())] };
        let floor = format!("floor {} ({})", figure(noise.sigma()), whence(noise));
        if let Some(step) = step {
            let beside = two_digits(step / noise.sigma());
            return vec![("Noise", format!("{floor}, of the stored values; step {beside} of it"))];
        }
        let choice = &self.choice;
        let bits = if choice.bits == Some(0) {
            "32-bit floats".into()
        } else {
            counted(choice.bits.unwrap_or_default().into(), "bit")
        };
        let mut auto = vec![format!("{bits} ({})", choice.reason.unwrap_or_default())];
        auto.extend(choice.bits.filter(|&bits| bits > 0).and_then(|_| cost(choice, false, false)));
        auto.extend(choice.predicted_size.map(bytes));
        auto.extend(choice.proposal.as_ref().map(proposal));
        vec![("Noise", floor), ("Auto", auto.join(", "))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn steps_beside_the_noise_fit_whatever_they_are() {
        for (step, words) in [
            (0.0, "0.000"),
            (0.062, "0.062"),
            (12.3456, "12.346"),
            (99_999.0, "99999.000"),
            (1e-5, "1e-5"),
            (500_816_891_854_146_094_976_630_521_856.0, "5.008e29"),
        ] {
            assert_eq!(times(step), words);
        }
        assert_eq!(two_digits(5.008e29), "5e29");
    }
}
