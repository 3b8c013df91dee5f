//! The plan: which output each input gets, decided and checked before anything is written.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::files::folders::{create_folder, folder_of};
use crate::files::metadata::{FileId, are_one};
use crate::files::sanitize::display;

/// Where a file comes from and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The input as named on the command line.
    pub input: PathBuf,
    /// The output, with the extension of its format.
    pub output: PathBuf,
}

impl Paths {
    /// Tells whether the output takes the input's place, as with HDF files.
    pub fn replaces_input(&self) -> bool {
        place(&self.input) == place(&self.output)
    }
}

/// Pairs inputs with outputs. Refuses outputs that would overwrite each other or an input. Outputs have the extension that `extension` names for their input; an
/// HDF file gives way to its own output.
pub fn plan(
    inputs: &[PathBuf],
    outpath: Option<&Path>,
    extension: impl Fn(&Path) -> &'static str,
) -> anyhow::Result<Vec<Paths>> {
    let mut planned = Vec::with_capacity(inputs.len());
    for input in inputs {
        let Some(name) = input.file_name() else {
            bail!("{} names no file", display(input));
        };
        let beside = match outpath {
            Some(outpath) => outpath.join(name),
            None => input.clone(),
        };
        planned.push(Paths { input: input.clone(), output: named_as(&beside, extension(input)) });
    }
    let mut writers: HashMap<PathBuf, &Path> = HashMap::new();
    for paths in &planned {
        if let Some(other) = writers.insert(place(&paths.output), &paths.input) {
            bail!(
                "{} and {} would both be written to {}: take them one at a time, into different folders \
                 with --outpath. Nothing was written",
                display(other),
                display(&paths.input),
                display(&paths.output)
            );
        }
    }
    // The same file under another name: a link, or a name in other capitals where that is no difference.
    let id = |paths: &Paths| FileId::of(&fs::symlink_metadata(&paths.output).ok()?);
    let replaced: HashMap<FileId, &Path> =
        planned.iter().filter_map(|paths| Some((id(paths)?, paths.output.as_path()))).collect();
    let is_replaced = |input: &Path| {
        let id = fs::metadata(input).ok().as_ref().and_then(FileId::of);
        // The number may have been given to another file since, while other programs replace outputs.
        id.and_then(|id| replaced.get(&id))
            .is_some_and(|output| fs::canonicalize(input).is_ok_and(|input| are_one(&input, output)))
    };
    for paths in &planned {
        let gives_way = paths.replaces_input() && paths.output.extension().is_some_and(|kind| kind == "hdf");
        let taken = || writers.contains_key(&place(&paths.input)) || is_replaced(&paths.input);
        if !gives_way && taken() {
            bail!(
                "{} would be overwritten by an output: write to another folder with --outpath. Nothing was written",
                display(&paths.input)
            );
        }
    }
    Ok(planned)
}

/// Gives a file an output's extension in place of its own, which may have two parts.
fn named_as(path: &Path, extension: &str) -> PathBuf {
    let mut name = stem(path).to_os_string();
    name.push(".");
    name.push(extension);
    path.with_file_name(name)
}

/// Returns a file's name without the extension of its format. Names that are not Unicode lose their last part.
pub fn stem(path: &Path) -> &OsStr {
    let name = path.file_name().unwrap_or_default();
    name.to_str()
        .map_or_else(|| path.file_stem().unwrap_or(name), |name| OsStr::new(e2compress_core::stem(name)))
}

/// Creates the folder for the outputs.
pub fn create_outpath(outpath: &Path) -> anyhow::Result<()> {
    create_folder(outpath).with_context(|| format!("cannot create the folder {}", display(outpath)))
}

/// Makes a path that is the same for every name of a file, links in its folder's path resolved. The last
/// part stays as it is: an output replaces a link of its name, not what the link leads to.
pub fn place(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let folder = folder_of(path);
    // A folder that does not exist yet is told by its absolute path.
    fs::canonicalize(folder)
        .or_else(|_| std::path::absolute(folder))
        .unwrap_or_else(|_| folder.to_owned())
        .join(if cfg!(windows) { name.to_ascii_lowercase() } else { name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(inputs: &[&str], outpath: Option<&Path>) -> anyhow::Result<Vec<Paths>> {
        let inputs: Vec<PathBuf> = inputs.iter().map(PathBuf::from).collect();
        plan(&inputs, outpath, |_| "hdf")
    }

    #[test]
    fn beside_the_input_or_in_a_folder() {
        let paths = planned(&["a/x.y.mrc", "b.MRCS"], None).unwrap();
        assert_eq!(paths[0].output, Path::new("a/x.y.hdf"));
        assert_eq!(paths[1].output, Path::new("b.hdf"));
        let paths =
            planned(&["a/x.y.mrcs.gz", "b.MAP.BZ2", "c.gz", "e.tar.gz", ".mrc", "noname"], None).unwrap();
        let outputs: Vec<_> = paths.iter().map(|paths| paths.output.to_str().unwrap()).collect();
        assert_eq!(outputs, ["a/x.y.hdf", "b.hdf", "c.hdf", "e.tar.hdf", ".mrc.hdf", "noname.hdf"]);
        let folder = tempfile::tempdir().unwrap();
        let paths = planned(&["a/x.mrc"], Some(&folder.path().join("new/deep"))).unwrap();
        assert_eq!(paths[0].output, folder.path().join("new/deep/x.hdf"));
        assert!(!folder.path().join("new").exists(), "a plan is only looked at");
        create_outpath(&folder.path().join("new/deep")).unwrap();
        assert!(folder.path().join("new/deep").is_dir());
    }

    #[test]
    fn outputs_that_collide_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let outpath = folder.path().join("new");
        for inputs in [
            ["x.mrc", "x.mrcs"],
            ["x.mrc", "x.mrc"],
            ["x.mrc", "./x.mrc"],
            ["x.mrcs", "x.mrcs.gz"],
            ["x.mrc.zst", "x.mrc.bz2"],
        ] {
            assert!(planned(&inputs, None).is_err(), "{inputs:?}");
        }
        assert!(planned(&["a/x.mrc", "b/x.mrc"], Some(&outpath)).is_err());
        assert!(planned(&["a/x.mrc", "b/x.mrc"], None).is_ok());
    }

    #[test]
    fn an_input_is_overwritten_by_its_own_output_alone() {
        let paths = planned(&["x.hdf", "./y.hdf"], None).unwrap();
        assert!(paths.iter().all(Paths::replaces_input));
        assert!(!planned(&["x.h5"], None).unwrap()[0].replaces_input());
        assert!(planned(&["x.mrc", "x.hdf"], None).is_err());
        assert!(planned(&["x.hdf", "x.hdf"], None).is_err());
    }
}
