//! What was written, for those who read it back.

/// A finished file, as far as it takes to recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// In bytes.
    pub length: u64,
    /// Its first bytes, which were written last.
    pub head: Vec<u8>,
    /// CRC-32 of the bytes that follow.
    pub checksum: u32,
}
