//! Inputs are checked against their own words before anything is made of them, by the core's rule.

use e2compress_core::{Images, VerifyOptions, Warning, check_description, check_input};

use crate::files::input::InputFile;
use crate::files::plan::Paths;
use crate::run::Context;

/// Finds out what [`check`] would say of an input, as far as no pixel decides it.
pub fn foresee(file: &InputFile<'_>, images: &dyn Images, force: bool) -> anyhow::Result<Vec<Warning>> {
    match file.unfollowed(|| check_description(images, force)) {
        Ok(notes) => Ok(notes),
        problem => file.unless_changed(problem),
    }
}

/// Checks an input, which is read once more for it. Returns notes of what is odd; what is wrong is an error or, if that is
/// asked for, a note as well.
pub fn check(
    file: &InputFile<'_>,
    images: &dyn Images,
    force: bool,
    paths: &Paths,
    context: &Context<'_>,
) -> anyhow::Result<Vec<Warning>> {
    let (options, meter) = (VerifyOptions { memory: context.memory }, context.meter(paths));
    match file.unfollowed(|| check_input(images, force, &options, &meter)) {
        Ok(notes) => Ok(notes),
        problem => file.unless_changed(problem),
    }
}
