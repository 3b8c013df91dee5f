//! One output beside its input.

use e2compress_core::{EerRendering, Memory, OpenOptions, VerifyOptions, record, verify as verify_file};
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::input::{Input, Sources};
use crate::plain::plain;
use crate::progress::Callback;

/// What was found, in words, in figures, and as a record has it.
#[derive(Serialize)]
struct Verification {
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
/// What is wrong with it, in the core's words.
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
    let written = Sources::of(output);
    let images = written.open_as(output_name, OpenOptions { cross_check: true, ..OpenOptions::default() })?;
    // What was made of a movie is known to what it became.
    let eer = EerRendering::recorded(&images.attributes(0)?).unwrap_or_default();
    let sources = Sources::of(input);
    let original = sources.open_as(name, OpenOptions { eer, ..OpenOptions::default() })?;
    let memory = Memory { hold: hold as u64, wave: wave as u64 };
    let report = verify_file(&*images, Some(&*original), &VerifyOptions { memory }, &Callback { progress })?;
    let found = report.comparison.as_ref();
    plain(&Verification {
        words: report.words(&*images),
        largest: found.map(|found| found.largest),
        rms: found.map(|found| found.rms),
        warnings: report.warnings.iter().map(ToString::to_string).collect(),
        error: found.map(|found| record::comparison_json(found).to_string()),
    })
}
