//! Progress, told to JavaScript.

use e2compress_core::Progress;
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Calls a function with bytes done and bytes in all.
pub struct Callback<'a> {
    pub progress: &'a Function,
}

impl Progress for Callback<'_> {
    fn advanced(&self, done: u64, total: u64) {
        // What goes wrong in showing progress is no reason to stop.
        let _ = self.progress.call2(&JsValue::NULL, &(done as f64).into(), &(total as f64).into());
    }

    /// The page cancels by ending the worker: while this runs no message can arrive.
    fn cancelled(&self) -> bool {
        false
    }
}
