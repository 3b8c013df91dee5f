//! Outputs that appear whole or not at all: written beside their place, read back, brought to disk, and
//! only then renamed.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

use crate::files::folders::{folder_of, sync_folder};
use crate::files::metadata::FileId;
use crate::files::sanitize::display;
use crate::files::sink::FileSink;
use crate::files::source::FileSource;
use crate::files::temp;

/// A temporary file beside the destination, removed again unless it is committed.
pub struct Output {
    file: NamedTempFile,
    destination: PathBuf,
    /// Whether it may replace what has its name.
    replaces: bool,
}

impl Output {
    /// Creates a temporary file in the destination's folder.
    pub fn create(destination: &Path) -> anyhow::Result<Self> {
        // What the rename would refuse after all the work is found out before it.
        match fs::symlink_metadata(destination) {
            Ok(there) if there.is_dir() => bail!("the output {} is a folder", display(destination)),
            Err(problem) if problem.kind() != io::ErrorKind::NotFound => {
                return Err(problem)
                    .with_context(|| format!("cannot create the output {}", display(destination)));
            }
            _ => {}
        }
        let file = temp::create(destination)
            .with_context(|| format!("cannot create a file in {}", display(folder_of(destination))))?;
        Ok(Self { file, destination: destination.to_owned(), replaces: true })
    }

    /// Creates the same for an output that replaces nothing.
    pub fn create_new(destination: &Path) -> anyhow::Result<Self> {
        if fs::symlink_metadata(destination).is_ok() {
            bail!(
                "{} already exists, perhaps the original: write to another folder with --outpath, or give \
                 --overwrite",
                display(destination)
            );
        }
        Ok(Self { replaces: false, ..Self::create(destination)? })
    }

    /// Returns where to write.
    pub fn sink(&self) -> FileSink<'_> {
        FileSink(self.file.as_file())
    }

    /// Returns what was written.
    pub fn source(&self) -> io::Result<FileSource> {
        FileSource::of(self.file.as_file())
    }

    /// Returns what was written as a stream from its start.
    pub fn stream(&self) -> io::Result<&File> {
        let mut file = self.file.as_file();
        file.rewind()?;
        Ok(file)
    }

    /// Brings the file to disk and then under its name, replacing what was there: a link of that
    /// name too, not what the link leads to. A file that is replaced passes on who may read and write it.
    pub fn commit(self, committed: &Committed) -> anyhow::Result<()> {
        let Self { file, destination, replaces } = self;
        if let Ok(there) = fs::symlink_metadata(&destination)
            && there.is_file()
        {
            // File systems without permissions refuse, and lose nothing by it.
            let _ = file.as_file().set_permissions(there.permissions());
        }
        file.as_file().sync_all().context("cannot bring the output to disk")?;
        committed.rename(file, &destination, replaces)?;
        sync_folder(folder_of(&destination)).context(
            "the output is in place, but its folder could not be brought to disk: after a power failure it \
             may be gone",
        )
    }
}

/// The outputs of this run, so that none replaces another: on a file system that takes `A.hdf` and
/// `a.hdf` for the same, or in a folder that is there under two paths, names do not tell.
#[derive(Default)]
pub struct Committed(Mutex<HashSet<FileId>>);

impl Committed {
    fn rename(&self, file: NamedTempFile, destination: &Path, may_replace: bool) -> anyhow::Result<()> {
        let id = file.as_file().metadata().ok().as_ref().and_then(FileId::of);
        let mut committed = self.0.lock().expect("no holder of this lock panics");
        let replaced = fs::symlink_metadata(destination).ok().as_ref().and_then(FileId::of);
        if replaced.is_some_and(|replaced| committed.contains(&replaced)) {
            bail!(
                "{} already exists, written from another of these inputs: write to a different folder with \
                 --outpath",
                display(destination)
            );
        }
        let renamed =
            if may_replace { file.persist(destination) } else { file.persist_noclobber(destination) };
        renamed
            .map_err(|problem| problem.error)
            .with_context(|| format!("cannot rename the output to {}", display(destination)))?;
        committed.extend(id);
        Ok(())
    }
}
