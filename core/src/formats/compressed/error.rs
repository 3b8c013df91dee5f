//! What can be wrong with a compressed stream.

use std::fmt::{self, Display, Formatter};

use super::Kind;
use crate::formats::mrc::MrcError;

/// Why the contents of a compressed stream cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamError {
    kind: Kind,
    fault: StreamFault,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamFault {
    /// The file ends before the stream does.
    CutShort {
        /// Length of the file.
        length: u64,
    },
    /// A checksum is that of other bytes.
    Checksum {
        /// The part of the stream that it is of.
        of: &'static str,
        /// Place in the file, about.
        at: u64,
    },
    /// Something that cannot be.
    Broken {
        /// What.
        what: String,
        /// Place in the file, about.
        at: u64,
    },
    /// Something that is rare and not read.
    NotRead {
        /// What.
        what: String,
        /// Place in the file, about.
        at: u64,
    },
    /// No MRC file is inside but something else.
    Contents(String),
    /// The header inside promises more bytes than the stream can make.
    Promised {
        /// Bytes that are promised.
        promised: u64,
        /// Bytes that are possible.
        most: u64,
        /// Length of the file.
        length: u64,
    },
    /// The MRC file inside cannot be read.
    Inside(MrcError),
}

impl StreamError {
    /// Creates the error of a stream of this kind.
    #[must_use]
    pub fn new(kind: Kind, fault: StreamFault) -> Self {
        Self { kind, fault }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn fault(&self) -> &StreamFault {
        &self.fault
    }
}

impl Display for StreamError {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        const AGAIN: &str = "copy the file again from where it came";
        let (name, command) = (self.kind.name(), self.kind.command());
        match &self.fault {
            StreamFault::CutShort { length } => {
                write!(
                    to,
                    "the file is cut short: its {name} stream goes on where it ends, at byte {length}; {AGAIN}"
                )
            }
            StreamFault::Checksum { of, at } => write!(
                to,
                "the {name} stream is damaged: the checksum of the {of} that ends at byte {at} does not match; {AGAIN}"
            ),
            StreamFault::Broken { what, at } => {
                write!(to, "the {name} stream is damaged at byte {at}: {what}; {AGAIN}")
            }
            StreamFault::NotRead { what, at } => {
                write!(to, "the {name} stream at byte {at} {what}; expand it with `{command}` first")
            }
            StreamFault::Contents(contents) => {
                // What is known of some kinds goes on with what to do about them once they are expanded.
                let (contents, then) = contents.split_once("; ").unwrap_or((contents, ""));
                let then = then.trim_end_matches(" first");
                let then = if then.is_empty() { String::new() } else { format!(", then {then}") };
                write!(
                    to,
                    "the {name} stream does not hold MRC but {contents}; expand it with `{command}` first{then}"
                )
            }
            StreamFault::Promised { promised, most, length } => write!(
                to,
                "the file is cut short: the MRC header in its {name} stream promises {promised} bytes, and the {length} \
                 bytes of the file make {most} at most; {AGAIN}"
            ),
            StreamFault::Inside(problem) => write!(to, "in the {name} stream: {problem}"),
        }
    }
}

impl std::error::Error for StreamError {}
