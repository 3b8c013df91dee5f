//! Which formats there are, and how their files are named.

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

const FORMATS: [Format; 2] = [
    Format {
        name: "MRC",
        extensions: &["mrc", "mrcs", "st", "map", "ccp4", "rec", "ali", "preali", "alst", "alist"],
    },
    Format { name: "EMAN2 HDF5", extensions: &["hdf", "hdf5", "h5", "he5"] },
];

/// Lists the formats. Files are told apart by their contents; names say which files of a folder are images.
///
/// # Errors
/// None that can be foreseen.
#[wasm_bindgen]
pub fn formats() -> Result<JsValue, JsError> {
    plain(&FORMATS)
}
