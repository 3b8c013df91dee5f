//! The bit depth of codes.

/// A number of bits from 2 to 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bits(u8);

impl Bits {
    /// 10, as the original.
    pub const DEFAULT: Self = Self(10);

    /// The lowest there is.
    pub const FEWEST: Self = Self(2);

    /// The highest there is.
    pub const MOST: Self = Self(16);

    /// Creates a bit depth; `None` outside 2..=16.
    #[must_use]
    pub fn new(bits: i64) -> Option<Self> {
        matches!(bits, 2..=16).then_some(Self(bits as u8))
    }

    /// Iterates over all there are, the lowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::FEWEST.0..=Self::MOST.0).map(Self)
    }

    /// Returns the bit depth as a number.
    #[must_use]
    pub fn get(self) -> u32 {
        u32::from(self.0)
    }

    /// Returns R = 2^bits, the number of codes.
    #[must_use]
    pub fn codes(self) -> u32 {
        1 << self.0
    }

    /// Returns the largest code, 2^bits - 1.
    #[must_use]
    pub fn top(self) -> u32 {
        self.codes() - 1
    }
}
