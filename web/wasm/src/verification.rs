//! One output beside its input.

use std::fmt::Display;

use e2compress_core::{
    EerRendering, Error, Memory, OpenOptions, VerifyOptions, record, verify as verify_file,
};
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::input::{Input, Sources};
use crate::plain::plain;
use crate::progress::Callback;

/// What was found, in words, in figures, and as a record has it.
#[derive(Default, Serialize)]
struct Verification {
    /// Why the output is not known to be right, in words; then the rest is empty.
    problem: Option<String>,
    words: String,
    /// Largest difference and root of the mean square of all, in the pixels' unit.
    largest: Option<f64>,
    rms: Option<f64>,
    warnings: Vec<String>,
    error: Option<String>,
}

/// Checks an output against itself and its input, as `e2compress verify` does. `hold` and `wave` bound memory as for
/// compressing; `progress` is called with bytes done and bytes in all.
///
/// # Errors
/// None that can be foreseen.
#[wasm_bindgen]
pub fn verify(
    output: &Input,
    output_name: &str,
    input: &Input,
    name: &str,
    hold: f64,
    wave: f64,
    progress: &Function,
) -> Result<JsValue, JsError> {
    let (written, sources) = (Sources::of(output), Sources::of(input));
    let options = VerifyOptions { memory: Memory { hold: hold as u64, wave: wave as u64 } };
    let outcome = compare((&written, output_name), (&sources, name), &options, &Callback::new(progress));
    // An input that changed since says nothing of the output, whatever was found.
    let outcome = sources.confirm().map_err(|problem| not_compared(&problem)).and(outcome);
    plain(
        &outcome.unwrap_or_else(|problem| Verification { problem: Some(problem), ..Verification::default() }),
    )
}

/// Compares an output with its input, both by their names, or words why it is not known to be right.
fn compare(
    (written, output_name): (&Sources, &str),
    (sources, name): (&Sources, &str),
    options: &VerifyOptions,
    progress: &Callback<'_>,
) -> Result<Verification, String> {
    let failed = |problem: Error| match problem {
        Error::Original(problem) => not_compared(&problem),
        problem => format!("the output did not pass: {problem}"),
    };
    let cross_check = OpenOptions { cross_check: true, ..OpenOptions::default() };
    let images = written.open_as(output_name, cross_check).map_err(failed)?;
    // What was made of a movie is known to what it became.
    let eer = EerRendering::recorded(&images.attributes(0).map_err(failed)?).unwrap_or_default();
    let original = sources.open_as(name, OpenOptions { eer, ..OpenOptions::default() });
    let original = original.map_err(|problem| not_compared(&problem))?;
    let report = verify_file(&*images, Some(&*original), options, progress).map_err(failed)?;
    let found = report.comparison.as_ref();
    Ok(Verification {
        problem: None,
        words: report.words(&*images),
        largest: found.map(|found| found.largest),
        rms: found.map(|found| found.rms),
        warnings: report.warnings.iter().map(ToString::to_string).collect(),
        error: found.map(|found| record::comparison_json(found).to_string()),
    })
}

/// Words that an input is not there to compare with.
fn not_compared(problem: &dyn Display) -> String {
    format!("the output could not be compared with its input: {problem}")
}
