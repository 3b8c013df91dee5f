//! What cannot be written together: a file where another one needs a folder. On disk the first that comes would win; by
//! names it is found before anything is written.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::files::sanitize::display;

/// Somewhere that something is to be written, and what for: an input, or the report of the run.
pub type Place<'a> = (PathBuf, Option<&'a Path>);

/// Refuses places of which one is to be a file and a folder.
pub fn check_nested<'a>(places: impl Iterator<Item = Place<'a>> + Clone) -> anyhow::Result<()> {
    let working = std::env::current_dir().unwrap_or_default();
    let absolute = |path: &Path| working.join(path).components().collect::<PathBuf>();
    // Of many files there are few folders.
    let mut folders: HashMap<PathBuf, Place<'a>> = HashMap::new();
    for place in places.clone() {
        for folder in absolute(&place.0).ancestors().skip(1) {
            if folders.contains_key(folder) {
                break;
            }
            folders.insert(folder.to_owned(), place.clone());
        }
    }
    let named = |what: Option<&Path>| what.map_or("the report".to_owned(), |what| display(what).to_string());
    for (place, what) in places {
        if let Some((other, its)) = folders.get(&absolute(&place)) {
            return Err(anyhow!(
                "{} would be written to {}, which is to be the folder of {} (for {}): rename one of them, or take them one at \
                 a time, into different folders with --outpath. Nothing was written",
                named(what),
                display(&place),
                display(other),
                named(*its)
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_is_a_file_and_a_folder() {
        let check = |places: &[&str]| {
            let places = places.iter().map(|place| (PathBuf::from(place), Some(Path::new(place))));
            check_nested(places).map_err(|problem| problem.to_string())
        };
        for places in [&["a", "b", "c/a", "c/b", "d/c/a"][..], &["a.hdf", "a.hdf.b/c"], &["a/b", "a/b"], &[]]
        {
            assert_eq!(check(places), Ok(()), "{places:?}");
        }
        for places in [["a", "a/b"], ["c/a/d/e", "c/a"], ["./a", "a/b"], ["a/b", "./a/b/c/d"]] {
            let problem = check(&places).unwrap_err();
            assert!(places.iter().all(|place| problem.contains(place)), "{problem}");
        }
    }
}
