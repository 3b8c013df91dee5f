//! Sources of bytes and sinks for them.

#[cfg(not(target_family = "wasm"))]
mod file;
pub mod output;
pub mod reading;
pub mod sink;
pub mod source;
