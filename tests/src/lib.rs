//! What the tests with independent readers share: the tables made with EMAN2, libhdf5's view of an
//! output, and inflaters.

pub mod expected;
pub mod inflaters;
pub mod stored;
