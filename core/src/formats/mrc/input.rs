//! Where an MRC file's bytes come from: a file, or a compressed stream, whose length shows at its end.

use super::error::MrcError;
use crate::error::Error;
use crate::formats::compressed::Stream;
use crate::formats::mrc::header::HEADER_BYTES;
use crate::io::reading::read_at;
use crate::io::source::Source;

/// The bytes of an MRC file.
pub enum Input<'a> {
    /// As they are.
    File(&'a dyn Source),
    /// Compressed.
    Stream(Stream<'a>),
}

impl Input<'_> {
    /// Returns how many there are or, of a stream that was not read to its end, can be.
    pub fn most_bytes(&self) -> Result<u64, Error> {
        match self {
            Self::File(source) => {
                // The header is what is wanted.
                let length = HEADER_BYTES as u64;
                source.len().map_err(|cause| Error::Read { offset: 0, length, cause })
            }
            Self::Stream(stream) => Ok(stream.most_bytes()),
        }
    }

    /// Fills `bytes` from `offset` on; returns how many there are. Those of a file must be there.
    pub fn read(&self, offset: u64, bytes: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::File(source) => {
                read_at(*source, offset, bytes)?;
                Ok(bytes.len())
            }
            Self::Stream(stream) => stream.read(offset, bytes),
        }
    }

    /// Demands as many bytes as a header promises, and returns how many those are. Of a stream that was not read to its end so
    /// many must be possible, and the first of them there. `length` is what [`Self::most_bytes`] said at first: a file is not
    /// asked again, whatever becomes of it.
    pub fn demand(
        &self,
        promised: u128,
        length: u64,
        too_short: impl Fn(u64) -> MrcError,
    ) -> Result<u64, Error> {
        let bytes = u64::try_from(promised).ok();
        let fits = |most: u64| bytes.filter(|&bytes| bytes <= most);
        match self {
            Self::File(_) => fits(length).ok_or_else(|| too_short(length).into()),
            Self::Stream(stream) => {
                stream.look_ahead(bytes.unwrap_or(u64::MAX))?;
                let most = stream.most_bytes();
                let whole = stream.end().is_some();
                let short = || {
                    if whole { too_short(most).into() } else { stream.promises(bytes.unwrap_or(u64::MAX)) }
                };
                fits(most).ok_or_else(short)
            }
        }
    }

    /// Returns the error of a file that is shorter than its header promises.
    pub fn too_short(&self, problem: MrcError) -> Error {
        match self {
            Self::File(_) => problem.into(),
            Self::Stream(stream) => stream.inside(problem),
        }
    }
}
