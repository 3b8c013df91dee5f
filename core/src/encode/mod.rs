//! From codes to the bytes of a chunk.

pub mod deflate;
mod level;
pub mod shuffle;

pub use level::Level;
