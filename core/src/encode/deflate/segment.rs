//! Cuts a chunk into segments of even character and says how each is best looked at.
//!
//! The tests are cheap: how many aligned words hold eight equal bytes (on noise at most one in fifty, in masked volumes
//! and sparse counts most), and, in a sample of the other words, how often a byte equals its neighbour beyond what
//! chance would make of the sample's histogram (on noise not at all, in smooth volumes often).

use super::histogram::{MAX_BYTES, word};

/// Bytes judged together when planes are cut into segments.
const CELL: usize = 4096;
/// A segment is not cut off for less than this: its block needs a header of some 60 bytes.
const MIN_NOISE: usize = 4 * CELL;
/// Longest segment, so that counters do not overflow and codes follow slow changes.
const MAX_SEGMENT: usize = 256 << 10;
const _: () = assert!(MAX_SEGMENT <= MAX_BYTES);
/// Bytes between the words that are tested for flatness.
const STRIDE: usize = 32;
/// Share of flat words, one in this many, that makes a cell flat.
const FLAT_SHARE: usize = 16;
/// Planes smaller than this share a block: a header of its own costs a plane more than the bit per byte that the mixture of
/// two unlike planes does.
const MIN_PLANE: usize = 512;
/// Words from one to the next in a sample, at least: small chunks have no time for more.
const MIN_STEP: usize = 4;
/// Words in a sample.
const SAMPLE: usize = 128;

/// The character of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing recurs: literals only.
    Noise,
    /// Runs, but little else recurs.
    Runs,
    /// Runs of one byte that prevails even between them: short ones are cheaper as literals.
    Sparse,
    /// Smooth: patterns recur.
    Smooth,
}

/// A part of a chunk to be made into blocks of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// Its character.
    pub kind: Kind,
}

/// Cuts `data`, said to be `planes` equal byte planes, into segments.
pub fn segments(data: &[u8], planes: usize, into: &mut Vec<Segment>) {
    into.clear();
    let plane = data.len() / planes.max(1);
    let plane = if plane < MIN_PLANE { data.len() } else { plane };
    let mut start = 0;
    while start < data.len() {
        // What remains of an uneven division goes to the last plane.
        let end = if (data.len() - start) / 2 < plane { data.len() } else { start + plane };
        cut_plane(data, start, end, into);
        start = end;
    }
}

fn cut_plane(data: &[u8], start: usize, end: usize, into: &mut Vec<Segment>) {
    let parts = (end - start).div_ceil(MAX_SEGMENT);
    let mut from = start;
    for part in 1..=parts {
        let to = if part == parts {
            end
        } else {
            from + ((end - start) / parts).next_multiple_of(CELL).min(end - from)
        };
        cut_part(data, from, to, into);
        from = to;
    }
}

/// Cuts cells in turn: long sequences of cells without flat words become segments of noise, what is between them
/// others.
fn cut_part(data: &[u8], start: usize, end: usize, into: &mut Vec<Segment>) {
    // Cells before `noise` and not yet pushed go with what is flat; those from there on are noise so far.
    let (mut pushed, mut noise) = (start, start);
    let mut at = start;
    while at < end {
        let cell = &data[at..end.min(at + CELL)];
        if flat_words(cell) * FLAT_SHARE * STRIDE > cell.len() {
            if at - noise >= MIN_NOISE {
                push(data, pushed, noise, true, into);
                push(data, noise, at, false, into);
                pushed = at;
            }
            noise = at + cell.len();
        }
        at += cell.len();
    }
    if end - noise >= MIN_NOISE || noise == pushed {
        push(data, pushed, noise, true, into);
        push(data, noise, end, false, into);
    } else {
        push(data, pushed, end, true, into);
    }
}

fn push(data: &[u8], start: usize, end: usize, flat: bool, into: &mut Vec<Segment>) {
    if start < end {
        into.push(Segment { start, end, kind: judge(&data[start..end], flat) });
    }
}

/// Counts words of eight equal bytes, looking at one word in each [`STRIDE`] bytes.
fn flat_words(data: &[u8]) -> usize {
    let flat = |first: u64| usize::from(first.rotate_left(8) == first);
    data.chunks_exact(STRIDE).map(|bytes| flat(word(&bytes[..8]))).sum()
}

/// Judges the character of a segment, flat or not, from a sample of its words.
fn judge(data: &[u8], flat: bool) -> Kind {
    let words = data.len() / 8;
    // An odd step does not fall in with the rows of an image.
    let step = (words / SAMPLE).max(MIN_STEP) | 1;
    let mut counts = [0u32; 256];
    let (mut sampled, mut equal) = (0u32, 0u32);
    for eight in data.chunks_exact(8).step_by(step) {
        let eight = word(eight);
        if eight.rotate_left(8) == eight {
            continue;
        }
        sampled += 1;
        for shift in (0..64).step_by(8) {
            counts[(eight >> shift & 255) as usize] += 1;
        }
        let pairs = eight ^ eight >> 8;
        equal += (0..56).step_by(8).map(|shift| u32::from((pairs >> shift) as u8 == 0)).sum::<u32>();
    }
    // Of `bytes` bytes, pairs of the same value by chance: the sum of squares over the number of bytes.
    let (bytes, pairs) = (u64::from(sampled) * 8, u64::from(sampled) * 7);
    let squares: u64 = counts.iter().map(|&count| u64::from(count) * u64::from(count)).sum();
    let equal = u64::from(equal);
    // A quarter of all neighbours equal, and four times as many as by chance.
    if equal * 4 > pairs && equal * bytes * bytes > 4 * squares * pairs {
        Kind::Smooth
    } else if !flat {
        Kind::Noise
    } else if squares * 2 > bytes * bytes {
        Kind::Sparse
    } else {
        Kind::Runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn segments_cover_everything_in_order() {
        let mut data = vec![0u8; 300_000];
        let mut state = 1u32;
        for (index, byte) in data.iter_mut().enumerate() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = if index / 30_000 % 2 == 0 { (state >> 27) as u8 } else { 3 };
        }
        let mut list = Vec::new();
        for length in [1, 7, 2047, 4096, 5000, 16_384, 100_001, 300_000] {
            for planes in [0, 1, 2, 3, 4, 1000, usize::MAX] {
                segments(&data[..length], planes, &mut list);
                assert_eq!((list[0].start, list[list.len() - 1].end), (0, length));
                assert!(
                    list.iter()
                        .all(|segment| segment.start < segment.end
                            && segment.end - segment.start <= MAX_SEGMENT)
                );
                assert!(list.windows(2).all(|pair| pair[0].end == pair[1].start));
            }
        }
        segments(&data, 1, &mut list);
        assert!(
            list.iter().any(|segment| segment.kind == Kind::Noise)
                && list.iter().any(|segment| segment.kind != Kind::Noise)
        );
    }
}
