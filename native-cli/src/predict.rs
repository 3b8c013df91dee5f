//! What a run would make of a file, without making it: the words of a dry run.

use e2compress_core::{Images, Prediction};

use crate::files::plan::Paths;
use crate::files::sanitize::display;
use crate::fmt;
use crate::terminal::Outcome;

/// Images that are looked at to predict a size. A dry run over a long list is not to take as long as the run itself.
pub const MOST_IMAGES: u32 = 3;

/// Words what would be made of a file of so many bytes; `replaced` tells that another file would give way.
pub fn outcome(
    paths: &Paths,
    images: &dyn Images,
    before: u64,
    prediction: Prediction,
    replaced: bool,
) -> Outcome {
    let (about, after) = match prediction.output_bytes {
        Some(bytes) if prediction.exact => ("", bytes),
        Some(bytes) => ("about ", bytes),
        None => ("at most ", prediction.most_bytes.unwrap_or(before)),
    };
    let done = if paths.replaces_input() { "replaced in place" } else { "written" };
    let replaced = if replaced { ", replaced" } else { "" };
    let line = format!(
        "{} -> {}: {}, {about}{}{replaced}: would be {done}",
        display(&paths.input),
        display(&paths.output),
        fmt::contents(images),
        fmt::sizes(before, after),
    );
    Outcome { bytes: Some((before, after)), warnings: prediction.foreseen.warnings, ..Outcome::skipped(line) }
}
