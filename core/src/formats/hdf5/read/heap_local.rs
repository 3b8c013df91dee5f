//! Local heaps (specification, III.D): the names of a symbol table.

use super::cursor::text;
use super::{File, HdfError};

const WHAT: &str = "a local heap";

/// A local heap, which holds a group's names.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalHeap {
    data: u64,
    length: u64,
}

impl LocalHeap {
    pub(super) fn open(file: &File<'_>, address: u64) -> Result<Self, HdfError> {
        let header_bytes = 8 + 2 * u64::from(file.widths.length) + u64::from(file.widths.address);
        let header = file.structure(WHAT, address, header_bytes)?;
        let mut fields = header.cursor();
        fields.signature(b"HEAP")?;
        fields.version(0)?;
        fields.skip(3)?;
        let length = fields.length()?;
        fields.length()?; // free space
        let data = fields.required()?;
        file.check("the data of a local heap", data, length)?;
        Ok(Self { data, length })
    }

    /// Returns the bytes of a name, without its NUL.
    pub(super) fn bytes(self, file: &File<'_>, offset: u64) -> Result<Vec<u8>, HdfError> {
        const PIECE: u64 = 32;
        let mut name = Vec::new();
        let mut at = offset;
        while at < self.length {
            let count = PIECE.min(self.length - at);
            let piece = file.structure("a name", self.data + at, count)?.bytes;
            if let Some(end) = piece.iter().position(|&byte| byte == 0) {
                name.extend_from_slice(&piece[..end]);
                return Ok(name);
            }
            name.extend_from_slice(&piece);
            at += count;
        }
        Err(HdfError::Damaged {
            what: WHAT,
            offset: file.offset(self.data.saturating_add(offset)),
            problem: "a name in it has no end".into(),
        })
    }

    /// Reads a name.
    pub(super) fn name(self, file: &File<'_>, offset: u64) -> Result<String, HdfError> {
        Ok(text(&self.bytes(file, offset)?))
    }
}
