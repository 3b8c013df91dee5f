//! What benchmarks, tests and figures share: the kinds of pixel codes, simulated images, their spectra, and figures.

pub mod figures;
pub mod fourier;
pub mod kinds;
pub mod simulated;
