//! Files that are known byte for byte.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// Bytes read at once.
const PIECE_BYTES: usize = 1 << 20;

/// A file's length and SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl Fingerprint {
    /// Reads a stream to its end.
    pub fn of(mut stream: impl Read) -> io::Result<Self> {
        let (mut hasher, mut piece, mut bytes) = (Sha256::new(), vec![0; PIECE_BYTES], 0);
        loop {
            match stream.read(&mut piece)? {
                0 => return Ok(Self { bytes, sha256: format!("{:x}", hasher.finalize()) }),
                count => {
                    hasher.update(&piece[..count]);
                    bytes += count as u64;
                }
            }
        }
    }
}
