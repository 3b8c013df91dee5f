//! Numbers that no 32-bit float is: of integers of 32 bits and more, and of 64-bit floats, some are read as
//! the nearest float, which is another number.

use super::pixel_type::PixelType;
use super::pixels::Pixels;
use crate::kernel::strided::Strided;

impl Pixels {
    /// Returns whether some numbers of this type are no 32-bit floats.
    #[must_use]
    pub fn is_wide(self) -> bool {
        use PixelType::{F64, I32, I64, U32, U64};
        self.scale.is_none() && matches!(self.kind, I32 | U32 | I64 | U64 | F64)
    }

    /// Counts the numbers of a block that are read as another one, the nearest 32-bit float. NaN stays NaN.
    #[must_use]
    pub fn rounded(self, stored: Strided<'_, u8>) -> u64 {
        if !self.is_wide() {
            return 0;
        }
        let rows = stored.rows();
        let counts = rows.map(|row| match self.kind {
            PixelType::I32 => self.count::<4>(row, |bits| {
                let value = i32::from_le_bytes(bits);
                f64::from(value as f32) != f64::from(value)
            }),
            PixelType::U32 => self.count::<4>(row, |bits| {
                let value = u32::from_le_bytes(bits);
                f64::from(value as f32) != f64::from(value)
            }),
            // Wider than any float of this machine: compared as integers.
            PixelType::I64 => self.count::<8>(row, |bits| {
                let value = i64::from_le_bytes(bits);
                value as f32 as i128 != i128::from(value)
            }),
            PixelType::U64 => self.count::<8>(row, |bits| {
                let value = u64::from_le_bytes(bits);
                value as f32 as i128 != i128::from(value)
            }),
            _ => self.count::<8>(row, |bits| {
                let value = f64::from_le_bytes(bits);
                f64::from(value as f32) != value && !value.is_nan()
            }),
        });
        counts.sum()
    }

    /// Returns the numbers of a block as stored, as near as 64-bit floats are to them.
    pub fn wide_values(self, stored: Strided<'_, u8>) -> impl Iterator<Item = f64> {
        let bytes = self.kind.bytes();
        stored.rows().flat_map(move |row| row.chunks_exact(bytes)).map(move |bytes| {
            let mut all = [0; 8];
            all[..bytes.len()].copy_from_slice(bytes);
            if self.big_endian {
                all[..bytes.len()].reverse();
            }
            let word = u64::from_le_bytes(all);
            match self.kind {
                PixelType::I32 => f64::from(word as i32),
                PixelType::I64 => word as i64 as f64,
                PixelType::F64 => f64::from_bits(word),
                _ => word as f64,
            }
        })
    }

    /// Counts the numbers of a row for which something holds of their little-endian bytes.
    fn count<const N: usize>(self, row: &[u8], holds: impl Fn([u8; N]) -> bool) -> u64 {
        let (numbers, _) = row.as_chunks::<N>();
        let ordered = numbers.iter().map(|&bytes| {
            let mut bytes = bytes;
            if self.big_endian {
                bytes.reverse();
            }
            bytes
        });
        ordered.filter(|&bytes| holds(bytes)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn check(kind: PixelType, little: &[u8], rounded: u64, values: &[f64]) {
        for big_endian in [false, true] {
            let mut bytes = little.to_vec();
            if big_endian {
                bytes.chunks_exact_mut(kind.bytes()).for_each(<[u8]>::reverse);
            }
            let pixels = Pixels::new(kind, big_endian);
            assert_eq!(pixels.rounded(Strided::whole(&bytes)), rounded, "{kind:?}");
            if pixels.is_wide() {
                let found: Vec<f64> = pixels.wide_values(Strided::whole(&bytes)).collect();
                assert_eq!(found, values, "{kind:?}");
            }
        }
    }

    #[test]
    fn what_no_float_is_is_counted() {
        let bytes = |values: &[i32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
        check(PixelType::I32, &bytes(&[-16_777_217, 16_777_216, 3]), 1, &[-16_777_217.0, 16_777_216.0, 3.0]);
        check(PixelType::U32, &bytes(&[-1, -256]), 1, &[4_294_967_295.0, 4_294_967_040.0]);
        let bytes = |values: &[i64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
        check(PixelType::I64, &bytes(&[i64::MIN, i64::MAX, 5]), 1, &[i64::MIN as f64, i64::MAX as f64, 5.0]);
        check(PixelType::U64, &bytes(&[-1, 1]), 1, &[u64::MAX as f64, 1.0]);
        let bytes = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
        check(
            PixelType::F64,
            &bytes(&[0.1, 0.5, 1e300, f64::INFINITY]),
            2,
            &[0.1, 0.5, 1e300, f64::INFINITY],
        );
        check(PixelType::F32, &[1, 2, 3, 4], 0, &[]);
        check(PixelType::U16, &[1, 2], 0, &[]);
        let nan = Pixels::new(PixelType::F64, false);
        assert_eq!(nan.rounded(Strided::whole(&f64::NAN.to_le_bytes())), 0);
    }
}
