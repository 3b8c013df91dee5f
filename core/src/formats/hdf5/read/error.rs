//! The faults of an HDF5 file.

use crate::words::Escaped;
use std::borrow::Cow;
use std::io;

/// Why an HDF5 file, or an object in it, cannot be read. Offsets count from the start of the source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HdfError {
    /// No HDF5 signature in the file.
    #[error("not an HDF5 file: the signature is at none of the bytes 0, 512, 1024, 2048 and so on")]
    NotHdf,

    /// The source failed while it was read.
    #[error("reading {length} bytes at byte {offset} failed: {cause}")]
    Read {
        /// First byte asked for.
        offset: u64,
        /// Number of bytes asked for.
        length: u64,
        /// The source's error.
        cause: io::Error,
    },

    /// Fewer bytes than the superblock declares.
    #[error(
        "the file is cut off: it says {promised} bytes, it has {found}; copy it again from where it came"
    )]
    CutOff {
        /// End of the file as its superblock has it.
        promised: u64,
        /// Bytes in the file.
        found: u64,
    },

    /// A structure would end after the file does.
    #[error(
        "the file is damaged: {what} at byte {offset} takes {length} bytes, but the file ends at byte {end}; \
         copy it again from where it came"
    )]
    Beyond {
        /// The structure.
        what: &'static str,
        /// First byte of the structure.
        offset: u64,
        /// Declared length of the structure.
        length: u64,
        /// Length of the file.
        end: u64,
    },

    /// A structure contradicts the format or itself.
    #[error("the file is damaged: {what} at byte {offset}: {}", Escaped(.problem))]
    Damaged {
        /// The structure.
        what: &'static str,
        /// First byte of the structure, or the byte that is wrong.
        offset: u64,
        /// The problem with it.
        problem: Cow<'static, str>,
    },

    /// A checksum does not match.
    #[error(
        "the file is damaged: the checksum of {what} at byte {offset} does not match its bytes; copy it again \
         from where it came"
    )]
    Checksum {
        /// The structure.
        what: &'static str,
        /// First byte of the structure.
        offset: u64,
    },

    /// A file left open by the program that wrote it.
    #[error(
        "the file is marked as open for writing: its writer is still running or ended early; \
         `h5clear -s` takes the mark away"
    )]
    OpenForWriting,

    /// Valid HDF5 that this reader does not take.
    #[error("{} (at byte {offset}) is not supported; h5repack can rewrite the file without it", Escaped(.feature))]
    Unsupported {
        /// The feature that the file uses.
        feature: Cow<'static, str>,
        /// Place in the file that says so.
        offset: u64,
    },

    /// A structure that may be valid but takes more memory than this reader gives it.
    #[error("{what} at byte {offset} takes {length} bytes; this reader accepts up to {most}")]
    TooLarge {
        /// The structure.
        what: &'static str,
        /// First byte of the structure.
        offset: u64,
        /// Length of the structure.
        length: u64,
        /// Length this reader accepts.
        most: u64,
    },

    /// The object is of another kind than asked for.
    #[error("the object at byte {offset} is not a {wanted}")]
    Kind {
        /// First byte of the object's header.
        offset: u64,
        /// The kind asked for.
        wanted: &'static str,
    },
}
