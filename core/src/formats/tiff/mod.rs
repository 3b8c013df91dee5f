//! TIFF and `BigTIFF`: the movies and pictures of Gatan's cameras, and of most programs for pictures.

pub mod directory;
pub mod error;
pub mod tag;
pub mod window;
