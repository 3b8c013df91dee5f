//! Inputs of any format, and of any form of HDF5 if libhdf5 was built in.

use std::path::Path;

use e2compress_core::Input;
#[cfg(not(feature = "libhdf5"))]
use e2compress_core::{Error, formats::eman2::EmanError};

use crate::file::FileSource;
#[cfg(feature = "libhdf5")]
pub use crate::libhdf5::Library;

/// Opens an input; the library stands by for what the core doesn't know.
#[cfg(feature = "libhdf5")]
pub fn open<'s>(source: &'s FileSource, path: &Path, library: &'s Library) -> anyhow::Result<Input<'s>> {
    Ok(Input::open_with(source, &path.to_string_lossy(), Some(library))?)
}

/// No library was built in.
#[cfg(not(feature = "libhdf5"))]
pub struct Library;

#[cfg(not(feature = "libhdf5"))]
impl Library {
    /// Of no file.
    pub fn of(_path: &Path) -> Self {
        Self
    }
}

/// Opens an input.
#[cfg(not(feature = "libhdf5"))]
pub fn open<'s>(source: &'s FileSource, path: &Path, _library: &'s Library) -> anyhow::Result<Input<'s>> {
    Input::open(source, &path.to_string_lossy()).map_err(|problem| {
        let needed = matches!(problem, Error::Eman(EmanError::BackendNeeded { .. }));
        let problem = anyhow::Error::new(problem);
        if needed {
            problem.context(
                "the built-in reader does not take it, but a program built with the cargo feature `libhdf5` \
                 (cargo build --release --features libhdf5) does",
            )
        } else {
            problem
        }
    })
}
