//! Elements that are one number.

use crate::image::NumberKind;

/// Byte order of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The least significant.
    Little,
    /// The most significant.
    Big,
}

/// A plain number: an integer of 1, 2, 4 or 8 bytes, all of them used, or an IEEE float of 2, 4
/// or 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Kind of the number.
    pub kind: NumberKind,
    /// Bytes it takes.
    pub size: u8,
    /// Byte order.
    pub order: ByteOrder,
}

impl Number {
    /// Returns the bits of the number that starts `bytes`, zero-extended; 0 where there are too few bytes.
    fn bits(self, bytes: &[u8]) -> u64 {
        let bytes = bytes.get(..self.size.into()).unwrap_or_default();
        let add = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        match self.order {
            ByteOrder::Little => bytes.iter().rev().fold(0, add),
            ByteOrder::Big => bytes.iter().fold(0, add),
        }
    }

    /// Decodes the integer that starts `bytes`; `None` for a float, and beyond [`i64::MAX`].
    #[must_use]
    pub fn integer(self, bytes: &[u8]) -> Option<i64> {
        let bits = self.bits(bytes);
        match self.kind {
            NumberKind::Unsigned => bits.try_into().ok(),
            NumberKind::Signed => {
                let unused = 64 - 8 * u32::from(self.size);
                Some((bits << unused) as i64 >> unused)
            }
            NumberKind::Float => None,
        }
    }

    /// Decodes the number that starts `bytes` to the nearest `f64`.
    #[must_use]
    pub fn float(self, bytes: &[u8]) -> f64 {
        let bits = self.bits(bytes);
        match (self.kind, self.size) {
            (NumberKind::Unsigned, _) => bits as f64,
            (NumberKind::Signed, _) => self.integer(bytes).unwrap_or_default() as f64,
            (NumberKind::Float, 2) => half::f16::from_bits(bits as u16).to_f64(),
            (NumberKind::Float, 4) => f32::from_bits(bits as u32).into(),
            (NumberKind::Float, _) => f64::from_bits(bits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_width_and_order() {
        let number = |kind, size, order| Number { kind, size, order };
        let bytes = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        for size in [2, 4, 8] {
            assert_eq!(number(NumberKind::Signed, size, ByteOrder::Little).integer(&bytes), Some(-2));
        }
        assert_eq!(number(NumberKind::Signed, 2, ByteOrder::Big).integer(&bytes), Some(-257));
        assert_eq!(number(NumberKind::Unsigned, 2, ByteOrder::Big).integer(&bytes), Some(0xfeff));
        assert_eq!(number(NumberKind::Unsigned, 8, ByteOrder::Little).integer(&bytes), None);
        assert_eq!(number(NumberKind::Float, 2, ByteOrder::Big).float(&[0x3e, 0]), 1.5);
        assert_eq!(number(NumberKind::Float, 4, ByteOrder::Little).float(&1.5_f32.to_le_bytes()), 1.5);
        assert_eq!(number(NumberKind::Float, 8, ByteOrder::Big).float(&1.5_f64.to_be_bytes()), 1.5);
    }
}
