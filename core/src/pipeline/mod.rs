//! The pipeline: images are tiled into blocks, read in bands and computed in waves.

pub mod bands;
pub mod budget;
pub mod held;
pub mod pass;
pub(crate) mod pool;
pub mod progress;
pub(crate) mod scratch;
pub mod tiling;
