//! What an image is, whatever file it came from.

pub mod attributes;
mod images;
mod pixel_type;
pub mod pixels;
pub(crate) mod shape;

pub use images::Images;
pub use pixel_type::PixelType;
pub use shape::{MAX_SIDE, Shape};
