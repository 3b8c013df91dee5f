//! Folders: where a path leads, and names that outlast a power failure.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::files::inputs::Input;
use crate::files::permissions::Mode;
use crate::files::sanitize::display;

/// Returns the folder a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Folders whose files go to others below a folder for outputs. Each of those is open to no more people than the ones it
/// mirrors.
#[derive(Default)]
pub struct Mirrored<'i>(HashMap<PathBuf, Vec<&'i Path>>);

impl<'i> Mirrored<'i> {
    /// Pairs folders that are gone through with those that their files go to.
    pub fn new(folders: &'i [Input], outpath: &Path) -> Self {
        let mut mirrored: HashMap<_, Vec<_>> = HashMap::new();
        for folder in folders {
            mirrored.entry(outpath.join(&folder.below)).or_default().push(&*folder.path);
        }
        Self(mirrored)
    }

    /// Creates a folder and those above it, so that they outlast a power failure.
    pub fn create(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let above = folder_of(path);
        if !path.as_os_str().is_empty() && above != path {
            self.create(above)?;
        }
        let mut folder = fs::DirBuilder::new();
        // Above, others may create the same meanwhile.
        folder.recursive(true);
        Mode::of_folder(self.0.get(path).into_iter().flatten().copied()).set(&mut folder);
        folder.create(path)?;
        sync_folder(above)
    }
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

/// Finds out why a folder cannot be created, without creating it; `Ok` also where that does not show.
pub fn check_creatable(path: &Path) -> io::Result<()> {
    let is_there = |folder: &&Path| fs::symlink_metadata(folder).is_ok();
    let working = [Path::new(".")];
    let above = path.ancestors().filter(|above| !above.as_os_str().is_empty());
    match above.chain(working).find(is_there) {
        Some(nearest) if !nearest.is_dir() => {
            Err(io::Error::other(format!("{} is there and is no folder", display(nearest))))
        }
        // What is in a folder that is there is looked at where it is written.
        Some(nearest) if nearest != path => check_writable(nearest),
        _ => Ok(()),
    }
}

/// Finds out why nothing can be created in a folder that is there, or written to a file; `Ok` also where that does not show.
pub fn check_writable(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if path.exists() {
        let wanted = if path.is_dir() {
            rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK
        } else {
            rustix::fs::Access::WRITE_OK
        };
        rustix::fs::access(path, wanted)?;
    }
    #[cfg(target_os = "linux")]
    if path.is_dir() && rustix::fs::statfs(path).is_ok_and(|system| is_of_the_kernel(system.f_type as u64)) {
        return Err(io::Error::other(format!("{} is the system's own and takes no files", display(path))));
    }
    // Of a folder the attribute means something else there.
    #[cfg(not(unix))]
    if path.is_file() && path.metadata()?.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Tells by its number whether a file system is a view of the kernel: `proc`, `sysfs`, `debugfs`, `tracefs`, `securityfs`,
/// `devpts`, as `statfs(2)` lists them. Their permissions may allow what they refuse.
#[cfg(target_os = "linux")]
fn is_of_the_kernel(kind: u64) -> bool {
    [0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0x1cd1].contains(&kind)
}
