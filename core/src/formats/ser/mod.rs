//! TIA series (SER): what Emispec's and FEI's acquisition programs wrote. Read by [`Ser`].
//!
//! Sources: files of both versions, and what rosettasciio, ncempy and EMAN2 read in them.

pub(crate) mod error;
mod header;
mod read;

pub use error::SerError;
pub use read::Ser;

use super::Format;

/// The format's name.
const NAME: &str = "TIA series";

/// SER. It starts like TIFF: four bytes tell.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["ser"],
    recognises: |start| start.bytes.starts_with(b"II\x97\x01"),
    open: |source, _, _| Ok(Box::new(Ser::open(source)?)),
};
