//! zstd (RFC 8878): frames that follow each other, and others that are skipped. `zrip-decode` decodes one frame at a time,
//! in at most twice a window of 128 MiB.

mod frame;

use std::io::Read as _;

use zrip_core::error::DecompressError;
use zrip_decode::streaming::FrameDecoder;

use self::frame::Frame;
use super::input::Input;
use super::{Decoder, Kind};
use crate::error::Error;
use crate::io::source::Source;

/// Bytes decoded at once, at most: a block has no more.
const PIECE_BYTES: usize = 128 << 10;

/// Bytes of one frame that are read, at most: the decoder counts them in words of the machine, which have 32 bits in
/// a browser, and must not come to their end.
const LONGEST_FRAME: usize = usize::MAX - (1 << 20);

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
    decoder: FrameDecoder<Frame<'a>>,
    part: Part,
    /// Bytes that were made of the frame at hand.
    made: usize,
    rest: u64,
}

/// Where the decoder is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Between,
    Frame,
    End,
}

impl<'a> Zstd<'a> {
    /// Begins with the first frame.
    pub fn new(source: &'a dyn Source, length: u64) -> Self {
        let frame = Frame::before(Input::new(source, Kind::Zstd, length));
        let decoder = FrameDecoder::with_limit(frame, usize::MAX);
        Self { decoder, part: Part::Between, made: 0, rest: 0 }
    }

    /// Has the bytes at hand, as long as `work` needs them.
    fn with_frame<T>(&mut self, work: impl FnOnce(&mut Frame<'a>) -> T) -> T {
        let mut frame = self.decoder.reset(Frame::none());
        let outcome = work(&mut frame);
        self.decoder.reset(frame);
        outcome
    }

    /// Finds out why the decoder failed.
    fn explain(&mut self, problem: &std::io::Error) -> Error {
        let fault = problem.get_ref().and_then(|inner| inner.downcast_ref::<DecompressError>());
        self.with_frame(|frame| {
            if let Some(failure) = frame.failure() {
                return failure;
            }
            let input = frame.input();
            match fault {
                Some(DecompressError::ChecksumMismatch { .. }) => input.wrong_checksum("frame"),
                Some(DecompressError::WindowTooLarge { requested, .. }) => {
                    input.not_read(format!("looks back at {requested} bytes, more than 128 MiB"))
                }
                Some(DecompressError::DictRequired | DecompressError::DictMismatch { .. }) => {
                    input.not_read("needs a dictionary")
                }
                Some(fault) => input.broken(fault.to_string()),
                None => input.cut_short(),
            }
        })
    }
}

impl Decoder for Zstd<'_> {
    fn decode(&mut self, out: &mut Vec<u8>) -> Result<bool, Error> {
        loop {
            match self.part {
                Part::End => return Ok(false),
                Part::Between => {
                    let next = self.with_frame(Frame::begin)?;
                    self.part = if next { Part::Frame } else { Part::End };
                    self.made = 0;
                    if !next {
                        self.rest = self.with_frame(Frame::rest)?;
                    }
                }
                Part::Frame => {
                    let start = out.len();
                    out.resize(start + PIECE_BYTES, 0);
                    let made = self.decoder.read(&mut out[start..]);
                    out.truncate(start + made.as_ref().copied().unwrap_or_default());
                    match made {
                        Ok(0) => self.part = Part::Between,
                        Ok(made) if self.made > LONGEST_FRAME - made => {
                            let what = "has a frame of more than the 4 GiB that are read of one in a browser";
                            return Err(self.with_frame(|frame| frame.input().not_read(what)));
                        }
                        Ok(made) => {
                            self.made += made;
                            return Ok(true);
                        }
                        Err(problem) => return Err(self.explain(&problem)),
                    }
                }
            }
        }
    }

    fn rest(&self) -> u64 {
        self.rest
    }
}
