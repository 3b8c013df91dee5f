//! What a file passes on to the one that replaces it: owner, group, mode, access control list, extended
//! attributes.
//!
//! The new file is its user's alone (0600) until everything else is in place; the mode comes last. So at no
//! moment more people can read it than the old one.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Gives a new file the owner and group of the old one, as long as nobody else can open it.
#[cfg(unix)]
pub fn pass_on_owner(old: &Metadata, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let now = new.metadata()?;
    // Each by itself: a group of one's own can be given to a file, another's file cannot be made.
    let owner = (now.uid() != old.uid()).then_some(old.uid());
    let group = (now.gid() != old.gid()).then_some(old.gid());
    if owner.is_none() && group.is_none() { Ok(()) } else { fchown(new, owner, group) }
}

/// Does nothing: the folder decides who owns a file.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)] // the same call on every system
pub fn pass_on_owner(_old: &Metadata, _new: &File) -> io::Result<()> {
    Ok(())
}

/// Gives a new file the mode, the access control list and the extended attributes of the one at a path.
#[cfg(unix)]
pub fn pass_on_access(path: &Path, old: &Metadata, new: &File) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    attributes::pass_on(path, new)?;
    let (was, is) = (old.mode() & MODE, new.metadata()?.mode() & MODE);
    // File systems without permissions refuse, where nothing is to be changed.
    if was == is { Ok(()) } else { new.set_permissions(old.permissions()) }
}

/// Gives a new file the attributes of the one at a path, of which it has only whether it may be written to.
#[cfg(not(unix))]
pub fn pass_on_access(_path: &Path, old: &Metadata, new: &File) -> io::Result<()> {
    new.set_permissions(old.permissions())
}

/// The bits of `st_mode` that are permissions.
#[cfg(unix)]
const MODE: u32 = 0o7777;

#[cfg(unix)]
mod attributes {
    use std::ffi::OsStr;
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use xattr::FileExt;

    /// The access control list, on Linux.
    const ACCESS_LIST: &str = "system.posix_acl_access";

    /// What belongs to the bytes of a file, or is the system's own.
    const NOT_PASSED_ON: &str = "security.";

    /// Copies the attributes of a file, the list among them, and takes from the new file a list that it got
    /// from its folder.
    pub fn pass_on(path: &Path, new: &File) -> io::Result<()> {
        let names = match xattr::list_deref(path) {
            Ok(names) => names.collect::<Vec<_>>(),
            Err(problem) if is_unknown(&problem) => return Ok(()),
            Err(problem) => return Err(problem),
        };
        let has_list = names.iter().any(|name| name == ACCESS_LIST);
        if !has_list && new.list_xattr()?.any(|name| name == ACCESS_LIST) {
            new.remove_xattr(ACCESS_LIST)?;
        }
        for name in names.iter().filter(|name| !is_systems_own(name)) {
            if let Some(value) = xattr::get_deref(path, name)?
                && new.get_xattr(name)?.as_ref() != Some(&value)
            {
                new.set_xattr(name, &value)?;
            }
        }
        Ok(())
    }

    fn is_systems_own(name: &OsStr) -> bool {
        name.as_encoded_bytes().starts_with(NOT_PASSED_ON.as_bytes())
    }

    /// Whether a file system knows no attributes.
    fn is_unknown(problem: &io::Error) -> bool {
        problem.kind() == io::ErrorKind::Unsupported
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    #[test]
    fn mode_and_attributes_are_passed_on() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        fs::write(&old, "").unwrap();
        fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
        let known = xattr::set(&old, "user.note", b"precious").is_ok();
        let new_file = File::create(&new).unwrap();
        let of_old = fs::metadata(&old).unwrap();
        pass_on_owner(&of_old, &new_file).unwrap();
        pass_on_access(&old, &of_old, &new_file).unwrap();
        assert_eq!(new_file.metadata().unwrap().mode() & MODE, 0o640);
        let note = xattr::get(&new, "user.note").unwrap_or_default();
        assert_eq!(note.as_deref(), known.then_some(b"precious".as_slice()));
    }
}
