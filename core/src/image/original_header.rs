//! What an MRC file has in front of its images.

/// The header of an MRC file as it was, which travels beside its images: attributes have no place for all of it.
/// The extended header may be long and is read in pieces, by [`super::Images::read_extended_header`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalHeader {
    /// Its first 1024 bytes.
    pub bytes: Vec<u8>,
    /// Bytes of the extended header, 0 for none.
    pub extended: u64,
    /// The most significant byte of its numbers comes first.
    pub big_endian: bool,
}
