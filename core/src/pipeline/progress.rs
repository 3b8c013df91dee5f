//! How far the work is, for who wants to know.

/// Who wants to know how far the work is, and may stop it.
pub trait Progress {
    /// `done` of `total` bytes of pixels are through; called often, from the calling thread.
    fn advanced(&self, done: u64, total: u64);

    /// Whether to stop; the output is then incomplete.
    fn cancelled(&self) -> bool;
}

/// Nobody watches.
pub struct NoProgress;

impl Progress for NoProgress {
    fn advanced(&self, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        false
    }
}
