//! Reduces cryo-EM images to the bits that carry signal and stores them as EMAN2 HDF5.
//!
//! The walk, one module a step, data moving forward only:
//!
//! | step | module | from | to |
//! |---|---|---|---|
//! | source | [`source`] | a file, a blob, a vector | bytes at an offset |
//! | image | [`mrc`], [`eman`], behind [`reader::Reader`] | bytes | rows of pixels, header attributes |
//! | statistics | [`statistics`] | pixels | minimum, maximum, mean, sigma |
//! | range | [`limits`], [`range`] | statistics | the interval the codes span |
//! | codes | [`codes`] | pixels and range | integers of 2 to 16 bits |
//! | chunk | [`chunk`] | codes | a shuffled, deflated HDF5 chunk |
//! | file | [`eman`] on [`hdf`], into a [`sink`] | chunks and attributes | an EMAN2 HDF5 file |
//!
//! [`compress()`] walks it; [`expand()`] is the way back, from any [`reader::Reader`] to an MRC file
//! ([`mrc::write`]). The crate never opens a file, spawns a thread, or reads a clock: it asks
//! a [`source::Source`] for bytes and hands a [`sink::Sink`] bytes. With the feature `parallel`
//! (the default) blocks of an image run in the current rayon pool; the output bytes are the same
//! with any number of threads and without the feature.
//!
//! ```
//! use e2compress_core::{Options, Unwatched, compress, mrc::Mrc};
//!
//! # fn main() -> Result<(), e2compress_core::Error> {
//! let micrograph: &[u8] = include_bytes!("../../tests/data/u16_micrograph.mrc");
//! let reader = Mrc::open(&micrograph, "u16_micrograph.mrc")?;
//! let mut file = Vec::new();
//! let report = compress(&reader, "u16_micrograph.mrc", &mut file, &Options::default(), &Unwatched)?;
//! assert_eq!(&file[1..4], b"HDF");
//! assert_eq!(report.images, 1);
//! # Ok(())
//! # }
//! ```

pub mod attribute;
pub mod block;
pub mod chunk;
pub mod codes;
pub mod compress;
pub mod deflate;
pub mod eman;
pub mod error;
pub mod expand;
pub mod hdf;
pub mod info;
pub mod input;
pub mod integers;
pub mod limits;
pub mod mrc;
pub mod options;
mod parallel;
pub mod pieces;
pub mod pixels;
pub mod proof;
pub mod range;
pub mod reader;
pub mod report;
pub mod rounding;
pub mod sink;
pub mod source;
pub mod statistics;
mod toolbox;
pub mod vector;
pub mod verify;
mod wave;
mod work;

pub use compress::{Compressor, Unwatched, Watch, compress};
pub use error::Error;
pub use expand::{ExpandOptions, ExpandReport, expand};
pub use input::Input;
pub use options::{Asked, Level, Options, Stored};
pub use report::Report;
pub use verify::{VerifyError, VerifyReport, verify};
