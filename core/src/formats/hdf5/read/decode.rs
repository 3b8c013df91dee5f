//! Stored bytes of a chunk into its elements: the filters undone, last first.

use std::mem;

use super::checksum::fletcher32;
use super::file::CHECKED;
use super::{Chunk, Dataset, Filter, HdfError, Inflater};

/// Deflate's highest ratio: 258 bytes for two bits (RFC 1951).
pub const MOST_INFLATED: u64 = 1032;

/// Returns the most bytes that any encoder makes of so many: what it cannot shrink, it stores.
#[must_use]
pub fn most_stored(bytes: u64) -> u64 {
    bytes + bytes / 4 + 1024
}

/// Bytes of a fletcher32 checksum.
const FLETCHER_BYTES: u64 = 4;

const WHAT: &str = "a chunk";

/// Decodes chunks of one dataset. It keeps its buffers, so that chunks cost no allocation.
#[derive(Debug)]
pub struct ChunkDecoder {
    /// Filters, in the order they were applied.
    filters: Vec<Filter>,
    chunk_bytes: u64,
    /// Offset of address 0 in the source.
    base: u64,
    inflater: Inflater,
    /// Output of the filters undone so far, and room for that of the next one.
    held: Vec<u8>,
    next: Vec<u8>,
}

impl ChunkDecoder {
    /// Creates a decoder for the chunks of a dataset.
    ///
    /// # Errors
    /// [`HdfError::Unsupported`] when a filter is unknown.
    pub fn new(dataset: &Dataset) -> Result<Self, HdfError> {
        let filters = dataset.chunked().map(|chunked| chunked.pipeline.filters()).transpose()?;
        Ok(Self {
            filters: filters.unwrap_or_default(),
            chunk_bytes: dataset.chunk_bytes() as u64,
            base: dataset.base,
            inflater: Inflater::new(),
            held: Vec::new(),
            next: Vec::new(),
        })
    }

    /// Counts the bytes that decoding a chunk takes at most, beside those of the chunk as it is stored and as it
    /// is decoded.
    #[must_use]
    pub fn buffers(&self) -> u64 {
        self.filters.len().saturating_sub(1).min(2) as u64 * self.chunk_bytes
    }

    /// Makes the decoder inflate every stream with a second library too; both must agree.
    #[must_use]
    pub fn with_cross_check(self) -> Self {
        Self { inflater: Inflater::with_cross_check(), ..self }
    }

    /// Checks that a chunk's stored size can make its elements. After it, memory for the stored and
    /// for the decoded bytes is bounded by the file's length.
    ///
    /// # Errors
    /// [`HdfError::Damaged`] when it cannot.
    pub fn check(&self, chunk: &Chunk) -> Result<(), HdfError> {
        let size = u64::from(chunk.size);
        let active = || self.filters.iter().enumerate().filter(|&(number, _)| !chunk.skips(number));
        let checksums = active().filter(|(_, filter)| **filter == Filter::Fletcher32).count() as u64;
        let plain = self.chunk_bytes + checksums * FLETCHER_BYTES;
        let possible = if active().any(|(_, filter)| *filter == Filter::Deflate) {
            plain / MOST_INFLATED <= size && size <= most_stored(plain)
        } else {
            size == plain
        };
        if possible {
            Ok(())
        } else {
            Err(self.damaged(chunk, format!("{size} bytes cannot make its elements")))
        }
    }

