//! The superblock (specification, II.A) and its extension (II.C).

use super::cursor::Widths;
use super::{File, HdfError, Object};

const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";

/// The superblock may be at byte 0, or here and at every doubling of it.
const FIRST_USER_BLOCK: u64 = 512;

/// The fields of a superblock that the rest of the reader needs.
pub(super) struct Superblock {
    pub(super) widths: Widths,
    /// Address of the root group's object header.
    pub(super) root: u64,
    /// Declared end of the file, as an offset in the source.
    pub(super) end: u64,
    pub(super) extension: Option<u64>,
}

/// Finds the superblock.
pub(super) fn find(file: &File<'_>, length: u64) -> Result<u64, HdfError> {
    let mut at = 0;
    while length.saturating_sub(at) >= SIGNATURE.len() as u64 {
        if file.structure("the signature", at, SIGNATURE.len() as u64)?.bytes == SIGNATURE {
            return Ok(at);
        }
        at = (at * 2).max(FIRST_USER_BLOCK);
    }
    Err(HdfError::NotHdf)
}

/// The longest superblock, version 1 with 8-byte fields.
const MOST_BYTES: u64 = 100;

/// Reads the superblock at address 0.
pub(super) fn read(file: &File<'_>) -> Result<Superblock, HdfError> {
    let length = MOST_BYTES.min(file.extent());
    let block = file.structure("the superblock", 0, length)?;
    let mut fields = block.cursor();
    fields.signature(SIGNATURE)?;
    let version = fields.u8()?;
    let old = match version {
        0 | 1 => true,
        2 | 3 => false,
        _ => return Err(fields.unknown_version(version)),
    };
    if old {
        fields.skip(4)?; // versions of the free space, the root entry, and shared headers
    }
    let widths = Widths { address: fields.u8()?, length: fields.u8()? };
    for width in [widths.address, widths.length] {
        if ![2, 4, 8].contains(&width) {
            return Err(fields.unsupported(format!("addresses or lengths of {width} bytes")));
        }
    }
    fields.widths = widths;
    if old {
        // Reserved, sizes of tree nodes, flags; version 1 adds the size of chunk tree nodes.
        fields.skip(1 + 4 + 4 + if version == 1 { 4 } else { 0 })?;
    } else if fields.u8()? & 1 != 0 && version == 3 {
        return Err(HdfError::OpenForWriting);
    }
    let base = fields.required()?;
    let second = fields.address()?; // of free space, or of the extension
    let end = fields.required()?;
    // The base address may be stale: the superblock's place is what counts.
    let end = end.saturating_sub(base).saturating_add(file.offset(0));
    if old {
        if let Some(driver) = fields.address()? {
            return Err(HdfError::Unsupported {
                feature: "a file in several pieces (a driver other than the plain one)".into(),
                offset: file.offset(driver),
            });
        }
        fields.length()?; // the root's name
        let root = fields.required()?;
        return Ok(Superblock { widths, root, end, extension: None });
    }
    let root = fields.required()?;
    let length = fields.taken() as u64 + 4;
    file.structure("the superblock", 0, length)?.verified()?;
    Ok(Superblock { widths, root, end, extension: second })
}

/// Refuses extensions that say the metadata is elsewhere.
pub(super) fn check_extension(extension: &Object, file: &File<'_>) -> Result<(), HdfError> {
    const DRIVER: u16 = 0x14;
    const CACHE_IMAGE: u16 = 0x18;
    let refused = [
        (DRIVER, "a file in several pieces (a driver other than the plain one)"),
        (CACHE_IMAGE, "a metadata cache image"),
    ];
    for (kind, feature) in refused {
        if let Some(message) = extension.message(kind) {
            let offset = extension.cursor("the superblock extension", message, file).here();
            return Err(HdfError::Unsupported { feature: feature.into(), offset });
        }
    }
    Ok(())
}
