//! What a file is, byte for byte.

use sha2::Digest;
use wasm_bindgen::prelude::*;

use crate::failure::io_error;

/// A SHA-256 of bytes that come piece by piece: that of browsers wants all at once.
#[wasm_bindgen]
#[derive(Default)]
pub struct Sha256(sha2::Sha256);

#[wasm_bindgen]
impl Sha256 {
    /// Of nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the bytes that follow.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns it in hexadecimal.
    #[must_use]
    pub fn finish(self) -> String {
        format!("{:x}", self.0.finalize())
    }
}

/// Words an exception that a browser threw while JavaScript read a file, as when the module reads.
#[wasm_bindgen(js_name = readProblem)]
#[must_use]
pub fn read_problem(exception: &JsValue) -> String {
    io_error(exception).to_string()
}
