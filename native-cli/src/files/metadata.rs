//! What the system says of a file: which one it is, and whether it is still as it was.

use std::fs::Metadata;
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
