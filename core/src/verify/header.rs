//! The MRC header that a file keeps beside its images.

use super::VerifyError;
use crate::error::Error;
use crate::image::{Images, OriginalHeader};

/// Bytes of an extended header compared at once.
const PIECE_BYTES: u64 = 1 << 20;

/// Compares the header that a file keeps with its original's. Returns false where it keeps none of one that is
/// there, as files by EMAN2 do.
pub fn compare(file: &dyn Images, original: &dyn Images) -> Result<bool, Error> {
    let of_original = |problem| Error::Original(Box::new(problem));
    let kept = file.original_header()?;
    let wanted = original.original_header().map_err(of_original)?;
    let (Some(kept), Some(wanted)) = (&kept, &wanted) else { return Ok(kept.is_some() || wanted.is_none()) };
    let differs = |which, offset| Err(Error::from(VerifyError::Header { which, offset }));
    if let Some(offset) = first_difference(&kept.bytes, &wanted.bytes) {
        return differs("header", offset);
    }
    let OriginalHeader { extended, big_endian, .. } = *wanted;
    if kept.big_endian != big_endian {
        return Err(VerifyError::HeaderOrder.into());
    }
    if kept.extended != extended {
        return differs("extended header", kept.extended.min(extended));
    }
    let mut pieces = [Vec::new(), Vec::new()];
    for start in (0..extended).step_by(PIECE_BYTES as usize) {
        let length = PIECE_BYTES.min(extended - start) as usize;
        for piece in &mut pieces {
            piece.resize(length, 0);
        }
        file.read_extended_header(start, &mut pieces[0])?;
        original.read_extended_header(start, &mut pieces[1]).map_err(of_original)?;
        if let Some(offset) = first_difference(&pieces[0], &pieces[1]) {
            return differs("extended header", start + offset);
        }
    }
    Ok(true)
}

/// Finds the first byte that differs.
fn first_difference(a: &[u8], b: &[u8]) -> Option<u64> {
    let place = a.iter().zip(b).position(|(a, b)| a != b);
    place.or((a.len() != b.len()).then_some(a.len().min(b.len()))).map(|place| place as u64)
}
