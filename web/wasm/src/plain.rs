//! What the core says, as plain objects of JavaScript.

use serde::Serialize;
use wasm_bindgen::prelude::*;

/// The object that a value's JSON describes. By way of text, because there a 32-bit float has the
/// few digits that name it; as a number it would come out with those of the nearest 64-bit float.
///
/// # Errors
/// None that can be foreseen.
pub fn plain(value: &impl Serialize) -> Result<JsValue, JsError> {
    let text = serde_json::to_string(value)?;
    js_sys::JSON::parse(&text).map_err(|_| JsError::new("the module made no JSON"))
}
