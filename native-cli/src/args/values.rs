//! Values of options, from the text they are given as.

use std::num::NonZeroUsize;

use e2compress_core::{EerSums, Level, LimitRule, PixelEncoding, PixelType, Target, Upsampling};

/// Worker threads, at most: more than any machine has cores, and few enough that all of them start in a second.
pub const MOST_THREADS: usize = 1024;

/// Seconds that files may be asked to rest, at most: a day. More is a mistake, such as milliseconds.
const LONGEST_SETTLE: u64 = 86_400;

/// An MRC mode, or `None` for the one that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedMode(pub Option<PixelType>);

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("{text:?} is not a number"))
}

/// Reads a number of worker threads.
pub fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let threads: usize = number(text)?;
    NonZeroUsize::new(threads)
        .filter(|threads| threads.get() <= MOST_THREADS)
        .ok_or_else(|| format!("there can be 1 to {MOST_THREADS} worker threads, not {threads}"))
}

/// Reads for how many seconds files are to rest.
pub fn settle(text: &str) -> Result<u64, String> {
    text.trim().parse().ok().filter(|seconds| *seconds <= LONGEST_SETTLE).ok_or_else(|| {
        format!(
            "it takes seconds, 0 to {LONGEST_SETTLE}: 60 leaves files for later that changed within a minute"
        )
    })
}

/// Reads how much is said.
pub fn verbosity(text: &str) -> Result<u8, String> {
    let levels = 0..=9;
    text.parse().ok().filter(|level| levels.contains(level)).ok_or_else(|| {
        "it takes a number, 0 to 9, such as -v 1; without one, the next word is taken for it".into()
    })
}

/// Reads a number of images that EER frames are summed to.
pub fn fractions(text: &str) -> Result<EerSums, String> {
    EerSums::asked(Some(number(text)?), None).map_err(|problem| problem.to_string())
}

/// Reads a number of EER frames that are summed.
pub fn grouping(text: &str) -> Result<EerSums, String> {
    EerSums::asked(None, Some(number(text)?)).map_err(|problem| problem.to_string())
}

/// Reads the factor of EER's grid.
pub fn upsampling(text: &str) -> Result<Upsampling, String> {
    Upsampling::new(number(text)?).map_err(|problem| problem.to_string())
}

/// Reads bits, one of the two numbers that stand for floats, or auto.
pub fn stored(text: &str) -> Result<PixelEncoding, String> {
    PixelEncoding::parse(text).map_err(|problem| problem.to_string())
}

/// Reads what may be lost.
pub fn target(text: &str) -> Result<Target, String> {
    Target::parse(text).map_err(|_| "use 0.01% to 5%, with the sign".into())
}

/// Reads a deflate level.
pub fn level(text: &str) -> Result<Level, String> {
    Level::new(number(text)?).map_err(|problem| problem.to_string())
}

/// Reads an MRC mode.
pub fn mode(text: &str) -> Result<AskedMode, String> {
    if text == "auto" {
        return Ok(AskedMode(None));
    }
    let mode = text.parse().ok().and_then(PixelType::from_mrc_mode);
    mode.map(|mode| AskedMode(Some(mode))).ok_or_else(|| "use auto, 0, 1, 2, 6 or 12".into())
}

fn pair(text: &str) -> Result<(f64, f64), String> {
    let (first, second) = text.split_once(',').ok_or("expected two numbers with a comma between them")?;
    Ok((number(first)?, number(second)?))
}

/// Reads the smallest and the largest value.
pub fn limits(text: &str) -> Result<LimitRule, String> {
    let (low, high) = pair(text)?;
    LimitRule::explicit(low, high).map_err(|problem| problem.to_string())
}

/// Reads standard deviations below and above the mean.
pub fn sigmas(text: &str) -> Result<LimitRule, String> {
    let (below, above) = pair(text)?;
    LimitRule::sigmas(below, above).map_err(|problem| problem.to_string())
}
