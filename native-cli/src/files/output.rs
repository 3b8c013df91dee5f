//! Outputs that appear whole or not at all: written beside their place, read back, brought to disk, and
//! only then renamed.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, anyhow, bail};
use tempfile::NamedTempFile;

use crate::files::folders::{check_writable, folder_of, sync_folder};
use crate::files::metadata::{FileId, are_one};
use crate::files::permissions::{self, Mode};
use crate::files::sanitize::display;
use crate::files::sink::FileSink;
use crate::files::source::FileSource;
use crate::files::temp;

/// A temporary file beside the destination, removed again unless it is committed.
pub struct Output {
    file: NamedTempFile,
    destination: PathBuf,
    replaces: Replaces,
    /// What the file that is replaced is, if there is one.
    gives_way: Option<Metadata>,
}

/// What an output may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// Nothing.
    Nothing,
    /// What has its name.
    Anything,
    /// The input of that name, from which nothing may be lost.
    Input,
}

impl Output {
    /// Refuses a destination to which nothing can be written, as far as that shows without writing. What the rename would
    /// refuse after all the work is found out before it.
    pub fn check(destination: &Path) -> anyhow::Result<()> {
        match fs::symlink_metadata(destination) {
            Ok(there) if there.is_dir() => bail!("the output {} is a folder", display(destination)),
            Err(problem) if problem.kind() != io::ErrorKind::NotFound => {
                return Err(problem)
                    .with_context(|| format!("cannot create the output {}", display(destination)));
            }
            _ => {}
        }
        let folder = folder_of(destination);
        check_writable(folder).with_context(|| uncreated(folder))
    }

    /// Creates a temporary file in the destination's folder, with a mode. If it is to replace a file, nobody else can open it,
    /// and it gets the mode of that one.
    pub fn create(destination: &Path, replaces: Replaces, mode: Mode) -> anyhow::Result<Self> {
        Self::check(destination)?;
        let gives_way = match replaces {
            Replaces::Nothing => None,
            // A link is replaced by a file of its own.
            Replaces::Anything => fs::symlink_metadata(destination).ok().filter(Metadata::is_file),
            Replaces::Input => Some(fs::metadata(destination).context("cannot open")?),
        };
        let file = temp::create(destination, if gives_way.is_some() { Mode::ALONE } else { mode })
            .with_context(|| uncreated(folder_of(destination)))?;
        let output = Self { file, destination: destination.to_owned(), replaces, gives_way };
        output.pass_on("owner or group", |there| permissions::pass_on_owner(there, output.file.as_file()))?;
        Ok(output)
    }

    /// Refuses what [`Self::check`] does and, unless it may be replaced, what has the name already; tells whether something
    /// has it.
    pub fn check_new(destination: &Path, overwrite: bool) -> anyhow::Result<bool> {
        let there = fs::symlink_metadata(destination).is_ok();
        if there && !overwrite {
            return Err(already_exists(destination));
        }
        Self::check(destination).map(|()| there)
    }

    /// Returns where to write.
    pub fn sink(&self) -> FileSink<'_> {
        FileSink(self.file.as_file())
    }

    /// Returns the file itself.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Returns what was written.
    pub fn source(&self) -> io::Result<FileSource> {
        FileSource::of(self.file.as_file())
    }

    /// Has the file that is replaced pass something on. Where that is not the input, what cannot be passed on is no
    /// reason to fail.
    fn pass_on(&self, what: &str, pass_on: impl FnOnce(&Metadata) -> io::Result<()>) -> anyhow::Result<()> {
        match self.gives_way.as_ref().map_or(Ok(()), pass_on) {
            Err(problem) if self.replaces == Replaces::Input => Err(problem).with_context(|| {
                format!(
                    "its {what} cannot be passed on to the compressed file: write to another folder with --outpath"
                )
            }),
            _ => Ok(()),
        }
    }

    /// Brings the file to disk and then under its name, replacing what was there: a link of that
    /// name too, not what the link leads to. A file that is replaced passes on who may read and write it.
    /// `before` happens when only the name is missing. Where nothing had the name and now something does,
    /// `meanwhile` tells why it may not be replaced.
    pub fn commit(
        self,
        committed: &Committed,
        before: impl FnOnce() -> anyhow::Result<()>,
        meanwhile: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.pass_on("permissions or attributes", |there| {
            permissions::pass_on_access(&self.destination, there, self.file.as_file())
        })?;
        let Self { file, destination, replaces, .. } = self;
        file.as_file().sync_all().context("cannot bring the output to disk")?;
        before()?;
        committed.rename(file, &destination, replaces != Replaces::Nothing, meanwhile)?;
        sync_folder(folder_of(&destination)).context(
            "the output is in place, but its folder could not be brought to disk: after a power failure it \
             may be gone",
        )
    }
}

