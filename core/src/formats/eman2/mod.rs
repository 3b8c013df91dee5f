//! The EMAN2 layout of an HDF5 file: `/MDF/images/N/image`, with `EMAN.*` attributes on the groups
//! `N` and the highest N in `imageid_max`. Written by [`EmanFile`], read by [`Eman`].

use crate::formats::{Format, Start};
mod backend;
pub(crate) mod carried;
mod codes;
mod common;
mod description;
mod elements;
pub(crate) mod error;
mod find;
mod growth;
mod links;
mod original;
mod read;
mod rewrite;
mod rows;
mod slab;
mod storage;
mod write;

pub use backend::{Backend, DatasetInfo, Hyperslab};
pub use carried::InputAttribute;
pub use description::Description;
pub use error::{BackendFault, EmanError};
pub use read::Eman;
pub use write::EmanFile;

/// The format's name.
const NAME: &str = "EMAN2 HDF5";

/// The attribute that tells an input's byte order, and what EMAN2 says there of every HDF5 file.
pub const BYTE_ORDER: (&str, &[u8]) = ("ImageEndian", b"big");

/// What HDF5 files start with, unless something else of the owner's comes first.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// EMAN2's HDF5.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["hdf", "hdf5", "h5", "he5"],
    recognises: |start: &Start<'_>| start.bytes.starts_with(&SIGNATURE) || FORMAT.has_extension(start.name),
    open: |source, _, options| Ok(Box::new(Eman::open(source, options)?)),
};
