//! Decoding of stored bytes to `f32`, the type of every pixel before anything else happens to it.

use crate::image::PixelType;
use crate::quantise::Scale;
use half::f16;

use crate::kernel::strided::Strided;
use crate::pipeline::tiling::Block;

/// Type and byte order of stored pixels, and their scale when they are codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pixels {
    /// Type of one pixel.
    pub kind: PixelType,
    /// Most significant byte first.
    pub big_endian: bool,
    /// Scale that turns stored numbers into values, when they are not the values themselves.
    pub scale: Option<Scale>,
}

impl Pixels {
    /// Describes pixels that are stored as their own values.
    #[must_use]
    pub fn new(kind: PixelType, big_endian: bool) -> Self {
        Self { kind, big_endian, scale: None }
    }

    /// Counts the bytes that a row of `nx` pixels takes.
    #[must_use]
    pub fn row_bytes(self, nx: u32) -> u64 {
        (u64::from(nx) * u64::from(self.kind.bits())).div_ceil(8)
    }

    /// Returns the pixels as they lie in memory, where they are `f32` in this machine's order already.
    #[must_use]
    pub fn as_values(self, rows: Strided<'_, u8>) -> Option<Strided<'_, f32>> {
        let native = self.kind == PixelType::F32 && self.big_endian == cfg!(target_endian = "big");
        let there = native && self.scale.is_none();
        there.then(|| rows.cast(size_of::<f32>(), |rows| bytemuck::try_cast_slice(rows).ok())).flatten()
    }

    /// Selects the stored pixels of a block from the rows it lies in, each of `nx` pixels, or from its own part of
    /// them, which is contiguous.
    #[must_use]
    pub fn of_block<'a>(self, nx: u32, block: &Block, rows: &'a [u8]) -> Strided<'a, u8> {
        let byte = |columns: u32| self.row_bytes(columns) as usize;
        if rows.len() == block.height() as usize * byte(block.width() as u32) {
            return Strided::whole(rows);
        }
        Strided::columns(rows, byte(nx), byte(block.columns.start)..byte(block.columns.end))
    }

    /// Returns the pixels of a block as `f32`, in `values` when they must be decoded.
    pub fn values<'a>(
        self,
        block: &Block,
        stored: Strided<'a, u8>,
        values: &'a mut Vec<f32>,
    ) -> Strided<'a, f32> {
        let contiguous = stored.is_whole();
        self.as_values(stored).unwrap_or_else(|| {
            values.clear();
            for row in stored.rows() {
                self.decode(row, block.columns.len() as u32, values);
            }
            if contiguous {
                Strided::whole(values)
            } else {
                Strided::columns(values, block.width(), 0..block.width())
            }
        })
    }

    /// Decodes whole rows of `nx` pixels and adds them to `values`. NaNs of `F32` keep their bits;
    /// wider numbers become the nearest `f32`.
    pub fn decode(self, rows: &[u8], nx: u32, values: &mut Vec<f32>) {
        let start = values.len();
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
            PixelType::F32 => self.quads(rows, values, f32::from_bits),
            PixelType::I32 => self.quads(rows, values, |quad| quad as i32 as f32),
            PixelType::U32 => self.quads(rows, values, |quad| quad as f32),
            PixelType::I64 => self.octets(rows, values, |octet| octet as i64 as f32),
            PixelType::U64 => self.octets(rows, values, |octet| octet as f32),
            PixelType::F64 => self.octets(rows, values, |octet| f64::from_bits(octet) as f32),
        }
        if let Some(scale) = self.scale {
            let decoder = scale.decoder();
            values[start..].iter_mut().for_each(|value| *value = decoder.value(*value));
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

    fn quads(self, rows: &[u8], values: &mut Vec<f32>, value: impl Fn(u32) -> f32) {
        let (quads, _) = rows.as_chunks::<4>();
        if self.big_endian {
            values.extend(quads.iter().map(|&quad| value(u32::from_be_bytes(quad))));
        } else {
            values.extend(quads.iter().map(|&quad| value(u32::from_le_bytes(quad))));
        }
    }

    fn octets(self, rows: &[u8], values: &mut Vec<f32>, value: impl Fn(u64) -> f32) {
        let (octets, _) = rows.as_chunks::<8>();
        if self.big_endian {
            values.extend(octets.iter().map(|&octet| value(u64::from_be_bytes(octet))));
        } else {
            values.extend(octets.iter().map(|&octet| value(u64::from_le_bytes(octet))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantise::Range;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn decoded(kind: PixelType, big_endian: bool, rows: &[u8], nx: u32) -> Vec<f32> {
        let mut values = vec![9.0];
        Pixels::new(kind, big_endian).decode(rows, nx, &mut values);
        values.split_off(1)
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
    fn wide_numbers_become_the_nearest_float() {
        let large = i64::from(i32::MAX);
        assert_eq!(decoded(PixelType::I32, true, &i32::MIN.to_be_bytes(), 1), [i32::MIN as f32]);
        assert_eq!(decoded(PixelType::U32, false, &u32::MAX.to_le_bytes(), 1), [4_294_967_296.0]);
        assert_eq!(decoded(PixelType::I64, false, &(-large).to_le_bytes(), 1), [-2_147_483_648.0]);
        assert_eq!(decoded(PixelType::U64, true, &7u64.to_be_bytes(), 1), [7.0]);
        assert_eq!(decoded(PixelType::F64, true, &0.1f64.to_be_bytes(), 1), [0.1]);
        assert_eq!(decoded(PixelType::F64, false, &1e300f64.to_le_bytes(), 1), [f32::INFINITY]);
    }

    #[test]
    fn codes_are_scaled() {
        let range = Range { low: -1.0, high: 2.0, exact: false };
        let scale = Some(Scale { range, most: 15.0 });
        let mut values = Vec::new();
        Pixels { scale, ..Pixels::new(PixelType::U8, false) }.decode(&[0, 5, 15], 3, &mut values);
        assert_eq!(values, [-1.0, 0.0, 2.0]);
    }

    #[test]
    fn nans_keep_their_bits() {
        let bits = 0xff80_1234_u32;
        let values = decoded(PixelType::F32, false, &bits.to_le_bytes(), 1);
        assert_eq!(values[0].to_bits(), bits);
    }
}
