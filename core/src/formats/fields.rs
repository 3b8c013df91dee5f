//! Numbers at places in a header, in either byte order.

/// The bytes of a header whose byte order is known.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    /// The header, or as much of it as there is.
    pub bytes: &'a [u8],
    /// The most significant byte of its numbers comes first.
    pub big_endian: bool,
}

impl<'a> Fields<'a> {
    /// Takes bytes for fields in this byte order.
    pub fn new(bytes: &'a [u8], big_endian: bool) -> Self {
        Self { bytes, big_endian }
    }

    /// Returns the bytes of a number at a place, the least significant first; zeros beyond the end.
    fn number<const N: usize>(&self, at: usize) -> [u8; N] {
        let found = at.checked_add(N).and_then(|end| self.bytes.get(at..end)?.try_into().ok());
        let mut bytes: [u8; N] = found.unwrap_or([0; N]);
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    /// Returns the unsigned 16-bit number at a place.
    pub fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.number(at))
    }

    /// Returns the signed 32-bit number at a place.
    pub fn i32(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.number(at))
    }

    /// Returns the unsigned 32-bit number at a place.
    pub fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.number(at))
    }

    /// Returns the unsigned 64-bit number at a place.
    pub fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.number(at))
    }

    /// Returns the 32-bit float at a place.
    pub fn f32(&self, at: usize) -> f32 {
        f32::from_bits(self.u32(at))
    }

    /// Returns the 64-bit float at a place.
    pub fn f64(&self, at: usize) -> f64 {
        f64::from_bits(self.u64(at))
    }

    /// Returns so many bytes of text at a place, fewer where the header ends.
    pub fn text(&self, at: usize, length: usize) -> &'a [u8] {
        let start = at.min(self.bytes.len());
        &self.bytes[start..start.saturating_add(length).min(self.bytes.len())]
    }
}

/// Returns what a header says of its byte order, for `ImageEndian`.
pub fn order_name(big_endian: bool) -> &'static [u8] {
    if big_endian { b"big" } else { b"little" }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn both_orders_and_no_end() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(Fields::new(&bytes, false).u16(1), 0x0302);
        assert_eq!(Fields::new(&bytes, true).u32(4), 0x0506_0708);
        assert_eq!(Fields::new(&bytes, true).u64(0), 0x0102_0304_0506_0708);
        assert_eq!(Fields::new(&bytes, false).i32(5), 0);
        assert_eq!(Fields::new(&bytes, false).u16(usize::MAX), 0);
        assert_eq!(Fields::new(&bytes, false).text(6, 9), [7, 8]);
    }
}
