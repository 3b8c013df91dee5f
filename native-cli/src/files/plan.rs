//! The plan: which output each input gets, decided and checked before anything is written.

use std::collections::{BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use crate::files::folders::{Mirrored, check_creatable, folder_of};
use crate::files::inputs::{Input, is_hdf};
use crate::files::metadata::{FileId, are_one};
use crate::files::nested::check_nested;
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
        // Of most files the names tell, without asking the system.
        self.input == self.output
            || own_name(&self.input) == own_name(&self.output) && place(&self.input) == place(&self.output)
    }
}

/// Pairs inputs with outputs. Refuses outputs that would overwrite each other or an input. Outputs have the extension that
/// `extension` names for their input; an HDF file gives way to its own output.
pub fn plan(
    inputs: &[Input],
    outpath: Option<&Path>,
    extension: impl Fn(&Path) -> &'static str,
) -> anyhow::Result<Vec<Paths>> {
    let mut planned = Vec::with_capacity(inputs.len());
    for input in inputs {
        let output = output_of(input, outpath, extension(&input.path))?;
        planned.push(Paths { input: input.path.clone(), output });
    }
    let mut places = Places::default();
    let mut writers: HashMap<PathBuf, &Path> = HashMap::new();
    for paths in &planned {
        if let Some(other) = writers.insert(places.of(&paths.output), &paths.input) {
            return Err(collide(other, &paths.input, &paths.output));
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
        let mut taken = || writers.contains_key(&places.of(&paths.input)) || is_replaced(&paths.input);
        if !gives_way && taken() {
            return Err(overwritten(&paths.input));
        }
    }
    Ok(planned)
}

/// Refuses what [`plan`] refuses as far as names tell, without a look at any file: for inputs that are mostly those of
/// other programs. Outputs have one of these extensions; other files are `copied` along. So each share refuses what any of
/// them would.
pub fn check_names(
    inputs: &[Input],
    copied: &[Input],
    outpath: Option<&Path>,
    extensions: &[&str],
) -> anyhow::Result<()> {
    let Some(first) = extensions.first() else { return Ok(()) };
    let working = std::env::current_dir().unwrap_or_default();
    let absolute = |path: &Path| working.join(path).components().collect::<PathBuf>();
    let mut writers: HashMap<PathBuf, &Path> = HashMap::new();
    for input in inputs {
        let output = output_of(input, outpath, first)?;
        if let Some(other) = writers.insert(absolute(&output), &input.path) {
            return Err(collide(other, &input.path, &output));
        }
    }
    for input in inputs {
        let place = absolute(&input.path);
        let is_output = || extensions.iter().any(|kind| place.extension().is_some_and(|own| own == *kind));
        // In the place of an output whatever extension that has.
        let writer = writers.get(&named_as(&place, first)).filter(|_| is_output());
        if writer.is_some_and(|writer| *first != "hdf" || *writer != input.path) {
            return Err(overwritten(&input.path));
        }
    }
    let outputs = extensions.iter().flat_map(|extension| {
        inputs
            .iter()
            .filter_map(move |input| Some((output_of(input, outpath, extension).ok()?, Some(&*input.path))))
    });
    check_nested(outputs.chain(copied.iter().map(|other| (place_of(other, outpath), Some(&*other.path)))))
}

/// Names an input's output.
fn output_of(input: &Input, outpath: Option<&Path>, extension: &str) -> anyhow::Result<PathBuf> {
    let Some(name) = input.path.file_name() else {
        bail!("{} names no file; -r (--recursive) takes the files in folders", display(&input.path));
    };
    let beside = match outpath {
        Some(outpath) => outpath.join(&input.below).join(name),
        None => input.path.clone(),
    };
    Ok(named_as(&beside, extension))
}

fn collide(one: &Path, other: &Path, output: &Path) -> anyhow::Error {
    let (first, second) = (display(one), display(other));
    if place(one) == place(other) {
        return anyhow!("{first} and {second} are one file: name it once. Nothing was written");
    }
    let is_hdf = |input: &Path| is_hdf(&input.to_string_lossy());
    let earlier = match (is_hdf(one), is_hdf(other)) {
        (true, false) => format!(" ({first} may be what {second} was compressed to)"),
        (false, true) => format!(" ({second} may be what {first} was compressed to)"),
        _ => String::new(),
    };
    anyhow!(
        "{first} and {second} would both be written to {}{earlier}: leave one of them out, or take them one at a time, into \
         different folders with --outpath. Nothing was written",
        display(output)
    )
}

fn overwritten(input: &Path) -> anyhow::Error {
    anyhow!(
        "{} would be overwritten by an output: write to another folder with --outpath. Nothing was written",
        display(input)
    )
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

/// Refuses folders for outputs that cannot be created, as far as that shows without creating them.
pub fn check_folders(outpath: &Path, planned: &[Paths]) -> anyhow::Result<()> {
    with_folders(outpath, planned, check_creatable)
}

/// Returns where something of the inputs that is no image goes: below the folder for outputs where there is one.
pub fn place_of(other: &Input, outpath: Option<&Path>) -> PathBuf {
    match (outpath, other.path.file_name()) {
        (Some(outpath), Some(name)) if !other.path.is_dir() => outpath.join(&other.below).join(name),
        (Some(outpath), _) => outpath.join(&other.below),
        (None, _) => other.path.clone(),
    }
}

/// Creates the folder for the outputs, and those below it that outputs lie in.
pub fn create_folders(outpath: &Path, planned: &[Paths], mirrored: &Mirrored<'_>) -> anyhow::Result<()> {
    with_folders(outpath, planned, |folder| mirrored.create(folder))
}

fn with_folders(
    outpath: &Path,
    planned: &[Paths],
    act: impl Fn(&Path) -> io::Result<()>,
) -> anyhow::Result<()> {
    let act =
        |folder: &Path| act(folder).with_context(|| format!("cannot create the folder {}", display(folder)));
    act(outpath)?;
    let folders: BTreeSet<&Path> = planned.iter().map(|paths| folder_of(&paths.output)).collect();
    folders.into_iter().filter(|folder| *folder != outpath).try_for_each(act)
}

/// Makes a path that is the same for every name of a file, links in its folder's path resolved. The last
/// part stays as it is: an output replaces a link of its name, not what the link leads to.
pub fn place(path: &Path) -> PathBuf {
    Places::default().of(path)
}

/// The same for many files: of each folder the system is asked once.
#[derive(Default)]
struct Places(HashMap<PathBuf, PathBuf>);

impl Places {
    fn of(&mut self, path: &Path) -> PathBuf {
        let folder = folder_of(path);
        if !self.0.contains_key(folder) {
            // A folder that does not exist yet is told by its absolute path.
            let resolved = fs::canonicalize(folder)
                .or_else(|_| std::path::absolute(folder))
                .unwrap_or_else(|_| folder.to_owned());
            self.0.insert(folder.to_owned(), resolved);
        }
        self.0.get(folder).map_or(folder, PathBuf::as_path).join(own_name(path))
    }
}

/// Returns the last part of a path, as it tells files apart.
fn own_name(path: &Path) -> OsString {
    let name = path.file_name().unwrap_or_default();
    if cfg!(windows) { name.to_ascii_lowercase() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(inputs: &[&str], outpath: Option<&Path>) -> anyhow::Result<Vec<Paths>> {
        let inputs: Vec<Input> = inputs.iter().map(|path| PathBuf::from(path).into()).collect();
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
        create_folders(&folder.path().join("new/deep"), &paths, &Mirrored::default()).unwrap();
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

    #[test]
    fn names_tell_what_collides_without_a_look_at_files() {
        let checked = |names: &[&str], outpath: Option<&str>, kinds: &[&str]| {
            let inputs: Vec<Input> = names.iter().map(|path| PathBuf::from(path).into()).collect();
            check_names(&inputs, &[], outpath.map(Path::new), kinds).is_ok()
        };
        let (hdf, mrc) = (&["hdf"][..], &["mrc", "mrcs"][..]);
        for (names, outpath, kinds, fine) in [
            (&["a.mrc", "b.mrc", "c.hdf"][..], None, hdf, true),
            (&["a.mrc", "a.mrcs"], None, hdf, false),
            (&["a.mrc", "./a.mrc"], None, hdf, false),
            (&["x/a.mrc", "y/a.mrc"], None, hdf, true),
            (&["x/a.mrc", "y/a.mrc"], Some("out"), hdf, false),
            (&["a.mrc", "a.hdf"], None, hdf, false),
            (&["a.mrc", "a.h5"], None, hdf, false),
            (&["a.hdf", "b.hdf"], None, mrc, true),
            (&["a.hdf", "a.mrcs"], None, mrc, false),
            (&["a.mrc"], None, mrc, false),
            (&["a.hdf", "a.h5"], None, mrc, false),
            (&["a.mrc", "a.mrc"], None, &[], true),
            (&["a.mrc", "a.hdf/b.mrc"], None, hdf, false),
            (&["a.mrc", "a.hdf/b.mrc"], Some("out"), hdf, true),
            (&["a.hdf", "a.mrcs/b.hdf"], None, mrc, false),
        ] {
            assert_eq!(checked(names, outpath, kinds), fine, "{names:?}");
        }
    }

    #[test]
    fn outputs_lie_in_the_folders_of_their_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let outpath = folder.path().join("out");
        let input = Input { path: "root/a/b/x.mrc".into(), below: "a/b".into() };
        let planned = plan(&[input], Some(&outpath), |_| "hdf").unwrap();
        assert_eq!(planned[0].output, outpath.join("a/b/x.hdf"));
        create_folders(&outpath, &planned, &Mirrored::default()).unwrap();
        assert!(outpath.join("a/b").is_dir());
    }
}
