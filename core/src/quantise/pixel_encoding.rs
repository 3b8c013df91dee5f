//! The encoding asked for: a number of bits, or floats.

use super::bits::Bits;
use super::option_error::OptionError;

/// Number of bits kept per pixel, or the form in which floats are kept.
///
/// The original's `--bits`: 0 keeps 32-bit floats, deflated; below 0 keeps them unfiltered; 2 to 16
/// are codes. 1 is accepted by the original but useless, above 16 it fails: both are refused here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelEncoding {
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

    /// Returns the bytes one stored pixel takes before deflate.
    #[must_use]
    pub fn element_size(self) -> u32 {
        match self {
            Self::Codes(bits) if bits.get() <= 8 => 1,
            Self::Codes(_) => 2,
            Self::Floats | Self::Raw => 4,
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
        assert_eq!(PixelEncoding::from_bits(2).unwrap().element_size(), 1);
        assert_eq!(PixelEncoding::from_bits(8).unwrap().element_size(), 1);
        assert_eq!(PixelEncoding::from_bits(9).unwrap().element_size(), 2);
        assert!(PixelEncoding::from_bits(1).is_err());
        assert!(PixelEncoding::from_bits(17).is_err());
        assert!(PixelEncoding::from_bits(i64::MAX).is_err());
    }
}
