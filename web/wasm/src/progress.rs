//! Progress, told to JavaScript.

use e2compress_core::Progress;
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Calls a function with bytes done and bytes in all.
pub struct Callback<'a> {
    progress: &'a Function,
    /// The part of the work that is at hand, and of how many.
    part: u32,
    parts: u32,
}

impl<'a> Callback<'a> {
    /// Follows all of the work.
    pub fn new(progress: &'a Function) -> Self {
        Self { progress, part: 0, parts: 1 }
    }

    /// Follows checking an input, where it `is_checked`, and then making something of it, as one work of two halves: the
    /// page's bar goes through once.
    pub fn of_both(progress: &'a Function, is_checked: bool) -> [Self; 2] {
        let parts = if is_checked { 2 } else { 1 };
        [0, parts - 1].map(|part| Self { progress, part, parts })
    }
}

impl Progress for Callback<'_> {
    fn advanced(&self, done: u64, total: u64) {
        let [part, parts] = [self.part, self.parts].map(f64::from);
        let (done, total) = (part * total as f64 + done as f64, parts * total as f64);
        // What goes wrong in showing progress is no reason to stop.
        let _ = self.progress.call2(&JsValue::NULL, &done.into(), &total.into());
    }

    /// The page cancels by ending the worker: while this runs no message can arrive.
    fn cancelled(&self) -> bool {
        false
    }
}
