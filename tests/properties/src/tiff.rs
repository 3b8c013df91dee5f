//! Any bytes are a TIFF file or a typed error, at once and in bounded memory.

use e2compress_core::formats::tiff::Tiff;

use crate::bytes::Bytes;
use crate::images::images;
use crate::mrc::OPTION_BYTES;

/// Opens, reads, compresses and expands. The first bytes choose the options, the rest is the file.
///
/// # Panics
/// When the reader's promises do not hold.
pub fn tiff(data: &[u8]) {
    let (choice, file) = data.split_at(data.len().min(OPTION_BYTES));
    let options = Bytes(choice).options();
    if let Ok(reader) = Tiff::open(&file, true) {
        images(&reader, "a.tif", &options);
    }
}
