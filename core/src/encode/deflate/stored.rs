//! Stored blocks: the bytes as they are (RFC 1951, 3.2.4).

use super::bits::BitSink;
use super::block::HEAD_BITS;

/// Most bytes in one stored block: its length is sent in 16 bits.
const MAX_BYTES: usize = 65535;
/// Bits of a stored block's length and its complement.
const LENGTH_BITS: usize = 32;

/// Counts the bits that `length` bytes take, stored from `offset` bits (0..=7) after a byte boundary.
pub fn bits(length: usize, offset: usize) -> usize {
    let blocks = length.div_ceil(MAX_BYTES).max(1);
    let first = (offset + HEAD_BITS).next_multiple_of(8) - offset + LENGTH_BITS;
    let others = (blocks - 1) * (8 + LENGTH_BITS);
    first + others + length * 8
}

/// Writes `data` as stored blocks, the last of which ends the stream if `last`.
pub fn write(data: &[u8], last: bool, sink: &mut BitSink<'_>) {
    let mut rest = data;
    loop {
        let (block, after) = rest.split_at(rest.len().min(MAX_BYTES));
        rest = after;
        let ends = last && rest.is_empty();
        sink.append(HEAD_BITS, |out| out.put(u64::from(ends), HEAD_BITS as u32));
        sink.align();
        let length = block.len() as u16;
        sink.bytes(&length.to_le_bytes());
        sink.bytes(&(!length).to_le_bytes());
        sink.bytes(block);
        if rest.is_empty() {
            return;
        }
    }
}
