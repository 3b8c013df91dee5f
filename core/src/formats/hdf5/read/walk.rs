//! Every object of a file, once.

use std::collections::BTreeSet;

use super::{File, HdfError, Object, ObjectKind, Target};

/// An object on a walk.
#[derive(Debug)]
pub struct InputAttribute<'w> {
    /// Links from the root to here.
    pub depth: usize,
    /// The name it was first met under; empty for the root.
    pub name: &'w str,
    /// The object.
    pub object: &'w Object,
}

/// Visits every object that hard links lead to, parents before what is in them, each once however
/// many links lead to it.
///
/// Its work and memory are bounded by the file's length.
///
/// # Errors
/// The first thing that is damaged, or what `visit` returns.
pub fn walk(
    file: &File<'_>,
    visit: &mut dyn FnMut(&InputAttribute<'_>) -> Result<(), HdfError>,
) -> Result<(), HdfError> {
    let mut seen = BTreeSet::from([file.root()]);
    let mut waiting = vec![(0, String::new(), file.root())];
    // Links of all groups together are in the file once.
    let mut budget = file.budget("the groups of the file", file.root());
    while let Some((depth, name, address)) = waiting.pop() {
        let object = file.object(address)?;
        visit(&InputAttribute { depth, name: &name, object: &object })?;
        if object.kind() != ObjectKind::Group {
            continue;
        }
        for link in object.group(file)?.links(file)?.into_iter().rev() {
            budget.spend(link.name.len() as u64 + 1)?;
            if let Target::Object(address) = link.target
                && seen.insert(address)
            {
                waiting.push((depth + 1, link.name, address));
            }
        }
    }
    Ok(())
}
