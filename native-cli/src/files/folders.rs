//! Folders: where a path leads, and names that outlast a power failure.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Returns the folder a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Creates a folder and those above it, so that they outlast a power failure.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder_of(path);
    if !path.as_os_str().is_empty() && above != path {
        create_folder(above)?;
    }
    fs::create_dir_all(path)?;
    sync_folder(above)
}

/// Brings a folder's list of names to disk, where the system can be asked to.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // A folder one may write to but not read, or a file system that knows no such thing.
        Err(problem) => match problem.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => {
                Ok(())
            }
            _ => Err(problem),
        },
        Ok(()) => Ok(()),
    }
}
