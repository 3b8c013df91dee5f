//! The options of the command line, as a settings panel gives them.

use e2compress_core::{Level, LimitRule, Memory, Options, PixelEncoding};
use wasm_bindgen::prelude::*;

/// Options that make sense.
#[wasm_bindgen]
pub struct Settings(Options);

#[wasm_bindgen]
impl Settings {
    /// `bits` and `level` as on the command line, all values kept.
    ///
    /// # Errors
    /// When bits or level mean nothing, in the core's words.
    #[wasm_bindgen(constructor)]
    pub fn new(bits: &str, level: Option<i32>) -> Result<Self, JsError> {
        let level = level.map(|level| Level::new(level.into())).transpose()?;
        Ok(Self(Options { stored: PixelEncoding::parse(bits)?, level, ..Options::default() }))
    }

    /// As `--nooutliers`.
    #[wasm_bindgen(js_name = noOutliers)]
    pub fn no_outliers(&mut self) {
        self.0.limits = LimitRule::NoOutliers;
    }

    /// As `--range`.
    ///
    /// # Errors
    /// When the two numbers enclose nothing.
    pub fn range(&mut self, low: f64, high: f64) -> Result<(), JsError> {
        self.0.limits = LimitRule::explicit(low, high)?;
        Ok(())
    }

    /// As `--sigrange`.
    ///
    /// # Errors
    /// When the two numbers enclose nothing.
    #[wasm_bindgen(js_name = sigmaRange)]
    pub fn sigma_range(&mut self, below: f64, above: f64) -> Result<(), JsError> {
        self.0.limits = LimitRule::sigmas(below, above)?;
        Ok(())
    }

    /// Bounds for memory: bytes of images held at once (the next ones are held as well while they
    /// are read), and pixels computed between two writes.
    pub fn memory(&mut self, hold: f64, wave: f64) {
        self.0.memory = Memory { hold: hold as u64, wave: wave as u64 };
    }

    /// For the core.
    pub(crate) fn options(&self) -> &Options {
        &self.0
    }
}
