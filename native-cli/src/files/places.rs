//! Where files are, links in the paths of their folders followed: a folder may be reached in several ways.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::files::journal::path_of;

/// Where folders are; each is looked up once.
#[derive(Default)]
pub struct Places(HashMap<PathBuf, Option<PathBuf>>);

impl Places {
    /// Finds the place of a file by its absolute name. The file need not be there any more; without its folder it is its name.
    pub fn of(&mut self, name: &[u8]) -> PathBuf {
        let file = path_of(name);
        let (Some(folder), Some(last)) = (file.parent(), file.file_name()) else { return file };
        match self.folder(folder) {
            Some(folder) => folder.join(last),
            None => file,
        }
    }

    /// Finds the place of a folder, if it is there. A path that is not absolute is nowhere.
    fn folder(&mut self, folder: &Path) -> Option<&Path> {
        if !self.0.contains_key(folder) {
            let found = folder.is_absolute().then(|| folder.canonicalize().ok()).flatten();
            self.0.insert(folder.to_owned(), found);
        }
        self.0.get(folder)?.as_deref()
    }

    /// Tells whether the folder of a file is there.
    pub fn has_folder_of(&mut self, name: &[u8]) -> bool {
        path_of(name).parent().is_some_and(|folder| self.folder(folder).is_some_and(Path::is_dir))
    }
}
