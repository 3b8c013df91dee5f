//! Lengths and codes of a Huffman code with limited lengths.

/// Symbols of the larger deflate alphabet: literals, end of block, lengths (RFC 1951, 3.2.5).
pub const LITLEN_SYMBOLS: usize = 286;
/// Symbols of the distance alphabet.
pub const DISTANCE_SYMBOLS: usize = 30;
/// Longest code deflate can describe (RFC 1951, 3.2.7).
pub const MAX_LENGTH: u32 = 15;

/// Working space of [`lengths`].
const CAPACITY: usize = 288;

/// Sets `lengths[s]` to the code length of symbol `s`, 0 where `counts[s]` is 0, none above `limit`.
///
/// The lengths are those of Moffat and Katajainen (1995, in-place minimum-redundancy codes); where they exceed the
/// limit, codes are moved up and the Kraft sum is repaired as cheaply as the counts by length allow. With fewer than
/// two symbols in use, the first unused ones are given a code too, so that every code is complete: strict decoders
/// refuse others.
///
/// # Panics
/// If the alphabet has fewer than two symbols, or more than 288, or cannot be coded within `limit`.
pub fn lengths(counts: &[u32], limit: u32, lengths: &mut [u8]) {
    let mut order = [0u64; CAPACITY];
    let mut used = 0;
    for (symbol, &count) in counts.iter().enumerate() {
        // Without this branch the loop is free of mispredictions on sparse alphabets.
        order[used] = u64::from(count) << 16 | symbol as u64;
        used += usize::from(count != 0);
    }
    lengths.fill(0);
    if used < 2 {
        let only = if used == 1 { (order[0] & 0xFFFF) as usize } else { 0 };
        lengths[only] = 1;
        lengths[usize::from(only == 0)] = 1;
        return;
    }
    let order = &mut order[..used];
    order.sort_unstable();
    let mut depths = [0u32; CAPACITY];
    let depths = &mut depths[..used];
    for (depth, &entry) in depths.iter_mut().zip(order.iter()) {
        // Totals stay below 2^32: a block never holds more than 2^31 symbols.
        *depth = (entry >> 16) as u32;
    }
    minimum_redundancy(depths);
    let mut by_length = [0u32; 64];
    for &depth in depths.iter() {
        by_length[depth.min(limit) as usize] += 1;
    }
    repair(&mut by_length, limit);
    // The rarest symbols come first in `order` and get the longest codes.
    let mut rest = order.iter();
    for length in (1..=limit).rev() {
        for &entry in rest.by_ref().take(by_length[length as usize] as usize) {
            lengths[(entry & 0xFFFF) as usize] = length as u8;
        }
    }
}

/// Replaces ascending counts (two or more) by the depths of their leaves in a Huffman tree.
fn minimum_redundancy(values: &mut [u32]) {
    let n = values.len();
    // Pass 1: values become internal nodes' weights, then the indices of their parents.
    let (mut leaf, mut root) = (0, 0);
    for next in 0..n - 1 {
        let mut weight = 0u32;
        for _ in 0..2 {
            if leaf >= n || (root < next && values[root] < values[leaf]) {
                weight += values[root];
                values[root] = next as u32;
                root += 1;
            } else {
                weight += values[leaf];
                leaf += 1;
            }
        }
        values[next] = weight;
    }
    // Pass 2: depths of internal nodes.
    values[n - 2] = 0;
    for next in (0..n - 2).rev() {
        values[next] = values[values[next] as usize] + 1;
    }
    // Pass 3: depths of leaves, deepest first.
    let (mut available, mut depth) = (1, 0);
    let (mut root, mut next) = (n as isize - 2, n as isize - 1);
    while available > 0 {
        let mut internal = 0;
        while root >= 0 && values[root as usize] == depth {
            internal += 1;
            root -= 1;
        }
        for _ in internal..available {
            values[next as usize] = depth;
            next -= 1;
        }
        available = 2 * internal;
        depth += 1;
    }
}

/// Makes codes, some of which were cut to `limit`, complete again: a leaf above the limit becomes a node of two.
fn repair(by_length: &mut [u32; 64], limit: u32) {
    let unit = 1u64 << limit;
    let mut sum: u64 =
        (1..=limit).map(|length| u64::from(by_length[length as usize]) << (limit - length)).sum();
    while sum > unit {
        let mut length = limit as usize - 1;
        while by_length[length] == 0 {
            length -= 1;
        }
        by_length[length] -= 1;
        by_length[length + 1] += 2;
        by_length[limit as usize] -= 1;
        sum -= 1;
    }
}

/// Sets `codes[s]` to the canonical code of symbol `s` (RFC 1951, 3.2.2), bits reversed as they are sent.
pub fn codes(lengths: &[u8], codes: &mut [u16]) {
    let mut by_length = [0u16; MAX_LENGTH as usize + 1];
    for &length in lengths.iter().filter(|&&length| length != 0) {
        by_length[usize::from(length)] += 1;
    }
    let mut next = [0u16; MAX_LENGTH as usize + 1];
    for length in 1..MAX_LENGTH as usize {
        next[length + 1] = (next[length] + by_length[length]) << 1;
    }
    for (code, &length) in codes.iter_mut().zip(lengths) {
        // Most symbols of a narrow alphabet have no code: this branch is worth it.
        *code = 0;
        if length != 0 {
            let length = usize::from(length);
            *code = next[length].reverse_bits() >> (16 - length);
            next[length] += 1;
        }
    }
}

/// Counts the bits that symbols counted in `counts` take with codes of these lengths.
pub fn cost(counts: &[u32], lengths: &[u8]) -> usize {
    counts.iter().zip(lengths).map(|(&count, &length)| count as usize * usize::from(length)).sum()
}
