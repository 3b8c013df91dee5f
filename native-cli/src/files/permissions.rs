//! Who may read and write what is new. A file that replaces another takes over owner, group, mode, access control list and
//! extended attributes. It is its user's alone (0600) until everything else is in place; the mode comes last. So at no
//! moment more people can read it than the old one. Where the group cannot be given, the new one gets no more than everybody.
//!
//! Any other file or folder is its user's, and has the mode of what it is made of, less the user's mask, from its first
//! moment on: what was private stays so. Nothing has the bits that lend out an owner's rights (setuid, setgid) or the sticky
//! bit: they were given to another file, and perhaps by another owner.

#[cfg(unix)]
use std::fs::Permissions;
use std::fs::{DirBuilder, File, Metadata};
use std::io;
use std::path::Path;

/// The mode that something is created with, from which the system takes the bits of the user's mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(u32);

/// What its user needs of a new file: to write it, and to remove what an ended program left of it.
const USERS_FILE: u32 = 0o600;

/// What its user needs of a new folder.
const USERS_FOLDER: u32 = 0o700;

impl Mode {
    /// That of a file that nobody else can open.
    pub const ALONE: Self = Self(USERS_FILE);
    /// That of a folder that is made of no other.
    pub const FOLDER: Self = Self(0o777);

    /// Returns that of an output. Pixels are no program: where a file system calls every file one, outputs are none.
    pub fn of_output(input: &File) -> io::Result<Self> {
        Ok(Self(access(input)? & 0o666 | USERS_FILE))
    }

    /// Returns that of a copy.
    pub fn of_copy(of: &File) -> io::Result<Self> {
        Ok(Self(access(of)? | USERS_FILE))
    }

    /// Returns that of a folder that mirrors others: whatever lies in it was hidden from all whom one of them kept out.
    pub fn of_folder<'p>(mirrored: impl IntoIterator<Item = &'p Path>) -> Self {
        // A folder that was gone through can be opened, or is gone.
        let found = mirrored.into_iter().filter_map(|folder| access(&File::open(folder).ok()?).ok());
        Self(found.fold(Self::FOLDER.0, |common, folder| common & folder) | USERS_FOLDER)
    }

    /// Returns what both allow.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns its bits.
    #[cfg(unix)]
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Has a folder created with it.
    pub fn set(self, folder: &mut DirBuilder) {
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(folder, self.0);
        #[cfg(not(unix))]
        let _ = (self, folder);
    }
}

/// Returns who may do what with an open file or folder, as a mode says it. What an access control list grants to some is
/// not granted to the group.
#[cfg(unix)]
fn access(of: &File) -> io::Result<u32> {
    let mode = bits(&of.metadata()?);
    Ok(mode & !attributes::not_the_groups(of))
}

/// Returns all of it: these systems have no modes.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)] // the same call on every system
fn access(_of: &File) -> io::Result<u32> {
    Ok(0o777)
}

/// Returns the bits of a mode that say who may read, write and execute.
#[cfg(unix)]
fn bits(of: &Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(of) & MODE
}

/// Write-protects a finished copy as what it is a copy of is. The rest of its mode it has from the start.
#[cfg(unix)]
pub fn protect_copy(of: &Metadata, copy: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let is = bits(&copy.metadata()?);
    let mode = is & bits(of);
    if mode == is { Ok(()) } else { copy.set_permissions(Permissions::from_mode(mode)) }
}

/// Write-protects a finished copy as what it is a copy of is.
#[cfg(not(unix))]
pub fn protect_copy(of: &Metadata, copy: &File) -> io::Result<()> {
    copy.set_permissions(of.permissions())
}

/// Gives a new file the owner and group of the old one, as long as nobody else can open it.
#[cfg(unix)]
pub fn pass_on_owner(old: &Metadata, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let now = new.metadata()?;
    let owner = (now.uid() != old.uid()).then_some(old.uid());
    let group = (now.gid() != old.gid()).then_some(old.gid());
    if owner.is_none() && group.is_none() {
        return Ok(());
    }
    let given = fchown(new, owner, group);
    if given.is_err() && owner.is_some() && group.is_some() {
        // A group of one's own can be given to a file, another's file cannot be made. Without the group its mode will be narrower.
        let _ = fchown(new, None, group);
    }
    given
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
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let has_group = new.metadata()?.gid() == old.gid();
    // A list names what the group may do as well, and takes effect before the mode.
    attributes::pass_on(path, new, has_group)?;
    let may = if has_group { bits(old) } else { without_group(bits(old)) };
    // File systems without permissions refuse, where nothing is to be changed.
    if may == bits(&new.metadata()?) { Ok(()) } else { new.set_permissions(Permissions::from_mode(may)) }
}

/// Returns the mode of a file that has another group now: that group may do what everybody could, and everybody what the old
/// group could, whose people are among them now.
#[cfg(unix)]
fn without_group(mode: u32) -> u32 {
    let both = (mode >> 3) & mode & 0o7;
    mode & 0o700 | both << 3 | both
}

/// Gives a new file the attributes of the one at a path, of which it has only whether it may be written to.
#[cfg(not(unix))]
pub fn pass_on_access(_path: &Path, old: &Metadata, new: &File) -> io::Result<()> {
    new.set_permissions(old.permissions())
}

/// The bits of `st_mode` that say who may read, write and execute.
#[cfg(unix)]
const MODE: u32 = 0o777;

