//! One file back to MRC.

use e2compress_core::formats::mrc::Mode;
use e2compress_core::{ExpandOptions, ExpandReport, expand as expand_file};
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::FileSystemSyncAccessHandle;

use crate::handle::{HandleSink, HandleSource};
use crate::input::{Input, InputSource};
use crate::progress::Callback;

/// What was done, see the core's `ExpandReport`.
#[wasm_bindgen]
pub struct Expansion(ExpandReport);

#[wasm_bindgen]
impl Expansion {
    /// Length of the output in bytes.
    #[wasm_bindgen(getter, js_name = outputBytes)]
    #[must_use]
    pub fn output_bytes(&self) -> f64 {
        self.0.output_bytes as f64
    }

    /// The mode of the output.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn mode(&self) -> i32 {
        self.0.mode.number()
    }

    /// Things the owner should know.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.0.warnings.clone()
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
) -> Result<Expansion, JsError> {
    let known = |number| Mode::from_number(number).ok_or_else(|| JsError::new("use mode 0, 1, 2, 6 or 12"));
    let options = ExpandOptions { mode: mode.map(known).transpose()? };
    let source = InputSource::new(file);
    let input = e2compress_core::Input::open(&source, name)?;
    let mut sink = HandleSink::new(output);
    let report = expand_file(input.reader(), &mut sink, &options, &Callback { progress })?;
    sink.flush()?;
    report.proof.check(&HandleSource(output))?;
    Ok(Expansion(report))
}
