//! Codes by table: for pixels of 8 or 16 bits every possible value is quantised once, and a pixel
//! is then one look-up.

use crate::image::PixelType;
use crate::image::pixels::Pixels;
use crate::quantise::Quantiser;

/// Images smaller than this many times the table are quantised pixel by pixel.
const WORTHWHILE: u64 = 4;

/// A bit of an entry, above the code: the value lies outside the range.
const OUTSIDE: u32 = 1 << 16;

/// Code of every stored value.
pub enum Table {
    /// Entries by byte.
    Bytes(Box<[u32; 1 << 8]>),
    /// Entries by 16-bit word as it lies in the file, first byte lowest.
    Words(Box<[u32; 1 << 16]>),
}

impl Table {
    /// Creates the table for an image of so many pixels, if it pays.
    #[must_use]
    pub fn new(pixels: Pixels, count: u64, quantiser: Quantiser) -> Option<Self> {
        let entries: u32 = match pixels.kind {
            PixelType::U8 | PixelType::I8 => 1 << 8,
            PixelType::U16 | PixelType::I16 | PixelType::F16 => 1 << 16,
            _ => return None,
        };
        if count < WORTHWHILE * u64::from(entries) {
            return None;
        }
        let bytes = pixels.kind.bits() as usize / 8;
        let stored: Vec<u8> =
            (0..entries).flat_map(|entry| entry.to_le_bytes().into_iter().take(bytes)).collect();
        let mut values = Vec::new();
        pixels.decode(&stored, entries, &mut values);
        let entry =
            |&value: &f32| quantiser.code(value) + if quantiser.is_outside(value) { OUTSIDE } else { 0 };
        let table: Vec<u32> = values.iter().map(entry).collect();
        match bytes {
            1 => table.try_into().ok().map(Self::Bytes),
            _ => table.try_into().ok().map(Self::Words),
        }
    }

    /// Returns the bytes of a stored pixel.
    #[must_use]
    pub fn bytes_per_pixel(&self) -> usize {
        match self {
            Self::Bytes(_) => 1,
            Self::Words(_) => 2,
        }
    }

    /// Looks up the codes of stored pixels like [`Quantiser::bytes`].
    pub fn bytes(&self, stored: &[u8], codes: &mut [u8]) -> u64 {
        self.each(stored, codes.iter_mut(), |code, entry| *code = entry as u8)
    }

    /// Looks up the codes of stored pixels like [`Quantiser::planes`].
    pub fn planes(&self, stored: &[u8], low: &mut [u8], high: &mut [u8]) -> u64 {
        self.each(stored, low.iter_mut().zip(high), |(low, high), entry| {
            *low = entry as u8;
            *high = (entry >> 8) as u8;
        })
    }

    /// Puts the entry of each stored pixel into its place; returns how many were truncated.
    #[inline(always)]
    fn each<P>(&self, stored: &[u8], places: impl Iterator<Item = P>, put: impl Fn(P, u32)) -> u64 {
        let mut truncated = 0;
        match self {
            Self::Bytes(table) => {
                for (place, &byte) in places.zip(stored) {
                    let entry = table[usize::from(byte)];
                    truncated += entry / OUTSIDE;
                    put(place, entry);
                }
            }
            Self::Words(table) => {
                for (place, &word) in places.zip(stored.as_chunks::<2>().0) {
                    let entry = table[usize::from(u16::from_le_bytes(word))];
                    truncated += entry / OUTSIDE;
                    put(place, entry);
                }
            }
        }
        truncated.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantise::Bits;
    use crate::quantise::Range;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn same_as_pixel_by_pixel() {
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_be_bytes).collect();
        for kind in [PixelType::U8, PixelType::I8, PixelType::U16, PixelType::I16, PixelType::F16] {
            for big_endian in [false, true] {
                for bits in [5, 8, 10, 16] {
                    let bits = Bits::new(bits).unwrap();
                    let pixels = Pixels::new(kind, big_endian);
                    let range = Range { low: -20.5, high: 3000.25, exact: false };
                    let quantiser = Quantiser::new(range, bits);
                    let table = Table::new(pixels, 1 << 30, quantiser).unwrap();
                    let mut values = Vec::new();
                    pixels.decode(&all, 1 << 16, &mut values);
                    let n = values.len();
                    let (mut a, mut b, mut c, mut d) = (vec![0; n], vec![0; n], vec![0; n], vec![0; n]);
                    assert_eq!(table.bytes(&all, &mut a), quantiser.bytes(&values, &mut b));
                    assert_eq!(a, b);
                    let truncated = table.planes(&all, &mut a, &mut c);
                    assert_eq!(truncated, quantiser.planes(&values, &mut b, &mut d));
                    assert_eq!((a, c), (b, d));
                }
            }
        }
    }
}
