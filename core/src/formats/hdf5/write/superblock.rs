//! The superblock, version 0: the first bytes of the file (specification, II.A).

use super::{Fields, Group, UNDEFINED, btree, group};

/// Length of the superblock, root group entry included.
pub const SUPERBLOCK_BYTES: u64 = 96;

/// The first bytes of every HDF5 file.
pub const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// Bytes of a file address and of a length in the file.
const ADDRESS_BYTES: u8 = 8;

/// Builds the superblock of a file that ends at `end`.
#[must_use]
pub fn superblock(root: Group, end: u64) -> Vec<u8> {
    let mut out = SIGNATURE.to_vec();
    out.extend([0, 0, 0, 0, 0]); // versions of superblock, free space, root entry, -, shared headers
    out.extend([ADDRESS_BYTES, ADDRESS_BYTES, 0]);
    out.u16(group::LEAF_K);
    out.u16(btree::GROUP_K);
    out.u32(0); // consistency flags
    out.u64(0); // base address
    out.u64(UNDEFINED); // free space
    out.u64(end);
    out.u64(UNDEFINED); // driver information
    group::entry(0, root.header, Some(root), &mut out);
    debug_assert_eq!(out.len() as u64, SUPERBLOCK_BYTES);
    out
}
