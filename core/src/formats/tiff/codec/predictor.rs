//! Predictors: pixels are stored as differences to their left neighbours.

use crate::image::PixelType;

/// What is undone after decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predictor {
    /// Nothing.
    None,
    /// Differences of whole numbers, of floats' bits as well.
    Horizontal,
    /// Differences of bytes; the most significant bytes of a row's floats first, then the next ones.
    Floats,
}

impl Predictor {
    /// Undoes it in rows of `width` pixels, whose bytes then are in the order of the file.
    pub fn undo(self, rows: &mut [u8], width: usize, kind: PixelType, big_endian: bool) {
        let size = kind.bytes();
        let rows = rows.chunks_exact_mut((width * size).max(1));
        match (self, size) {
            (Self::None, _) => {}
            (Self::Horizontal, 1) => rows.for_each(sum_bytes),
            (Self::Horizontal, 2) if big_endian => rows.for_each(|row| {
                sum(row, |a, b| u16::from_be_bytes(a).wrapping_add(u16::from_be_bytes(b)).to_be_bytes());
            }),
            (Self::Horizontal, 2) => rows.for_each(|row| {
                sum(row, |a, b| u16::from_le_bytes(a).wrapping_add(u16::from_le_bytes(b)).to_le_bytes());
            }),
            (Self::Horizontal, 4) if big_endian => rows.for_each(|row| {
                sum(row, |a, b| u32::from_be_bytes(a).wrapping_add(u32::from_be_bytes(b)).to_be_bytes());
            }),
            (Self::Horizontal, 4) => rows.for_each(|row| {
                sum(row, |a, b| u32::from_le_bytes(a).wrapping_add(u32::from_le_bytes(b)).to_le_bytes());
            }),
            (Self::Horizontal, _) if big_endian => rows.for_each(|row| {
                sum(row, |a, b| u64::from_be_bytes(a).wrapping_add(u64::from_be_bytes(b)).to_be_bytes());
            }),
            (Self::Horizontal, _) => rows.for_each(|row| {
                sum(row, |a, b| u64::from_le_bytes(a).wrapping_add(u64::from_le_bytes(b)).to_le_bytes());
            }),
            (Self::Floats, size) => {
                let mut planes = Vec::new();
                rows.for_each(|row| join_planes(row, size, big_endian, &mut planes));
            }
        }
    }
}

/// Adds to each number of a row the one before it.
fn sum<const N: usize>(row: &mut [u8], add: impl Fn([u8; N], [u8; N]) -> [u8; N]) {
    let (numbers, _) = row.as_chunks_mut::<N>();
    let mut last = [0; N];
    for number in numbers {
        last = add(last, *number);
        *number = last;
    }
}

fn sum_bytes(row: &mut [u8]) {
    let mut last = 0u8;
    for byte in row {
        last = last.wrapping_add(*byte);
        *byte = last;
    }
}

/// Joins the planes of a row: the most significant bytes come first in files of either order.
fn join_planes(row: &mut [u8], size: usize, big_endian: bool, planes: &mut Vec<u8>) {
    sum_bytes(row);
    planes.clear();
    planes.extend_from_slice(row);
    let width = row.len() / size;
    for (number, plane) in planes.chunks_exact(width.max(1)).enumerate() {
        let place = if big_endian { number } else { size - 1 - number };
        for (float, &byte) in row.chunks_exact_mut(size).zip(plane) {
            float[place] = byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn numbers_are_added_in_their_own_order_and_rows_start_anew() {
        let mut bytes = vec![250, 10, 1, 2];
        Predictor::Horizontal.undo(&mut bytes, 2, PixelType::U8, false);
        assert_eq!(bytes, [250, 4, 1, 3]);
        let mut words: Vec<u8> = [255u16, 1, 0xffff].iter().flat_map(|word| word.to_be_bytes()).collect();
        Predictor::Horizontal.undo(&mut words, 3, PixelType::I16, true);
        assert_eq!(words, [0, 255, 1, 0, 0, 255]);
    }

    #[test]
    fn planes_are_joined_in_either_order() {
        let floats = [1.5f32, -2.25, 1e-3];
        let mut planes: Vec<u8> =
            (0..4).flat_map(|byte| floats.map(|float| float.to_be_bytes()[byte])).collect();
        for place in (1..planes.len()).rev() {
            planes[place] = planes[place].wrapping_sub(planes[place - 1]);
        }
        for big_endian in [false, true] {
            let mut row = planes.clone();
            Predictor::Floats.undo(&mut row, 3, PixelType::F32, big_endian);
            let wanted =
                floats.map(|float| if big_endian { float.to_be_bytes() } else { float.to_le_bytes() });
            assert_eq!(row, wanted.concat());
        }
    }
}
