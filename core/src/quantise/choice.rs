//! How many bits an image needs: what each number of bits costs, and the smallest that costs no more than was asked.
//!
//! A step s between codes adds white noise of variance s²/12. At a frequency where the image's noise has the density N, the
//! ratio of signal to noise falls by (s²/12) / (N + s²/12): the loss, largest at the noise floor. It is as if that part of
//! the electrons had not been recorded.

use std::fmt;

use super::noise::Noise;
use super::statistics::Tally;
use super::{Bits, OptionError, PixelEncoding, Range};
use crate::quantise::limits::Limits;

/// The largest part of the information at any frequency that may be lost.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Target {
    percent: f64,
}

impl Target {
    /// 1 %.
    pub const DEFAULT: Self = Self { percent: 1.0 };

    /// Creates a target from a percentage.
    ///
    /// # Errors
    /// [`OptionError::Target`] outside 0.01 to 5.
    pub fn new(percent: f64) -> Result<Self, OptionError> {
        if (0.01..=5.0).contains(&percent) { Ok(Self { percent }) } else { Err(OptionError::Target) }
    }

    /// Reads a percentage with its sign, such as `0.1%`.
    ///
    /// # Errors
    /// [`OptionError::Target`] for anything else, and outside 0.01 % to 5 %.
    pub fn parse(text: &str) -> Result<Self, OptionError> {
        let number = text.strip_suffix('%').map(str::trim_end).and_then(|number| number.parse::<f64>().ok());
        Self::new(number.ok_or(OptionError::Target)?)
    }

    /// Returns it as a share.
    #[must_use]
    pub fn share(self) -> f64 {
        self.percent / 100.0
    }

    /// Returns what a loss is checked against where the floor may be no noise: one bit more.
    #[must_use]
    pub fn with_doubt(self, doubtful: bool) -> f64 {
        allowed(self.share(), doubtful)
    }
}

/// Returns what a loss is checked against, of a target as a share: see [`Target::with_doubt`].
#[must_use]
pub fn allowed(target: f64, doubtful: bool) -> f64 {
    if doubtful { target / 4.0 } else { target }
}

/// Writes what [`Target::parse`] reads.
impl fmt::Display for Target {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}%", self.percent)
    }
}

/// Why an image has its number of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// They were asked for.
    Asked,
    /// They are the fewest that keep the target.
    Target,
    /// They are the fewest that keep every integer as it is.
    Exact,
    /// All pixels are the same.
    Constant,
    /// Nothing is known of the noise.
    NoiseUnknown,
    /// A pixel is not finite: 32-bit floats.
    NotFinite,
    /// No number of bits keeps the target: 32-bit floats.
    TargetMissed,
    /// The image has codes of so many bits already, and fewer would cost too much.
    Kept,
}

impl Reason {
    /// Returns its name, for records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Target => "target",
            Self::Exact => "exact",
            Self::Constant => "constant",
            Self::NoiseUnknown => "noise unknown",
            Self::NotFinite => "not finite",
            Self::TargetMissed => "target missed",
            Self::Kept => "kept",
        }
    }
}

/// What a number of bits costs an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Bits of a code.
    pub bits: Bits,
    /// What the codes span.
    pub range: Range,
    /// Difference between neighbouring codes.
    pub step: f64,
    /// Every pixel is a code.
    pub exact: bool,
    /// Variance of the error.
    pub error: f64,
    /// The part of the information that is lost at the noise floor; `None` where nothing is known of the noise.
    pub loss: Option<f64>,
}

impl Cost {
    /// Returns it for codes that stay as they are, which costs nothing.
    #[must_use]
    pub fn of_kept_codes(self) -> Self {
        Self { exact: true, error: 0.0, loss: Some(0.0), ..self }
    }
}

/// What a choice is made from.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Of the image.
    pub tally: &'a Tally,
    /// Spacing of the values: see [`Grid::spacing`](super::noise::Grid::spacing).
    pub grid: f64,
    /// Of the image, where it is known.
    pub noise: Option<&'a Noise>,
    /// Limits of the values, if any.
    pub limits: Option<Limits>,
    /// Variance of the error that the values have since they are codes already; 0 of other values.
    pub earlier: f64,
}

impl Evidence<'_> {
    /// Computes what codes of so many bits that span a range cost.
    #[must_use]
    pub fn cost(&self, bits: Bits, range: Range) -> Cost {
        let (low, high) = (f64::from(range.low), f64::from(range.high));
        // The range of codes that another program wrote may fall.
        let step = (high - low).abs() / f64::from(bits.top());
        let exact = self.is_exact(step, range);
        let is_step_of_integers =
            self.tally.all_int && self.tally.rounded == 0 && step >= 1.0 && is_whole(step);
        let error = if exact {
            0.0
        } else if is_step_of_integers {
            (step * step - 1.0) / 12.0
        } else {
            step * step / 12.0
        };
        let loss =
            if error == 0.0 { Some(0.0) } else { self.noise.map(|noise| error / (noise.floor + error)) };
        Cost { bits, range, step, exact, error, loss }
    }

    /// Tells whether every pixel is a code: the grid is a multiple of the step and in phase with it, and nothing is cut.
    fn is_exact(&self, step: f64, range: Range) -> bool {
        let &Tally { minimum, maximum, all_int, rounded, finite, .. } = self.tally;
        // Numbers that were rounded on their way to here are none of the codes.
        if !all_int || rounded > 0 || finite == 0 || step <= 0.0 {
            return false;
        }
        let uncut = self.limits.is_none_or(|limits| limits.low <= minimum && maximum <= limits.high);
        is_whole(self.grid / step)
            && is_whole((f64::from(minimum) - f64::from(range.low)) / step)
            && range.low <= minimum
            && maximum <= range.high
            && uncut
    }

    /// Chooses how the image is stored; `range` gives what codes of so many bits span, where any can.
    #[must_use]
    pub fn choose(&self, target: Target, range: impl Fn(Bits) -> Option<Range>) -> (PixelEncoding, Reason) {
        let tally = self.tally;
        if tally.finite < tally.pixels() {
            return (PixelEncoding::Floats, Reason::NotFinite);
        }
        if tally.minimum == tally.maximum {
            return (PixelEncoding::Codes(Bits::FEWEST), Reason::Constant);
        }
        // What codes were made of is not known any more: whether it was counts times a gain, and how much was allowed then. So
        // they become coarser only where that is cheap, with the error that they have. Otherwise choosing twice would take
        // more than choosing once.
        let doubtful = self.earlier > 0.0 || self.noise.is_some_and(Noise::is_doubtful);
        let most = target.with_doubt(doubtful);
        for bits in Bits::all() {
            let Some(cost) = range(bits).map(|range| self.cost(bits, range)) else { continue };
            if cost.exact {
                return (PixelEncoding::Codes(bits), Reason::Exact);
            }
            let loss = self.noise.map(|noise| (cost.error + self.earlier) / (noise.floor + cost.error));
            if loss.is_some_and(|loss| loss <= most) {
                return (PixelEncoding::Codes(bits), Reason::Target);
            }
        }
        if self.noise.is_some() {
            return (PixelEncoding::Floats, Reason::TargetMissed);
        }
        let unknown = if tally.all_int || range(Bits::MOST).is_none() {
            PixelEncoding::Floats
        } else {
            PixelEncoding::Codes(Bits::MOST)
        };
        (unknown, Reason::NoiseUnknown)
    }
}

fn is_whole(value: f64) -> bool {
    value.is_finite() && value.fract() == 0.0
}
