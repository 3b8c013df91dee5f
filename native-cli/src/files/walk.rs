//! Folders, with all below them: the files of some kinds, and what stays behind. Every folder is visited once, by its own
//! path where that is below the first one, so that links in a circle end and files that are there under two paths are one.

use std::collections::HashSet;
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::files::inputs::Input;
use crate::files::sanitize::display;

/// A folder that could not be read.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The folder, and its path from the one that was named.
    pub folder: Input,
    /// Why.
    pub problem: String,
}

impl Display for Unread {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(&self.problem)
    }
}

/// What was found in folders.
#[derive(Default)]
pub struct Found {
    /// Files that are taken.
    pub files: Vec<Input>,
    /// Other files.
    pub others: Vec<Input>,
    /// What is no file: pipes, devices, sockets, and links that lead nowhere.
    pub no_files: Vec<PathBuf>,
    /// Folders that could not be read.
    pub problems: Vec<Unread>,
    /// Folders that could.
    pub read: Vec<Input>,
    /// Folders that were visited, by paths without links.
    visited: HashSet<PathBuf>,
}

/// A folder that is to be visited.
struct Folder {
    path: PathBuf,
    /// Its path from the folder that was named.
    below: PathBuf,
}

impl Found {
    /// Adds what is in a folder, and below it if `deep`. `takes` tells by its name whether a file is taken; the folder
    /// `except` is left out.
    pub fn add(&mut self, folder: &Path, deep: bool, except: Option<&Path>, takes: impl Fn(&str) -> bool) {
        self.visited.extend(except.map(Path::to_owned));
        // Links come when all that is reached without them was visited. The last ones are taken first.
        let (mut own, mut links) =
            (vec![Folder { path: folder.to_owned(), below: PathBuf::new() }], Vec::new());
        while let Some(folder) = own.pop().or_else(|| links.pop()) {
            let first = own.len();
            let visited = self.visit(&folder, deep, &takes, &mut own, &mut links);
            let folder = Input { path: folder.path, below: folder.below };
            match visited {
                Ok(()) => self.read.push(folder),
                Err(problem) => self.problems.push(Unread { folder, problem: format!("{problem:#}") }),
            }
            own[first..].reverse();
        }
        if let Some(except) = except {
            self.visited.remove(except);
        }
    }

    fn visit(
        &mut self,
        Folder { path, below }: &Folder,
        deep: bool,
        takes: impl Fn(&str) -> bool,
        own: &mut Vec<Folder>,
        links: &mut Vec<Folder>,
    ) -> anyhow::Result<()> {
        let reading = || format!("cannot read the folder {}", display(path));
        if !self.visited.insert(fs::canonicalize(path).with_context(reading)?) {
            return Ok(());
        }
        let mut entries =
            fs::read_dir(path).with_context(reading)?.collect::<Result<Vec<_>, _>>().with_context(reading)?;
        // The same order in every program that goes through the folder.
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut linked = Vec::new();
        for entry in entries {
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            // Hidden files are none of a person's; outputs at work are among them.
            if shown.starts_with('.') {
                continue;
            }
            let kind = entry.file_type().with_context(reading)?;
            let is_link = kind.is_symlink();
            let is_folder = kind.is_dir() || is_link && entry.path().is_dir();
            if is_folder {
                let folder = Folder { path: path.join(&name), below: below.join(&name) };
                if deep && is_link {
                    linked.push(folder);
                } else if deep {
                    own.push(folder);
                }
                continue;
            }
            let input = Input { path: path.join(&name), below: below.clone() };
            // A link that leads nowhere is a file that cannot be read, and said to be.
            let may_be_read = kind.is_file() || is_link;
            if may_be_read && takes(&shown) {
                self.files.push(input);
            } else if kind.is_file() || is_link && entry.path().is_file() {
                self.others.push(input);
            } else {
                self.no_files.push(input.path);
            }
        }
        links.splice(0..0, linked.into_iter().rev());
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(inputs: &[Input], root: &Path) -> Vec<String> {
        inputs
            .iter()
            .map(|input| {
                let path = input.path.strip_prefix(root).unwrap();
                assert_eq!(path.parent().unwrap(), input.below);
                path.to_str().unwrap().to_owned()
            })
            .collect()
    }

    #[test]
    fn every_folder_is_visited_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        for name in ["z/y", "b", "out", ".hidden"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        fs::create_dir(folder.path().join("elsewhere")).unwrap();
        for name in [
            "1.mrc",
            ".2.mrc",
            "z/3.mrc",
            "z/y/4.mrc",
            "b/5.txt",
            "out/6.mrc",
            ".hidden/7.mrc",
            "../elsewhere/8.mrc",
        ] {
            fs::write(root.join(name), "").unwrap();
        }
        symlink(".", root.join("b/circle")).unwrap();
        symlink("../..", root.join("z/y/up")).unwrap();
        symlink("z", root.join("a")).unwrap();
        symlink("../elsewhere", root.join("c")).unwrap();
        symlink("1.mrc", root.join("link.mrc")).unwrap();
        symlink("nowhere", root.join("nowhere.mrc")).unwrap();
        symlink("nowhere", root.join("nowhere.txt")).unwrap();
        let out = fs::canonicalize(root.join("out")).unwrap();
        let mut found = Found::default();
        found.add(&root, true, Some(&out), |name| name.ends_with("mrc"));
        let expected = ["1.mrc", "link.mrc", "nowhere.mrc", "z/3.mrc", "z/y/4.mrc", "c/8.mrc"];
        assert_eq!(names(&found.files, &root), expected);
        assert_eq!(names(&found.others, &root), ["b/5.txt"]);
        assert_eq!(found.no_files, [root.join("nowhere.txt")]);
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        found.add(&root.join("z"), true, None, |_| true);
        assert_eq!(found.files.len(), expected.len(), "it was visited");
        let mut shallow = Found::default();
        shallow.add(&root, false, None, |name| name.ends_with("mrc"));
        assert_eq!(names(&shallow.files, &root), expected[..3]);
        shallow.add(&folder.path().join("none"), true, None, |_| true);
        assert!(shallow.problems[0].problem.starts_with("cannot read the folder"), "{:?}", shallow.problems);
    }
}
