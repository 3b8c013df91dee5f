//! Inputs of any format, and of any form of HDF5 if libhdf5 was built in.

use std::path::Path;

use anyhow::{Error, anyhow};
use e2compress_core::Input;

#[cfg(feature = "libhdf5")]
use crate::files::libhdf5::Library;
use crate::files::metadata::FileState;
use crate::files::source::FileSource;

/// What to do about an input that changes.
pub const CHANGED: &str = "changed while it was read: try again when nothing writes to it any more";

/// A file while it is read. libhdf5, if it was built in, stands by for what the core does not know.
pub struct InputFile<'p> {
    path: &'p Path,
    source: FileSource,
    state: FileState,
    #[cfg(feature = "libhdf5")]
    library: Library,
}

impl<'p> InputFile<'p> {
    /// Opens a file of any format.
    pub fn open(path: &'p Path) -> anyhow::Result<Self> {
        let (source, state) = FileSource::open(path)?;
        Ok(Self {
            path,
            source,
            state,
            #[cfg(feature = "libhdf5")]
            library: Library::new(path),
        })
    }

    /// Returns its path as it was named.
    pub fn path(&self) -> &Path {
        self.path
    }

    /// Returns its length in bytes.
    pub fn length(&self) -> u64 {
        self.state.length
    }

    /// Finds out its format and reads what comes before the pixels.
    #[cfg(feature = "libhdf5")]
    pub fn input(&self) -> anyhow::Result<Input<'_>> {
        Ok(Input::open_with(&self.source, &self.path.to_string_lossy(), Some(&self.library))?)
    }

    /// Finds out its format and reads what comes before the pixels.
    #[cfg(not(feature = "libhdf5"))]
    pub fn input(&self) -> anyhow::Result<Input<'_>> {
        use e2compress_core::formats::eman2::EmanError;

        Input::open(&self.source, &self.path.to_string_lossy()).map_err(|problem| {
            let needed = matches!(problem, e2compress_core::Error::Eman(EmanError::LibraryNeeded { .. }));
            let problem = Error::new(problem);
            if needed {
                problem.context(
                    "the built-in reader does not support it, a program built with the cargo feature `libhdf5` \
                     does (cargo build --release --features libhdf5)",
                )
            } else {
                problem
            }
        })
    }

    /// Tells whether the file is still what it was when it was opened.
    pub fn is_unchanged(&self) -> bool {
        self.source.is_still(self.path, self.state)
    }

    /// Returns the outcome of reading it, unless it is no longer what it was when it was opened.
    pub fn unless_changed<T>(&self, outcome: Result<T, e2compress_core::Error>) -> anyhow::Result<T> {
        if self.is_unchanged() {
            return Ok(outcome?);
        }
        Err(match outcome {
            Ok(_) => anyhow!("it {CHANGED}"),
            Err(problem) => Error::new(problem).context(format!("it {CHANGED}")),
        })
    }
}
