//! Which formats there are, and how their files are named.

use e2compress_core::{FORMATS, Pair};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::plain::plain;

/// A format that can be read.
#[derive(Serialize)]
struct Format {
    name: &'static str,
    /// Without the dot, in small letters.
    extensions: &'static [&'static str],
    /// Extensions of the two files that an input of it is: of the one with the pixels, and of the other.
    pair: Option<[String; 2]>,
}

/// Finds the extensions of the two files of an input, where a format has two.
fn pair(format: &e2compress_core::Format) -> Option<[String; 2]> {
    let extension = |name: &str| name.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_owned());
    let Pair { pixels, headers } = Pair::of(&format!("a.{}", format.extensions.first()?))?;
    Some([extension(&pixels), extension(&headers)])
}

/// Lists the formats. Files are told apart by their contents; names say which files of a folder are images.
///
/// # Errors
/// None that can be foreseen.
#[wasm_bindgen]
pub fn formats() -> Result<JsValue, JsError> {
    let listed = FORMATS.iter().map(|format| Format {
        name: format.name,
        extensions: format.extensions,
        pair: pair(format),
    });
    plain(&listed.collect::<Vec<_>>())
}
