//! One file to EMAN2 HDF5.

use e2compress_core::{PixelEncoding, Report, VerifyOptions, Warning, check_input, record, words};
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::FileSystemSyncAccessHandle;

use crate::handle::{HandleSink, HandleSource};
use crate::input::{Input, Sources};
use crate::plain::plain;
use crate::progress::Callback;
use crate::rendering::Rendering;
use crate::settings::Settings;

/// What was done, and in words how pixels are stored.
#[derive(Serialize)]
struct Outcome<'a> {
    #[serde(flatten)]
    report: &'a Report,
    words: String,
    /// What a record has of it, see `record.rs`.
    record: String,
    /// Sizes before and after, in words.
    sizes: String,
    /// A picture was lost.
    lost: bool,
    /// Why it is larger than the input, where it is.
    growth: Option<String>,
    /// Part of the information that the image keeps which loses most, in words; `None` where nothing is known of it.
    kept: Option<String>,
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

    /// Compresses `file`, if it is sound, into `output`, which is empty, and reads that back. `name` is recorded as the
    /// input's name. `progress` is called with bytes done and bytes in all.
    ///
    /// # Errors
    /// What went wrong, in the core's words; the output is then worth nothing.
    pub fn compress(
        &mut self,
        file: &Input,
        name: &str,
        output: &FileSystemSyncAccessHandle,
        settings: &Settings,
        rendering: Rendering,
        progress: &Function,
    ) -> Result<JsValue, JsError> {
        let sources = Sources::of(file);
        let input = sources.open(name, rendering)?;
        let [checking, making] = Callback::of_both(progress, input.is_self_checking());
        let memory = settings.options().memory;
        let notes = check_input(&*input, false, &VerifyOptions { memory }, &checking)?;
        let mut sink = HandleSink::new(output);
        let mut report = self.0.compress(&*input, name, &mut sink, settings.options(), &making)?;
        // What is odd about the input, too, goes into the record.
        report.warnings.splice(0..0, notes);
        sources.confirm()?;
        sink.flush()?;
        if let Some(manifest) = &report.manifest {
            manifest.check(&HandleSource(output))?;
        }
        let words = report.stored(settings.options().stored);
        // Floats are not estimated: they are every pixel as it is.
        let floats = matches!(settings.options().stored, PixelEncoding::Floats | PixelEncoding::Raw);
        let loss = report.worst.as_ref().and_then(|worst| worst.loss).or(floats.then_some(0.0));
        let kept = loss.map(words::kept);
        let record = record::report_json(&report).to_string();
        let before = sources.length();
        let growth = words::growth(before, report.output_bytes, report.stored_bytes, report.images);
        let sizes = words::sizes(before, report.output_bytes);
        let lost = report.warnings.iter().any(Warning::is_picture_lost);
        plain(&Outcome { report: &report, words, record, sizes, lost, growth, kept })
    }
}
