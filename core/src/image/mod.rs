//! What an image is, whatever file it came from.

pub mod attributes;
pub mod images;
mod pixel_type;
pub mod pixels;
mod shape;

pub use pixel_type::PixelType;
pub use shape::{MAX_SIDE, Shape};
