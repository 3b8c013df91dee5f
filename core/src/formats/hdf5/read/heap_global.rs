//! The global heap (specification, III.E): collections of values of variable length.

use super::{File, HdfError};

const WHAT: &str = "a global heap collection";

/// Reads the bytes of the sequence that a reference leads to: its length in elements, the collection's address, the
/// value's number in it. A reference to nothing is an empty sequence.
pub(super) fn sequence(file: &File<'_>, reference: &[u8], element_bytes: u64) -> Result<Vec<u8>, HdfError> {
    let mut fields = super::cursor::Cursor::new(
        "a reference into the global heap",
        reference,
        file.offset(0),
        file.widths,
    );
    let count = fields.u32()?;
    let address = fields.address()?;
    let index = fields.u32()?;
    let (Some(address), 1..) = (address.filter(|&address| address != 0), count) else {
        return Ok(Vec::new());
    };
    let length = u64::from(count) * element_bytes;
    let (start, found) = object(file, address, index)?;
    if length > found {
        return Err(HdfError::Damaged {
            what: WHAT,
            offset: file.offset(start),
            problem: "a value is shorter than the reference to it says".into(),
        });
    }
    Ok(file.structure(WHAT, start, length)?.bytes)
}

/// Finds the address and length of a value.
pub(super) fn object(file: &File<'_>, address: u64, index: u32) -> Result<(u64, u64), HdfError> {
    let length_bytes = u64::from(file.widths.length);
    // Both headers are padded where lengths take fewer than 8 bytes.
    let header_bytes = (8 + length_bytes).next_multiple_of(8);
    let header = file.structure(WHAT, address, header_bytes)?;
    let mut fields = header.cursor();
    fields.signature(b"GCOL")?;
    fields.version(1)?;
    fields.skip(3)?;
    let length = fields.length()?;
    file.check(WHAT, address, length)?;
    let end = address + length;
    let entry_bytes = (8 + length_bytes).next_multiple_of(8);
    let mut at = address + header_bytes;
    // Each step goes forward in the collection, which is inside the file.
    while end.saturating_sub(at) >= entry_bytes {
        let entry = file.structure(WHAT, at, entry_bytes)?;
        let mut fields = entry.cursor();
        let number = u32::from(fields.u16()?);
        fields.skip(2 + 4)?; // references to it, reserved
        let size = fields.length()?;
        at += entry_bytes;
        if number == 0 {
            break; // free space, which is last
        }
        if size > end - at {
            return Err(fields.damaged("a value ends after its collection does"));
        }
        if number == index {
            return Ok((at, size));
        }
        at = at.saturating_add(size.checked_next_multiple_of(8).unwrap_or(u64::MAX));
    }
    Err(header.damaged(format!("it has no value {index}")))
}
