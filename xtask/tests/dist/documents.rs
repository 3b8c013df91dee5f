//! The documents of packages: that their links lead somewhere.

use std::fs;
use std::path::Path;

use crate::Outcome;

/// Fails unless the README is in a folder, and all that it and what it leads to link to.
pub fn are_whole(folder: &Path) -> Outcome {
    let (mut names, mut seen) = (vec![folder.join("README.md")], Vec::new());
    while let Some(name) = names.pop() {
        let name = fs::canonicalize(&name).map_err(|problem| format!("{}: {problem}", name.display()))?;
        let is_document = name.extension().is_some_and(|kind| kind == "md");
        if !is_document || seen.contains(&name) {
            continue;
        }
        let beside = name.parent().ok_or("no folder")?;
        names.extend(links(&fs::read_to_string(&name)?).iter().map(|link| beside.join(link)));
        seen.push(name);
    }
    if seen.len() < 10 { Err(format!("only {seen:?} are there").into()) } else { Ok(()) }
}

/// Lists the files that a document links to, pictures among them.
pub fn links(document: &str) -> Vec<&str> {
    let targets = document.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    files.filter_map(|target| target.split('#').next()).collect()
}
