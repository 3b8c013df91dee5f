//! An output appears whole or not at all.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

use crate::names::shown;
use crate::part;

/// A temporary file beside the destination, removed again unless it is kept.
pub struct Output {
    file: NamedTempFile,
    destination: PathBuf,
}

impl Output {
    /// Opens a temporary file in the destination's folder.
    pub fn create(destination: &Path) -> anyhow::Result<Self> {
        // What the rename would refuse after all the work is found out before it.
        match fs::symlink_metadata(destination) {
            Ok(there) if there.is_dir() => bail!("the output {} is a folder", shown(destination)),
            Err(problem) if problem.kind() != io::ErrorKind::NotFound => {
                return Err(problem)
                    .with_context(|| format!("the output {} can't be made", shown(destination)));
            }
            _ => {}
        }
        let file = part::create(destination)
            .with_context(|| format!("no file can be made in {}", shown(folder(destination))))?;
        Ok(Self { file, destination: destination.to_owned() })
    }

    /// Where to write.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Brings the file to disk and then under its name, replacing what was there: a link of that
    /// name too, not what it leads to. A file that is replaced passes on who may read and write it.
    pub fn keep(self, written: &Written) -> anyhow::Result<()> {
        let Self { file, destination } = self;
        if let Ok(there) = fs::symlink_metadata(&destination)
            && there.is_file()
        {
            // File systems without permissions refuse, and lose nothing by it.
            let _ = file.as_file().set_permissions(there.permissions());
        }
        file.as_file().sync_all().context("the output could not be brought to disk")?;
        written.rename(file, &destination)?;
        sync_folder(folder(&destination)).context(
            "the output is in its place, but its folder could not be brought to disk: after a power failure \
             it may be gone",
        )
    }
}

/// The outputs of this run, so that none replaces another: on a file system that takes `A.hdf` and
/// `a.hdf` for the same, or in a folder that is there under two paths, names don't tell.
#[derive(Default)]
pub struct Written(Mutex<HashSet<FileNumber>>);

/// Device and number of a file on it.
type FileNumber = (u64, u64);

impl Written {
    fn rename(&self, file: NamedTempFile, destination: &Path) -> anyhow::Result<()> {
        let number = file.as_file().metadata().ok().as_ref().and_then(file_number);
        let mut written = self.0.lock().expect("no holder of this lock panics");
        let replaced = fs::symlink_metadata(destination).ok().as_ref().and_then(file_number);
        if replaced.is_some_and(|replaced| written.contains(&replaced)) {
            bail!(
                "{} is there already, written from another of these inputs; compress it into a different \
                 folder with --outpath",
                shown(destination)
            );
        }
        file.persist(destination)
            .map_err(|problem| problem.error)
            .with_context(|| format!("the output could not be renamed to {}", shown(destination)))?;
        written.extend(number);
        Ok(())
    }
}

/// What tells a file from others under any name, where the system says.
#[cfg_attr(unix, expect(clippy::unnecessary_wraps, reason = "other systems don't say"))]
pub fn file_number(metadata: &Metadata) -> Option<FileNumber> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

/// Makes a folder and those above it, so that they outlast a power failure.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder(path);
    if !path.as_os_str().is_empty() && above != path {
        make_folder(above)?;
    }
    fs::create_dir_all(path)?;
    sync_folder(above)
}

/// Brings a folder's list of names to disk, where the system can be asked to.
fn sync_folder(folder: &Path) -> io::Result<()> {
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

/// The folder a file lies in.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
