//! EMAN2's numbers for the type of stored pixels (its `EMDataType`).

use crate::image::PixelType;

pub const UNSIGNED_BYTE: i32 = 2;
pub const UNSIGNED_SHORT: i32 = 4;
pub const FLOAT: i32 = 7;

/// The number of a type, where EMAN2 has one.
pub fn number(kind: PixelType) -> Option<i32> {
    Some(match kind {
        PixelType::I8 => 1,
        PixelType::U8 => UNSIGNED_BYTE,
        PixelType::I16 => 3,
        PixelType::U16 => UNSIGNED_SHORT,
        PixelType::I32 => 5,
        PixelType::U32 => 6,
        PixelType::F32 => FLOAT,
        PixelType::F64 => 8,
        PixelType::U4 | PixelType::F16 | PixelType::I64 | PixelType::U64 => return None,
    })
}
