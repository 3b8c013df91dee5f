//! Ctrl-C, termination and hanging up: the file being written is discarded.

use std::ffi::c_int;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit::SIGNALLED;

/// Signals that ask to stop.
const ASKING: &[c_int] = &[
    SIGINT,
    SIGTERM,
    #[cfg(unix)]
    signal_hook::consts::SIGHUP,
];

/// The signal that came, if any.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Installs the handlers. The first signal asks the work to stop. A second Ctrl-C ends the program at once, since a
    /// person waits for it; other signals may well be sent twice, by an engine that ends a job step by step, and what
    /// was begun is still removed. A signal that is ignored from the start, as by `nohup` or for a shell's
    /// background jobs, stays so.
    ///
    /// # Errors
    /// What the system says when it refuses a handler.
    pub fn install() -> io::Result<Self> {
        let interrupt = Self::default();
        for &signal in ASKING.iter().filter(|signal| !is_ignored(**signal)) {
            if signal == SIGINT {
                let came = Arc::new(false.into());
                let status = i32::from(SIGNALLED) + signal;
                flag::register_conditional_shutdown(signal, status, Arc::clone(&came))?;
                flag::register(signal, came)?;
            }
            flag::register_usize(signal, Arc::clone(&interrupt.0), signal as usize)?;
        }
        // A file beyond the size the user may write is then an error of the write, not the end.
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
        Ok(interrupt)
    }

    /// Tells whether to stop.
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Returns the exit status that reports the signal.
    pub fn status(&self) -> Option<u8> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(SIGNALLED + signal as u8),
        }
    }
}

/// Tells whether the program was started with this signal ignored. Linux knows; elsewhere only
/// hanging up is taken for ignored, so that `nohup` works.
fn is_ignored(signal: c_int) -> bool {
    if cfg!(not(target_os = "linux")) {
        return !matches!(signal, SIGINT | SIGTERM);
    }
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        })
        .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
