//! What a file is, before anything is made of it.

use e2compress_core::expand::extension;
use e2compress_core::info::Info;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::input::{Input, InputSource};
use crate::plain::plain;

/// What the page is told of a file.
#[derive(Serialize)]
struct Inspection<'a> {
    info: Figures<'a>,
    /// Of the MRC file that it would become.
    extension: &'static str,
}

/// The core's `Info` as `e2compress info --json` gives it.
#[derive(Serialize)]
struct Figures<'a> {
    format: &'static str,
    bytes: u64,
    images: u32,
    nx: u32,
    ny: u32,
    nz: u32,
    same_shape: bool,
    pixel_size: Option<[f32; 3]>,
    r#type: &'static str,
    bits: Option<(u32, u32)>,
    range: Option<(f32, f32)>,
    step: Option<(f32, f32)>,
    truncated: Option<u64>,
    minimum: Option<f32>,
    maximum: Option<f32>,
    mean: Option<f32>,
    sigma: Option<f32>,
    uncompressed_bytes: u64,
    uncompressed_type: &'static str,
    ratio: f64,
    warnings: &'a [String],
}

impl<'a> From<&'a Info> for Figures<'a> {
    fn from(info: &'a Info) -> Self {
        // Files have these as 32-bit floats.
        let short = |figure: Option<f64>| figure.map(|figure| figure as f32);
        Self {
            format: info.format,
            bytes: info.file_bytes,
            images: info.images,
            nx: info.shape.nx,
            ny: info.shape.ny,
            nz: info.shape.nz,
            same_shape: info.same_shape,
            pixel_size: info.pixel_size.map(|edges| edges.map(|edge| edge as f32)),
            r#type: info.pixel_type,
            bits: info.bits,
            range: info.range,
            step: info.step,
            truncated: info.truncated,
            minimum: short(info.minimum),
            maximum: short(info.maximum),
            mean: short(info.mean),
            sigma: short(info.sigma),
            uncompressed_bytes: info.original_bytes,
            uncompressed_type: info.original_type,
            ratio: info.original_bytes as f64 / info.file_bytes.max(1) as f64,
            warnings: &info.warnings,
        }
    }
}

/// Reads what `file` says of itself.
///
/// # Errors
/// What is wrong with the file, in the core's words.
#[wasm_bindgen]
pub fn inspect(file: &Input, name: &str) -> Result<JsValue, JsError> {
    let source = InputSource::new(file);
    let input = e2compress_core::Input::open(&source, name)?;
    let info = Info::of(&input, source.length())?;
    plain(&Inspection { info: Figures::from(&info), extension: extension(input.reader()) })
}
