//! What a file is, before anything is made of it.

use e2compress_core::expand::extension;
use e2compress_core::info::Info;
use wasm_bindgen::prelude::*;

use crate::input::{Input, InputSource};

/// A file's description, see the core's `Info`. Figures the file doesn't have are empty. Texts of
/// numbers are decimal, as short as names the 32-bit float.
#[wasm_bindgen]
pub struct Inspection {
    info: Info,
    extension: &'static str,
}

#[wasm_bindgen]
impl Inspection {
    /// The format's name.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn format(&self) -> String {
        self.info.format.into()
    }

    /// Number of images.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn images(&self) -> u32 {
        self.info.images
    }

    /// Columns, rows and sections of the first image.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn sides(&self) -> Vec<u32> {
        let shape = self.info.shape;
        vec![shape.nx, shape.ny, shape.nz]
    }

    /// Whether all images are as large as the first.
    #[wasm_bindgen(getter, js_name = sameSides)]
    #[must_use]
    pub fn same_sides(&self) -> bool {
        self.info.same_shape
    }

    /// How pixels are stored, in words.
    #[wasm_bindgen(getter, js_name = pixelType)]
    #[must_use]
    pub fn pixel_type(&self) -> String {
        self.info.pixel_type.into()
    }

    /// Edges of a pixel in Angstrom: along x, y and z.
    #[wasm_bindgen(getter, js_name = pixelSize)]
    #[must_use]
    pub fn pixel_size(&self) -> Vec<f64> {
        self.info.pixel_size.map_or_else(Vec::new, |edges| edges.to_vec())
    }

    /// Least and most bits of the images' codes.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn bits(&self) -> Vec<u32> {
        self.info.bits.map_or_else(Vec::new, |(least, most)| vec![least, most])
    }

    /// Low and high end of what the codes span.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn range(&self) -> Vec<String> {
        texts(self.info.range)
    }

    /// Smallest and largest step between codes.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn step(&self) -> Vec<String> {
        texts(self.info.step)
    }

    /// Pixels that were outside the range.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn truncated(&self) -> Option<f64> {
        self.info.truncated.map(|count| count as f64)
    }

    /// Smallest value, as the file says.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn minimum(&self) -> Option<String> {
        self.info.minimum.map(text)
    }

    /// Largest value, as the file says.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn maximum(&self) -> Option<String> {
        self.info.maximum.map(text)
    }

    /// Mean, as the file says.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn mean(&self) -> Option<String> {
        self.info.mean.map(text)
    }

    /// Standard deviation, as the file says.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn sigma(&self) -> Option<String> {
        self.info.sigma.map(text)
    }

    /// Bytes of all pixels in the original's type where that is known, else as 32-bit floats.
    #[wasm_bindgen(getter, js_name = originalBytes)]
    #[must_use]
    pub fn original_bytes(&self) -> f64 {
        self.info.original_bytes as f64
    }

    /// That type, in words.
    #[wasm_bindgen(getter, js_name = originalType)]
    #[must_use]
    pub fn original_type(&self) -> String {
        self.info.original_type.into()
    }

    /// Things the owner should know.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.info.warnings.clone()
    }

    /// The extension of the MRC file it would become.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn extension(&self) -> String {
        self.extension.into()
    }
}

/// A pair of numbers as decimal text, or none.
pub(crate) fn texts(pair: Option<(f32, f32)>) -> Vec<String> {
    pair.map_or_else(Vec::new, |(first, second)| vec![first.to_string(), second.to_string()])
}

fn text(figure: f64) -> String {
    (figure as f32).to_string()
}

/// Reads what `file` says of itself.
///
/// # Errors
/// What is wrong with the file, in the core's words.
#[wasm_bindgen]
pub fn inspect(file: &Input, name: &str) -> Result<Inspection, JsError> {
    let source = InputSource::new(file);
    let input = e2compress_core::open(&source, name)?;
    let info = Info::of(&*input, source.length())?;
    Ok(Inspection { info, extension: extension(&*input) })
}
