//! The way from codes back to values: the inverse of the quantisation.

use super::bits::Bits;

/// The interval the codes span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Value of code 0.
    pub low: f32,
    /// Value of the top code. Equal to `low` for a constant image.
    pub high: f32,
    /// Every value within the range reads back exactly.
    pub exact: bool,
}

/// The way from codes back to values: code 0 is the low end of the range, code `most` the high end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Interval that the codes span.
    pub range: Range,
    /// The highest code, 2^bits - 1.
    pub most: f32,
}

impl Scale {
    /// Returns the value of a code, as EMAN2 computes it.
    #[inline(always)]
    #[must_use]
    pub fn value(self, code: f32) -> f32 {
        let Range { low, high, .. } = self.range;
        (code / self.most) * (high - low) + low
    }

    /// Returns the bit depth of the codes; `None` when it is not one that this program writes.
    #[must_use]
    pub fn bits(self) -> Option<Bits> {
        Bits::new(self.bit_count().into())
    }

    /// Counts the bits of the codes, up to 32.
    #[must_use]
    pub fn bit_count(self) -> u32 {
        (f64::from(self.most) + 1.0).log2().round() as u32
    }
}
