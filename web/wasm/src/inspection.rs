//! What a file is, from its header.

use e2compress_core::mrc::Mrc;
use e2compress_core::reader::Reader;
use wasm_bindgen::prelude::*;

use crate::input::{Input, InputSource};

/// The shape and the kind of an input.
#[wasm_bindgen]
pub struct Inspection {
    /// Number of images.
    pub images: u32,
    /// Columns of an image.
    pub nx: u32,
    /// Rows of a section.
    pub ny: u32,
    /// Sections of an image.
    pub nz: u32,
    /// The MRC mode.
    pub mode: i32,
    /// Angstrom a pixel; 1 when the header doesn't say.
    #[wasm_bindgen(js_name = pixelSize)]
    pub pixel_size: f32,
}

/// Reads and checks the header of `file`.
///
/// # Errors
/// What is wrong with the file, in the core's words.
#[wasm_bindgen]
pub fn inspect(file: &Input, name: &str) -> Result<Inspection, JsError> {
    let source = InputSource::new(file);
    let reader = Mrc::open(&source, name)?;
    let shape = reader.shape(0);
    Ok(Inspection {
        images: reader.images(),
        nx: shape.nx,
        ny: shape.ny,
        nz: shape.nz,
        mode: reader.mode(),
        pixel_size: reader.pixel_size(),
    })
}
