//! SPIDER: images, volumes, and stacks of both. Read by [`Spider`].
//!
//! Source: SPIDER's description of its image header, and files that SPIDER, EMAN2, RELION and Pillow read alike.

pub(crate) mod error;
mod header;
mod read;

pub use error::SpiderError;
pub use read::Spider;

use super::Format;

/// The format's name.
const NAME: &str = "SPIDER";

/// SPIDER, by its header alone: `.dat`, which it likes, is anybody's.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["spi", "spider", "spidersingle", "singlespider"],
    recognises: |start| is_spider(start.bytes),
    open: |source, _, _| Ok(Box::new(Spider::open(source)?)),
};

/// Returns whether the first bytes of a file are a SPIDER header. Read as MRC such a header has sides of a thousand million.
#[must_use]
pub fn is_spider(start: &[u8]) -> bool {
    header::Header::recognise(start).is_some()
}
