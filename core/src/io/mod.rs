//! Where bytes come from and where they go.

#[cfg(not(target_family = "wasm"))]
mod file;
pub mod output;
pub mod sink;
pub mod source;
