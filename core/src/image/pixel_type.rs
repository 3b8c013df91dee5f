//! The type of a stored number.

/// Kind of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// Integer from 0.
    Unsigned,
    /// Integer, two's complement.
    Signed,
    /// IEEE 754 binary float.
    Float,
}

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
    /// Returns the bytes a number takes, 1 for two of 4 bits.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.bits().div_ceil(8) as usize
    }

    /// Returns the bits of one pixel.
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

    /// Returns what kind of number it is.
    #[must_use]
    pub fn number_kind(self) -> NumberKind {
        match self {
            Self::U4 | Self::U8 | Self::U16 | Self::U32 | Self::U64 => NumberKind::Unsigned,
            Self::I8 | Self::I16 | Self::I32 | Self::I64 => NumberKind::Signed,
            Self::F16 | Self::F32 | Self::F64 => NumberKind::Float,
        }
    }

    /// Returns the type of a kind of number of so many bytes, 1, 2, 4 or 8; of floats there is none of 1.
    #[must_use]
    pub fn of_number(kind: NumberKind, bytes: u8) -> Self {
        match (kind, bytes) {
            (NumberKind::Unsigned, 1) => Self::U8,
            (NumberKind::Unsigned, 2) => Self::U16,
            (NumberKind::Unsigned, 4) => Self::U32,
            (NumberKind::Unsigned, _) => Self::U64,
            (NumberKind::Signed, 1) => Self::I8,
            (NumberKind::Signed, 2) => Self::I16,
            (NumberKind::Signed, 4) => Self::I32,
            (NumberKind::Signed, _) => Self::I64,
            (NumberKind::Float, 2) => Self::F16,
            (NumberKind::Float, 4) => Self::F32,
            (NumberKind::Float, _) => Self::F64,
        }
    }

    /// Returns whether it is a float.
    #[must_use]
    pub fn is_float(self) -> bool {
        self.number_kind() == NumberKind::Float
    }

    /// Returns its name in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::U4 => "4-bit integers",
            Self::U8 => "unsigned bytes",
            Self::I8 => "signed bytes",
            Self::I16 => "16-bit integers",
            Self::U16 => "unsigned 16-bit integers",
            Self::F16 => "16-bit floats",
            Self::F32 => "32-bit floats",
            Self::I32 => "32-bit integers",
            Self::U32 => "unsigned 32-bit integers",
            Self::I64 => "64-bit integers",
            Self::U64 => "unsigned 64-bit integers",
            Self::F64 => "64-bit floats",
        }
    }

    /// Returns EMAN2's number for it (`EMDataType`), where it has one.
    #[must_use]
    pub fn eman2_number(self) -> Option<i32> {
        Some(match self {
            Self::I8 => 1,
            Self::U8 => 2,
            Self::I16 => 3,
            Self::U16 => 4,
            Self::I32 => 5,
            Self::U32 => 6,
            Self::F32 => 7,
            Self::F64 => 8,
            Self::U4 | Self::F16 | Self::I64 | Self::U64 => return None,
        })
    }
}
