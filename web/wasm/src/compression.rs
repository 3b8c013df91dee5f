//! One file to EMAN2 HDF5.

use e2compress_core::Report;
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::FileSystemSyncAccessHandle;

use crate::handle::{HandleSink, HandleSource};
use crate::input::{Input, InputSource};
use crate::plain::plain;
use crate::progress::Callback;
use crate::settings::Settings;

/// The core's `Report`, as the page is told.
#[derive(Serialize)]
struct Figures<'a> {
    pixels: u64,
    output_bytes: u64,
    truncated: u64,
    range: Option<(f32, f32)>,
    step: Option<(f32, f32)>,
    warnings: &'a [String],
}

impl<'a> From<&'a Report> for Figures<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            pixels: report.pixels,
            output_bytes: report.output_bytes,
            truncated: report.truncated,
            range: report.range,
            step: report.step,
            warnings: &report.warnings,
        }
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
    ) -> Result<JsValue, JsError> {
        let source = InputSource::new(file);
        let input = e2compress_core::Input::open(&source, name)?;
        let mut sink = HandleSink::new(output);
        let report =
            self.0.compress(input.reader(), name, &mut sink, settings.options(), &Callback { progress })?;
        sink.flush()?;
        if let Some(proof) = &report.proof {
            proof.check(&HandleSource(output))?;
        }
        plain(&Figures::from(&report))
    }
}
