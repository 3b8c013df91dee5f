//! An image, whatever file it came from.

pub mod attributes;
mod declared;
mod images;
mod in_memory;
mod original_header;
mod pixel_type;
pub mod pixels;
mod selection;
pub(crate) mod shape;
mod wide;

pub use attributes::Attributes;
pub use declared::Declared;
pub(crate) use images::by_section;
pub use images::{Images, OutOfReach, Rewritten, Storage};
pub use in_memory::InMemory;
pub use original_header::OriginalHeader;
pub use pixel_type::{NumberKind, PixelType};
pub use pixels::Pixels;
pub use selection::{ImageList, Selection};
pub use shape::{MAX_SIDE, Shape};
