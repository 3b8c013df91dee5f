//! The ground of the pixel loops: strided views, narrow integers, rounding, dispatch by vector unit.

pub mod narrow;
pub mod rounding;
pub mod simd;
pub mod strided;
