//! `e2compress info FILE...`

use std::io::{stderr, stdout};
use std::path::Path;

use e2compress_core::Info;
use serde::Serialize;

use crate::args::InfoArgs;
use crate::exit;
use crate::files::input::InputFile;
use crate::files::sanitize::display;
use crate::terminal::print;

/// Describes each file and returns the exit status.
pub fn run(args: &InfoArgs) -> u8 {
    let mut status = exit::DONE;
    for path in &args.files {
        let described =
            describe(path).and_then(|info| if args.json { json(path, &info) } else { Ok(text(path, &info)) });
        match described {
            Ok(words) => print(stdout(), format_args!("{words}")),
            Err(problem) => {
                status = exit::FAILED;
                print(stderr(), format_args!("e2compress: {}: {problem:#}", display(path)));
            }
        }
    }
    status
}

/// Reads what a file says of itself.
fn describe(path: &Path) -> anyhow::Result<Info> {
    let file = InputFile::open(path)?;
    Ok(Info::of(&*file.images()?, file.length())?)
}

/// Words a description for people: a line for each fact.
fn text(path: &Path, info: &Info) -> String {
    let mut lines = vec![format!("{}:", display(path))];
    lines.extend(info.facts().iter().map(|(name, fact)| format!("  {:12}{fact}", format!("{name}:"))));
    lines.extend(info.warnings.iter().map(|warning| format!("  warning: {warning}")));
    lines.join("\n")
}

/// A description with the name of its file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    info: &'a Info,
}

/// Writes a description for programs, on one line.
fn json(path: &Path, info: &Info) -> anyhow::Result<String> {
    Ok(serde_json::to_string(&Line { file: &path.to_string_lossy(), info })?)
}
