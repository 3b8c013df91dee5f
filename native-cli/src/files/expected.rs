//! Inputs that are expected, beside those that reports name.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::files::journal::absolute_name;
use crate::files::pairs::unite;
use crate::files::summary::Summary;

/// What is there of a list.
pub struct Found {
    /// Number of names in the list, each once; `None` without a list.
    pub expected: Option<usize>,
    /// Names that no report has a line about.
    pub missing: Vec<PathBuf>,
    /// Inputs that are not done and are not in the list: they do not make it incomplete.
    beyond: HashSet<String>,
}

impl Found {
    /// Tells whether an input that is not done was expected; without a list all are.
    pub fn expects(&self, name: &str) -> bool {
        !self.beyond.contains(name)
    }
}

/// Looks which inputs of a list are in reports: by their absolute names or, since a folder may be reached in several ways,
/// by the place of their folder.
pub fn beside(listed: &[PathBuf], summary: &Summary) -> Found {
    if listed.is_empty() {
        return Found { expected: None, missing: Vec::new(), beyond: HashSet::new() };
    }
    let mut seen = HashSet::new();
    // Both files of a pair are one input.
    let named = unite(listed).into_iter().filter(|name| seen.insert(absolute_name(name)));
    let named: Vec<PathBuf> = named.collect();
    let expected = Some(named.len());
    let mut folders = Folders::default();
    let mut beyond: HashSet<String> =
        summary.unfinished().map(|(name, _)| name.to_owned()).filter(|name| !seen.contains(name)).collect();
    if !beyond.is_empty() {
        let places: HashSet<PathBuf> =
            named.iter().filter_map(|name| folders.place(Path::new(&absolute_name(name)))).collect();
        beyond.retain(|name| folders.place(Path::new(name)).is_none_or(|place| !places.contains(&place)));
    }
    let mut missing: Vec<PathBuf> =
        named.into_iter().filter(|name| !summary.knows(&absolute_name(name))).collect();
    if !missing.is_empty() {
        let places: HashSet<PathBuf> =
            summary.names().filter_map(|name| folders.place(Path::new(name))).collect();
        missing.retain(|name| {
            // Reports have names in Unicode.
            let place = folders.place(Path::new(&absolute_name(name)));
            place.is_none_or(|place| !places.contains(&place))
        });
    }
    Found { expected, missing, beyond }
}

/// Where folders are, links in their paths followed; each is looked up once.
#[derive(Default)]
struct Folders(HashMap<PathBuf, Option<PathBuf>>);

impl Folders {
    /// Finds the place of a file, which need not be there any more; its folder must.
    fn place(&mut self, file: &Path) -> Option<PathBuf> {
        let (folder, name) = (file.parent()?, file.file_name()?);
        if !self.0.contains_key(folder) {
            self.0.insert(folder.to_owned(), folder.canonicalize().ok());
        }
        Some(self.0.get(folder)?.as_ref()?.join(name))
    }
}
