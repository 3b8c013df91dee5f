//! What is made of EER movies, as a settings panel gives it.

use e2compress_core::{EerRendering, EerSums, OpenOptions, Upsampling};
use wasm_bindgen::prelude::*;

/// A rendering that is valid. A call takes it for good: one that the caller freed after a trap would throw, and hide the trap.
#[wasm_bindgen]
#[derive(Clone, Copy, Default)]
pub struct Rendering(EerRendering);

#[wasm_bindgen]
impl Rendering {
    /// As `--eer-fractions`, `--eer-grouping` and `--eer-upsampling`.
    ///
    /// # Errors
    /// When the numbers mean nothing, in the core's words.
    #[wasm_bindgen(constructor)]
    pub fn new(fractions: Option<f64>, grouping: Option<f64>, upsampling: i32) -> Result<Self, JsError> {
        // Numbers beyond what the core takes stay beyond it.
        let [fractions, grouping] = [fractions, grouping].map(|number| number.map(|number| number as i64));
        let sums = EerSums::asked(fractions, grouping)?;
        Ok(Self(EerRendering { sums, upsampling: Upsampling::new(upsampling.into())? }))
    }

    /// For the core.
    pub(crate) fn into_options(self) -> OpenOptions<'static> {
        OpenOptions { eer: self.0, ..OpenOptions::default() }
    }
}
