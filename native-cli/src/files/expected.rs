//! Inputs that are expected, beside those that reports name.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::args::{Expected, Lists};
use crate::files::inputs::{Inputs, Kinds};
use crate::files::journal::{Name, absolute_name, path_of};
use crate::files::pairs::unite;
use crate::files::summary::Summary;

/// What is there of a list.
pub struct Found {
    /// Number of names in the list, each once; `None` without a list.
    pub expected: Option<usize>,
    /// Names that no report has a line about.
    pub missing: Vec<PathBuf>,
    /// Inputs that are not in the list, or again under another path: they do not count for it.
    beyond: HashSet<Name>,
}

impl Found {
    /// Tells whether an input was expected; without a list all are.
    pub fn expects(&self, name: &Name) -> bool {
        !self.beyond.contains(name)
    }
}

/// Reads the list of what is expected, if there is one; of folders, if they are gone through, what compressing would take.
/// Those that cannot be read are expected themselves.
pub fn listed(args: &Expected) -> anyhow::Result<Vec<PathBuf>> {
    if args.files_from.is_none() {
        return Ok(Vec::new());
    }
    let lists = Lists {
        files_from: args.files_from.clone(),
        null: args.null,
        shard: None,
        recursive: args.recursive,
    };
    let Inputs { files, problems, .. } =
        Inputs::gather(&[], &lists, Kinds::Compressed, None, None, false, 0)?;
    let unread = problems.into_iter().map(|problem| problem.folder);
    Ok(files.into_iter().chain(unread).map(|input| input.path).collect())
}

/// Looks which inputs of a list are in reports: by their absolute names or, since a folder may be reached in several ways,
/// by the place of their folder.
pub fn beside(listed: &[PathBuf], summary: &Summary) -> Found {
    if listed.is_empty() {
        return Found { expected: None, missing: Vec::new(), beyond: HashSet::new() };
    }
    let mut folders = Folders::default();
    // Both files of a pair are one input, and so is a file under two paths: what is done, failed and missing adds up.
    let mut named = BTreeMap::new();
    let (mut order, mut missing) = (Vec::new(), Vec::new());
    for name in unite(listed) {
        let place = folders.place(&absolute_name(&name));
        if named.insert(place.clone(), None).is_none() {
            order.push((place, name));
        }
    }
    // Of several paths of one file in the reports, that counts under which it is done.
    let mut beyond = HashSet::new();
    for (name, known) in summary.files() {
        let Some(counted) = named.get_mut(&folders.place(name)) else {
            beyond.insert(name.clone());
            continue;
        };
        match counted {
            Some((_, true)) => drop(beyond.insert(name.clone())),
            counted => {
                let before = counted.replace((name, known.state.is_fine()));
                beyond.extend(before.map(|(name, _)| name.clone()));
            }
        }
    }
    for (place, name) in order {
        if named.get(&place).is_some_and(Option::is_none) {
            missing.push(name);
        }
    }
    Found { expected: Some(named.len()), missing, beyond }
}

/// Where folders are, links in their paths followed; each is looked up once.
#[derive(Default)]
struct Folders(HashMap<PathBuf, Option<PathBuf>>);

impl Folders {
    /// Finds the place of a file, which need not be there any more; without its folder it is its name.
    fn place(&mut self, name: &[u8]) -> PathBuf {
        let file = path_of(name);
        let (Some(folder), Some(last)) = (file.parent(), file.file_name()) else { return file };
        let looked_up = |folder: &Path| folder.canonicalize().ok();
        if !self.0.contains_key(folder) {
            self.0.insert(folder.to_owned(), looked_up(folder));
        }
        match self.0.get(folder) {
            Some(Some(folder)) => folder.join(last),
            _ => file,
        }
    }
}
