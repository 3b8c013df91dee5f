//! HDF5 files: a writer of their oldest form and a reader of all forms.
//!
//! Source of both: the HDF5 File Format Specification, cited by section in the modules.

pub mod read;
mod write;

pub use write::{
    Appender, AttributeTooLong, Chunk, Dataset, ElementType, Group, MAX_MESSAGE_BYTES, ObjectHeader,
    SUPERBLOCK_BYTES, Storage, chunk_index, dataspace, superblock, write_group,
};
