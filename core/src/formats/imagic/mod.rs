//! IMAGIC: pairs of files, headers in `.hed` and pixels in `.img`. Read by [`Imagic`].
//!
//! Sources: IMAGIC's description of its header, and files of EMAN2.

pub(crate) mod error;
mod header;
mod header_words;
mod pair;
mod read;

pub use error::ImagicError;
pub use pair::Pair;
pub use read::Imagic;

use super::{Format, spider};

/// The format's name.
const NAME: &str = "IMAGIC";

/// IMAGIC, by its name, unless the bytes tell something else: an MRC or SPIDER file may have any name.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["hed", "img"],
    recognises: |start| {
        FORMAT.has_extension(start.name)
            && start.bytes.get(208..212) != Some(b"MAP ")
            && !spider::is_spider(start.bytes)
    },
    open: |source, name, options| Ok(Box::new(Imagic::open(source, name, options.companion)?)),
};
