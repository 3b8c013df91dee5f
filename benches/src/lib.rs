//! What benchmarks, tests and figures share: the kinds of pixel codes, simulated images and their spectra.

pub mod fourier;
pub mod kinds;
pub mod simulated;
