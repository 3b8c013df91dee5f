//! One code path for threads and no threads: rayon when the feature is on, plain loops otherwise.

/// Runs `work` on every item, in any order.
#[cfg(feature = "parallel")]
pub fn for_each<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Send + Sync) {
    use rayon::prelude::*;
    items.par_iter_mut().for_each(work);
}

/// Runs `work` on every item, in order.
#[cfg(not(feature = "parallel"))]
pub fn for_each<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Send + Sync) {
    items.iter_mut().for_each(work);
}

/// Returns the number of worker threads.
#[cfg(feature = "parallel")]
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// Returns the number of worker threads.
#[cfg(not(feature = "parallel"))]
pub fn threads() -> usize {
    1
}

/// Computes in the pool while the calling thread, which alone may touch sources and sinks, does
/// input and output.
#[cfg(feature = "parallel")]
pub fn overlap<R>(compute: impl FnOnce() + Send, input_output: impl FnOnce() -> R) -> R {
    rayon::in_place_scope(|scope| {
        scope.spawn(|_| compute());
        input_output()
    })
}

/// Computes, then does input and output.
#[cfg(not(feature = "parallel"))]
pub fn overlap<R>(compute: impl FnOnce() + Send, input_output: impl FnOnce() -> R) -> R {
    compute();
    input_output()
}
