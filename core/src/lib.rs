//! Reduces cryo-EM images to the bits that carry signal and stores them as EMAN2 HDF5.
//!
//! Compress a file, and read what was written:
//!
//! ```
//! use e2compress_core::{Compressor, NoProgress, Options, open};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (path, folder) = ("../tests/data/u16_micrograph.mrc", tempfile::tempdir()?);
//! # let out = folder.path().join("micrograph.hdf");
//! use std::fs::File;
//!
//! let input = File::open(path)?;
//! let images = open(&input, path)?;
//! let mut output = File::create_new(&out)?;
//! let report = Compressor::default().compress(&*images, path, &mut output, &Options::bits(5)?, &NoProgress)?;
//! println!("{} images, {} bytes", report.images, report.output_bytes);
//!
//! let written = File::open(&out)?;
//! let pixels: Vec<f32> = open(&written, "micrograph.hdf")?.values(0)?;
//! # assert_eq!((pixels.len(), report.images), (46 * 62, 1));
//! # Ok(())
//! # }
//! ```
//!
//! Images need not come from a file: [`InMemory`] is a vector of values. What a user may ask for is in
//! [`Options`]; [`expand()`] expands to MRC, [`verify()`] checks a file against itself and its original,
//! [`Info`] is what a file says of itself.
//!
//! The walk, one module a step, data moving forward only:
//!
//! | step | module | from | to |
//! |---|---|---|---|
//! | source | `io` | a file, a blob, a vector ([`Source`]) | bytes at an offset |
//! | image | `formats`, behind [`Images`] | bytes | rows of pixels, header attributes |
//! | statistics | `quantise/statistics` | pixels | minimum, maximum, mean, sigma |
//! | range | `quantise/limits`, `quantise/range` | statistics | the interval the codes span |
//! | codes | `quantise/encoding` | pixels and range | integers of 2 to 16 bits |
//! | chunk | `encode` | codes | a shuffled, deflated HDF5 chunk |
//! | file | `formats/eman2` on `formats/hdf5` | chunks and attributes | an EMAN2 HDF5 file, in a [`Sink`] |
//!
//! The crate starts no thread and reads no clock: it asks a [`Source`] for bytes and hands a [`Sink`] bytes.
//! With the feature `parallel` (the default) units of an image run in the current rayon pool; the output bytes are
//! the same with any number of threads and without the feature. A new format is a folder and a line in
//! [`FORMATS`].

// What only tests, fuzzers and benches use is public to them alone, by the feature `internals`.
#![cfg_attr(not(feature = "internals"), allow(dead_code, unused_imports, unreachable_pub))]

#[cfg(not(feature = "internals"))]
mod compress;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod compress;
#[cfg(not(feature = "internals"))]
mod encode;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod encode;
#[cfg(not(feature = "internals"))]
mod error;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod error;
#[cfg(not(feature = "internals"))]
mod expand;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod expand;
#[cfg(not(feature = "internals"))]
mod formats;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod formats;
#[cfg(not(feature = "internals"))]
mod image;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod image;
#[cfg(not(feature = "internals"))]
mod info;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod info;
#[cfg(not(feature = "internals"))]
mod io;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod io;
#[cfg(not(feature = "internals"))]
mod kernel;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod kernel;
#[cfg(not(feature = "internals"))]
mod pipeline;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod pipeline;
#[cfg(not(feature = "internals"))]
mod preview;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod preview;
#[cfg(not(feature = "internals"))]
mod quantise;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod quantise;
#[cfg(not(feature = "internals"))]
mod verify;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod verify;

#[cfg(not(feature = "internals"))]
mod plan;
#[cfg(feature = "internals")]
#[allow(missing_docs)]
pub mod plan;

#[cfg(feature = "serde")]
pub mod record;
mod warning;
pub mod words;

/// The program of the crate's front door, which is compiled and run as the tests of documentation are.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use compress::options::{Estimates, Options};
pub use compress::report::Report;
pub use compress::{
    Buffer, Choose, Compressor, Estimate, Foreseen, Loss, OptionsError, Prediction, Proposal, Spread,
    StoredAs, check_options, compress, enough, foresee, predict,
};
pub use encode::Level;
pub use error::Error;
pub use expand::{ExpandOptions, ExpandReport, expand, extension, predict_expansion};
pub use formats::eer::{EerError, EerOptionError, EerRendering, EerSums, Upsampling};
pub use formats::imagic::Pair;
pub use formats::{FORMATS, Format, Open, OpenOptions, Start, open, open_with, stem};
pub use image::attributes::{Attribute, Attributes, OpaqueValue, Value};
pub use image::{
    Declared, ImageList, Images, InMemory, NumberKind, OriginalHeader, PixelType, Pixels, Selection, Shape,
    Storage,
};
pub use info::Info;
pub use io::sink::Sink;
pub use io::source::Source;
pub use pipeline::budget::Memory;
pub use pipeline::progress::{NoProgress, Progress};
pub use plan::{BitsPlan, ImagePlan, plan, plan_some};
pub use preview::{Crop, Histogram, Picture, Section, Spectrum, Stored};
pub use quantise::limits::{LimitRule, Limits};
pub use quantise::noise::Noise;
pub use quantise::statistics::Statistics;
pub use quantise::{Bits, Decoder, OptionError, PixelEncoding, Range, Reason, Scale, Target};
pub use verify::readback::Manifest;
pub use verify::{
    Comparison, Place, VerifyError, VerifyOptions, VerifyReport, check_description, check_input, verify,
};
pub use warning::{Share, Warning};

/// Another HDF5 library beside the reader here, for front ends that have one: see [`backend::Backend`].
pub mod backend {
    pub use crate::formats::eman2::{
        Backend, BackendFault, DatasetInfo, EmanError, Hyperslab, InputAttribute,
    };
    pub use crate::formats::hdf5::read::{Character, File, VirtualPart};
}
