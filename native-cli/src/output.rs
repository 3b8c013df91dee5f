//! An output appears whole or not at all.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::{Builder, NamedTempFile};

/// A temporary file beside the destination, removed again unless it is kept.
pub struct Output {
    file: NamedTempFile,
    destination: PathBuf,
}

impl Output {
    /// Opens a temporary file in the destination's folder.
    pub fn create(destination: &Path) -> anyhow::Result<Self> {
        let folder = folder(destination);
        let mut prefix = OsString::from(".");
        prefix.push(destination.file_name().unwrap_or_default());
        prefix.push(".");
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        builder.permissions(ordinary());
        let file = builder
            .tempfile_in(folder)
            .with_context(|| format!("no file can be made in {}", folder.display()))?;
        Ok(Self { file, destination: destination.to_owned() })
    }

    /// Where to write.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Brings the file to disk and then under its name, replacing what was there.
    pub fn keep(self) -> anyhow::Result<()> {
        let Self { file, destination } = self;
        file.as_file().sync_all().context("the output could not be brought to disk")?;
        file.persist(&destination)
            .map_err(|problem| problem.error)
            .with_context(|| format!("the output could not be renamed to {}", destination.display()))?;
        // The rename itself lasts once the folder is on disk; some file systems can't be asked.
        if cfg!(unix)
            && let Ok(folder) = File::open(folder(&destination))
        {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

/// The folder a file lies in.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The permissions of any new file, less the user's mask.
#[cfg(unix)]
fn ordinary() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
