//! From codes to the bytes of a chunk.

pub mod deflate;
pub mod shuffle;
