//! What must hold for any bytes at all. Each property is a function of bytes that panics when it is broken. `fuzz/` has
//! libFuzzer search for such bytes; the test `properties` tries the seeds and seeded changes of them.
//!
//! A new property is a module with such a function, a line in [`PROPERTIES`], and a target of its name in
//! `fuzz/fuzz_targets` with seeds in `fuzz/corpus`.

mod bytes;
mod compressed;
mod deflate;
mod hdf_reader;
mod hdf_writer;
mod images;
mod mrc;
pub mod objects;
mod options;
mod plan;
mod readers;
mod tiff;

pub use compressed::compressed;
pub use deflate::deflate;
pub use hdf_reader::hdf_reader;
pub use hdf_writer::hdf_writer;
pub use mrc::mrc;
pub use options::options;
pub use plan::plan;
pub use readers::{dm, imagic, ser, spider};
pub use tiff::tiff;

/// A property: panics when the bytes break it.
pub type Property = fn(&[u8]);

/// All properties, by the names of their fuzz targets.
pub const PROPERTIES: [(&str, Property); 12] = [
    ("compressed", compressed),
    ("deflate", deflate),
    ("dm", dm),
    ("hdf_reader", hdf_reader),
    ("hdf_writer", hdf_writer),
    ("imagic", imagic),
    ("mrc", mrc),
    ("options", options),
    ("plan", plan),
    ("ser", ser),
    ("spider", spider),
    ("tiff", tiff),
];
