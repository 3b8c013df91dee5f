//! EER: the electrons that Falcon cameras count, one by one. Read by [`Eer`].
//!
//! A file is a TIFF with a page for each frame of the detector, some thousand of them. What is made of the frames is the
//! reader's to say: [`EerRendering`].

mod coding;
mod decoder;
mod error;
mod events;
mod frames;
mod metadata;
mod read;
pub mod rendering;
mod xml;

pub use coding::Fault;
pub use error::EerError;
pub use read::Eer;
pub use rendering::{EerOptionError, EerRendering, EerSums, Upsampling};

use crate::formats::tiff::directory::TiffFile;
use crate::formats::{Format, Start};
use crate::io::source::Source;

/// The format's name.
const NAME: &str = "EER";

/// Pages, one of which is a frame: the first may be a sum.
const FIRST_PAGES: usize = 2;

/// The last bytes of a file of raw ECC frames, in both forms: EER's forerunner, which is no TIFF.
const ECC: [&[u8; 24]; 2] = [b"ThermoFisherECComprOK000", b"ThermoFisherECComprERR00"];

/// EER.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["eer"],
    recognises: |start| is_eer(start) || FORMAT.has_extension(start.name) && is_ecc(start.source),
    open: |source, _, options| Ok(Box::new(Eer::open(source, options.eer)?)),
};

/// Tells whether a file is a TIFF of frames, whatever its name.
fn is_eer(start: &Start<'_>) -> bool {
    let is_frame = |file: &TiffFile<'_>| {
        let mut pages = file.directories().take(FIRST_PAGES).map_while(Result::ok);
        pages.any(|page| matches!(frames::is_frame(file, &page), Ok(Some(_))))
    };
    TiffFile::recognises(start.bytes) && TiffFile::open(start.source).is_ok_and(|file| is_frame(&file))
}

/// Tells whether a file ends like raw ECC frames.
fn is_ecc(source: &dyn Source) -> bool {
    let mut end = [0; 24];
    let offset = source.len().ok().and_then(|length| length.checked_sub(end.len() as u64));
    offset.is_some_and(|offset| source.read_at(offset, &mut end).is_ok()) && ECC.contains(&&end)
}
