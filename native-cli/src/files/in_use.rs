//! Files that others want as they are, and which are therefore not replaced: write-protected, locked, or open
//! for writing in another program, which would go on writing to a file that has no name any more.

use std::fs::{self, File, Metadata, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A file that may be replaced. As long as it is held, programs that ask for HDF5's lock do not open it for
/// writing.
pub struct Hold {
    path: PathBuf,
    file: File,
}

impl Hold {
    /// Holds a file, unless somebody wants it as it is.
    pub fn new(path: &Path) -> anyhow::Result<Self> {
        let metadata = fs::metadata(path).context("cannot open")?;
        if is_protected(path, &metadata) {
            bail!(
                "it is write-protected and was not replaced: write to another folder with --outpath, or permit writing"
            );
        }
        let file = File::open(path).context("cannot open")?;
        let hold = Self { path: path.to_owned(), file };
        // Several readers may share it. File systems without locks know of none.
        if matches!(hold.file.try_lock_shared(), Err(TryLockError::WouldBlock)) || has_record_lock(&hold.file)
        {
            bail!(
                "it is locked by another program and was not replaced: try again when that is done with it"
            );
        }
        hold.check()?;
        Ok(hold)
    }

    /// Finds out whether another program has the file open for writing.
    pub fn check(&self) -> anyhow::Result<()> {
        if let Some(process) = writer(&self.path, &self.file.metadata()?) {
            bail!(
                "it is open for writing in another program (process {process}) and was not replaced: try again when \
                 that is done with it"
            );
        }
        Ok(())
    }
}

/// Whether a file is not to be written to: nobody may, or this user may not.
fn is_protected(path: &Path, metadata: &Metadata) -> bool {
    metadata.permissions().readonly() || may_not_write(path)
}

#[cfg(unix)]
fn may_not_write(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(path, Access::WRITE_OK)
        .is_err_and(|problem| problem.kind() == std::io::ErrorKind::PermissionDenied)
}

#[cfg(not(unix))]
fn may_not_write(_path: &Path) -> bool {
    false
}

/// Whether a program holds a part of the file for writing by the other kind of lock that systems have.
#[cfg(unix)]
fn has_record_lock(file: &File) -> bool {
    use rustix::process::{Flock, FlockType, fcntl_getlk};
    fcntl_getlk(file, &Flock::from(FlockType::ReadLock)).is_ok_and(|found| found.is_some())
}

#[cfg(not(unix))]
fn has_record_lock(_file: &File) -> bool {
    false
}

/// Finds a process that has a file open for writing, among those this user may look into.
#[cfg(target_os = "linux")]
fn writer(path: &Path, metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    // Of what other files are named only the name is read: asking a network file system that hangs would wait.
    let name = fs::canonicalize(path).ok()?.file_name()?.to_owned();
    let is_it = |open: &Path| {
        fs::read_link(open).is_ok_and(|target| target.file_name() == Some(&name))
            && fs::metadata(open)
                .is_ok_and(|found| (found.dev(), found.ino()) == (metadata.dev(), metadata.ino()))
    };
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).find(|process| {
        let Ok(open) = fs::read_dir(format!("/proc/{process}/fd")) else { return false };
        open.flatten().any(|open| {
            is_it(&open.path())
                && writes(&format!("/proc/{process}/fdinfo/{}", open.file_name().to_string_lossy()))
        })
    })
}

/// Tells whether the system says of an open file that it is open for writing.
#[cfg(target_os = "linux")]
fn writes(information: &str) -> bool {
    /// `O_WRONLY` and `O_RDWR`.
    const WRITING: u32 = 0b11;
    let Ok(text) = fs::read_to_string(information) else { return false };
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| flags & WRITING != 0)
}

/// Systems that do not let programs look refuse to rename over such a file, or have no way to ask.
#[cfg(not(target_os = "linux"))]
fn writer(_path: &Path, _metadata: &Metadata) -> Option<u32> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_written_is_not_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.hdf");
        fs::write(&path, "codes").unwrap();
        let hold = Hold::new(&path).unwrap();
        let reader = File::open(&path).unwrap();
        hold.check().unwrap();
        let writer = File::options().append(true).open(&path).unwrap();
        assert!(hold.check().unwrap_err().to_string().contains("open for writing"));
        drop((reader, writer));
        hold.check().unwrap();
        let other = File::open(&path).unwrap();
        assert!(other.try_lock().is_err(), "it is held");
        drop(hold);
        other.try_lock().unwrap();
        assert!(Hold::new(&path).err().unwrap().to_string().contains("locked"));
    }
}
