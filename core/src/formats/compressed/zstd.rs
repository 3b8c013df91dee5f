//! zstd (RFC 8878): frames that follow each other, and others that are skipped. `zrip-decode` decodes them, in at most twice a
//! window of 128 MiB.

use std::io::{self, Read as _};

use zrip_core::error::DecompressError;
use zrip_decode::streaming::FrameDecoder;

use super::input::Input;
use super::{Decoder, Kind};
use crate::error::Error;
use crate::io::source::Source;

/// Bytes decoded at once, at most: a block has no more.
const PIECE_BYTES: usize = 128 << 10;

/// The decoder counts bytes in words of the machine; where those have 32 bits it must not come to their end.
const MOST_BYTES: u64 = usize::MAX as u64 - (1 << 20);

/// The longest window that is read.
const LONGEST_WINDOW: u64 = 128 << 20;

/// Returns the memory that decoding takes, by the first bytes of the first frame: twice its window, and a block.
pub fn memory(start: &[u8]) -> u64 {
    // Byte 4 says which fields follow; without a window the frame's own length is one (RFC 8878, 3.1.1.1).
    let window = match start {
        [0x28, _, _, _, fields, exponent, ..] if fields & 0x20 == 0 => {
            let base = 1 << (10 + (exponent >> 3));
            base + base / 8 * u64::from(exponent & 7)
        }
        _ => LONGEST_WINDOW,
    };
    2 * window.min(LONGEST_WINDOW) + (4 << 20)
}

/// Decodes frames.
pub struct Zstd<'a> {
    /// None at the end.
    frames: Option<FrameDecoder<Input<'a>>>,
    made: u64,
    rest: u64,
}

impl<'a> Zstd<'a> {
    /// Begins with the first frame.
    pub fn new(source: &'a dyn Source, length: u64) -> Self {
        let frames = FrameDecoder::with_limit(Input::new(source, Kind::Zstd, length), usize::MAX);
        Self { frames: Some(frames), made: 0, rest: 0 }
    }

    /// Finds out why the decoder failed; nothing where bytes follow the last frame that are none.
    fn explain(&mut self, problem: &io::Error, source: Input<'a>) -> Result<(), Error> {
        let mut input = source;
        if let Some(failure) = input.failure() {
            return Err(failure);
        }
        let fault = problem.get_ref().and_then(|inner| inner.downcast_ref::<DecompressError>());
        Err(match fault {
            Some(DecompressError::BadMagic) if input.mark() > 0 => {
                self.rest = input.rest_from_mark()?;
                return Ok(());
            }
            Some(DecompressError::ChecksumMismatch { .. }) => input.wrong_checksum("frame"),
            Some(DecompressError::WindowTooLarge { requested, .. }) => {
                input.not_read(format!("looks back at {requested} bytes, more than 128 MiB"))
            }
            Some(DecompressError::DictRequired | DecompressError::DictMismatch { .. }) => {
                input.not_read("needs a dictionary")
            }
            Some(DecompressError::InputExhausted) => input.broken("its blocks are wrong"),
            None if problem.kind() == io::ErrorKind::UnexpectedEof => input.cut_short(),
            Some(fault) => input.broken(fault.to_string()),
            None => input.broken(problem.to_string()),
        })
    }
}

impl Decoder for Zstd<'_> {
    fn decode(&mut self, out: &mut Vec<u8>) -> Result<bool, Error> {
        let Some(frames) = &mut self.frames else { return Ok(false) };
        let start = out.len();
        out.resize(start + PIECE_BYTES, 0);
        let made = frames.read(&mut out[start..]);
        out.truncate(start + made.as_ref().copied().unwrap_or_default());
        match made {
            Ok(made @ 1..) => {
                self.made += made as u64;
                if self.made > MOST_BYTES {
                    let input = self.frames.take().map(FrameDecoder::into_inner);
                    let problem = |input: Input<'_>| {
                        input.not_read("makes more than the 4 GiB that are read of it in a browser")
                    };
                    return input.map_or(Ok(false), |input| Err(problem(input)));
                }
                Ok(true)
            }
            Ok(0) => {
                self.frames = None;
                Ok(false)
            }
            Err(problem) => {
                let Some(frames) = self.frames.take() else { return Ok(false) };
                self.explain(&problem, frames.into_inner())?;
                Ok(false)
            }
        }
    }

    fn rest(&self) -> u64 {
        self.rest
    }
}
