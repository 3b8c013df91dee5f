//! One code path for threads and no threads: rayon when the feature is on, plain loops otherwise.

use crate::error::Error;

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

/// Two waves in turn: `load` fills one, and tells whether there was anything left to fill it with, while
/// the pool does `work` on the other; `after` takes each in order. Loading and `after` are this thread's.
pub fn in_turns<W: Default + Send>(
    mut load: impl FnMut(&mut W) -> Result<bool, Error>,
    work: impl Fn(&mut W) + Send + Sync,
    mut after: impl FnMut(&W) -> Result<(), Error>,
) -> Result<(), Error> {
    let (mut current, mut other) = (W::default(), W::default());
    let mut more = load(&mut current)?;
    let mut done = false;
    while more {
        more = overlap(
            || work(&mut current),
            || {
                // The wave before is taken before its memory takes the next one.
                if done {
                    after(&other)?;
                }
                load(&mut other)
            },
        )?;
        done = true;
        std::mem::swap(&mut current, &mut other);
    }
    if done { after(&other) } else { Ok(()) }
}
