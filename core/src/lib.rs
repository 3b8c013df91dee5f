//! Reduces cryo-EM images to the bits that carry signal and stores them as EMAN2 HDF5.
//!
//! The walk, one module a step, data moving forward only:
//!
//! | step | module | from | to |
//! |---|---|---|---|
//! | source | [`io`] | a file, a blob, a vector | bytes at an offset |
//! | image | [`formats`], behind [`image`] | bytes | rows of pixels, header attributes |
//! | statistics | [`quantise::statistics`] | pixels | minimum, maximum, mean, sigma |
//! | range | [`quantise::limits`], [`quantise::range`] | statistics | the interval the codes span |
//! | codes | [`quantise`] | pixels and range | integers of 2 to 16 bits |
//! | chunk | [`encode`] | codes | a shuffled, deflated HDF5 chunk |
//! | file | [`formats::eman2`] on [`formats::hdf5`] | chunks and attributes | an EMAN2 HDF5 file |
//!
//! [`compress()`] walks it; [`expand()`] is the way back, from any [`image::Images`] to an MRC file
//! ([`formats::mrc::write`]). The crate never opens a file, spawns a thread, or reads a clock: it asks
//! a [`io::source::Source`] for bytes and hands a [`io::sink::Sink`] bytes. With the feature `parallel`
//! (the default) blocks of an image run in the current rayon pool; the output bytes are the same
//! with any number of threads and without the feature.
//!
//! ```
//! use e2compress_core::{Options, NoProgress, compress, formats::mrc::Mrc};
//!
//! # fn main() -> Result<(), e2compress_core::Error> {
//! let micrograph: &[u8] = include_bytes!("../../tests/data/u16_micrograph.mrc");
//! let reader = Mrc::open(&micrograph, "u16_micrograph.mrc")?;
//! let mut file = Vec::new();
//! let report = compress(&reader, "u16_micrograph.mrc", &mut file, &Options::default(), &NoProgress)?;
//! assert_eq!(&file[1..4], b"HDF");
//! assert_eq!(report.images, 1);
//! # Ok(())
//! # }
//! ```

pub mod compress;
pub mod encode;
pub mod error;
pub mod expand;
pub mod formats;
pub mod image;
pub mod info;
pub mod io;
pub mod kernel;
pub mod pipeline;
pub mod quantise;
pub mod verify;

pub use compress::options::Options;
pub use compress::report::Report;
pub use compress::{Compressor, compress};
pub use encode::Level;
pub use error::Error;
pub use expand::{ExpandOptions, ExpandReport, expand};
pub use formats::{FORMATS, Format, OpenOptions, open, open_with};
pub use image::{Attributes, Images, PixelType, Pixels, Shape};
pub use info::Info;
pub use pipeline::budget::Memory;
pub use pipeline::progress::{NoProgress, Progress};
pub use quantise::limits::LimitRule;
pub use quantise::{Bits, OptionError, PixelEncoding};
pub use verify::{VerifyError, VerifyOptions, VerifyReport, verify};