    /// Turns a chunk's stored bytes into its elements, in C order, each as the file has it.
    ///
    /// # Errors
    /// [`HdfError::Damaged`] or [`HdfError::Checksum`] when the bytes are not what a writer can have
    /// stored; `out` then holds anything.
    ///
    /// # Panics
    /// When `out` is not [`Dataset::chunk_bytes`] long.
    pub fn decode(&mut self, chunk: &Chunk, stored: &[u8], out: &mut [u8]) -> Result<(), HdfError> {
        assert_eq!(out.len() as u64, self.chunk_bytes, "a buffer of the chunk's size");
        if stored.len() as u64 != u64::from(chunk.size) {
            return Err(self.damaged(chunk, "it is not all there"));
        }
        self.check(chunk)?;
        let active: Vec<Filter> = (0..self.filters.len())
            .filter(|&number| !chunk.skips(number))
            .map(|number| self.filters[number])
            .collect();
        let (mut held, mut next) = (mem::take(&mut self.held), mem::take(&mut self.next));
        let mut stored = stored;
        let mut in_held = None; // how many bytes of `held` count, once one of the filters was undone
        for (number, filter) in active.iter().enumerate().rev() {
            let from = in_held.map_or(stored, |length| &held[..length]);
            let made = match filter {
                Filter::Fletcher32 => {
                    let length = self.checked(chunk, from)?;
                    match &mut in_held {
                        Some(held) => *held = length,
                        None => stored = &stored[..length],
                    }
                    continue;
                }
                Filter::Shuffle(_) => from.len(),
                // Filters before deflate add their checksums and nothing else.
                Filter::Deflate => {
                    let before = &active[..number];
                    let checksums = before.iter().filter(|&&filter| filter == Filter::Fletcher32).count();
                    out.len() + checksums * FLETCHER_BYTES as usize
                }
            };
            let last = number == 0 && made == out.len();
            if !last {
                next.resize(made, 0);
            }
            let to = if last { &mut *out } else { &mut next[..] };
            match *filter {
                Filter::Deflate => {
                    self.inflater
                        .inflate(from, to)
                        .map_err(|fault| self.damaged(chunk, fault.to_string()))?;
                }
                Filter::Shuffle(size) => unshuffle(from, size as usize, to),
                Filter::Fletcher32 => {}
            }
            mem::swap(&mut held, &mut next);
            if last {
                (self.held, self.next) = (held, next);
                return Ok(());
            }
            in_held = Some(made);
        }
        let from = in_held.map_or(stored, |length| &held[..length]);
        if from.len() != out.len() {
            return Err(self.damaged(chunk, "its bytes do not make its elements"));
        }
        out.copy_from_slice(from);
        (self.held, self.next) = (held, next);
        Ok(())
    }

    /// Returns the number of bytes before the checksum that ends `bytes`, once it is found right.
    fn checked(&self, chunk: &Chunk, bytes: &[u8]) -> Result<usize, HdfError> {
        let (data, sum) = bytes
            .split_last_chunk::<{ FLETCHER_BYTES as usize }>()
            .ok_or_else(|| self.damaged(chunk, "it is shorter than its checksum"))?;
        let (found, stored) = (fletcher32(data), u32::from_le_bytes(*sum));
        // HDF5 1.6.2 and before swapped the bytes of each half.
        let swapped = (stored & 0x00ff_00ff) << 8 | (stored >> 8) & 0x00ff_00ff;
        if found == stored || found == swapped || !CHECKED {
            Ok(data.len())
        } else {
            Err(HdfError::Checksum { what: "a chunk (fletcher32)", offset: self.base + chunk.address })
        }
    }

    fn damaged(&self, chunk: &Chunk, problem: impl Into<std::borrow::Cow<'static, str>>) -> HdfError {
        HdfError::Damaged { what: WHAT, offset: self.base + chunk.address, problem: problem.into() }
    }
}

/// Undoes the shuffle filter: first bytes of all elements, second bytes, and so on; what is left over
/// at the end is as it was.
fn unshuffle(shuffled: &[u8], size: usize, out: &mut [u8]) {
    let count = shuffled.len().checked_div(size).unwrap_or(0);
    if size < 2 || count < 2 {
        out.copy_from_slice(shuffled);
        return;
    }
    let (planes, rest) = shuffled.split_at(count * size);
    let (elements, rest_out) = out.split_at_mut(count * size);
    rest_out.copy_from_slice(rest);
    match size {
        2 => unshuffle_fixed::<2>(planes, elements),
        4 => unshuffle_fixed::<4>(planes, elements),
        8 => unshuffle_fixed::<8>(planes, elements),
        _ => {
            for (byte, plane) in planes.chunks_exact(count).enumerate() {
                for (element, &value) in elements.chunks_exact_mut(size).zip(plane) {
                    element[byte] = value;
                }
            }
        }
    }
}

