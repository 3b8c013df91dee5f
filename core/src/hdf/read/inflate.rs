//! zlib streams into memory of known size.

use fdeflate::{DecompressionError, Decompressor};

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
    /// It inflates to fewer bytes.
    #[error("its zlib stream makes only {0} bytes")]
    Short(usize),
    /// It inflates to more bytes.
    #[error("its zlib stream makes more bytes than it should")]
    Long,
}

/// Inflates one stream after the other.
#[derive(Clone, Debug, Default)]
pub struct Inflater(());

impl Inflater {
    /// Ready for the first stream.
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
                return Err(if taken == stream.len() { InflateFault::CutOff } else { InflateFault::Long });
            }
        }
        if made == out.len() { Ok(()) } else { Err(InflateFault::Short(made)) }
    }
}
