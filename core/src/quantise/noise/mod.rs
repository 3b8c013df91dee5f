//! The noise of an image: its density from a quarter of Nyquist up to Nyquist, and the lowest density there is, the noise
//! floor.
//!
//! Codes add white noise of variance step²/12; the noise of an image is not white, since cameras and interpolations damp
//! the highest frequencies. What a step costs is decided where there is least noise, so it is the floor that a step is held
//! against, not the standard deviation. The density is estimated in windowed blocks of 16 x 16 pixels, of which the quiet
//! tenth counts in each band: it holds noise where the rest may hold a picture, gradients or hot pixels.

mod block;
mod floor;
mod gather;
mod grid;
mod sampling;
mod spectrum;

pub use block::BlockNoise;
pub use floor::{Facts, Noise};
pub use gather::{Findings, ImageNoise, PartNoise};
pub use grid::{Grid, IntegerGrid};
pub use sampling::{MOST_BLOCKS, Sampling};
pub use spectrum::{BANDS, Workspace};
