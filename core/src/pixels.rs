//! From stored bytes to `f32`, the type of every pixel before anything else happens to it.

use half::f16;

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
}

impl PixelType {
    /// Bits of one pixel.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::U4 => 4,
            Self::U8 | Self::I8 => 8,
            Self::I16 | Self::U16 | Self::F16 => 16,
            Self::F32 => 32,
        }
    }

    /// Whether values can only be integers.
    #[must_use]
    pub fn is_integer(self) -> bool {
        !matches!(self, Self::F16 | Self::F32)
    }
}

/// Type and byte order of stored pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Type of one pixel.
    pub kind: PixelType,
    /// Most significant byte first.
    pub big_endian: bool,
}

impl Pixels {
    /// Bytes a row of `nx` pixels takes.
    #[must_use]
    pub fn row_bytes(self, nx: u32) -> u64 {
        (u64::from(nx) * u64::from(self.kind.bits())).div_ceil(8)
    }

    /// The pixels as they lie in memory, where they are `f32` in this machine's order already.
    #[must_use]
    pub fn as_values(self, rows: &[u8]) -> Option<&[f32]> {
        let native = self.kind == PixelType::F32 && self.big_endian == cfg!(target_endian = "big");
        native.then(|| bytemuck::try_cast_slice(rows).ok()).flatten()
    }

    /// Decodes whole rows of `nx` pixels into `values`, replacing what was there. NaNs of `F32`
    /// keep their bits.
    pub fn decode(self, rows: &[u8], nx: u32, values: &mut Vec<f32>) {
        values.clear();
        match self.kind {
            PixelType::U4 => {
                for row in rows.chunks_exact(self.row_bytes(nx) as usize) {
                    let pairs = row.iter().flat_map(|&byte| [byte & 15, byte >> 4]);
                    values.extend(pairs.take(nx as usize).map(f32::from));
                }
            }
            PixelType::U8 => values.extend(rows.iter().map(|&byte| f32::from(byte))),
            PixelType::I8 => values.extend(rows.iter().map(|&byte| f32::from(byte as i8))),
            PixelType::I16 => self.words(rows, values, |word| f32::from(word as i16)),
            PixelType::U16 => self.words(rows, values, f32::from),
            // The software conversion, so that every processor treats NaNs alike.
            PixelType::F16 => self.words(rows, values, |word| f16::from_bits(word).to_f32_const()),
            PixelType::F32 => {
                let (quads, _) = rows.as_chunks::<4>();
                if self.big_endian {
                    values.extend(quads.iter().map(|&quad| f32::from_be_bytes(quad)));
                } else {
                    values.extend(quads.iter().map(|&quad| f32::from_le_bytes(quad)));
                }
            }
        }
    }

    fn words(self, rows: &[u8], values: &mut Vec<f32>, value: impl Fn(u16) -> f32) {
        let (pairs, _) = rows.as_chunks::<2>();
        if self.big_endian {
            values.extend(pairs.iter().map(|&pair| value(u16::from_be_bytes(pair))));
        } else {
            values.extend(pairs.iter().map(|&pair| value(u16::from_le_bytes(pair))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn decoded(kind: PixelType, big_endian: bool, rows: &[u8], nx: u32) -> Vec<f32> {
        let mut values = vec![9.0];
        Pixels { kind, big_endian }.decode(rows, nx, &mut values);
        values
    }

    #[test]
    fn nibbles_come_low_first_and_rows_start_on_a_byte() {
        let values = decoded(PixelType::U4, false, &[0x21, 0x03, 0x54, 0xf6], 3);
        assert_eq!(values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn both_byte_orders() {
        assert_eq!(decoded(PixelType::I16, false, &[0xfe, 0xff], 1), [-2.0]);
        assert_eq!(decoded(PixelType::I16, true, &[0xff, 0xfe], 1), [-2.0]);
        assert_eq!(decoded(PixelType::U16, true, &[0xff, 0xfe], 1), [65534.0]);
        assert_eq!(decoded(PixelType::I8, false, &[0x80], 1), [-128.0]);
        assert_eq!(decoded(PixelType::U8, false, &[0x80], 1), [128.0]);
        assert_eq!(decoded(PixelType::F32, true, &[0x3f, 0x80, 0, 0], 1), [1.0]);
    }

    #[test]
    fn halves_are_exact_subnormals_included() {
        assert_eq!(decoded(PixelType::F16, false, &[0x00, 0x3c], 1), [1.0]);
        assert_eq!(decoded(PixelType::F16, false, &[0x01, 0x00], 1), [5.960_464_5e-8]);
        assert_eq!(decoded(PixelType::F16, false, &[0x00, 0xfc], 1), [f32::NEG_INFINITY]);
    }

    #[test]
    fn nans_keep_their_bits() {
        let bits = 0xff80_1234_u32;
        let values = decoded(PixelType::F32, false, &bits.to_le_bytes(), 1);
        assert_eq!(values[0].to_bits(), bits);
    }
}
