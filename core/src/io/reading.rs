//! Reading from a source, with errors that say where.

use super::source::Source;
use crate::error::Error;

/// Reads bytes at a place in the file.
///
/// # Errors
///
/// [`Error::Read`], with the place, if the source does not answer.
pub fn read_at(source: &dyn Source, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
    let length = bytes.len() as u64;
    source.read_at(offset, bytes).map_err(|cause| Error::Read { offset, length, cause })
}

/// Returns the length of a file.
///
/// # Errors
///
/// [`Error::Read`], with the place, if the source does not answer.
pub fn length(source: &dyn Source) -> Result<u64, Error> {
    source.len().map_err(|cause| Error::Read { offset: 0, length: 0, cause })
}

/// Reads a part of a file, or as much of it as there is.
///
/// # Errors
///
/// [`Error::Read`], with the place, if the source does not answer.
pub fn read_up_to(source: &dyn Source, offset: u64, most: usize) -> Result<Vec<u8>, Error> {
    let there = length(source)?.saturating_sub(offset);
    let mut bytes = vec![0; there.min(most as u64) as usize];
    read_at(source, offset, &mut bytes)?;
    Ok(bytes)
}
