//! Sources of bytes and sinks for them.

pub mod checksum;
#[cfg(not(target_family = "wasm"))]
mod file;
pub mod output;
pub mod reading;
pub mod sink;
pub mod source;
