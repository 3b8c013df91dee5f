//! Inputs that are expected, beside those that reports name.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use crate::args::{Expected, Lists};
use crate::files::inputs::{Inputs, Kinds, Taken};
use crate::files::journal::{Name, absolute_name};
use crate::files::pairs::unite;
use crate::files::places::Places;
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
    let Inputs { files, problems, .. } = Inputs::gather(&[], &lists, &Taken::to_read(Kinds::Compressed))?;
    let unread = problems.into_iter().map(|problem| problem.folder);
    Ok(files.into_iter().chain(unread).map(|input| input.path).collect())
}

/// Finds the places of what is expected.
pub fn places_of(listed: &[PathBuf]) -> HashSet<PathBuf> {
    let mut places = Places::default();
    unite(listed).iter().map(|name| places.of(&absolute_name(name))).collect()
}

/// Looks which inputs of a list are in reports: by their absolute names or, since a folder may be reached in several ways,
/// by the place of their folder.
pub fn beside(listed: &[PathBuf], summary: &Summary) -> Found {
    if listed.is_empty() {
        return Found { expected: None, missing: Vec::new(), beyond: HashSet::new() };
    }
    let mut places = Places::default();
    // Both files of a pair are one input, and so is a file under two paths: what is done, failed and missing adds up.
    let mut named = BTreeMap::new();
    let (mut order, mut missing) = (Vec::new(), Vec::new());
    for name in unite(listed) {
        let place = places.of(&absolute_name(&name));
        if named.insert(place.clone(), None).is_none() {
            order.push((place, name));
        }
    }
    // Of several paths of one file in the reports, that counts under which it is done.
    let mut beyond = HashSet::new();
    for (name, known) in summary.files() {
        let Some(counted) = named.get_mut(&places.of(name)) else {
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
