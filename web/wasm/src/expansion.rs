//! One file back to MRC.

use e2compress_core::formats::mrc::Mode;
use e2compress_core::{ExpandOptions, ExpandReport, expand as expand_file};
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::FileSystemSyncAccessHandle;

use crate::handle::{HandleSink, HandleSource};
use crate::input::{Input, InputSource};
use crate::plain::plain;
use crate::progress::Callback;

/// The core's `ExpandReport`, as the page is told.
#[derive(Serialize)]
struct Figures<'a> {
    output_bytes: u64,
    mode: i32,
    warnings: &'a [String],
}

impl<'a> From<&'a ExpandReport> for Figures<'a> {
    fn from(report: &'a ExpandReport) -> Self {
        Self { output_bytes: report.output_bytes, mode: report.mode.number(), warnings: &report.warnings }
    }
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
    progress: &Function,
) -> Result<JsValue, JsError> {
    let known = |number| Mode::from_number(number).ok_or_else(|| JsError::new("use mode 0, 1, 2, 6 or 12"));
    let options = ExpandOptions { mode: mode.map(known).transpose()? };
    let source = InputSource::new(file);
    let input = e2compress_core::Input::open(&source, name)?;
    let mut sink = HandleSink::new(output);
    let report = expand_file(input.reader(), &mut sink, &options, &Callback { progress })?;
    sink.flush()?;
    report.proof.check(&HandleSource(output))?;
    plain(&Figures::from(&report))
}