fn unshuffle_fixed<const SIZE: usize>(planes: &[u8], elements: &mut [u8]) {
    let count = planes.len() / SIZE;
    let planes: [&[u8]; SIZE] = std::array::from_fn(|byte| &planes[byte * count..][..count]);
    for (index, element) in elements.as_chunks_mut::<SIZE>().0.iter_mut().enumerate() {
        *element = std::array::from_fn(|byte| planes[byte][index]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec_zlib;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn decoder(filters: &[Filter], chunk_bytes: usize) -> ChunkDecoder {
        ChunkDecoder {
            filters: filters.to_vec(),
            chunk_bytes: chunk_bytes as u64,
            base: 0,
            inflater: Inflater::new(),
            held: Vec::new(),
            next: Vec::new(),
        }
    }

    fn shuffled(bytes: &[u8], size: usize) -> Vec<u8> {
        let count = bytes.len() / size;
        let (whole, rest) = bytes.split_at(count * size);
        let planes = (0..size).flat_map(|byte| whole.chunks_exact(size).map(move |element| element[byte]));
        planes.chain(rest.iter().copied()).collect()
    }

    /// Applies filters as a writer does.
    fn stored(filters: &[Filter], mask: u32, elements: &[u8]) -> (Chunk, Vec<u8>) {
        let mut bytes = elements.to_vec();
        for (number, filter) in filters.iter().enumerate() {
            if mask >> number & 1 == 0 {
                bytes = match *filter {
                    Filter::Deflate => compress_to_vec_zlib(&bytes, 6),
                    Filter::Shuffle(size) => shuffled(&bytes, size as usize),
                    Filter::Fletcher32 => [&bytes[..], &fletcher32(&bytes).to_le_bytes()].concat(),
                };
            }
        }
        (Chunk { number: 0, address: 0, size: bytes.len() as u32, mask }, bytes)
    }

    #[test]
    fn any_order_of_filters_under_any_mask() {
        use Filter::{Deflate, Fletcher32, Shuffle};
        let pipelines: [&[Filter]; 9] = [
            &[],
            &[Deflate],
            &[Shuffle(2), Deflate],
            &[Shuffle(4), Deflate, Fletcher32],
            &[Fletcher32, Shuffle(3), Deflate],
            &[Deflate, Shuffle(8), Fletcher32],
            &[Fletcher32, Deflate, Fletcher32],
            &[Shuffle(2), Shuffle(4), Fletcher32],
            &[Shuffle(0), Shuffle(1), Deflate],
        ];
        for filters in pipelines {
            for length in [1, 2, 23, 1000] {
                let elements: Vec<u8> = (0..length).map(|at| (at * at / 7) as u8).collect();
                let mut decoder = decoder(filters, length);
                for mask in 0..1 << filters.len() {
                    if filters.contains(&Shuffle(0)) && mask & 1 == 0 {
                        continue; // nothing to shuffle, and no writer's doing
                    }
                    let (chunk, stored) = stored(filters, mask, &elements);
                    let mut out = vec![1; length];
                    decoder.decode(&chunk, &stored, &mut out).expect("a sound chunk");
                    assert_eq!(out, elements, "{filters:?} {mask:b}");
                }
            }
        }
    }

    #[test]
    fn a_changed_byte_is_found() {
        let filters = [Filter::Shuffle(2), Filter::Fletcher32];
        let elements = [3; 100];
        let (chunk, mut stored) = stored(&filters, 0, &elements);
        stored[50] ^= 4;
        let error = decoder(&filters, 100).decode(&chunk, &stored, &mut [0; 100]);
        assert!(matches!(error, Err(HdfError::Checksum { .. })), "{error:?}");
    }

    #[test]
    fn sizes_that_lie_are_found_before_anything_is_inflated() {
        let chunk = |size| Chunk { number: 0, address: 0, size, mask: 0 };
        let deflated = decoder(&[Filter::Deflate], 1 << 30);
        assert!(deflated.check(&chunk(1 << 19)).is_err());
        assert!(deflated.check(&chunk(1 << 20)).is_ok());
        assert!(deflated.check(&chunk(u32::MAX)).is_err());
        let plain = decoder(&[Filter::Shuffle(2), Filter::Fletcher32], 100);
        assert!(plain.check(&chunk(100)).is_err());
        assert!(plain.check(&chunk(104)).is_ok());
        assert!(decoder(&[], 100).decode(&chunk(100), &[0; 99], &mut [0; 100]).is_err());
    }
}
