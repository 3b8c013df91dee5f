//! MRC: micrographs, movies, stacks, volumes, tilt series. Read by [`Mrc`], written by
//! [`write::MrcFile`].

mod axes;
mod byte_order;
pub(crate) mod error;
mod fei;
mod fei_fields;
mod header;
mod input;
mod packed;
mod read;
mod signed;
mod stacks;
pub mod write;

pub use error::MrcError;
pub(crate) use header::PIXEL_SIZES;
pub use read::Mrc;

use crate::formats::Format;

/// The format's name.
const NAME: &str = "MRC";

/// The longest extended header that is kept beside the images.
pub const LONGEST_EXTENDED_HEADER: u64 = 1 << 30;

/// MRC, CCP4.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["mrc", "mrcs", "st", "map", "ccp4", "rec", "ali", "preali", "alst", "alist"],
    recognises: |start| FORMAT.has_extension(start.name) || header::Header::recognises(start.bytes),
    open: |source, name, options| Ok(Box::new(Mrc::open_with(source, name, !options.keep_packed)?)),
};
