//! What the user asks for: bits, deflate level, limits of the range.

/// How many bits a pixel keeps, or in what form the floats are kept.
///
/// The original's `--bits`: 0 keeps 32-bit floats, deflated; below 0 keeps them unfiltered; 2 to 16
/// are codes. 1 is accepted by the original but useless, above 16 it fails: both are refused here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Codes of this many bits, 2..=16: `uint8` up to 8, `uint16` above.
    Codes(Bits),
    /// 32-bit floats, shuffled and deflated, bit for bit.
    Floats,
    /// 32-bit floats, contiguous, no filter, bit for bit.
    Raw,
}

/// An option whose value means nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// Not a number of bits.
    #[error("bits must be 2 to 16, 0 for compressed floats, or below 0 for plain floats; not {0}")]
    Bits(i64),
    /// Not a deflate level.
    #[error("the compression level must be 0 to 9, not {0}")]
    Level(i64),
    /// Explicit limits that enclose nothing, or nothing sane.
    #[error("the first number must be smaller than the second, and both at most 1e28 in size")]
    Range,
    /// Sigmas that enclose nothing.
    #[error("two finite numbers are needed whose sum is above 0")]
    Sigmas,
}

impl Asked {
    /// The original's `--range`.
    ///
    /// # Errors
    /// [`OptionError::Range`] when the limits could not be used.
    pub fn explicit(low: f64, high: f64) -> Result<Self, OptionError> {
        let limits = Limits { low: low as f32, high: high as f32 };
        limits.usable().map(Self::Explicit).ok_or(OptionError::Range)
    }

    /// The original's `--sigrange`: sigmas count from the mean outwards, and together they must
    /// enclose something.
    ///
    /// # Errors
    /// [`OptionError::Sigmas`] when they don't.
    pub fn sigmas(below: f64, above: f64) -> Result<Self, OptionError> {
        let sane = below.is_finite() && above.is_finite() && below + above > 0.0;
        sane.then_some(Self::Sigma { below, above }).ok_or(OptionError::Sigmas)
    }
}

impl Stored {
    /// Reads the original's `--bits` number.
    ///
    /// # Errors
    /// [`OptionError::Bits`] for 1 and for more than 16.
    pub fn from_bits(bits: i64) -> Result<Self, OptionError> {
        match bits {
            0 => Ok(Self::Floats),
            ..0 => Ok(Self::Raw),
            _ => Bits::new(bits).map(Self::Codes).ok_or(OptionError::Bits(bits)),
        }
    }

    /// Bytes one stored pixel takes before deflate.
    #[must_use]
    pub fn element_size(self) -> u32 {
        match self {
            Self::Codes(bits) if bits.get() <= 8 => 1,
            Self::Codes(_) => 2,
            Self::Floats | Self::Raw => 4,
        }
    }
}

impl Default for Stored {
    /// 10 bits, as the original.
    fn default() -> Self {
        Self::Codes(Bits::DEFAULT)
    }
}

/// A deflate level: 0 stores, 1 is the default, 9 is smallest and slowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// Stored blocks only.
    pub const STORED: Self = Self(0);

    /// The fastest level that compresses, and the default.
    pub const FASTEST: Self = Self(1);

    /// # Errors
    /// [`OptionError::Level`] outside 0..=9.
    pub fn new(level: i64) -> Result<Self, OptionError> {
        match level {
            0..=9 => Ok(Self(level as u8)),
            _ => Err(OptionError::Level(level)),
        }
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl Default for Level {
    /// 1, as the original.
    fn default() -> Self {
        Self(1)
    }
}

use crate::quantise::Bits;
use crate::quantise::limits::Limits;

pub use crate::quantise::limits::Asked;

/// Everything an output's bytes depend on apart from the input, and the memory that making it may take.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Options {
    /// Bits or floats.
    pub stored: Stored,
    /// The deflate level; `None` is [`Level::default`] and leaves `EMAN.render_compress_level` out.
    pub level: Option<Level>,
    /// Limits of the values.
    pub limits: Asked,
    /// How much memory to use; changes no byte of the output.
    pub memory: Memory,
}

/// How much an input may take in memory at once. The bound is in `docs/architecture.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Images whose bytes in the file are no more than this are read once and held; larger ones
    /// are read once for each pass, a slab at a time. In bytes.
    pub hold: u64,
    /// Pixels computed between two writes: more keeps more threads busy.
    pub wave: u64,
}

impl Memory {
    /// Holds micrographs of up to 128 MiB and computes 1 Mi pixels at a time.
    pub const DEFAULT: Self = Self { hold: 128 << 20, wave: 1 << 20 };

    /// Bytes of several images that are held at once: a quarter of what one may take, since memory that
    /// is new or long out of the caches is slow, but enough for some waves of the widest pixels.
    pub(crate) fn hold_several(self) -> u64 {
        const WAVES: u64 = 4;
        const WIDEST: u64 = 4;
        self.wave.saturating_mul(WAVES * WIDEST).max(self.hold / 4).min(self.hold)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn bits_of_the_original() {
        assert_eq!(Stored::from_bits(0), Ok(Stored::Floats));
        assert_eq!(Stored::from_bits(-1), Ok(Stored::Raw));
        assert_eq!(Stored::from_bits(2).unwrap().element_size(), 1);
        assert_eq!(Stored::from_bits(8).unwrap().element_size(), 1);
        assert_eq!(Stored::from_bits(9).unwrap().element_size(), 2);
        assert!(Stored::from_bits(1).is_err());
        assert!(Stored::from_bits(17).is_err());
        assert!(Stored::from_bits(i64::MAX).is_err());
    }

    #[test]
    fn levels() {
        assert_eq!(Level::new(9).unwrap().get(), 9);
        assert!(Level::new(10).is_err());
        assert!(Level::new(-1).is_err());
    }
}
