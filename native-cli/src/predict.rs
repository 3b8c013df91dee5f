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
    let most = prediction.most_bytes.unwrap_or(before);
    let after = prediction.output_bytes.unwrap_or(most);
    let sizes = match prediction.output_bytes {
        Some(bytes) if prediction.exact => fmt::sizes(before, bytes),
        Some(bytes) => format!("about {}", fmt::sizes(before, bytes)),
        None => fmt::sizes_at_most(before, most),
    };
    let done = if paths.replaces_input() { "replaced in place" } else { "written" };
    let replaced = if replaced { ", replaced" } else { "" };
    let line = format!(
        "{} -> {}: {}, {sizes}{replaced}: would be {done}",
        display(&paths.input),
        display(&paths.output),
        fmt::contents(images),
    );
    Outcome { bytes: Some((before, after)), warnings: prediction.foreseen.warnings, ..Outcome::skipped(line) }
}
