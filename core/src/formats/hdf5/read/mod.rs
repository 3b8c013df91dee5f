//! A reader of HDF5 files, from bytes that a [`crate::io::source::Source`] gives: groups, attributes and
//! numeric datasets in every form libhdf5 1.14 writes.
//!
//! Source: the HDF5 File Format Specification, versions 3.0 and 4.0 of the document.
//!
//! | step | module | from | to |
//! |---|---|---|---|
//! | file | `file`, `superblock`, `pages` | a source | the root's address, structures at an address |
//! | object | `object` | an address | the messages that say what a group, dataset or datatype is |
//! | group | `group`, `link` on `btree1`, `btree2`, `heap_local`, `heap_fractal` | an object | links |
//! | attribute | `attribute`, `datatype`, `dataspace`, `number`, `heap_global` | an object | named values |
//! | dataset | `dataset`, `layout`, `filters`, `virtual_dataset` | an object | shape, type, storage |
//! | chunks | `chunks` on `btree1`, `btree2` | a dataset | where each chunk lies |
//! | decode | `decode`, `inflate` | stored bytes | the elements of a chunk |
//!
//! `cursor` takes a structure's bytes field by field, `checksum` confirms them.
//!
//! The file is never trusted. An address beyond the end, a count that lies, a cycle or a wrong
//! checksum is an [`HdfError`] with the byte it is at. Before memory is taken for a structure, its
//! declared size is checked against the file's length, and one walk over a tree never reads more
//! bytes than the file has.
//!
//! Not read, and refused by name: external and virtual storage, shared message tables, filters
//! other than deflate, shuffle and fletcher32, all of them [`HdfError::Unsupported`]. Links that lead
//! elsewhere are reported, not followed.

mod attribute;
mod btree1;
mod btree2;
mod checksum;
mod chunks;
mod cursor;
mod dataset;
mod dataspace;
mod datatype;
mod decode;
pub(crate) mod error;
mod file;
mod filters;
mod group;
mod heap_fractal;
mod heap_global;
mod heap_local;
mod inflate;
mod layout;
mod link;
mod number;
mod object;
mod pages;
mod superblock;
mod virtual_dataset;

pub use crate::image::NumberKind;
pub use attribute::Attribute;
pub use checksum::lookup3;
pub use chunks::{Chunk, ChunkIndex};
pub use dataset::Dataset;
pub use dataspace::Dataspace;
pub use datatype::{Character, Class, Datatype, Member, Padding};
pub use decode::{ChunkDecoder, MOST_INFLATED, most_stored};
pub use error::HdfError;
pub use file::File;
pub use filters::{Filter, Pipeline};
pub use group::Group;
pub use inflate::{InflateFault, Inflater};
pub use layout::{Chunked, Storage};
pub use link::{Link, Target};
pub use number::{ByteOrder, Number};
pub use object::{Object, ObjectKind};
pub use virtual_dataset::VirtualPart;
