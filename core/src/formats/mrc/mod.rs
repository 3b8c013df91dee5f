//! MRC: micrographs, movies, stacks, volumes, tilt series. Read by [`Mrc`], written by
//! [`write::MrcFile`].

pub(crate) mod error;
mod fei;
mod fei_fields;
mod header;
mod read;
pub mod write;

pub use error::MrcError;
pub use read::Mrc;

use crate::formats::Format;

/// The format's name.
const NAME: &str = "MRC";

/// MRC, CCP4.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["mrc", "mrcs", "st", "map", "ccp4", "rec", "ali", "preali", "alst", "alist"],
    recognises: |start| FORMAT.has_extension(start.name) || header::Header::recognises(start.bytes),
    open: |source, name, _| Ok(Box::new(Mrc::open(source, name)?)),
};
