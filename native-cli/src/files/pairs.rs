//! Inputs that are two files, as IMAGIC's are. Such a pair goes by the name of the file with the pixels.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use e2compress_core::{Error, Pair};

use crate::files::input::InputFile;
use crate::files::inputs::Input;
use crate::files::metadata::is_absence;

/// The extensions of the pair that a file is a part of by its name.
fn extensions(path: &Path) -> Option<Pair> {
    // Only the extension tells, and the rest of a name need not be Unicode.
    let extension = path.extension().and_then(OsStr::to_str)?;
    Pair::of(&format!("a.{extension}"))
}

/// Returns a path with another extension: as the name has it, in small letters, in capitals.
fn spellings(path: &Path, name: &str) -> [PathBuf; 3] {
    let extension = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
    let spellings = [extension.to_owned(), extension.to_ascii_lowercase(), extension.to_ascii_uppercase()];
    spellings.map(|extension| path.with_extension(extension))
}

/// Returns a path with another extension, in small letters or in capitals where only that is there.
fn with_extension(path: &Path, name: &str) -> PathBuf {
    let mut paths = spellings(path, name).into_iter();
    let found = paths.clone().find(|path| path.exists());
    found.or_else(|| paths.next()).unwrap_or_default()
}

/// Returns the path of the file that one needs beside it by its name, whether it is there or not.
pub fn other_half(path: &Path) -> Option<PathBuf> {
    let pair = extensions(path)?;
    let extension = path.extension().and_then(OsStr::to_str)?;
    Some(with_extension(path, pair.other_than(&format!("a.{extension}"))))
}

/// Tells whether an input is there of which so many bytes were recorded. One file of a pair is what a deletion left that was cut
/// short, if it cannot be read alone and either file may be headers: those of IMAGIC are records of 1024 bytes.
pub fn is_there(input: &Path, recorded: u64) -> bool {
    let there = match fs::metadata(input) {
        Ok(there) => there,
        // A link to a disk that is not there, and a folder that may not be looked into, say nothing of the file.
        Err(problem) if is_absence(&problem) => return fs::symlink_metadata(input).is_ok(),
        Err(_) => return true,
    };
    let missing = recorded.saturating_sub(there.len());
    let may_be_half = missing > 0
        && (missing.is_multiple_of(1024) || there.len().is_multiple_of(1024))
        && other_half(input).is_some_and(|other| fs::symlink_metadata(other).is_err());
    !may_be_half || !is_half(input)
}

/// Tells whether a file lacks the other one of its pair.
pub fn is_half(input: &Path) -> bool {
    let problem = InputFile::open(input).and_then(|file| file.images().map(drop)).err();
    matches!(problem.as_ref().and_then(|problem| problem.downcast_ref()), Some(Error::Imagic(_)))
}

/// Returns the name of the file with the pixels for one with the headers alone, as it is written in `pair.headers`.
fn name_of_pixels(path: &Path) -> Option<String> {
    let pair = extensions(path)?;
    (Path::new(&pair.headers).extension() == path.extension()).then_some(pair.pixels)
}

/// Leaves out the file with the headers of each pair whose pixels are named as well, by names alone.
pub fn named_once(inputs: Vec<Input>) -> Vec<Input> {
    let headers = |input: &Input| name_of_pixels(&input.path);
    if !inputs.iter().any(|input| headers(input).is_some()) {
        return inputs;
    }
    let named: HashSet<PathBuf> = inputs.iter().map(|input| input.path.clone()).collect();
    let has_pixels = |input: &Input| {
        headers(input)
            .is_some_and(|pixels| spellings(&input.path, &pixels).iter().any(|path| named.contains(path)))
    };
    inputs.into_iter().filter(|input| !has_pixels(input)).collect()
}

/// Makes one input of both files of each pair: the one with the pixels, whichever is named.
pub fn unite_inputs(inputs: Vec<Input>) -> Vec<Input> {
    let mut inputs = named_once(inputs);
    for input in &mut inputs {
        if let Some(name) = name_of_pixels(&input.path) {
            let pixels = with_extension(&input.path, &name);
            if pixels.is_file() {
                input.path = pixels;
            }
        }
    }
    inputs
}

/// Does the same for paths alone.
pub fn unite(inputs: &[PathBuf]) -> Vec<PathBuf> {
    let united = unite_inputs(inputs.iter().cloned().map(Input::from).collect());
    united.into_iter().map(|input| input.path).collect()
}

#[cfg(test)]
mod tests {
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
