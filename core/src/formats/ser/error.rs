//! What can be wrong with a TIA series.

use crate::image::MAX_SIDE;

/// What to do about a file that is not whole.
const COPY: &str = "copy it again from where it came";

/// Why a file cannot be taken for images of a TIA series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SerError {
    /// Versions after these.
    #[error(
        "the TIA series (SER) has version {0:#06x} (byte 4); known are 0x0210 and 0x0220: convert it to MRC first"
    )]
    Version(u16),
    /// Spectra.
    #[error("the TIA series (SER) holds spectra (data type {0:#06x} at byte 6), not images")]
    Spectra(u32),
    /// Something else.
    #[error("the TIA series (SER) holds data of type {0:#06x} (byte 6); images are 0x4122: {COPY}")]
    Kind(u32),
    /// More dimensions than a series has.
    #[error("the TIA series (SER) says that it has {0} dimensions, more than {most}; {COPY}", most = super::header::MOST_DIMENSIONS)]
    SeriesDimensions(u32),
    /// No image at all.
    #[error("the TIA series (SER) has no image: of {total} elements {valid} were recorded (bytes 14 to 21)")]
    Count {
        /// Elements there is a place for.
        total: u32,
        /// Of them, those that were recorded.
        valid: u32,
    },
    /// Complex pixels.
    #[error(
        "element {element} of the TIA series (SER) has complex pixels (type {kind}), a Fourier transform and no \
         picture; save its modulus in TIA"
    )]
    Complex {
        /// Its number.
        element: u32,
        /// The number of the type.
        kind: u16,
    },
    /// A type nobody defined.
    #[error(
        "element {element} of the TIA series (SER) has pixels of the unknown type {kind} (byte {at}); {COPY}"
    )]
    Type {
        /// Its number.
        element: u32,
        /// The number of the type.
        kind: u16,
        /// Where it is.
        at: u64,
    },
    /// Sides that no image has.
    #[error(
        "element {element} of the TIA series (SER) is {nx} x {ny}: sides must be at least 1 and below {MAX_SIDE}; {COPY}"
    )]
    Sides {
        /// Its number.
        element: u32,
        /// Columns.
        nx: u32,
        /// Rows.
        ny: u32,
    },
    /// Images that differ.
    #[error(
        "element {element} of the TIA series (SER) has another size or type of pixels ({found}) than element 0 ({first}); \
         save them one by one in TIA"
    )]
    Differs {
        /// Its number.
        element: u32,
        /// What it is.
        found: String,
        /// What the first one is.
        first: String,
    },
    /// Something leads beyond the end.
    #[error(
        "the TIA series (SER) is cut short: {what} should end at byte {end}, the file has {length}; {COPY}"
    )]
    CutShort {
        /// What is not all there.
        what: String,
        /// Where it should end.
        end: u128,
        /// The file's length.
        length: u64,
    },
}
