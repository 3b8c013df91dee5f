//! zlib streams into memory of known size.
//!
//! fdeflate does it: on streams of [`crate::encode::deflate`] it is 1.4 to 2.5 times as fast as `miniz_oxide`,
//! zlib-rs 1.2 to 1.8 times, zune-inflate 1.1 to 1.7 times; on streams of zlib's level 1 it is 1.2 to
//! 1.7 times as fast and zlib-rs 1.3 to 2.2 times (`e2compress-bench inflate`).

use fdeflate::{DecompressionError, Decompressor};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// Bytes that a stream looks back at, at most (RFC 1950).
const WINDOW_BYTES: usize = 32 << 10;

/// Why a stream does not make the bytes it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InflateFault {
    /// No zlib stream, or a broken one.
    #[error("its zlib stream is broken")]
    Stream,
    /// The stream's own checksum is of other bytes.
    #[error("the checksum (adler32) of its zlib stream does not match")]
    Checksum,
    /// The stream ends before its last block does.
    #[error("its zlib stream is cut off")]
    CutOff,
    /// Two libraries make different bytes of it.
    #[error("two libraries make different bytes of its zlib stream")]
    Disagreement,
    /// It inflates to fewer bytes.
    #[error("its zlib stream makes only {0} bytes")]
    Short(usize),
    /// All bytes are made but the stream has not ended: it makes more of them, or its end is missing.
    #[error("its zlib stream goes on when all bytes are made, or its end is missing")]
    Unended,
}

/// Inflates one stream after the other.
#[derive(Clone, Debug, Default)]
pub struct Inflater {
    cross_check: Option<CrossCheck>,
}

impl Inflater {
    /// Creates an inflater that has every stream inflated by a second library too, `miniz_oxide`: both must agree.
    #[must_use]
    pub fn with_cross_check() -> Self {
        Self { cross_check: Some(CrossCheck { inflater: Box::default(), window: vec![0; WINDOW_BYTES] }) }
    }

    /// Creates an inflater, ready for the first stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Inflates a zlib stream, which must fill `out` exactly; its checksum is checked. What follows
    /// the stream is left alone, as libhdf5 does.
    ///
    /// # Errors
    /// When the stream is broken, does not fill `out`, or would overfill it; `out` then holds
    /// anything.
    pub fn inflate(&mut self, stream: &[u8], out: &mut [u8]) -> Result<(), InflateFault> {
        let mut inflater = Decompressor::new();
        let (mut taken, mut made) = (0, 0);
        // With `out` full, the stream's end may take another call.
        while !inflater.is_done() {
            let step = inflater.read(&stream[taken..], out, made, true);
            let (more_taken, more_made) = step.map_err(|error| match error {
                DecompressionError::WrongChecksum => InflateFault::Checksum,
                DecompressionError::InsufficientInput => InflateFault::CutOff,
                _ => InflateFault::Stream,
            })?;
            taken += more_taken;
            made += more_made;
            if more_taken == 0 && more_made == 0 && !inflater.is_done() {
                return Err(InflateFault::Unended);
            }
        }
        if made != out.len() {
            return Err(InflateFault::Short(made));
        }
        match &mut self.cross_check {
            Some(second) => second.makes(stream, out),
            None => Ok(()),
        }
    }
}

/// A second library. Of what it makes, the window that streams look back at is held.
#[derive(Clone)]
struct CrossCheck {
    inflater: Box<DecompressorOxide>,
    window: Vec<u8>,
}

impl std::fmt::Debug for CrossCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CrossCheck").finish_non_exhaustive()
    }
}

impl CrossCheck {
    /// Demands that the library makes just these bytes of a stream.
    fn makes(&mut self, mut stream: &[u8], mut expected: &[u8]) -> Result<(), InflateFault> {
        const FLAGS: u32 =
            inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER | inflate_flags::TINFL_FLAG_COMPUTE_ADLER32;
        self.inflater.init();
        let mut place = 0;
        loop {
            let (status, taken, made) =
                decompress(&mut self.inflater, stream, &mut self.window, place, FLAGS);
            let (next, left) = expected.split_at_checked(made).ok_or(InflateFault::Disagreement)?;
            if next != &self.window[place..place + made] {
                return Err(InflateFault::Disagreement);
            }
            expected = left;
            stream = &stream[taken..];
            place = (place + made) % WINDOW_BYTES;
            match status {
                TINFLStatus::Done if expected.is_empty() => return Ok(()),
                TINFLStatus::HasMoreOutput => {}
                _ => return Err(InflateFault::Disagreement),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec_zlib;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn streams() -> Vec<(Vec<u8>, Vec<u8>)> {
        let noise = |length: u64| -> Vec<u8> {
            (0..length).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59) as u8).collect()
        };
        let data =
            [vec![], vec![7], noise(3), vec![0; 100_000], noise(70_000), [noise(500), vec![9; 500]].concat()];
        let levels = [0, 1, 6, 9];
        let pair = |data: &Vec<u8>, level| (compress_to_vec_zlib(data, level), data.clone());
        data.iter().flat_map(|data| levels.map(|level| pair(data, level))).collect()
    }

    #[test]
    fn streams_fill_their_room_exactly() {
        let both = || [Inflater::new(), Inflater::with_cross_check()];
        for ((stream, data), mut inflater) in
            streams().into_iter().flat_map(|pair| both().map(|inflater| (pair.clone(), inflater)))
        {
            let mut out = vec![1; data.len()];
            assert_eq!(inflater.inflate(&stream, &mut out), Ok(()));
            assert_eq!(out, data);
            let followed = [&stream[..], b"what follows"].concat();
            assert_eq!(inflater.inflate(&followed, &mut out), Ok(()));
            let mut larger = vec![1; data.len() + 1];
            assert_eq!(inflater.inflate(&stream, &mut larger), Err(InflateFault::Short(data.len())));
            if let Some(smaller) = data.len().checked_sub(1) {
                assert_eq!(inflater.inflate(&stream, &mut vec![1; smaller]), Err(InflateFault::Unended));
            }
        }
    }

    #[test]
    fn cut_off_and_changed_streams_are_found() {
        let mut inflater = Inflater::new();
        for (mut stream, data) in streams() {
            let mut out = vec![1; data.len()];
            for length in [0, 1, 2, 3, stream.len() / 2, stream.len() - 5, stream.len() - 4, stream.len() - 1]
            {
                let cut = &stream[..length.min(stream.len() - 1)];
                let found = inflater.inflate(cut, &mut out);
                assert!(matches!(found, Err(InflateFault::CutOff | InflateFault::Unended)), "{found:?}");
            }
            *stream.last_mut().expect("bytes") ^= 1;
            assert_eq!(inflater.inflate(&stream, &mut out), Err(InflateFault::Checksum));
            stream[0] = 0;
            assert_eq!(inflater.inflate(&stream, &mut out), Err(InflateFault::Stream));
        }
    }
}
