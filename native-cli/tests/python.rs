//! The wheel's Python module beside the command: densities, descriptions, calls. `E2COMPRESS_PYTHON` names a Python
//! with numpy, h5py, mrcfile and mypy; `cargo xtask test` installs one.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2compress_fixtures::{complaint, data};
use libtest_mimic::{Arguments, Failed, Trial};

/// The checks of `tests/readers/module.py`, and what each shows.
const CHECKS: [(&str, &str); 16] = [
    ("expand", "densities are those of expand to the bit"),
    ("shapes", "images, volumes and stacks have their shapes"),
    ("parts", "a part of an image is read by its chunks alone"),
    ("foreign", "files of EMAN2 and others are read as expand reads them"),
    ("mixed", "one file may have images of any types, bits and shapes"),
    ("info", "what a file says is what the command says of it"),
    ("damage", "what is no such file or not whole is told"),
    ("odd", "what files say that cannot be is refused as the command refuses it"),
    ("command", "compress gives records, warnings and the command's words"),
    ("notes", "what has no record is said all the same"),
    ("said", "every warning and note of the command's is given once"),
    ("options", "lists of paths give an option several times"),
    ("beyond", "images beyond the number that a file states are told"),
    ("interrupt", "Ctrl-C leaves nothing behind"),
    ("hidden", "the command of the original's name does not hide the package"),
    ("python", "it needs Python 3.8, and numpy only to read"),
];

fn main() {
    let arguments = Arguments::from_args();
    let python = env::var_os("E2COMPRESS_PYTHON").map(PathBuf::from);
    let there = |package: &str| {
        let words = ["-c", &format!("import {package}")];
        let run = python.as_ref().map(|python| Command::new(python).args(words).output());
        run.is_some_and(|run| run.is_ok_and(|run| run.status.success()))
    };
    let mut trials: Vec<Trial> = CHECKS
        .iter()
        .map(|(check, shows)| Trial::test(*shows, || passes(check)).with_ignored_flag(python.is_none()))
        .collect();
    trials.push(Trial::test("types are complete", || passes("types")).with_ignored_flag(!there("mypy")));
    libtest_mimic::run(&arguments, trials).exit();
}

/// Runs a check in a folder of its own, with this build first on PATH.
fn passes(check: &str) -> Result<(), Failed> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let command = Path::new(env!("CARGO_BIN_EXE_e2compress"));
    let others = env::var_os("PATH").unwrap_or_default();
    let folders = command.parent().map(Path::to_owned).into_iter().chain(env::split_paths(&others));
    let folder = tempfile::tempdir()?;
    let run = Command::new(env::var_os("E2COMPRESS_PYTHON").ok_or("E2COMPRESS_PYTHON is not set")?)
        .arg(project.join("tests/readers/module.py"))
        .arg(check)
        .current_dir(folder.path())
        .env("PATH", env::join_paths(folders)?)
        .env("PYTHONPATH", project.join("packaging/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("E2COMPRESS_DATA", data().canonicalize()?)
        .output()?;
    if run.status.success() { Ok(()) } else { Err(complaint(&run).into()) }
}
