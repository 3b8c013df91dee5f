//! Temporary files: their names, who holds them, and what ended programs left of them.
//!
//! A program that lives holds a lock on its temporary file, which the system takes from it however
//! it ends. So a temporary file that can be locked is nobody's and may go.
//!
//! The names of an output's temporary files are numbered, so that what was left over is found by asking for
//! names: a folder of a million files need not be listed for it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::files::folders::folder_of;
use crate::files::metadata::FileId;
use crate::files::permissions::Mode;

/// What stands between the output's name and the number.
const OURS: &str = ".e2compress-";

/// How its name ends.
const SUFFIX: &str = ".part";

/// Numbers that are looked at for what was left over. So many programs can write one output at once and be ended
/// without leaving anything for good.
const LOOKED_AT: usize = 16;

/// Numbers that are tried, at most, for a new file.
const ATTEMPTS: usize = 1000;

/// Bytes of the output's name that its temporary file takes over, at most: a whole name and more
/// would not fit the 255 bytes, on some file systems fewer, that a name may have.
const LONGEST_STEM: usize = 100;

/// Creates and locks a temporary file for an output, in the output's folder.
pub fn create(destination: &Path, mode: Mode) -> io::Result<NamedTempFile> {
    let (folder, stem) = (folder_of(destination), stem(destination));
    for number in 0..ATTEMPTS {
        let name = numbered(&stem, number);
        let mut attempt = create_file(folder, &name, mode);
        if attempt.as_ref().is_err_and(is_taken) && remove_unless_held(&folder.join(&name)) {
            attempt = create_file(folder, &name, mode);
        }
        let file = match attempt {
            Err(problem) if is_taken(&problem) => continue,
            attempt => attempt?,
        };
        match file.as_file().try_lock() {
            // In a file system without locks nobody can lock it in order to remove it.
            Err(TryLockError::Error(_)) => {
                mark(file.as_file())?;
                return Ok(file);
            }
            Ok(()) if is_named(file.as_file(), file.path())? => {
                mark(file.as_file())?;
                return Ok(file);
            }
            // Another program took it for left over before it was locked. The name may be another file's by now,
            // which must not be removed.
            Ok(()) | Err(TryLockError::WouldBlock) => drop(file.keep()),
        }
    }
    Err(io::Error::other("too many other programs write to the same output"))
}

fn create_file(folder: &Path, name: &OsStr, mode: Mode) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(name).rand_bytes(0).suffix("");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode.bits()));
    #[cfg(not(unix))]
    let _ = mode;
    builder.tempfile_in(folder)
}

/// Tells whether the name of a temporary file is another file's by now.
pub fn lost_its_name(file: &NamedTempFile) -> bool {
    // Where machines share a file system, opening a name has the system ask what has the name now.
    let _ = File::open(file.path());
    is_named(file.as_file(), file.path()).is_ok_and(|is_named| !is_named) && file.path().exists()
}

/// Removes what ended programs left of an output. Failing to is no harm.
pub fn remove_left_over(destination: &Path) {
    let (folder, stem) = (folder_of(destination), stem(destination));
    for number in 0..LOOKED_AT {
        remove_unless_held(&folder.join(numbered(&stem, number)));
    }
}

/// Makes the name of an output's temporary file.
fn numbered(stem: &OsStr, number: usize) -> OsString {
    let mut name = stem.to_owned();
    name.push(format!("{OURS}{number}{SUFFIX}"));
    name
}

/// Makes the part of a temporary file's name that is its output's.
fn stem(destination: &Path) -> OsString {
    let name = destination.file_name().unwrap_or_default();
    let mut stem = OsString::from(".");
    if name.len() <= LONGEST_STEM {
        stem.push(name);
    } else {
        let text = name.to_string_lossy();
        let fits = |(start, character): &(usize, char)| start + character.len_utf8() <= LONGEST_STEM;
        stem.push(text.char_indices().take_while(fits).map(|(_, character)| character).collect::<String>());
        stem.push(format!("~{:016x}", fnv(name.as_encoded_bytes())));
    }
    stem
}

/// Computes the 64-bit FNV-1a hash (Fowler, Noll, Vo), the same in every build of this program.
fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Tells whether a file could not be created because its name is taken.
fn is_taken(problem: &io::Error) -> bool {
    problem.kind() == io::ErrorKind::AlreadyExists
}

