//! Codecs: the bytes of one strip or tile become its pixels. Each fills exactly the memory it is given: what is
//! longer is cut, what is shorter is an error.

mod lzw;
mod packbits;
mod predictor;

use std::io::Read as _;

pub use super::error::Damage;
pub use predictor::Predictor;

/// How strips and tiles are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// LZW.
    Lzw,
    /// Deflate in a zlib stream.
    Deflate,
    /// `PackBits`.
    PackBits,
    /// zstd.
    Zstd,
}

impl Codec {
    /// Returns the codec of a number of the tag Compression, if it is read.
    #[must_use]
    pub fn of(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::None,
            5 => Self::Lzw,
            8 | 32946 => Self::Deflate,
            32773 => Self::PackBits,
            50000 => Self::Zstd,
            _ => return None,
        })
    }

    /// Returns how many bytes one stored byte can become, at most.
    #[must_use]
    pub fn most_per_byte(self) -> u64 {
        match self {
            Self::None => 1,
            // A run of 128 of two bytes.
            Self::PackBits => 64,
            // A code of 12 bits for a string of 3839 bytes.
            Self::Lzw => 2560,
            // A match of 258 bytes of two bits.
            Self::Deflate => 1032,
            // A block of 128 KiB of four bytes.
            Self::Zstd => 32768,
        }
    }

    /// Tells whether predictors apply to it; with others their tag says nothing, as in libtiff.
    #[must_use]
    pub fn has_predictors(self) -> bool {
        matches!(self, Self::Lzw | Self::Deflate | Self::Zstd)
    }

    /// Decodes until `out` is full.
    ///
    /// # Errors
    /// [`Damage`] when the bytes are no such data or end before that.
    pub fn decode(self, stored: &[u8], out: &mut [u8]) -> Result<(), Damage> {
        match self {
            Self::None => {
                out.copy_from_slice(stored.get(..out.len()).ok_or(Damage::Short)?);
                Ok(())
            }
            Self::Lzw => lzw::decode(stored, out),
            Self::Deflate => inflate(stored, out),
            Self::PackBits => packbits::decode(stored, out),
            Self::Zstd => unpack_zstd(stored, out),
        }
    }
}

/// Inflates a zlib stream. Its checksum is not asked for: old programs left it out or wrong, and libtiff does not
/// look at it.
fn inflate(stored: &[u8], out: &mut [u8]) -> Result<(), Damage> {
    let mut inflater = fdeflate::Decompressor::new();
    inflater.ignore_adler32();
    let (mut taken, mut made) = (0, 0);
    while made < out.len() && !inflater.is_done() {
        let step = inflater.read(&stored[taken..], out, made, true);
        let (more_taken, more_made) = step.map_err(|problem| match problem {
            fdeflate::DecompressionError::InsufficientInput => Damage::Short,
            _ => Damage::Invalid("deflate"),
        })?;
        if more_taken == 0 && more_made == 0 {
            break;
        }
        taken += more_taken;
        made += more_made;
    }
    if made < out.len() { Err(Damage::Short) } else { Ok(()) }
}

/// Decodes zstd frames, as many as fill `out`.
fn unpack_zstd(stored: &[u8], mut out: &mut [u8]) -> Result<(), Damage> {
    let mut frames = zrip_decode::streaming::FrameDecoder::with_limit(stored, usize::MAX);
    while !out.is_empty() {
        match frames.read(out) {
            Ok(0) => return Err(Damage::Short),
            Ok(made) => out = &mut std::mem::take(&mut out)[made..],
            Err(problem) if problem.kind() == std::io::ErrorKind::UnexpectedEof => return Err(Damage::Short),
            Err(_) => return Err(Damage::Invalid("zstd")),
        }
    }
    Ok(())
}
