//! Progress of the work, and whether it shall go on.

use std::cell::Cell;

use crate::error::Error;

/// Follows the work and may stop it.
pub trait Progress {
    /// Learns that `done` of `total` bytes of pixels are through; called often, from the calling thread.
    fn advanced(&self, done: u64, total: u64);

    /// Returns whether to stop; the output is then incomplete.
    fn cancelled(&self) -> bool;
}

/// Nobody follows the work.
pub struct NoProgress;

impl Progress for NoProgress {
    fn advanced(&self, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Bytes of pixels that are through, of all passes.
pub struct Meter<'a> {
    progress: &'a dyn Progress,
    done: Cell<u64>,
    total: u64,
}

impl<'a> Meter<'a> {
    /// Starts at 0 of `total` bytes.
    pub fn new(progress: &'a dyn Progress, total: u64) -> Self {
        Self { progress, done: Cell::new(0), total }
    }

    /// Counts bytes that are through.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the work shall stop.
    pub fn advance(&self, bytes: u64) -> Result<(), Error> {
        self.done.set(self.done.get().saturating_add(bytes));
        self.progress.advanced(self.done.get(), self.total);
        if self.progress.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
