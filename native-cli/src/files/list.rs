//! Lists of names: one per line, or each ended by a NUL byte. Names are the bytes that stand there: on most systems a name may
//! hold anything, a carriage return at its end included.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::files::sanitize::display;

/// Bytes of the longest list of names: some millions of them.
const LONGEST: u64 = 256 << 20;

/// Reads a list of names, those of standard input for `-`; `null` tells that they end in NUL bytes.
pub fn read(list: &Path, null: bool) -> anyhow::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    let read = if list == Path::new("-") {
        io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes)
    } else {
        File::open(list).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
    };
    let name = display(list);
    read.with_context(|| format!("cannot read the list {name}"))?;
    if bytes.len() as u64 > LONGEST {
        bail!("the list {name} is longer than {LONGEST} bytes: take it in parts");
    }
    if !null && bytes.contains(&0) {
        bail!(
            "the list {name} holds NUL bytes, which no name does: give -0 (--null) if names end in them, otherwise it \
             is no list of names"
        );
    }
    let end = if null { 0 } else { b'\n' };
    let names = bytes.split(|&byte| byte == end).filter(|name| !name.is_empty());
    let names = names.map(|name| path_of(name, list)).collect::<anyhow::Result<Vec<_>>>()?;
    if names.is_empty() {
        bail!("the list {name} names no file");
    }
    Ok(names)
}

/// Takes the bytes of a name as they are.
#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere not all bytes are a name")]
fn path_of(name: &[u8], _list: &Path) -> anyhow::Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(std::ffi::OsStr::from_bytes(name).into())
}

/// Takes a name in Unicode.
#[cfg(not(unix))]
fn path_of(name: &[u8], list: &Path) -> anyhow::Result<PathBuf> {
    let name = std::str::from_utf8(name);
    Ok(name.with_context(|| format!("the list {} is not in Unicode", display(list)))?.into())
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn names_are_the_bytes_that_stand_there() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        let names = |bytes: &[u8], null| {
            std::fs::write(&list, bytes).unwrap();
            read(&list, null).map(|names| names.into_iter().map(PathBuf::into_os_string).collect::<Vec<_>>())
        };
        let expected = |names: &[&[u8]]| -> Vec<std::ffi::OsString> {
            names.iter().map(|name| OsStr::from_bytes(name).to_owned()).collect()
        };
        for (bytes, found) in [
            (&b"a.mrc\n\n b.mrc \r\n\xff\n-c"[..], &[&b"a.mrc"[..], b" b.mrc \r", b"\xff", b"-c"][..]),
            (b"\r\n", &[b"\r"]),
        ] {
            assert_eq!(names(bytes, false).unwrap(), expected(found));
        }
        assert_eq!(names(b"a\nb\0\0c\r\0", true).unwrap(), expected(&[b"a\nb", b"c\r"]));
        assert!(names(b"a\0b\0", false).unwrap_err().to_string().contains("--null"));
        assert!(names(b"\n\n", false).is_err() && names(b"\0", true).is_err() && names(b"", true).is_err());
    }
}
