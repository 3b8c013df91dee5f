//! The encoding asked for: a number of bits, or floats.

use std::fmt;

use super::bits::Bits;
use super::choice::Target;
use super::option_error::OptionError;

/// Number of bits kept per pixel, or the form in which floats are kept.
///
/// The original's `--bits`: 0 keeps 32-bit floats, deflated; below 0 keeps them unfiltered; 2 to 16
/// are codes. 1 is accepted by the original but useless, above 16 it fails: both are refused here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PixelEncoding {
    /// As few bits as keep the loss below a target, for each image by itself.
    Auto(Target),
    /// Codes of this many bits, 2..=16: `uint8` up to 8, `uint16` above.
    Codes(Bits),
    /// 32-bit floats, shuffled and deflated, bit for bit.
    Floats,
    /// 32-bit floats, contiguous, no filter, bit for bit.
    Raw,
}

impl PixelEncoding {
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

    /// Reads what `--bits` takes: the original's number, or `auto` with or without a target such as `auto:0.1%`.
    ///
    /// # Errors
    /// [`OptionError::Bits`] and [`OptionError::Target`] for numbers that mean nothing, [`OptionError::NoBits`] for what is
    /// none.
    pub fn parse(text: &str) -> Result<Self, OptionError> {
        let text = text.trim();
        if text == "auto" {
            return Ok(Self::Auto(Target::DEFAULT));
        }
        if let Some(target) = text.strip_prefix("auto:") {
            return Target::parse(target).map(Self::Auto);
        }
        if text.starts_with("auto") {
            return Err(OptionError::Target);
        }
        Self::from_bits(text.parse().map_err(|_| OptionError::NoBits(text.into()))?)
    }

    /// Tells whether pixels become codes, or may.
    #[must_use]
    pub fn may_be_codes(self) -> bool {
        matches!(self, Self::Codes(_) | Self::Auto(_))
    }
}

/// Writes what [`PixelEncoding::parse`] reads.
impl fmt::Display for PixelEncoding {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw => to.write_str("-1"),
            Self::Floats => to.write_str("0"),
            Self::Codes(bits) => bits.get().fmt(to),
            Self::Auto(target) if *target == Target::DEFAULT => to.write_str("auto"),
            Self::Auto(target) => write!(to, "auto:{target}"),
        }
    }
}

impl Default for PixelEncoding {
    /// Returns 10 bits, as the original program does.
    fn default() -> Self {
        Self::Codes(Bits::DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn bits_of_the_original() {
        assert_eq!(PixelEncoding::from_bits(0), Ok(PixelEncoding::Floats));
        assert_eq!(PixelEncoding::from_bits(-1), Ok(PixelEncoding::Raw));
        assert!(PixelEncoding::from_bits(2).unwrap().may_be_codes());
        assert!(PixelEncoding::from_bits(1).is_err());
        assert!(PixelEncoding::from_bits(17).is_err());
        assert!(PixelEncoding::from_bits(i64::MAX).is_err());
    }

    #[test]
    fn words_come_back() {
        for text in ["auto", "auto:0.1%", "auto:5%", "auto:0.01%", "auto:0.07%", "-1", "0", "2", "16"] {
            assert_eq!(PixelEncoding::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(PixelEncoding::parse(" auto:1 % ").unwrap(), PixelEncoding::Auto(Target::DEFAULT));
        for text in [
            "auto:",
            "auto:1",
            "auto:0%",
            "auto:6%",
            "auto:0.009%",
            "auto:nan%",
            "auto:-1%",
            "auto1%",
            "AUTO",
            "1",
            "17",
            "x",
            "5.0",
            "",
        ] {
            assert!(PixelEncoding::parse(text).is_err(), "{text}");
        }
    }
}
