//! The inputs of a run: what is named on the command line and in a list, what is in folders, and the share of all that which
//! is this program's.

use std::collections::HashSet;
use std::fs;
use std::io::stderr;
use std::path::{Path, PathBuf};

use anyhow::bail;
use e2compress_core::FORMATS;

use crate::args::{Lists, Tree};
use crate::files::list;
use crate::files::pairs::{named_once, unite_inputs};
use crate::files::plan::check_names;
use crate::files::sanitize::display;
use crate::files::shard::Shard;
use crate::files::walk::{Found, Unread};
use crate::fmt::{self, counted};
use crate::tally::Few;
use crate::terminal::print;

/// An input, and where below the folder for outputs its output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its path.
    pub path: PathBuf,
    /// The folder it lies in, as a path from the folder that was named; empty for what was named itself.
    pub below: PathBuf,
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self { path, below: PathBuf::new() }
    }
}

/// The files of folders that a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// Those of every format, to look at them.
    All,
    /// Those of every format, to compress them. HDF files only where others are made of them: that a whole tree is replaced
    /// must not follow from the name of a folder.
    Compressed,
    /// HDF files, to expand them.
    Hdf,
}

impl Kinds {
    /// Tells by a file's name whether it is taken; `in_place` tells that outputs lie beside their inputs.
    fn take(self, name: &str, in_place: bool) -> bool {
        match self {
            Self::Hdf => is_hdf(name),
            Self::Compressed if in_place => is_known(name) && !is_hdf(name),
            Self::All | Self::Compressed => is_known(name),
        }
    }

    /// Returns the extensions that outputs may have; none where nothing is written.
    pub fn of_outputs(self) -> &'static [&'static str] {
        match self {
            Self::All => &[],
            Self::Compressed => &["hdf"],
            Self::Hdf => &["mrc", "mrcs"],
        }
    }
}

/// Tells whether a name has an extension of a format that is read.
pub fn is_known(name: &str) -> bool {
    FORMATS.iter().any(|format| format.has_extension(name))
}

/// Tells whether a name has an extension of HDF.
pub fn is_hdf(name: &str) -> bool {
    FORMATS.iter().any(|format| format.has_extension("a.hdf") && format.has_extension(name))
}

/// What a run works on.
#[derive(Default)]
pub struct Inputs {
    /// The inputs of this share.
    pub files: Vec<Input>,
    /// Files of folders that are of no format which the command takes; those of this share.
    pub others: Vec<Input>,
    /// What there is in folders besides files.
    pub no_files: Vec<PathBuf>,
    /// Folders that could not be read.
    pub problems: Vec<Unread>,
    /// Folders that could.
    pub folders: Vec<Input>,
    /// Files of folders that the run itself writes, or is steered by: they are no others.
    pub of_run: Vec<Input>,
    /// The share that is taken, and the number of files of all shares.
    pub shard: Option<(Shard, usize)>,
    /// Names that were given again.
    again: Few,
    /// Words that there is nothing in folders yet, or nothing that is taken.
    empty: Option<String>,
    /// Words that of all that is in folders nothing is taken.
    useless: Option<String>,
}

/// What a command takes of folders, and what becomes of it.
pub struct Taken<'a> {
    /// The files that are taken.
    pub kinds: Kinds,
    /// The folder for outputs, if they do not lie beside their inputs.
    pub outpath: Option<&'a Path>,
    /// What becomes of other files, where anything does.
    pub tree: Option<Tree>,
    /// A folder stands for the files in it, without being asked to be gone through.
    pub flat: bool,
    /// After how many seconds files are taken: a folder that is waited for may be empty yet.
    pub settle: u64,
    /// The files that the run writes, or is steered by, besides the list: they are no others.
    pub of_run: Vec<&'a Path>,
}

impl Taken<'_> {
    /// Takes files of these kinds, where nothing is written.
    pub fn to_read(kinds: Kinds) -> Self {
        Self { kinds, outpath: None, tree: None, flat: false, settle: 0, of_run: Vec::new() }
    }
}

