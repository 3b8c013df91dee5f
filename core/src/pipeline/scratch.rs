//! Buffers that outlive the work they serve.

use std::sync::{Mutex, PoisonError};

/// Sets of buffers, as many as threads have been at work at once.
#[derive(Default)]
pub struct Scratch<T>(Mutex<Vec<T>>);

impl<T: Default> Scratch<T> {
    /// Runs `work` with a set that nobody else has.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        // A thread that panicked has left nothing behind in the list.
        let list = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = list().pop();
        let mut tools = taken.unwrap_or_default();
        let result = work(&mut tools);
        list().push(tools);
        result
    }
}
