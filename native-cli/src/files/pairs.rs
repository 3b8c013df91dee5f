//! Inputs that are two files, as IMAGIC's are. Such a pair goes by the name of the file with the pixels.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use e2compress_core::record::Named;
use e2compress_core::{Error, Pair};

use crate::files::input::InputFile;
use crate::files::inputs::Input;
use crate::files::metadata::is_absence;
use crate::files::settled::modified;

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

/// Bytes of each of IMAGIC's headers.
const HEADER_BYTES: u64 = 1024;

/// What was recorded of an input: of a pair, of both files together.
#[derive(Clone, Copy, Debug)]
pub struct Was {
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was changed last, in nanoseconds since 1970, where that is known.
    pub modified: Option<u64>,
}

impl Was {
    /// Reads it from a side of a record's line, if it is there.
    pub fn of(named: &Named<'_>) -> Option<Self> {
        Some(Self { bytes: named.fingerprint()?.bytes, modified: named.modified })
    }

    /// Tells whether a file of this name, length and time may be one file of it: headers and pixels are of as many images, and
    /// what was changed later is another file.
    fn may_have_left(self, name: &Path, length: u64, changed: Option<u64>) -> bool {
        let missing = self.bytes.saturating_sub(length);
        let (headers, pixels) =
            if name_of_pixels(name).is_some() { (length, missing) } else { (missing, length) };
        let images = headers / HEADER_BYTES;
        let of_as_many =
            images > 0 && headers.is_multiple_of(HEADER_BYTES) && pixels > 0 && pixels.is_multiple_of(images);
        of_as_many && self.modified.zip(changed).is_none_or(|(recorded, changed)| changed <= recorded)
    }
}

/// Tells whether an input is there of which this was recorded. One file of a pair is what a deletion left that was cut short.
pub fn is_there(input: &Path, was: Was) -> bool {
    match fs::symlink_metadata(input) {
        // A link to a disk that is not there, and a folder that may not be looked into, say nothing of the file.
        Err(problem) => !is_absence(&problem),
        Ok(_) => !is_left_of(input, was),
    }
}

/// Tells whether a file is what is left of a pair of which this was recorded.
pub fn is_left_of(input: &Path, was: Was) -> bool {
    let may_be = |there: &Metadata| was.may_have_left(input, there.len(), modified(there));
    fs::metadata(input).is_ok_and(|there| may_be(&there)) && is_half(input)
}

/// Tells whether a file is one of a pair, and the other one is not there. What cannot be read for another reason is damaged.
pub fn is_half(input: &Path) -> bool {
    let is_absent = |other: PathBuf| fs::symlink_metadata(other).is_err_and(|problem| is_absence(&problem));
    if !other_half(input).is_some_and(is_absent) {
        return false;
    }
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

    #[test]
    fn what_is_left_of_a_pair_has_its_images_and_is_no_newer() {
        // Three images of 701 bytes.
        let was = Was { bytes: 3 * (1024 + 701), modified: Some(50) };
        let may_be =
            |name: &str, length: u64, changed: u64| was.may_have_left(Path::new(name), length, Some(changed));
        assert!(may_be("a.hed", 3 * 1024, 50) && may_be("a.img", 3 * 701, 40));
        assert!(!may_be("a.hed", 3 * 1024, 51) && !may_be("a.img", 3 * 701, 51), "newer");
        // Pixels whose own length is that of headers, as 16 x 16 floats have; headers of another number of images.
        assert!(!may_be("a.img", 1024, 50) && !may_be("a.img", 3 * 1024, 50));
        assert!(!may_be("a.hed", 3 * 701, 50) && !may_be("a.hed", 4 * 1024, 50) && !may_be("a.hed", 0, 50));
        assert!(
            !may_be("a.img", was.bytes, 50)
                && !may_be("a.img", was.bytes + 1024, 50)
                && !may_be("a.img", 0, 50)
        );
        let timeless = Was { modified: None, ..was };
        assert!(timeless.may_have_left(Path::new("a.IMG"), 3 * 701, Some(99)), "a record without times");
    }
}
