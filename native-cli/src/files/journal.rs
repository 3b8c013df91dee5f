//! The lines of the journal, which `--report` writes and `--resume` reads, for files of this program: the core knows what
//! a line says, this how a file is named in it.

use std::path::{Path, PathBuf, absolute};

use e2compress_core::record::{self, Build, Recorded, Side};
use e2compress_core::{Comparison, Report};
use serde_json::Value;

use crate::files::plan::Paths;
use crate::version::{COMMIT, FEATURES, VERSION};

/// The program that lines are of.
const BUILD: Build<'_> = Build { version: VERSION, commit: COMMIT, features: FEATURES };

/// The bytes of an absolute path: names that are not Unicode stay apart.
pub type Name = Box<[u8]>;

/// Makes a path that means the same from any folder.
pub fn absolute_name(path: &Path) -> Name {
    absolute(path).unwrap_or_else(|_| path.to_owned()).as_os_str().as_encoded_bytes().into()
}

/// Makes a path of a name as records have it.
#[cfg(unix)]
pub fn path_of(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(name).into()
}

/// Makes a path of a name as records have it; elsewhere not all bytes are a name.
#[cfg(not(unix))]
pub fn path_of(name: &[u8]) -> PathBuf {
    String::from_utf8_lossy(name).into_owned().into()
}

/// Makes the line of a file that was done.
pub fn done(
    paths: &Paths,
    chosen: &Value,
    report: &Report,
    (input, output): (Recorded<'_>, Recorded<'_>),
    comparison: Option<&Comparison>,
) -> Value {
    let names = [&paths.input, &paths.output].map(|path| absolute_name(path));
    let [input, output] = [(&names[0], input), (&names[1], output)]
        .map(|(path, recorded)| Side { path, recorded: Some(recorded) });
    let error = comparison.map(record::comparison_json);
    record::done(BUILD, chosen, (input, output), &record::report_json(report), error.as_ref())
}

/// Makes the line of what was not done, or of what is no image: its status is any but `DONE`.
pub fn unfinished(status: &str, paths: &Paths, chosen: &Value, problem: &str) -> Value {
    let names = [&paths.input, &paths.output].map(|path| absolute_name(path));
    record::unfinished(status, BUILD, chosen, (&names[0], &names[1]), problem)
}
