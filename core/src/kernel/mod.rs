//! What the pixel loops stand on.

pub mod narrow;
pub mod rounding;
pub mod simd;
pub mod strided;
