//! Words for what bits cost, in plans, lines of files and the page.

use super::{bytes, counted, figure, percent};
use crate::compress::Estimate;
use crate::plan::{BitsPlan, ImagePlan};
use crate::quantise::noise::Noise;

/// Rows of a table beyond the choice end with these bits.
const LAST_ROW: u32 = 12;

/// Words the part of the information that is kept, where so much is lost: with as many digits as show the loss.
#[must_use]
pub fn kept(loss: f64) -> String {
    /// Losses below this are not told apart.
    const LEAST: f64 = 1e-6;
    if loss < LEAST {
        return "more than 99.9999 %".into();
    }
    let digits = [1.0, 0.1, 0.01, 0.001].iter().filter(|&&digit| 100.0 * loss < digit).count();
    format!("{:.digits$} %", 100.0 * (1.0 - loss))
}

/// Words what the bits of an image cost it.
#[must_use]
pub fn cost(estimate: &Estimate) -> Option<String> {
    if !estimate.estimated {
        return None;
    }
    let Some(loss) = estimate.loss else { return Some("noise unknown".into()) };
    if loss == 0.0 {
        return Some("keeps every pixel as it is".into());
    }
    let step = estimate
        .step_over_noise
        .map_or(String::new(), |step| format!("step {} of the noise, ", two_digits(step)));
    Some(format!("{step}keeps {} of the information {}", kept(loss), place(estimate.band)))
}

/// Words the band that decides.
#[must_use]
pub fn place(band: Option<(f64, f64)>) -> String {
    match band {
        // From 3/4 of Nyquist up.
        Some((from, _)) if from < 0.75 => {
            let (from, to) = band.unwrap_or_default();
            format!("at {from} to {to} of Nyquist")
        }
        _ => "at the finest detail".into(),
    }
}

fn two_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.1e}").parse().unwrap_or(value);
    rounded.to_string()
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
        for row in &self.table {
            if row.bits <= LAST_ROW || row.chosen {
                lines.push(row.line());
            }
            if row.exact
                && (row.chosen
                    || self.choice.bits == Some(0)
                    || row.bits > self.choice.bits.unwrap_or_default())
            {
                if row.bits > LAST_ROW && !row.chosen {
                    lines.push(row.line());
                }
                break;
            }
        }
        let reason = match self.choice.reason {
            Some("target") => format!("loses at most {} at any frequency", percent(self.allowed())),
            Some("exact") => "every pixel comes back as it was".into(),
            Some("constant") => "all pixels are the same".into(),
            Some("noise unknown") => "nothing is known of the noise".into(),
            Some("not finite") => "some pixels are not finite: 32-bit floats".into(),
            Some("target missed") => {
                "no number of bits keeps enough: 32-bit floats; --nooutliers or --range may help".into()
            }
            other => other.unwrap_or_default().into(),
        };
        lines.push(match self.choice.bits {
            Some(0) => format!(" auto: {reason}"),
            _ => format!(" * what auto takes: {reason}"),
        });
        lines
    }

    /// Returns what is held to.
    fn allowed(&self) -> f64 {
        let target = self.choice.target.unwrap_or_default();
        if self.noise.is_some_and(|noise| noise.is_doubtful()) { target / 4.0 } else { target }
    }
}

/// Words where the floor is.
fn whence(noise: &Noise) -> String {
    let (from, to) = Noise::frequencies(noise.band);
    let place =
        if from >= 0.75 { "highest frequencies".into() } else { format!("{from} to {to} of Nyquist") };
    if noise.signal {
        format!("{place}; perhaps signal, so that more is kept")
    } else if noise.counts {
        format!("{place}; counts times a gain, so that more is kept")
    } else {
        place
    }
}

impl BitsPlan {
    fn line(&self) -> String {
        let mark = if self.chosen { '*' } else { ' ' };
        let beside = match self.step_over_noise {
            _ if self.exact => "-".into(),
            None => "?".into(),
            Some(step) => format!("{step:.3}"),
        };
        let loss = match self.loss {
            _ if self.exact => "none: exact".into(),
            _ if self.lost => "picture lost".into(),
            None => "unknown".into(),
            Some(loss) => percent(loss),
        };
        let size = self.predicted_size.map_or(String::new(), bytes);
        let line =
            format!("  {:3}{mark} {:<11} {beside:<11} {loss:<17} {size}", self.bits, figure(self.step));
        line.trim_end().to_owned()
    }
}

/// How the choices for the images of a file differ.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    /// Bits and reason, images, the largest loss.
    found: Vec<(Option<u32>, Option<&'static str>, u64, Option<f64>)>,
    images: u64,
    bytes: Option<u64>,
}

impl Spread {
    /// Adds an image.
    pub fn add(&mut self, planned: &ImagePlan) {
        let choice = &planned.choice;
        let size = choice.predicted_size;
        self.bytes = if self.images == 0 { size } else { self.bytes.zip(size).map(|(a, b)| a + b) };
        self.images += 1;
        let known = self.found.iter_mut().find(|known| (known.0, known.1) == (choice.bits, choice.reason));
        if let Some(known) = known {
            known.2 += 1;
            known.3 = known.3.zip(choice.loss).map(|(a, b)| a.max(b));
        } else {
            self.found.push((choice.bits, choice.reason, 1, choice.loss));
            self.found.sort_by_key(|found| found.0);
        }
    }

    /// Words what auto takes for all images.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .found
            .iter()
            .map(|&(bits, reason, images, loss)| {
                let stored = match bits {
                    Some(0) | None => "32-bit floats".into(),
                    Some(bits) => counted(bits.into(), "bit"),
                };
                let loss = loss
                    .filter(|&loss| loss > 0.0)
                    .map_or(String::new(), |loss| format!(", up to {} lost", percent(loss)));
                format!(
                    "  auto: {stored} for {} of {} ({}{loss})",
                    images,
                    counted(self.images, "image"),
                    reason.unwrap_or_default()
                )
            })
            .collect();
        lines.extend(self.bytes.map(|size| format!("  auto: {} in all", bytes(size))));
        lines
    }
}
