//! The files that are verified, and the original of each.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use e2compress_core::FORMATS;
use e2compress_core::words::counted;

use crate::files::metadata::FileId;
use crate::files::pairs::unite;
use crate::files::plan::stem;
use crate::files::sanitize::display;

/// A file, and what it is checked against.
pub struct Pair {
    /// The file.
    pub file: PathBuf,
    /// Its original, if it is checked beside one; why there is none, where there should be one.
    pub original: Option<Result<PathBuf, String>>,
}

/// Pairs files with their originals. `named` are those on the command line itself: of exactly two of them, both files,
/// the second is the original of the first.
pub fn pair(named: &[PathBuf], list: Option<&Path>, against: &[PathBuf]) -> anyhow::Result<Vec<Pair>> {
    let (named, against) = (&unite(named)[..], &unite(against)[..]);
    if let ([file, original], None, []) = (named, list, against)
        && !file.is_dir()
        && !original.is_dir()
    {
        return Ok(vec![Pair { file: file.clone(), original: Some(Ok(original.clone())) }]);
    }
    let mut files = Vec::new();
    for name in named.iter().cloned().chain(list.map_or(Ok(Vec::new()), listed)?) {
        if name.is_dir() {
            let found = files_in(&name)?;
            if found.is_empty() {
                bail!("{} is a folder without files of a known extension", display(&name));
            }
            files.extend(found);
        } else {
            files.push(name);
        }
    }
    let files = unite(&files);
    let of = Originals::new(against)?;
    // One file beside one other needs no name to go by.
    if let ([file], [original]) = (&files[..], against)
        && !original.is_dir()
    {
        return Ok(vec![Pair { file: file.clone(), original: Some(Ok(original.clone())) }]);
    }
    let paired = files.into_iter().map(|file| {
        let original = (!against.is_empty()).then(|| of.find(&file));
        Pair { file, original }
    });
    Ok(paired.collect())
}

/// Bytes of the longest list of names.
const LONGEST_LIST: u64 = 64 << 20;

/// Reads a list of names, one per line.
fn listed(list: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    let read = if list == Path::new("-") {
        io::stdin().lock().take(LONGEST_LIST + 1).read_to_end(&mut bytes)
    } else {
        File::open(list).and_then(|file| file.take(LONGEST_LIST + 1).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("cannot read the list {}", display(list)))?;
    if bytes.len() as u64 > LONGEST_LIST {
        bail!("the list {} is longer than {LONGEST_LIST} bytes", display(list));
    }
    if bytes.trim_ascii().is_empty() {
        bail!("the list {} names no file", display(list));
    }
    let lines = bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter(|line| !line.is_empty()).map(|line| path_of(line, list)).collect()
}

/// Takes the bytes of a name as they are.
#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere not all bytes are a name")]
fn path_of(line: &[u8], _list: &Path) -> anyhow::Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(std::ffi::OsStr::from_bytes(line).into())
}

/// Takes a name in Unicode.
#[cfg(not(unix))]
fn path_of(line: &[u8], list: &Path) -> anyhow::Result<PathBuf> {
    let name = std::str::from_utf8(line);
    Ok(name.with_context(|| format!("the list {} is not in Unicode", display(list)))?.into())
}

/// Lists the files of a folder that have an extension of a known format, by name. Hidden ones are none of a person's.
fn files_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = || format!("cannot read the folder {}", display(folder));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(read)? {
        let name = entry.with_context(read)?.file_name();
        let shown = name.to_string_lossy();
        if !shown.starts_with('.') && FORMATS.iter().any(|format| format.has_extension(&shown)) {
            found.push(folder.join(&name));
        }
    }
    found.retain(|path| !path.is_dir());
    found.sort();
    Ok(unite(&found))
}

/// Originals by their names without extension.
#[derive(Default)]
struct Originals(HashMap<OsString, Vec<PathBuf>>);

