//! Ctrl-C and termination: what is being written is given up, its temporary file removed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Exit status of a program that a signal ended, by custom.
const SIGNALLED: u8 = 128;

/// The signal that came, if any.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Listens from now on. The first signal asks the work to stop; a second one of the kind ends the
    /// program at once.
    ///
    /// # Errors
    /// When the system doesn't let it listen.
    pub fn listen() -> io::Result<Self> {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let came = Arc::new(false.into());
            let status = i32::from(SIGNALLED) + signal;
            flag::register_conditional_shutdown(signal, status, Arc::clone(&came))?;
            flag::register(signal, came)?;
            flag::register_usize(signal, Arc::clone(&interrupt.0), signal as usize)?;
        }
        Ok(interrupt)
    }

    /// Whether to stop.
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// The exit status that tells of it.
    pub fn status(&self) -> Option<u8> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(SIGNALLED + signal as u8),
        }
    }
}
