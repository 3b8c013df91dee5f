//! The extent of an image.

/// Rows and columns stay below this, as in EMAN2; a larger number in a header is damage.
pub const MAX_SIDE: u32 = 1 << 20;

/// The extent of one image as it is stored, `nx` fastest. `nz` is 1 for a 2-D image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Shape {
    /// Columns: pixels in a row.
    pub nx: u32,
    /// Rows in a section.
    pub ny: u32,
    /// Sections.
    pub nz: u32,
}

impl Shape {
    /// Counts the rows in all sections together.
    #[must_use]
    pub fn rows(self) -> u64 {
        u64::from(self.ny) * u64::from(self.nz)
    }

    /// Counts the pixels in the whole image.
    #[must_use]
    pub fn pixels(self) -> u64 {
        self.rows() * u64::from(self.nx)
    }

    /// Returns the dimensions of the dataset, slowest first: (ny, nx), or (nz, ny, nx) for a volume.
    #[must_use]
    pub fn dimensions(self) -> Vec<u64> {
        let all = [self.nz.into(), self.ny.into(), self.nx.into()];
        all[usize::from(self.nz == 1)..].to_vec()
    }
}
