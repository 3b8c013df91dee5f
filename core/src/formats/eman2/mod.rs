//! The EMAN2 layout of an HDF5 file: `/MDF/images/N/image`, with `EMAN.*` attributes on the groups
//! `N` and the highest N in `imageid_max`. Written by [`EmanFile`], read by [`Eman`].

mod backend;
mod carried;
mod datatype;
mod elements;
pub(crate) mod error;
mod read;
mod rows;
mod slab;
mod storage;
mod write;

pub use backend::{Backend, DatasetInfo, Hyperslab};
pub use carried::InputAttribute;
pub(crate) use datatype::number as datatype_number;
pub use error::{BackendFault, EmanError};
pub use read::Eman;
pub use write::{EmanFile, describe_storage};
