//! One file to EMAN2 HDF5.

use e2compress_core::Report;
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::FileSystemSyncAccessHandle;

use crate::handle::{HandleSink, HandleSource};
use crate::input::{Input, InputSource};
use crate::inspection::texts;
use crate::progress::Callback;
use crate::settings::Settings;

/// What was done, see the core's `Report`.
#[wasm_bindgen]
pub struct Outcome(Report);

#[wasm_bindgen]
impl Outcome {
    /// Pixels in all images.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn pixels(&self) -> f64 {
        self.0.pixels as f64
    }

    /// Length of the output in bytes.
    #[wasm_bindgen(getter, js_name = outputBytes)]
    #[must_use]
    pub fn output_bytes(&self) -> f64 {
        self.0.output_bytes as f64
    }

    /// Pixels outside the range.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn truncated(&self) -> f64 {
        self.0.truncated as f64
    }

    /// Low and high end as decimal text, shortest that names the 32-bit floats; empty for floats.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn range(&self) -> Vec<String> {
        texts(self.0.range)
    }

    /// Smallest and largest difference between neighbouring codes, as decimal text.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn step(&self) -> Vec<String> {
        texts(self.0.step)
    }

    /// Things the owner should know.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.0.warnings.clone()
    }
}

/// Compresses one file after the other in the same memory, see the core's `Compressor`.
#[wasm_bindgen]
#[derive(Default)]
pub struct Compressor(e2compress_core::Compressor);

#[wasm_bindgen]
impl Compressor {
    /// Nothing held yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Compresses `file` into `output`, which is empty, and reads that back. `name` is recorded as the input's name.
    /// `progress` is called with bytes done and bytes in all.
    ///
    /// # Errors
    /// What went wrong, in the core's words; the output is then worth nothing.
    pub fn compress(
        &mut self,
        file: &Input,
        name: &str,
        output: &FileSystemSyncAccessHandle,
        settings: &Settings,
        progress: &Function,
    ) -> Result<Outcome, JsError> {
        let source = InputSource::new(file);
        let input = e2compress_core::Input::open(&source, name)?;
        let mut sink = HandleSink::new(output);
        let report =
            self.0.compress(input.reader(), name, &mut sink, settings.options(), &Callback { progress })?;
        sink.flush()?;
        if let Some(proof) = &report.proof {
            proof.check(&HandleSource(output))?;
        }
        Ok(Outcome(report))
    }
}
