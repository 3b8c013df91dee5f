//! Bits of a deflate stream, the lowest of each byte first.

/// Reads bits. Beyond the end there are zeros; [`Self::is_inside`] tells.
pub struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    place: usize,
}

impl<'a> Bits<'a> {
    /// Starts behind so many bytes.
    pub fn after(bytes: &'a [u8], skipped: usize) -> Self {
        Self { bytes, place: skipped * 8 }
    }

    /// Returns the bits that follow, 57 or more.
    #[inline]
    pub fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.place / 8..).unwrap_or_default();
        let word = rest.first_chunk().map_or_else(
            || rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
            |&word| u64::from_le_bytes(word),
        );
        word >> (self.place % 8)
    }

    /// Passes by so many bits.
    #[inline]
    pub fn skip(&mut self, count: usize) {
        self.place += count;
    }

    /// Returns so many bits, 32 at most, and passes by them.
    pub fn take(&mut self, count: u32) -> u32 {
        let bits = self.peek() & ((1 << count) - 1);
        self.skip(count as usize);
        bits as u32
    }

    /// Goes on at the next whole byte, and returns its place.
    pub fn align(&mut self) -> usize {
        self.place = self.place.next_multiple_of(8);
        self.place / 8
    }

    /// Tells whether all that was passed by was there.
    pub fn is_inside(&self) -> bool {
        self.place <= self.bytes.len() * 8
    }

    /// Returns the bytes from the one with the next bit on, and how many of its bits are passed by.
    #[inline]
    pub fn rest(&self) -> (&'a [u8], usize) {
        (self.bytes.get(self.place / 8..).unwrap_or_default(), self.place % 8)
    }
}
