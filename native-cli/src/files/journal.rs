//! The lines of the journal, which `--report` writes and `--resume` reads, for files of this program: the core knows what
//! a line says, this how a file is named in it.

use std::path::{Path, absolute};

use e2compress_core::record::{self, Build, Recorded, Side};
use e2compress_core::{Comparison, Report};
use serde_json::Value;

use crate::files::plan::Paths;
use crate::version::{COMMIT, FEATURES, VERSION};

/// The program that lines are of.
const BUILD: Build<'_> = Build { version: VERSION, commit: COMMIT, features: FEATURES };

/// Makes a path that means the same from any folder.
pub fn absolute_name(path: &Path) -> String {
    absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
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
    let side = |path, recorded| Side { path, recorded: Some(recorded) };
    let sides = (side(&names[0], input), side(&names[1], output));
    let error = comparison.map(record::comparison_json);
    record::done(BUILD, chosen, sides, &record::report_json(report), error.as_ref())
}

/// Makes the line of what was not done, or of what is no image: its status is any but `DONE`.
pub fn unfinished(status: &str, paths: &Paths, chosen: &Value, problem: &str) -> Value {
    let names = [&paths.input, &paths.output].map(|path| absolute_name(path));
    record::unfinished(status, BUILD, chosen, (&names[0], &names[1]), problem)
}
