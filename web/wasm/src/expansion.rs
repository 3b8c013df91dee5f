//! One file back to MRC.

use e2compress_core::{ExpandOptions, ExpandReport, expand as expand_file, words};
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

/// Writes the images of `file` as MRC into `output`, which is empty; without a `mode` in one that
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
    let mut sink = HandleSink::new(output);
    let report = expand_file(&*input, &mut sink, &options, &Callback { progress })?;
    sources.confirm()?;
    sink.flush()?;
    report.manifest.check(&HandleSource(output))?;
    plain(&Outcome { words: words::mode(report.mode), report: &report })
}
