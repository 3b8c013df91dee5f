//! Exit statuses, and failures on their way to one.

/// Every file succeeded.
pub const DONE: u8 = 0;

/// A file failed.
pub const FAILED: u8 = 1;

/// The command line made no sense; nothing was written.
pub const USAGE: u8 = 2;

/// The program was ended by a signal, whose number is added; by custom.
pub const SIGNALLED: u8 = 128;

/// A failure that nobody knows of yet.
#[derive(Debug)]
pub struct Failure {
    /// The exit status it leads to.
    pub status: u8,
    /// Why.
    pub problem: anyhow::Error,
}

impl Failure {
    /// Makes a problem one of the command line.
    pub fn usage(problem: anyhow::Error) -> Self {
        Self { status: USAGE, problem }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(problem: anyhow::Error) -> Self {
        Self { status: FAILED, problem }
    }
}
