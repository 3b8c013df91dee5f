//! What a file is, before anything is made of it.

use e2compress_core::Info;
use e2compress_core::{extension, stem};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::input::{Input, Sources};
use crate::plain::plain;
use crate::rendering::Rendering;

/// The description of a file for the page.
#[derive(Serialize)]
struct Inspection<'a> {
    info: &'a Info,
    /// The same in words: the name of each fact, and the fact.
    facts: Vec<(&'static str, String)>,
    /// What an output is called, before its extension.
    stem: &'a str,
    /// Of the MRC file that it would become.
    extension: &'static str,
}

/// Reads what `file` says of itself and, of an EER movie, of what would be made of it.
///
/// # Errors
/// What is wrong with the file, in the core's words.
#[wasm_bindgen]
pub fn inspect(file: &Input, name: &str, rendering: Rendering) -> Result<JsValue, JsError> {
    let sources = Sources::of(file);
    let input = sources.open(name, rendering)?;
    let info = Info::of(&*input, sources.length())?;
    plain(&Inspection { info: &info, facts: info.facts(), stem: stem(name), extension: extension(&*input) })
}
