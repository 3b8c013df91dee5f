//! Bits into bytes, least significant first (RFC 1951, 3.1.1).

/// Bytes that a flush writes, however few of them are full: buffers are that much longer than their content.
pub const WORD: usize = 8;

/// A place in a buffer: a byte, and the bits that come next but are not in the buffer yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Whole bytes before this place.
    pub position: usize,
    /// Pending bits; those above `count` are zero.
    pub bits: u64,
    /// Number of pending bits: 0..=7 after a flush.
    pub count: u32,
}

impl Cursor {
    /// Returns the place `bits` bits after the buffer's start, with zeros pending.
    pub fn at(bits: usize) -> Self {
        Self { position: bits / 8, bits: 0, count: (bits % 8) as u32 }
    }

    /// Counts the bits from the buffer's start, pending ones included.
    pub fn bit_position(&self) -> usize {
        self.position * 8 + self.count as usize
    }

    /// Adds the low `count` bits of `bits`, the others being zero. At most 56 bits between two flushes.
    #[inline(always)]
    pub fn put(&mut self, bits: u64, count: u32) {
        debug_assert!(self.count + count <= 63 && bits >> count == 0);
        self.bits |= bits.wrapping_shl(self.count);
        self.count += count;
    }

    /// Moves whole bytes to the buffer; at most seven bits remain pending.
    #[inline(always)]
    pub fn flush(&mut self, buffer: &mut [u8]) {
        buffer[self.position..self.position + WORD].copy_from_slice(&self.bits.to_le_bytes());
        self.position += (self.count >> 3) as usize;
        self.bits = self.bits.wrapping_shr(self.count & 0b11_1000);
        self.count &= 7;
    }
}

/// A cursor and its buffer, which is long enough for all that will be written, plus a [`WORD`].
pub struct BitWriter<'a> {
    /// Buffer that takes whole bytes.
    pub buffer: &'a mut [u8],
    /// Place of the next bits.
    pub cursor: Cursor,
}

impl BitWriter<'_> {
    /// Adds bits; see [`Cursor::put`].
    #[inline(always)]
    pub fn put(&mut self, bits: u64, count: u32) {
        self.cursor.put(bits, count);
    }

    /// Moves whole bytes to the buffer; see [`Cursor::flush`].
    #[inline(always)]
    pub fn flush(&mut self) {
        self.cursor.flush(self.buffer);
    }

    /// Adds bits and flushes: [`put`](Self::put), then [`flush`](Self::flush).
    #[inline(always)]
    pub fn write(&mut self, bits: u64, count: u32) {
        self.put(bits, count);
        self.flush();
    }
}

/// The end of a deflate stream under construction: whole bytes in a vector, up to seven bits beside it.
pub struct BitSink<'a> {
    out: &'a mut Vec<u8>,
    bits: u64,
    count: u32,
}

impl<'a> BitSink<'a> {
    /// Continues `out` at a byte boundary.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, bits: 0, count: 0 }
    }

    /// Returns the number of bits already in the byte that is not full yet: 0..=7.
    pub fn offset(&self) -> usize {
        self.count as usize
    }

    /// Lets `write` append exactly `bits` bits.
    pub fn append(&mut self, bits: usize, write: impl FnOnce(&mut BitWriter<'_>)) {
        let start = self.out.len();
        self.out.resize(start + (bits + self.offset()).div_ceil(8) + WORD, 0);
        let cursor = Cursor { position: 0, bits: self.bits, count: self.count };
        let mut writer = BitWriter { buffer: &mut self.out[start..], cursor };
        write(&mut writer);
        writer.flush();
        let end = writer.cursor;
        debug_assert_eq!(end.bit_position(), self.offset() + bits, "a block has the size that was counted");
        self.out.truncate(start + end.position);
        self.bits = end.bits;
        self.count = end.count;
    }

    /// Fills the last byte with zero bits.
    pub fn align(&mut self) {
        if self.count > 0 {
            self.out.push(self.bits as u8);
            self.bits = 0;
            self.count = 0;
        }
    }

    /// Appends whole bytes; the sink must be aligned.
    pub fn bytes(&mut self, bytes: &[u8]) {
        debug_assert_eq!(self.count, 0);
        self.out.extend_from_slice(bytes);
    }
}
