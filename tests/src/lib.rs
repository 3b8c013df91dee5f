//! What the tests share: the program under test, MRC files made for a purpose, libhdf5's view of
//! an output, and inflaters.

pub mod expected;
pub mod inflaters;
pub mod made;
pub mod stored;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Failed;

/// The folder of the conformance inputs and tables.
#[must_use]
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// The folder of real micrographs and maps, which is not part of the project.
#[must_use]
pub fn real_data() -> Option<PathBuf> {
    std::env::var_os("E2COMPRESS_REAL_DATA").map(PathBuf::from)
}

/// The release build of the command.
///
/// # Panics
/// When it has not been built.
#[must_use]
pub fn program() -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let program = folder.join("release").join(format!("e2compress{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is missing: run cargo build --release first", program.display());
    program
}

/// Runs the command in a folder.
///
/// # Panics
/// When it can't be started.
#[must_use]
pub fn e2compress(folder: &Path, words: &[&str]) -> Output {
    Command::new(program()).args(words).current_dir(folder).output().expect("the program starts")
}

/// What a program said on standard error.
#[must_use]
pub fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The MRC files of a folder, in order.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn inputs(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder can be read")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| [".mrc", ".mrcs", ".st", ".map", ".ccp4"].iter().any(|end| name.ends_with(end)))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no inputs in {}", folder.display());
    names
}

/// Has `readers/check.py` look at files in the Python that `E2COMPRESS_PYTHON` names.
///
/// # Errors
/// What it complains about.
pub fn python(what: &str, paths: &[PathBuf]) -> Result<(), Failed> {
    let python = std::env::var_os("E2COMPRESS_PYTHON").ok_or("E2COMPRESS_PYTHON is not set")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("readers/check.py");
    let run = Command::new(python).arg(script).arg(what).args(paths).output()?;
    if run.status.success() { Ok(()) } else { Err(complaint(&run).into()) }
}
