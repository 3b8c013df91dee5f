//! Pixels that lie in a file as they are, section after section, from the first row or from the last.

use std::ops::Range;

use crate::error::Error;
use crate::image::Shape;
use crate::io::reading::read_at;
use crate::io::source::Source;

/// One image as it lies in a file.
#[derive(Clone, Copy, Debug)]
pub struct Planes {
    /// Of the image.
    pub shape: Shape,
    /// Bytes of a row.
    pub row_bytes: u64,
    /// The first row of each section in the file is its top one, which comes last here: rows are in MRC's order.
    pub top_first: bool,
}

impl Planes {
    /// Counts the bytes of the image.
    pub fn bytes(&self) -> u128 {
        u128::from(self.row_bytes) * u128::from(self.shape.rows())
    }

    /// Fills `bytes` with rows of the image that starts at `start`, counted through its sections in MRC's order.
    pub fn read(
        &self,
        source: &dyn Source,
        start: u64,
        rows: Range<u64>,
        bytes: &mut [u8],
    ) -> Result<(), Error> {
        if !self.top_first {
            return read_at(source, start + rows.start * self.row_bytes, bytes);
        }
        let ny = u64::from(self.shape.ny);
        let row_bytes = self.row_bytes as usize;
        let (mut row, mut rest) = (rows.start, bytes);
        while row < rows.end {
            let (section, first) = (row / ny, row % ny);
            let count = (ny - first).min(rows.end - row);
            let (part, others) = rest.split_at_mut(count as usize * row_bytes);
            // The last of them is the first in the file.
            let in_file = section * ny + (ny - first - count);
            read_at(source, start + in_file * self.row_bytes, part)?;
            reverse_rows(part, row_bytes);
            rest = others;
            row += count;
        }
        Ok(())
    }
}

/// Turns the order of rows around.
fn reverse_rows(bytes: &mut [u8], row_bytes: usize) {
    let rows = bytes.len() / row_bytes.max(1);
    for row in 0..rows / 2 {
        let (above, below) = bytes.split_at_mut((rows - 1 - row) * row_bytes);
        above[row * row_bytes..(row + 1) * row_bytes].swap_with_slice(&mut below[..row_bytes]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn rows_come_bottom_first_in_every_cut() {
        let file: Vec<u8> = (0..13).collect();
        let shape = Shape { nx: 2, ny: 3, nz: 2 };
        let planes = Planes { shape, row_bytes: 2, top_first: true };
        let whole = [5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8];
        for start in 0..6 {
            for end in start..6 {
                let mut bytes = vec![0; (end - start) * 2];
                planes.read(&file.as_slice(), 1, start as u64..end as u64, &mut bytes).unwrap();
                assert_eq!(bytes, whole[2 * start..2 * end]);
            }
        }
        let mut bytes = [0; 4];
        Planes { top_first: false, ..planes }.read(&file.as_slice(), 1, 1..3, &mut bytes).unwrap();
        assert_eq!(bytes, [3, 4, 5, 6]);
    }
}
