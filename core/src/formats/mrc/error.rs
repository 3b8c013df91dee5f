//! What can be wrong with an MRC file.

use crate::image::MAX_SIDE;

/// Why a file cannot be taken for an MRC image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MrcError {
    /// Nothing of MRC in it.
    #[error("not an MRC file: {0}")]
    NotMrc(String),
    /// Modes 3 and 4.
    #[error("MRC mode {0} holds complex numbers (a Fourier transform), which codes cannot represent")]
    Complex(i32),
    /// A mode nobody defined, or that we do not know.
    #[error("MRC mode {0} is unknown; known are 0, 1, 2, 6, 12, 17 and 101 (header byte 12)")]
    Mode(i32),
    /// Sides of an image must make sense.
    #[error(
        "the header's dimensions {nx} x {ny} x {nz} (bytes 0 to 11) make no image: each must be \
         at least 1, and sides below {MAX_SIDE}"
    )]
    Dimensions {
        /// Columns.
        nx: i32,
        /// Rows.
        ny: i32,
        /// Sections.
        nz: i32,
    },
    /// NSYMBT is negative or leads beyond the end.
    #[error("the extended header of {0} bytes (header byte 92) does not fit the file of {1} bytes")]
    ExtendedHeader(i32, u64),
    /// Fewer bytes than the header promises.
    #[error(
        "the file is cut short: its header promises {promised} bytes, it has {found}; copy it again \
         from where it came"
    )]
    Truncated {
        /// Bytes that header, extended header and pixels take.
        promised: u64,
        /// Bytes in the file.
        found: u64,
    },
}
