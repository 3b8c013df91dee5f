//! What benchmarks and tests share: the kinds of pixel codes.

pub mod kinds;
