//! The encoding of codes as the bytes of a chunk: shuffle and deflate.

pub mod deflate;
mod level;
pub mod shuffle;

pub use level::Level;