/// Removes a file that this program left and no living program holds; tells whether it did.
fn remove_unless_held(path: &Path) -> bool {
    // Opening a pipe would wait.
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return false;
    }
    // Some network file systems lock only what is open for writing.
    let Ok(file) = File::options().read(true).write(true).open(path) else { return false };
    let is_nobodys = file.try_lock().is_ok() && is_named(&file, path).unwrap_or(false) && is_output(&file);
    // Under the lock, so that its maker can tell.
    is_nobodys && fs::remove_file(path).is_ok()
}

/// Tells whether an open file has this name.
fn is_named(file: &File, path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(named) => Ok(FileId::of(&file.metadata()?) == FileId::of(&named)),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// What an output begins with until it is finished, and no other file.
const MARK: &[u8; 8] = b"e2c.part";

/// Marks a new file, which is empty.
fn mark(mut file: &File) -> io::Result<()> {
    file.write_all(MARK)?;
    file.rewind()
}

/// Tells whether a file is an output of this program: marked, finished, or nothing yet. Anything else under such a name is
/// somebody's own.
fn is_output(file: &File) -> bool {
    /// The superblock up to the widths of trees' nodes, which other writers choose otherwise.
    const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x01\0\x02\0";
    const MRC: (usize, &[u8]) = (208, b"MAP ");
    let mut head = Vec::new();
    if file.take(1024).read_to_end(&mut head).is_err() {
        return false;
    }
    head.is_empty()
        || head.starts_with(MARK)
        || head.starts_with(HDF5)
        || head.get(MRC.0..).is_some_and(|rest| rest.starts_with(MRC.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn left(output: &Path, number: usize, bytes: &[u8]) -> PathBuf {
        let path = folder_of(output).join(numbered(&stem(output), number));
        fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn names_tell_whose_they_are() {
        let name = |destination: &str| numbered(&stem(Path::new(destination)), 3).into_string().unwrap();
        assert_eq!(name("a/b.hdf"), ".b.hdf.e2compress-3.part");
        let long = "é".repeat(125);
        let (one, other) = (name(&format!("{long}1.hdf")), name(&format!("{long}2.hdf")));
        assert_ne!(one, other);
        assert!(one.len() <= 140, "{one}");
    }

    #[test]
    fn only_what_nobody_holds_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.hdf");
        let held = create(&output, Mode::ALONE).unwrap();
        let finished = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x01\0\x02\0...";
        let gone = [(1, &b""[..]), (2, b"e2c.part and more"), (5, finished), (LOOKED_AT - 1, MARK)];
        let gone = gone.map(|(number, bytes)| left(&output, number, bytes));
        let others = [".a.hdf.e2compress-x.part", ".a.hdf.abcdef.part", "a.hdf.e2compress-1.part"];
        for other in others {
            fs::write(folder.path().join(other), "").unwrap();
        }
        fs::create_dir(folder.path().join(".a.hdf.e2compress-3.part")).unwrap();
        left(&folder.path().join("b.hdf"), 0, b"");
        remove_left_over(&output);
        assert!(gone.iter().all(|path| !path.exists()));
        assert!(held.path().exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), others.len() + 3);
        let (file, name) = held.keep().unwrap();
        drop(file);
        remove_left_over(&output);
        assert!(!name.exists(), "nobody holds it any more");
    }

    #[test]
    fn what_is_no_output_is_somebodys_own() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.hdf");
        // Notes, zeros, an HDF5 file of another program.
        for bytes in [&b"my notes"[..], &[0; 5000], b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x04\0\x10\0..."] {
            let own = left(&output, 0, bytes);
            remove_left_over(&output);
            let file = create(&output, Mode::ALONE).unwrap();
            assert_ne!(file.path(), own);
            drop(file);
            assert_eq!(fs::read(own).unwrap(), bytes);
        }
    }

    #[test]
    fn many_at_once_have_a_file_each() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.hdf");
        let files: Vec<_> = (0..2 * LOOKED_AT).map(|_| create(&output, Mode::ALONE).unwrap()).collect();
        let paths: std::collections::HashSet<_> = files.iter().map(|file| file.path().to_owned()).collect();
        assert_eq!(paths.len(), files.len());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), files.len());
        // A program that goes removes its own; the numbers are taken again.
        drop(files);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let name = create(&output, Mode::ALONE).unwrap().path().to_owned();
        assert!(name.ends_with(".a.hdf.e2compress-0.part"));
    }

    #[test]
    fn a_file_that_lost_its_name_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = create(&folder.path().join("a.hdf"), Mode::ALONE).unwrap();
        assert!(!lost_its_name(&file));
        fs::remove_file(file.path()).unwrap();
        fs::write(file.path(), "another's").unwrap();
        assert!(lost_its_name(&file));
        drop(file.keep());
    }
}
