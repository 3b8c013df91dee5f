//! Inputs that say more of themselves than their pixels are checked against it before anything is made of them: of a damaged
//! file a sound one would be made, and the damage would be gone from sight.

use anyhow::anyhow;
use e2compress_core::backend::EmanError;
use e2compress_core::{Error, Images, Memory, VerifyOptions, Warning, verify};

use crate::files::input::InputFile;
use crate::files::plan::Paths;
use crate::run::Context;

/// Holds an input to its own words, as `verify` does without an original. Returns notes of what is odd; what is
/// wrong is an error or, if that is asked for, a note as well.
pub fn check(
    file: &InputFile<'_>,
    images: &dyn Images,
    force: bool,
    paths: &Paths,
    context: &Context<'_>,
) -> anyhow::Result<Vec<Warning>> {
    if !images.is_self_checking() {
        return Ok(Vec::new());
    }
    let Context { memory, .. } = *context;
    let meter = context.meter(paths);
    let outcome = file.unfollowed(|| own_check(images, memory, &meter));
    drop(meter);
    match outcome {
        Err(Error::Cancelled) => Err(Error::Cancelled.into()),
        Err(problem) if force => Ok(vec![Warning::Unsound(problem.to_string())]),
        Err(problem) => {
            let problem = file.unless_changed::<()>(Err(problem)).err();
            let words = "the input is not sound and nothing was made of it; --force takes it as it is";
            Err(problem.unwrap_or_else(|| anyhow!("it cannot be read")).context(words))
        }
        Ok(notes) => Ok(notes),
    }
}

fn own_check(
    images: &dyn Images,
    memory: Memory,
    meter: &dyn e2compress_core::Progress,
) -> Result<Vec<Warning>, Error> {
    match verify(images, None, &VerifyOptions { memory }, meter) {
        // Another library reads these; what is wrong it says when it does.
        Err(Error::Eman(EmanError::Unseen { .. })) => Ok(Vec::new()),
        // What a copy lacks is said of the copy.
        outcome => outcome.map(|report| {
            let beside = |found: &Warning| matches!(found, Warning::NotCarried(_) | Warning::OtherFiles(_));
            report.warnings.into_iter().filter(|found| !beside(found)).collect()
        }),
    }
}
