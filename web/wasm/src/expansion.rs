//! One file back to MRC.

use e2compress_core::{
    ExpandOptions, ExpandReport, VerifyOptions, check_input, expand as expand_file, words,
};
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::FileSystemSyncAccessHandle;

use crate::handle::{HandleSink, HandleSource};
use crate::input::{Input, Sources};
use crate::look::mode_of;
use crate::plain::plain;
use crate::progress::Callback;
use crate::rendering::Rendering;

/// What was done, and in words how pixels are stored.
#[derive(Serialize)]
struct Outcome<'a> {
    #[serde(flatten)]
    report: &'a ExpandReport,
    words: String,
}

/// Writes the images of `file`, if it is sound, as MRC into `output`, which is empty; without a `mode` in one that
/// holds every value, and reads that back. `progress` is called with bytes done and bytes in all.
///
/// # Errors
/// What went wrong, in the core's words; the output is then worth nothing.
#[wasm_bindgen]
pub fn expand(
    file: &Input,
    name: &str,
    output: &FileSystemSyncAccessHandle,
    mode: Option<i32>,
    rendering: Rendering,
    progress: &Function,
) -> Result<JsValue, JsError> {
    let options = ExpandOptions { mode: mode_of(mode)?, ..ExpandOptions::default() };
    let sources = Sources::of(file);
    let input = sources.open(name, rendering)?;
    let [checking, making] = Callback::of_both(progress, input.is_self_checking());
    let notes = check_input(&*input, false, &VerifyOptions { memory: options.memory }, &checking)?;
    let mut sink = HandleSink::new(output);
    let mut report = expand_file(&*input, &mut sink, &options, &making)?;
    report.warnings.splice(0..0, notes);
    sources.confirm()?;
    sink.flush()?;
    report.manifest.check(&HandleSource(output))?;
    plain(&Outcome { words: words::mode(report.mode), report: &report })
}
