//! How images are cut into blocks and computed.

pub(crate) mod pool;
pub mod progress;
pub(crate) mod scratch;
pub mod tiling;
