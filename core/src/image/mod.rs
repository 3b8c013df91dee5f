//! An image, whatever file it came from.

pub mod attributes;
mod declared;
mod images;
mod in_memory;
mod pixel_type;
pub mod pixels;
pub(crate) mod shape;
mod wide;

pub use attributes::Attributes;
pub use declared::Declared;
pub use images::{Images, Storage};
pub use in_memory::InMemory;
pub use pixel_type::{NumberKind, PixelType};
pub use pixels::Pixels;
pub use shape::{MAX_SIDE, Shape};