#[cfg(unix)]
mod attributes {
    use std::ffi::{OsStr, OsString};
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use xattr::FileExt;

    /// The access control list, on Linux.
    const ACCESS_LIST: &str = "system.posix_acl_access";

    /// What belongs to the bytes of a file, or is the system's own.
    const NOT_PASSED_ON: &str = "security.";

    /// Returns the bits of a file's mode that its access control list gives to others than its group: beside a list the bits of
    /// the group are the most that anybody in the list has.
    pub fn not_the_groups(of: &File) -> u32 {
        let list = of.get_xattr(ACCESS_LIST).ok().flatten();
        list.as_deref().and_then(of_group).map_or(0, |group| (!group & 0o7) << 3)
    }

    /// Finds what the group may do, in the form in which Linux stores a list: after 4 bytes entries of 8, which begin with a
    /// tag and what it may do (`linux/posix_acl_xattr.h`).
    pub fn of_group(list: &[u8]) -> Option<u32> {
        const GROUP: [u8; 2] = 4u16.to_le_bytes();
        let entry = list.get(4..)?.chunks_exact(8).find(|entry| entry.starts_with(&GROUP))?;
        Some(u16::from_le_bytes([entry[2], entry[3]]).into())
    }

    /// Copies the attributes of a file, `with_list` that among them, and takes from the new file a list that it got
    /// from its folder.
    pub fn pass_on(path: &Path, new: &File, with_list: bool) -> io::Result<()> {
        let names = match xattr::list_deref(path) {
            Ok(names) => names.collect::<Vec<_>>(),
            Err(problem) if is_unknown(&problem) => return Ok(()),
            Err(problem) => return Err(problem),
        };
        let has_list = with_list && names.iter().any(|name| name == ACCESS_LIST);
        if !has_list && new.list_xattr()?.any(|name| name == ACCESS_LIST) {
            new.remove_xattr(ACCESS_LIST)?;
        }
        let is_passed_on = |name: &&OsString| !is_systems_own(name) && (with_list || *name != ACCESS_LIST);
        for name in names.iter().filter(is_passed_on) {
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
    fn nothing_new_is_open_to_more_people_or_lends_out_rights() {
        let folder = tempfile::tempdir().unwrap();
        let (file, private) = (folder.path().join("file"), folder.path().join("private"));
        fs::write(&file, "").unwrap();
        fs::create_dir(&private).unwrap();
        let of = File::open(&file).unwrap();
        for (mode, output, copy) in [
            (0o600, 0o600, 0o600),
            (0o644, 0o644, 0o644),
            (0o444, 0o644, 0o644),
            (0o4755, 0o644, 0o755),
            (0o6771, 0o660, 0o771),
            (0o1000, 0o600, 0o600),
        ] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert_eq!(Mode::of_output(&of).unwrap(), Mode(output), "{mode:o}");
            assert_eq!(Mode::of_copy(&of).unwrap(), Mode(copy), "{mode:o}");
        }
        for (mode, expected) in [(0o2755, 0o755), (0o1777, 0o777), (0o500, 0o700), (0o711, 0o711)] {
            fs::set_permissions(&private, Permissions::from_mode(mode)).unwrap();
            assert_eq!(Mode::of_folder([&*private]), Mode(expected), "{mode:o}");
        }
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&private, Permissions::from_mode(0o750)).unwrap();
        assert_eq!(Mode::of_folder([folder.path(), &private]), Mode(0o750), "what both allow");
        assert_eq!(Mode::of_folder([]), Mode::FOLDER);
    }

    #[test]
    fn what_a_list_grants_is_not_the_groups() {
        // Owner rw-, a user rw-, group ---, most rw-, others ---.
        let entries =
            [(1u16, 6u16, u32::MAX), (2, 6, 1000), (4, 0, u32::MAX), (16, 6, u32::MAX), (32, 0, u32::MAX)];
        let mut list = 2u32.to_le_bytes().to_vec();
        for (tag, may, whom) in entries {
            list.extend(tag.to_le_bytes().into_iter().chain(may.to_le_bytes()).chain(whom.to_le_bytes()));
        }
        assert_eq!(attributes::of_group(&list), Some(0));
        assert_eq!(attributes::of_group(&list[..12]), None);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let file = File::open(&path).unwrap();
        // Where the file system has no lists the file stays without.
        let listed = xattr::set(&path, "system.posix_acl_access", &list).is_ok();
        assert_eq!(file.metadata().unwrap().mode() & MODE, if listed { 0o660 } else { 0o600 });
        assert_eq!(Mode::of_output(&file).unwrap(), Mode::ALONE);
    }

    #[test]
    fn another_group_gets_no_more_than_everybody() {
        for (mode, expected) in [
            (0o640, 0o600),
            (0o660, 0o600),
            (0o644, 0o644),
            (0o664, 0o644),
            (0o755, 0o755),
            // Kept from the group alone: its people are among everybody now.
            (0o604, 0o600),
            (0o646, 0o644),
        ] {
            assert_eq!(without_group(mode), expected, "{mode:o}");
        }
    }

    #[test]
    fn a_replaced_file_lends_out_no_rights() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        fs::write(&old, "").unwrap();
        fs::set_permissions(&old, Permissions::from_mode(0o6755)).unwrap();
        let new_file = File::create(&new).unwrap();
        pass_on_access(&old, &fs::metadata(&old).unwrap(), &new_file).unwrap();
        assert_eq!(new_file.metadata().unwrap().mode() & 0o7777, 0o755);
    }

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
