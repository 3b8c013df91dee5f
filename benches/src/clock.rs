//! CPU time, and the least of several rounds.

/// Seconds of CPU time this thread has used.
#[cfg(not(target_family = "wasm"))]
pub fn cpu_seconds() -> f64 {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Seconds of CPU time: `benches/wasi.mjs` gives them where WASI asks for a clock.
#[cfg(target_family = "wasm")]
pub fn cpu_seconds() -> f64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
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
