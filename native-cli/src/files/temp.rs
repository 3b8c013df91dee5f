//! Temporary files: their names, who holds them, and what ended programs left of them.
//!
//! A program that lives holds a lock on its temporary file, which the system takes from it however
//! it ends. So a temporary file that can be locked is nobody's and may go.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::files::folders::folder_of;

/// How its name ends.
const SUFFIX: &str = ".part";

/// Letters and digits before that, drawn at random.
const RANDOM: usize = 6;

/// Bytes of the output's name that its temporary file takes over, at most: a whole name and more
/// would not fit the 255 bytes, on some file systems fewer, that a name may have.
const LONGEST_STEM: usize = 100;

/// Attempts to make a file that nobody takes for left over before it is locked.
const ATTEMPTS: usize = 10;

/// Creates and locks a temporary file for an output, in the output's folder: with ordinary permissions, or as its
/// user's alone.
pub fn create(destination: &Path, private: bool) -> io::Result<NamedTempFile> {
    let prefix = prefix(destination);
    let mut builder = Builder::new();
    builder.prefix(&prefix).rand_bytes(RANDOM).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(if private { users_alone() } else { ordinary() });
    #[cfg(not(unix))]
    let _ = private;
    for _ in 0..ATTEMPTS {
        let file = builder.tempfile_in(folder_of(destination))?;
        match file.as_file().try_lock() {
            // Another program, which holds it in order to remove it.
            Err(TryLockError::WouldBlock) => {}
            // That program has come first.
            Ok(()) if !file.path().exists() => {}
            // In a file system without locks nobody can lock it in order to remove it.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
    Err(io::Error::other("every temporary file was removed at once by another program"))
}

/// Removes what ended programs left of these outputs. Failing to is no harm.
pub fn remove_left_over<'a>(destinations: impl Iterator<Item = &'a Path>) {
    let mut folders: HashMap<&Path, HashSet<Vec<u8>>> = HashMap::new();
    for destination in destinations {
        let prefix = prefix(destination).into_encoded_bytes();
        folders.entry(folder_of(destination)).or_default().insert(prefix);
    }
    for (folder, prefixes) in folders {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if prefix_of(name.as_encoded_bytes()).is_some_and(|prefix| prefixes.contains(prefix)) {
                remove_unless_held(&entry.path());
            }
        }
    }
}

/// Makes the temporary file's name up to the random part.
fn prefix(destination: &Path) -> OsString {
    let name = destination.file_name().unwrap_or_default();
    let mut prefix = OsString::from(".");
    if name.len() <= LONGEST_STEM {
        prefix.push(name);
    } else {
        let text = name.to_string_lossy();
        let fits = |(start, character): &(usize, char)| start + character.len_utf8() <= LONGEST_STEM;
        prefix.push(text.char_indices().take_while(fits).map(|(_, character)| character).collect::<String>());
        prefix.push(format!("~{:016x}", fnv(name.as_encoded_bytes())));
    }
    prefix.push(".");
    prefix
}

/// Takes from a temporary file's name what [`prefix`] made.
fn prefix_of(name: &[u8]) -> Option<&[u8]> {
    let (prefix, random) = name.strip_suffix(SUFFIX.as_bytes())?.split_last_chunk::<RANDOM>()?;
    random.iter().all(u8::is_ascii_alphanumeric).then_some(prefix)
}

/// Computes the 64-bit FNV-1a hash (Fowler, Noll, Vo), the same in every build of this program.
fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Removes a file that no living program holds.
fn remove_unless_held(path: &Path) {
    // Opening a pipe would wait.
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return;
    }
    // Some network file systems lock only what is open for writing.
    if let Ok(file) = File::options().read(true).write(true).open(path)
        && file.try_lock().is_ok()
    {
        // Under the lock, so that its maker can tell.
        let _ = fs::remove_file(path);
    }
}

/// Returns the permissions of any new file, less the user's mask.
#[cfg(unix)]
fn ordinary() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// Returns the permissions of a file that nobody else can read.
#[cfg(unix)]
fn users_alone() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_whose_they_are() {
        let name = |destination: &str| prefix(Path::new(destination)).into_string().unwrap();
        assert_eq!(name("a/b.hdf"), ".b.hdf.");
        let long = "é".repeat(125);
        let (one, other) = (name(&format!("{long}1.hdf")), name(&format!("{long}2.hdf")));
        assert_ne!(one, other);
        assert!(one.len() <= 120, "{one}");
        assert_eq!(prefix_of(b".b.hdf.aZ09xy.part"), Some(b".b.hdf.".as_slice()));
        for other in [".b.hdf.aZ09x-.part", ".b.hdf.aZ09xy.par", "xy.part", ""] {
            assert_eq!(prefix_of(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn only_what_nobody_holds_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.hdf");
        let held = create(&output, false).unwrap();
        let left = folder.path().join(".a.hdf.abcdef.part");
        fs::write(&left, "half").unwrap();
        let others = [".ba.hdf.abcdef.part", ".a.hdf.abc.part", "a.hdf.abcdef.part", ".b.hdf.abcdef.part"];
        for other in others {
            fs::write(folder.path().join(other), "not ours").unwrap();
        }
        fs::create_dir(folder.path().join(".a.hdf.ABCDEF.part")).unwrap();
        remove_left_over([output.as_path()].into_iter());
        assert!(!left.exists());
        assert!(held.path().exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), others.len() + 2);
        let (file, name) = held.keep().unwrap();
        drop(file);
        remove_left_over([output.as_path()].into_iter());
        assert!(!name.exists(), "nobody holds it any more");
    }
}
