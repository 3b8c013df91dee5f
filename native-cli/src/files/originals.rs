//! The files that are verified, and the original of each.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use e2compress_core::words::counted;

use crate::args::Lists;
use crate::files::inputs::{Input, Inputs, Kinds, Taken, is_known};
use crate::files::metadata::FileId;
use crate::files::pairs::{unite, unite_inputs};
use crate::files::plan::stem;
use crate::files::sanitize::display;
use crate::files::walk::Found;

/// A file, and what it is checked against.
pub struct Pair {
    /// The file.
    pub file: PathBuf,
    /// Its original, if it is checked beside one; why there is none, where there should be one.
    pub original: Option<Result<PathBuf, NoOriginal>>,
}

/// Why a file has no original.
pub struct NoOriginal {
    /// In words.
    pub words: String,
    /// None of the originals has its name.
    pub is_absent: bool,
}

/// Pairs files with their originals. `named` are those on the command line itself: of exactly two of them, both files,
/// the second is the original of the first. Returns why folders could not be read with them.
pub fn pair(
    named: &[PathBuf],
    lists: &Lists,
    against: &[PathBuf],
    quiet: bool,
) -> anyhow::Result<(Vec<Pair>, Vec<String>)> {
    let (united, against) = (&unite(named)[..], &unite(against)[..]);
    let beside = |file: &PathBuf, original: &PathBuf| {
        let pair = Pair { file: file.clone(), original: Some(Ok(original.clone())) };
        Ok((vec![pair], Vec::new()))
    };
    if let ([file, original], None, None, []) = (united, &lists.files_from, lists.shard, against)
        && !file.is_dir()
        && !original.is_dir()
    {
        return beside(file, original);
    }
    let inputs = Inputs::gather(named, lists, &Taken { flat: true, ..Taken::to_read(Kinds::All) })?;
    inputs.say_what_is_odd(quiet);
    let Inputs { files, problems, shard, .. } = inputs;
    let of = Originals::new(against, lists.recursive)?;
    // One file beside one other needs no name to go by.
    if let ([file], [original], None) = (&files[..], against, shard)
        && !original.is_dir()
        && problems.is_empty()
    {
        return beside(&file.path, original);
    }
    let paired = files.into_iter().map(|file| {
        let original = (!against.is_empty()).then(|| of.find(&file));
        Pair { file: file.path, original }
    });
    Ok((paired.collect(), problems.into_iter().map(|unread| unread.problem).collect()))
}

/// Originals by their names without extension.
#[derive(Default)]
struct Originals(HashMap<OsString, Vec<Input>>);

impl Originals {
    fn new(against: &[PathBuf], recursive: bool) -> anyhow::Result<Self> {
        let mut of = Self::default();
        let mut found = Found::default();
        for path in against {
            if path.is_dir() {
                found.add(path, recursive, None, is_known);
            } else {
                // None of its files would be found, as if they had been deleted.
                fs::metadata(path).with_context(|| {
                    format!(
                        "cannot look at {}, given with --against: correct the name, or mount its disk; files whose originals \
                         were deleted with their folder can be verified without --against and --options-of",
                        display(path)
                    )
                })?;
                found.files.push(path.clone().into());
            }
        }
        if let Some(problem) = found.problems.pop() {
            bail!("{problem}");
        }
        for file in unite_inputs(found.files) {
            of.0.entry(stem(&file.path).to_owned()).or_default().push(file);
        }
        Ok(of)
    }

    /// Finds the original of a file, which is not that file itself. Of several in folders the one that lies in a folder of
    /// the same path is its original.
    fn find(&self, file: &Input) -> Result<PathBuf, NoOriginal> {
        let id = |path: &Path| fs::metadata(path).ok().as_ref().and_then(FileId::of);
        let itself =
            |path: &Path| path == file.path || id(path).is_some_and(|found| Some(found) == id(&file.path));
        let of_its_name = self.0.get(stem(&file.path)).into_iter().flatten();
        let mut found: Vec<&Input> = of_its_name.filter(|original| !itself(&original.path)).collect();
        if found.len() > 1 && found.iter().any(|original| original.below == file.below) {
            found.retain(|original| original.below == file.below);
        }
        match found[..] {
            [original] => Ok(original.path.clone()),
            [] => Err(NoOriginal {
                words: "none of the originals has its name; name its original with --against".to_owned(),
                is_absent: true,
            }),
            [first, second, ..] => Err(NoOriginal {
                words: format!(
                    "{} have its name, among them {} and {}; name the one that is its original with --against",
                    counted(found.len() as u64, "original"),
                    display(&first.path),
                    display(&second.path)
                ),
                is_absent: false,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    /// Pairs files; where there should be an original and is none, an empty path stands for it.
    fn pairs(named: &[PathBuf], against: &[PathBuf]) -> Vec<(PathBuf, Option<PathBuf>)> {
        let (found, problems) = pair(named, &Lists::default(), against, true).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let original =
            |original: Option<Result<PathBuf, NoOriginal>>| original.map(Result::unwrap_or_default);
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
        fs::write(path("list.txt"), format!("{}\n\n{}", two[0].display(), two[1].display())).unwrap();
        let lists = Lists { files_from: Some(path("list.txt")), ..Lists::default() };
        let (from_list, _) = pair(&[], &lists, &[], true).unwrap();
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
