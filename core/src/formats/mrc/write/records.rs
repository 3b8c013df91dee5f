//! FEI records of the extended header, from attributes.

use super::header_attributes::HeaderAttributes;
use crate::formats::mrc::fei;
use crate::image::attributes::Attributes;

/// Longer records are damage: known ones have up to 888 bytes.
const LONGEST_SANE: usize = 64 << 10;

/// Returns the length of an image's record, if it came with one.
#[must_use]
pub fn length(attributes: &Attributes) -> Option<usize> {
    let size = HeaderAttributes(attributes).int("FEIMRC.metadata_size")?;
    usize::try_from(size).ok().filter(|size| (fei::SHORTEST_RECORD..=LONGEST_SANE).contains(size))
}

/// Rebuilds an image's record, `length` bytes long.
#[must_use]
pub fn record(attributes: &Attributes, length: usize) -> Vec<u8> {
    fei::record(attributes, length)
}
