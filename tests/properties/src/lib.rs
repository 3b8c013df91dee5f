//! What must hold for any bytes at all. Each law is a function of bytes that panics when it is broken. `fuzz/` has
//! libFuzzer search for such bytes; the test `properties` tries the seeds and seeded changes of them.
//!
//! A new law is a module with such a function, a line in [`LAWS`], and a target of its name in
//! `fuzz/fuzz_targets` with seeds in `fuzz/corpus`.

mod bytes;
mod deflate;
mod hdf_reader;
mod hdf_writer;
mod mrc;
mod options;

pub use deflate::deflate;
pub use hdf_reader::hdf_reader;
pub use hdf_writer::hdf_writer;
pub use mrc::mrc;
pub use options::options;

/// A law: panics when the bytes break it.
pub type Law = fn(&[u8]);

/// All laws, by the names of their fuzz targets.
pub const LAWS: [(&str, Law); 5] = [
    ("deflate", deflate),
    ("hdf_reader", hdf_reader),
    ("hdf_writer", hdf_writer),
    ("mrc", mrc),
    ("options", options),
];
