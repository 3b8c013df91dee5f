//! CPU time, and the least of several rounds.

use rustix::time::{ClockId, clock_gettime};

/// Seconds of CPU time this thread has used.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The least CPU time of `rounds` runs on this thread, in seconds.
pub fn least(rounds: usize, mut run: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..rounds {
        let start = cpu_seconds();
        run();
        least = least.min(cpu_seconds() - start);
    }
    least
}
