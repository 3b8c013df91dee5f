//! A writer of HDF5 files in their oldest form, which every reader handles: superblock version 0,
//! groups as symbol tables, object headers version 1, chunk indices as version 1 B-trees.
//!
//! Source: the HDF5 File Format Specification (version 3.0 of the document). Everything is
//! appended: chunks as they are made, each object's metadata after its data, the superblock last.
//! Addresses are byte offsets from the start of the file; all numbers are little-endian.

mod appender;
mod btree;
mod group;
mod message;
mod object_header;
mod superblock;

pub use appender::Appender;
pub use btree::{Chunk, chunk_index};
pub use group::{Group, write as write_group};
pub use message::{Dataset, ElementType, MAX_MESSAGE_BYTES, Storage, dataspace};
pub use object_header::{AttributeTooLong, ObjectHeader};
pub use superblock::{SUPERBLOCK_BYTES, superblock};

/// The address of what does not exist.
const UNDEFINED: u64 = u64::MAX;

/// Metadata starts at multiples of this, as in files of the HDF5 library.
const ALIGNMENT: usize = 8;

/// Little-endian fields onto the end of a buffer.
trait Fields {
    fn u8(&mut self, value: u8);
    fn u16(&mut self, value: u16);
    fn u32(&mut self, value: u32);
    fn u64(&mut self, value: u64);
    /// Appends zeros up to the next multiple of [`ALIGNMENT`], counted from `start`.
    fn pad(&mut self, start: usize);
}

impl Fields for Vec<u8> {
    fn u8(&mut self, value: u8) {
        self.push(value);
    }

    fn u16(&mut self, value: u16) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn pad(&mut self, start: usize) {
        let length = (self.len() - start).next_multiple_of(ALIGNMENT);
        self.resize(start + length, 0);
    }
}
