//! What the system says of a file: which one it is, and whether it is still as it was.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Tells a file from others under any name: its device, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId(u64, u64);

impl FileId {
    /// Reads it from the metadata, on systems that have it.
    #[cfg_attr(unix, expect(clippy::unnecessary_wraps, reason = "other systems have none"))]
    pub fn of(metadata: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(Self(metadata.dev(), metadata.ino()))
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            None
        }
    }
}

/// Tells whether two names lead to one file now, links at their ends not followed. A number that was read earlier is
/// no proof: the system gives the number of a file that was removed to the next one.
pub fn are_one(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| FileId::of(&fs::symlink_metadata(path).ok()?);
    let (first, second) = (id(one), id(other));
    // The first may have been replaced before the second was looked at.
    first.is_some() && first == second && first == id(one)
}

/// Shows by comparison that a file was written to, or is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    /// Length in bytes.
    pub length: u64,
    modified: Option<SystemTime>,
}

impl FileState {
    /// Reads it from the metadata.
    pub fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// Tells whether a file could not be looked at because nothing is there.
pub fn is_absence(problem: &io::Error) -> bool {
    matches!(problem.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
