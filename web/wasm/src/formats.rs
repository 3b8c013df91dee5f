//! Which formats there are, and how their files are named.

use e2compress_core::FORMATS;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::plain::plain;

/// A format that can be read.
#[derive(Serialize)]
struct Format {
    name: &'static str,
    /// Without the dot, in small letters.
    extensions: &'static [&'static str],
}

/// Lists the formats. Files are told apart by their contents; names say which files of a folder are images.
///
/// # Errors
/// None that can be foreseen.
#[wasm_bindgen]
pub fn formats() -> Result<JsValue, JsError> {
    let listed = FORMATS.iter().map(|format| Format { name: format.name, extensions: format.extensions });
    plain(&listed.collect::<Vec<_>>())
}
