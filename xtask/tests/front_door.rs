//! The README's two commands, taken out of its text: what somebody meets who has just cloned the project.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

/// Packages that only declare what the system's own libraries have: nothing has to be installed for them.
const DECLARATIONS: [&str; 3] = ["linux-raw-sys", "windows-sys", "js-sys"];

/// Packages that compile C or look for libraries when a crate is built.
const C_BUILDERS: [&str; 5] = ["bindgen", "cc", "cmake", "pkg-config", "vcpkg"];

/// A clone of what is committed, in a folder of its own, and the words of its README's two commands.
struct Clone {
    folder: TempDir,
    first: Vec<String>,
    test: Vec<String>,
}

static CLONE: LazyLock<Clone> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let run = Command::new("git")
        .args(["clone", "--quiet"])
        .arg(checkout())
        .arg(folder.path())
        .output()
        .expect("git starts");
    assert!(run.status.success(), "this takes a git checkout: {}", said(&run));
    let readme = fs::read_to_string(folder.path().join("README.md")).expect("a README");
    let command = |start: &str| {
        let line = readme.lines().map(str::trim).find(|line| line.starts_with(start));
        let line = line.unwrap_or_else(|| panic!("README.md has no line that starts with `{start}`"));
        line.split_whitespace().map(String::from).collect()
    };
    Clone { first: command("cargo run --release -- "), test: command("cargo xtask test"), folder }
});

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

impl Clone {
    /// Runs a command as a person would who is in the clone and has never built anything.
    fn run<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Output {
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).current_dir(&self.folder);
        // What cargo tells its tests is no part of a person's environment.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_")) {
            if name != "CARGO_HOME" {
                command.env_remove(name);
            }
        }
        command.env("CARGO_TARGET_DIR", self.folder.path().join("target"));
        // A libhdf5 that is there must not be found.
        command.env("HDF5_DIR", "/nowhere").env("PKG_CONFIG_LIBDIR", "/nowhere");
        command.output().unwrap_or_else(|problem| panic!("{command:?} cannot be started: {problem}"))
    }
}

fn str_of(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().map(String::as_str)
}

#[test]
fn the_first_command_makes_a_smaller_file() {
    let clone = &*CLONE;
    let run = clone.run(str_of(&clone.first));
    assert!(run.status.success(), "{}: {}", clone.first.join(" "), said(&run));
    let folder = clone.folder.path();
    let place = clone.first.iter().position(|word| word == "--outpath").expect("a folder for the output");
    let input = Path::new(clone.first.last().expect("an input"));
    let output = folder
        .join(&clone.first[place + 1])
        .join(input.with_extension("hdf").file_name().expect("the input has a name"));
    let length = |path: &Path| fs::metadata(path).unwrap_or_else(|_| panic!("{}", path.display())).len();
    let (before, after) = (length(&folder.join(input)), length(&output));
    assert!(0 < after && after < before, "{before} bytes became {after}");
}

#[test]
fn nothing_of_the_default_build_links_a_c_library() {
    let words = ["cargo", "tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let run = CLONE.run(words);
    assert!(run.status.success(), "{}", said(&run));
    let tree = String::from_utf8_lossy(&run.stdout);
    let packages: Vec<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for part in ["e2compress", "e2compress-core", "clap"] {
        assert!(packages.contains(&part), "{part} in {tree}");
    }
    let foreign: Vec<&&str> = packages
        .iter()
        .filter(|name| {
            name.starts_with("hdf5")
                || C_BUILDERS.contains(name)
                || (name.ends_with("-sys") && !DECLARATIONS.contains(name))
        })
        .collect();
    assert!(foreign.is_empty(), "{foreign:?} in {tree}");
}

/// It cannot run here as it runs this test; but it is a command, which says what it would do.
#[test]
fn the_second_command_is_known_and_sets_up() {
    let clone = &*CLONE;
    assert_eq!(clone.test.join(" "), "cargo xtask test --setup");
    let run = clone.run(str_of(&clone.test).chain(["--dry-run"]));
    assert!(run.status.success(), "{}", said(&run));
    let plan = String::from_utf8_lossy(&run.stdout);
    for step in ["would run", "front door", "workspace", "browser"] {
        assert!(plan.contains(step), "{step} in {plan}");
    }
    let run = clone.run(["cargo", "xtask", "tset", "--setup", "--dry-run"]);
    assert!(!run.status.success(), "{}", said(&run));
    let ci = fs::read_to_string(clone.folder.path().join(".ci/run")).expect("what CI runs");
    assert!(ci.contains(&clone.test.join(" ")), "CI runs the README's command");
}
