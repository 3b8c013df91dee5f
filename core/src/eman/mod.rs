//! The EMAN2 layout of an HDF5 file: `/MDF/images/N/image`, with `EMAN.*` attributes on the groups
//! `N` and the highest N in `imageid_max`. Written by [`EmanFile`], read by [`Eman`].

mod datatype;
mod kept;
mod library;
mod read;
mod rows;
mod storage;
mod write;

pub(crate) use datatype::number as datatype_number;
pub use library::Library;
pub use read::{Eman, EmanError};
pub use write::{EmanFile, describe_storage};