impl Inputs {
    /// Finds the inputs.
    pub fn gather(named: &[PathBuf], lists: &Lists, taken: &Taken<'_>) -> anyhow::Result<Self> {
        let &Taken { kinds, outpath, tree, flat, settle, .. } = taken;
        let from_list = match &lists.files_from {
            Some(list) => list::read(list, lists.null)?,
            None => Vec::new(),
        };
        let (mut in_folders, mut files) = (Found::default(), Vec::new());
        let all = named.iter().map(|name| (name, false)).chain(from_list.iter().map(|name| (name, true)));
        for (name, of_list) in all {
            // Files of other shares are not looked at.
            let is_file = of_list && lists.shard.is_some() && is_file_by_name(name);
            if !(lists.recursive || flat) || is_file || !name.is_dir() {
                files.push(name.clone().into());
                continue;
            }
            let except = outpath.and_then(|outpath| outpath.canonicalize().ok());
            let in_place = outpath.is_none() || name.canonicalize().ok() == except;
            let except = except.filter(|_| !in_place);
            in_folders.add(name, lists.recursive, except.as_deref(), |name| kinds.take(name, in_place));
            if in_folders.files.is_empty() && kinds == Kinds::All && in_folders.problems.is_empty() {
                bail!("{} is a folder without files of a known extension", display(name));
            }
            files.append(&mut in_folders.files);
        }
        let Found { mut others, no_files, problems, read: folders, .. } = in_folders;
        let is_empty = files.is_empty() && others.is_empty() && no_files.is_empty() && problems.is_empty();
        let empty = is_empty.then(|| {
            let folders: Vec<String> =
                folders.iter().map(|folder| display(&folder.path).to_string()).collect();
            format!("there is no file in {}", fmt::listed(&folders))
        });
        if let Some(empty) = empty.as_ref().filter(|_| settle == 0 && lists.shard.is_none()) {
            bail!("{empty}");
        }
        let of_run = taken.of_run.iter().copied().chain(lists.files_from.as_deref());
        let of_run: HashSet<PathBuf> = of_run.filter_map(|path| fs::canonicalize(path).ok()).collect();
        let is_of_run = |other: &Input| {
            !of_run.is_empty() && fs::canonicalize(&other.path).is_ok_and(|path| of_run.contains(&path))
        };
        let copied_along = tree.is_some_and(|tree| tree.copy_others) && !others.iter().all(&is_of_run);
        let is_useless = files.is_empty() && !is_empty && problems.is_empty() && !copied_along;
        let useless = is_useless.then(|| {
            let named = folders.iter().filter(|folder| folder.below.as_os_str().is_empty());
            let folders: Vec<String> = named.map(|folder| display(&folder.path).to_string()).collect();
            format!("there is no file that this command takes in {}", fmt::listed(&folders))
        });
        // What is waited for comes yet.
        let (empty, useless) = if settle > 0 { (empty.or(useless), None) } else { (empty, useless) };
        let (files, again) = without_repeats(files);
        let mut files = named_once(files);
        let shard = lists.shard.map(|shard| (shard, files.len()));
        if let Some((shard, _)) = shard {
            let copied = if tree.is_some_and(|tree| tree.copy_others) { &others[..] } else { &[] };
            check_names(&files, copied, outpath, kinds.of_outputs())?;
            files = share(files, shard);
            others = share(others, shard);
        }
        // After the share was taken: which files it has must not hang on the names of its reports.
        let of_run = others.extract_if(.., |other| is_of_run(other)).collect();
        let files = unite_inputs(files);
        Ok(Self { files, others, no_files, problems, folders, of_run, shard, again, empty, useless })
    }

    /// Lists what is no image and may be on record as failed, though nothing is wrong with it now: folders that could be read
    /// and, from before they were known to be the run's, its own files.
    pub fn all_right(&self) -> impl Iterator<Item = Input> {
        let folders = self.folders.iter().map(|folder| folder.path.clone().into());
        folders.chain(self.of_run.iter().cloned())
    }

    /// Says that names were given several times, and that the share is empty, which is no failure: a list may be shorter than
    /// an array of tasks. That nothing is taken of folders is a warning, unless they are waited for: whoever wants no notes must
    /// not believe that all is done. Returns the number of warnings.
    pub fn say_what_is_odd(&self, quiet: bool) -> u64 {
        if let Some(useless) = &self.useless {
            print(stderr(), format_args!("e2compress: warning: {useless}: nothing is done"));
        }
        let warned = u64::from(self.useless.is_some());
        if quiet {
            return warned;
        }
        if let Some(empty) = &self.empty {
            print(stderr(), format_args!("e2compress: note: {empty} yet"));
        }
        if self.again.count > 0 {
            let (names, once) = match self.again.count {
                1 => ("1 name was".to_owned(), "it is"),
                count => (format!("{} were", counted(count, "name")), "each is"),
            };
            print(
                stderr(),
                format_args!(
                    "e2compress: note: {names} given again, {once} taken once: {}",
                    self.again.names()
                ),
            );
        }
        if let (Some((shard, all)), []) = (self.shard, &self.files[..]) {
            let all = counted(all as u64, "file");
            print(stderr(), format_args!("e2compress: share {shard} of {all} is empty"));
        }
        warned
    }
}

/// Takes each name once, as lists have them that were joined, by names alone: shares must come to the same.
fn without_repeats(files: Vec<Input>) -> (Vec<Input>, Few) {
    let working = std::env::current_dir().unwrap_or_default();
    let (mut seen, mut again) = (HashSet::new(), Few::default());
    let is_new = |input: &Input| {
        let is_new = seen.insert(working.join(&input.path).components().collect::<PathBuf>());
        if !is_new {
            again.add(&input.path);
        }
        is_new
    };
    let once = files.into_iter().filter(is_new).collect();
    (once, again)
}

/// Takes a share of some files.
fn share(files: Vec<Input>, shard: Shard) -> Vec<Input> {
    let all = files.into_iter().enumerate();
    all.filter(|(place, _)| shard.has(*place)).map(|(_, file)| file).collect()
}

/// Tells whether a name is that of a file rather than of a folder.
fn is_file_by_name(name: &Path) -> bool {
    is_known(&name.to_string_lossy()) && !name.as_os_str().as_encoded_bytes().ends_with(b"/")
}
