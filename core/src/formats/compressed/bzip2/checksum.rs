//! bzip2's CRC-32: that of zlib, but the most significant bit of each byte first.

use crc32fast::Hasher;

/// The checksum of bytes that come in pieces.
pub struct Checksum {
    hasher: Hasher,
    reversed: Vec<u8>,
}

impl Checksum {
    /// Begins with no bytes.
    pub fn new() -> Self {
        Self { hasher: Hasher::new(), reversed: Vec::new() }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.reversed.clear();
        self.reversed.extend(bytes.iter().map(|byte| byte.reverse_bits()));
        self.hasher.update(&self.reversed);
    }

    /// Returns the checksum.
    pub fn finish(self) -> u32 {
        self.hasher.finalize().reverse_bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn it_is_the_one_of_the_catalogues() {
        // CRC-32/BZIP2 in every catalogue of checksums.
        let mut checksum = Checksum::new();
        checksum.update(b"1234");
        checksum.update(b"56789");
        assert_eq!(checksum.finish(), 0xfc89_1918);
    }
}