/// Words that nothing can be created in a folder.
fn uncreated(folder: &Path) -> String {
    format!("cannot create a file in {}", display(folder))
}

/// Words why what has an output's name stays.
pub fn already_exists(destination: &Path) -> anyhow::Error {
    anyhow!(
        "{} already exists, perhaps the original: write to another folder with --outpath, or give --overwrite",
        display(destination)
    )
}

/// Words why what this run wrote stays.
pub fn written_from_another(destination: &Path) -> anyhow::Error {
    anyhow!(
        "{} already exists, written from another of these inputs: write to a different folder with --outpath",
        display(destination)
    )
}

/// The outputs of this run, so that none replaces another: on a file system that takes `A.hdf` and
/// `a.hdf` for the same, or in a folder that is there under two paths, names do not tell.
#[derive(Default)]
pub struct Committed(Mutex<HashMap<FileId, PathBuf>>);

impl Committed {
    fn rename(
        &self,
        file: NamedTempFile,
        destination: &Path,
        may_replace: bool,
        meanwhile: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let id = file.as_file().metadata().ok().as_ref().and_then(FileId::of);
        let mut committed = self.0.lock().expect("no holder of this lock panics");
        let replaced = fs::symlink_metadata(destination).ok().as_ref().and_then(FileId::of);
        // Another program may have replaced the output since, and its number may be another file's.
        if let Some(other) = replaced.and_then(|replaced| committed.get(&replaced))
            && are_one(destination, other)
        {
            return Err(written_from_another(destination));
        }
        let problem = || format!("cannot rename the output to {}", display(destination));
        if temp::lost_its_name(&file) {
            drop(file.keep()); // it is not this program's to remove
            return Err(anyhow!("another program took the hidden file's name").context(problem()));
        }
        // Who opens the output at once, to read it under HDF5's lock, can share this one.
        #[cfg(unix)]
        let _ = file.as_file().try_lock_shared();
        let renamed = if may_replace {
            file.persist(destination)
        } else {
            match file.persist_noclobber(destination) {
                Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => {
                    meanwhile(destination)?;
                    taken.file.persist(destination)
                }
                renamed => renamed,
            }
        };
        renamed.map_err(|problem| problem.error).with_context(problem)?;
        committed.extend(id.map(|id| (id, destination.to_owned())));
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_came_back_is_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let committed = Committed::default();
        let commit = |name: &str| {
            let output = Output::create(&path(name), Replaces::Anything, Mode::ALONE).unwrap();
            output.commit(&committed, || Ok(()), |_| Ok(()))
        };
        commit("a").unwrap();
        fs::hard_link(path("a"), path("b")).unwrap();
        assert!(commit("b").unwrap_err().to_string().contains("written from another"));
        // Others replaced the first, and the second has the number that it had.
        fs::remove_file(path("a")).unwrap();
        commit("b").unwrap();
    }

    #[test]
    fn others_can_read_an_output_as_soon_as_it_has_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let output = Output::create(&path, Replaces::Nothing, Mode::ALONE).unwrap();
        let still_open = output.file.as_file().try_clone().unwrap();
        output.commit(&Committed::default(), || Ok(()), |_| Ok(())).unwrap();
        File::open(&path).unwrap().try_lock_shared().unwrap();
        assert!(File::open(&path).unwrap().try_lock().is_err(), "it is still held");
        drop(still_open);
    }

    #[test]
    fn what_came_meanwhile_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let commit = |meanwhile: fn(&Path) -> anyhow::Result<()>| {
            let output = Output::create(&path, Replaces::Nothing, Mode::ALONE).unwrap();
            let before = || Ok(fs::write(&path, "another program's")?);
            output.commit(&Committed::default(), before, meanwhile)
        };
        assert!(commit(|path| Err(already_exists(path))).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"another program's");
        fs::remove_file(&path).unwrap();
        commit(|_| Ok(())).unwrap();
        assert_ne!(fs::read(&path).unwrap(), b"another program's");
    }
}
