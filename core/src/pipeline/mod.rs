//! How images are cut into blocks and computed.

pub mod bands;
pub mod budget;
pub mod held;
pub mod pass;
pub(crate) mod pool;
pub mod progress;
pub(crate) mod scratch;
pub mod tiling;
