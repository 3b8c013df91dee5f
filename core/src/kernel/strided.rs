//! A strided view of the pixels of a block, left where they lie: its part of each row of the image, or one
//! contiguous row where the block has all columns.

use std::ops::Range;

/// Pixels of a block, row after row.
#[derive(Clone, Copy, Debug)]
pub struct Strided<'a, T> {
    rows: &'a [T],
    /// Distance from the start of a row to that of the next.
    pitch: usize,
    start: usize,
    width: usize,
}

impl<'a, T> Strided<'a, T> {
    /// Views all of `rows` as one contiguous row.
    #[must_use]
    pub fn whole(rows: &'a [T]) -> Self {
        Self { rows, pitch: rows.len().max(1), start: 0, width: rows.len() }
    }

    /// Views the columns `columns` of rows that are `pitch` long.
    ///
    /// # Panics
    /// When the columns end beyond `pitch`, or `pitch` is 0.
    #[must_use]
    pub fn columns(rows: &'a [T], pitch: usize, columns: Range<usize>) -> Self {
        assert!(columns.end <= pitch && pitch > 0, "columns {columns:?} of rows of {pitch}");
        Self { rows, pitch, start: columns.start, width: columns.len() }
    }

    /// Tells whether it is one contiguous row.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.width == self.rows.len()
    }

    /// Iterates over the rows, top to bottom, each a slice.
    #[inline(always)]
    pub fn rows(self) -> impl Iterator<Item = &'a [T]> {
        let columns = self.start..self.start + self.width;
        self.rows.chunks_exact(self.pitch).map(move |row| &row[columns.clone()])
    }
}

impl<'a> Strided<'a, u8> {
    /// Views the same pixels as `cast` sees them, which makes `bytes` bytes one element; `None` when it cannot.
    #[must_use]
    pub fn cast<U>(
        self,
        bytes: usize,
        cast: impl FnOnce(&'a [u8]) -> Option<&'a [U]>,
    ) -> Option<Strided<'a, U>> {
        let Self { rows, pitch, start, width } = self;
        let rows = cast(rows)?;
        Some(Strided { rows, pitch: pitch / bytes, start: start / bytes, width: width / bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn columns_of_rows() {
        let rows: Vec<u8> = (0..12).collect();
        let all = |strided: Strided<'_, u8>| strided.rows().map(<[u8]>::to_vec).collect::<Vec<_>>();
        assert_eq!(all(Strided::columns(&rows, 6, 2..4)), [[2, 3], [8, 9]]);
        assert_eq!(all(Strided::whole(&rows)).concat(), rows);
        assert!(all(Strided::whole(&[])).is_empty());
        let pairs = Strided::columns(&rows, 6, 2..4).cast(2, |rows| Some(rows.as_chunks::<2>().0)).unwrap();
        assert_eq!(pairs.rows().collect::<Vec<_>>(), [[[2, 3]], [[8, 9]]]);
    }
}
