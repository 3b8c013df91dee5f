//! TIFF and `BigTIFF`: the movies of Gatan's cameras, and pictures of most programs. Read by [`Tiff`].

mod attributes;
pub mod codec;
pub mod directory;
pub mod error;
mod frames;
mod imagej;
#[cfg(test)]
mod made;
mod packed;
mod page;
mod places;
mod read;
pub mod tag;
#[cfg(test)]
mod tests;
pub mod window;

pub use error::TiffError;
pub use read::Tiff;

use crate::formats::Format;

/// The format's name.
const NAME: &str = "TIFF";

/// TIFF.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["tif", "tiff"],
    recognises: |start| directory::TiffFile::recognises(start.bytes),
    open: |source, _, options| Ok(Box::new(Tiff::open(source, !options.keep_packed)?)),
};
