//! The type of a stored number.

/// The type of one stored pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelType {
    /// 4-bit unsigned, two a byte, the low nibble first; a row starts on a whole byte.
    U4,
    /// Unsigned byte.
    U8,
    /// Signed byte.
    I8,
    /// 16-bit signed.
    I16,
    /// 16-bit unsigned.
    U16,
    /// IEEE half.
    F16,
    /// IEEE single.
    F32,
    /// 32-bit signed.
    I32,
    /// 32-bit unsigned.
    U32,
    /// 64-bit signed.
    I64,
    /// 64-bit unsigned.
    U64,
    /// IEEE double.
    F64,
}

impl PixelType {
    /// Bits of one pixel.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::U4 => 4,
            Self::U8 | Self::I8 => 8,
            Self::I16 | Self::U16 | Self::F16 => 16,
            Self::F32 | Self::I32 | Self::U32 => 32,
            Self::I64 | Self::U64 | Self::F64 => 64,
        }
    }
}
