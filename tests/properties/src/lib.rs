//! What must hold for any bytes at all. Each property is a function of bytes that panics when it is broken. `fuzz/` has
//! libFuzzer search for such bytes; the test `properties` tries the seeds and seeded changes of them.
//!
//! A new property is a module with such a function, a line in [`PROPERTIES`], and a target of its name in
//! `fuzz/fuzz_targets` with seeds in `fuzz/corpus`.

mod bytes;
mod deflate;
mod hdf_reader;
mod hdf_writer;
mod mrc;
pub mod objects;
mod options;
mod plan;

pub use deflate::deflate;
pub use hdf_reader::hdf_reader;
pub use hdf_writer::hdf_writer;
pub use mrc::mrc;
pub use options::options;
pub use plan::plan;

/// A property: panics when the bytes break it.
pub type Property = fn(&[u8]);

/// All properties, by the names of their fuzz targets.
pub const PROPERTIES: [(&str, Property); 6] = [
    ("deflate", deflate),
    ("hdf_reader", hdf_reader),
    ("hdf_writer", hdf_writer),
    ("mrc", mrc),
    ("options", options),
    ("plan", plan),
];