impl Originals {
    fn new(against: &[PathBuf]) -> anyhow::Result<Self> {
        let mut of = Self::default();
        for path in against {
            let files = if path.is_dir() { files_in(path)? } else { vec![path.clone()] };
            for file in files {
                of.0.entry(stem(&file).to_owned()).or_default().push(file);
            }
        }
        Ok(of)
    }

    /// Finds the original of a file, which is not that file itself.
    fn find(&self, file: &Path) -> Result<PathBuf, String> {
        let id = |path: &Path| fs::metadata(path).ok().as_ref().and_then(FileId::of);
        let itself = |path: &Path| path == file || id(path).is_some_and(|found| Some(found) == id(file));
        let found: Vec<&PathBuf> =
            self.0.get(stem(file)).into_iter().flatten().filter(|path| !itself(path)).collect();
        match found[..] {
            [original] => Ok(original.clone()),
            [] => Err("none of the originals has its name; name its original with --against".to_owned()),
            [first, second, ..] => Err(format!(
                "{} have its name, among them {} and {}; name the one that is its original with --against",
                counted(found.len() as u64, "original"),
                display(first),
                display(second)
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    /// Pairs files; where there should be an original and is none, an empty path stands for it.
    fn pairs(named: &[PathBuf], against: &[PathBuf]) -> Vec<(PathBuf, Option<PathBuf>)> {
        let found = pair(named, None, against).unwrap();
        let original = |original: Option<Result<_, _>>| original.map(Result::unwrap_or_default);
        found.into_iter().map(|pair| (pair.file, original(pair.original))).collect()
    }

    #[test]
    fn two_names_are_a_file_and_its_original_and_nothing_else_is() {
        let folder = tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.hdf", "a.mrc", "b.hdf", ".c.hdf", "notes.txt"] {
            fs::write(path(name), "").unwrap();
        }
        let two = [path("a.hdf"), path("a.mrc")];
        assert_eq!(pairs(&two, &[]), [(path("a.hdf"), Some(path("a.mrc")))]);
        let alone = |names: &[&str]| names.iter().map(|name| (path(name), None)).collect::<Vec<_>>();
        assert_eq!(pairs(&two[..1], &[]), alone(&["a.hdf"]));
        let three = [&two[..], &[path("b.hdf")]].concat();
        assert_eq!(pairs(&three, &[]), alone(&["a.hdf", "a.mrc", "b.hdf"]));
        assert_eq!(pairs(&[folder.path().into()], &[]), alone(&["a.hdf", "a.mrc", "b.hdf"]));
        fs::write(path("list.txt"), format!("{}\r\n\n{}", two[0].display(), two[1].display())).unwrap();
        let from_list = pair(&[], Some(&path("list.txt")), &[]).unwrap();
        assert!(from_list.len() == 2 && from_list.iter().all(|pair| pair.original.is_none()));
    }

    #[test]
    fn originals_go_by_their_names() {
        let folder = tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("raw")).unwrap();
        for name in ["a.hdf", "b.hdf", "raw/a.mrc", "raw/b.mrc", "raw/b.mrcs", "raw/d.mrcs.gz", "d.hdf"] {
            fs::write(path(name), "").unwrap();
        }
        let original = |file: &str, against: &[PathBuf]| {
            let found = pairs(&[path(file), path("c.hdf")], against);
            found[0].1.clone().unwrap()
        };
        let none = PathBuf::new();
        assert_eq!(original("a.hdf", &[path("raw")]), path("raw/a.mrc"));
        assert_eq!(original("d.hdf", &[path("raw")]), path("raw/d.mrcs.gz"));
        assert_eq!(original("b.hdf", &[path("raw")]), none, "two have its name");
        assert_eq!(original("b.hdf", &[path("raw/b.mrcs")]), path("raw/b.mrcs"));
        assert_eq!(original("a.hdf", &[folder.path().into()]), none, "no file is its own original");
        let one = pairs(&[path("a.hdf")], &[path("raw/b.mrc")]);
        assert_eq!(one[0].1, Some(path("raw/b.mrc")), "one beside one needs no name");
    }
}
