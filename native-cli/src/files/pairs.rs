//! Inputs that are two files, as IMAGIC's are. Such a pair goes by the name of the file with the pixels.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use e2compress_core::Pair;

/// The extensions of the pair that a file is a part of by its name.
fn extensions(path: &Path) -> Option<Pair> {
    // Only the extension tells, and the rest of a name need not be Unicode.
    let extension = path.extension().and_then(OsStr::to_str)?;
    Pair::of(&format!("a.{extension}"))
}

/// Returns a path with another extension, in small letters or in capitals where only that is there.
fn with_extension(path: &Path, name: &str) -> PathBuf {
    let extension = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
    let spellings = [extension.to_owned(), extension.to_ascii_lowercase(), extension.to_ascii_uppercase()];
    let mut paths = spellings.map(|extension| path.with_extension(extension)).into_iter();
    let found = paths.clone().find(|path| path.exists());
    found.or_else(|| paths.next()).unwrap_or_default()
}

/// Returns the path of the file that one needs beside it by its name, whether it is there or not.
pub fn other_half(path: &Path) -> Option<PathBuf> {
    let pair = extensions(path)?;
    let extension = path.extension().and_then(OsStr::to_str)?;
    Some(with_extension(path, pair.other_than(&format!("a.{extension}"))))
}

/// Returns the file with the pixels for one with the headers alone, if it is there.
fn pixels_of(path: &Path) -> Option<PathBuf> {
    let pair = extensions(path)?;
    let is_headers = Path::new(&pair.headers).extension() == path.extension();
    is_headers.then(|| with_extension(path, &pair.pixels)).filter(|pixels| pixels.is_file())
}

/// Makes one input of both files of each pair: the one with the pixels, whichever is named.
pub fn unite(inputs: &[PathBuf]) -> Vec<PathBuf> {
    let named: HashSet<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    let united = inputs.iter().filter_map(|input| match pixels_of(input) {
        Some(pixels) => (!named.contains(pixels.as_path())).then_some(pixels),
        None => Some(input.clone()),
    });
    united.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_pair_is_one_input_by_either_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.img", "a.hed", "B.HED", "B.IMG", "c.hed", "d.hed", "d.IMG"] {
            fs::write(path(name), "").unwrap();
        }
        let united = |names: &[&str]| unite(&names.iter().map(|name| path(name)).collect::<Vec<_>>());
        assert_eq!(united(&["a.hed"]), [path("a.img")]);
        assert_eq!(united(&["a.hed", "x.mrc", "a.img"]), [path("x.mrc"), path("a.img")]);
        assert_eq!(united(&["B.HED", "d.hed"]), [path("B.IMG"), path("d.IMG")]);
        assert_eq!(united(&["c.hed"]), [path("c.hed")], "its pixels are not there");
        assert_eq!(united(&["a.img", "a.img"]).len(), 2, "what is named twice stays so");
        assert_eq!(other_half(&path("a.img")), Some(path("a.hed")));
        assert_eq!(other_half(&path("c.hed")), Some(path("c.img")));
        assert_eq!(other_half(&path("x.mrc")), None);
    }
}
