//! File formats, a folder each.

pub mod eman2;
pub mod hdf5;
pub mod mrc;
pub mod open;
mod sniff;
