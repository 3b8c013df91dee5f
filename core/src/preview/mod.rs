//! What a person looks at before anything is made: a section as a small picture, a part of it at full size, its values,
//! and that part as it would be stored.
//!
//! Everything is computed by what compressing itself uses, so that what is shown is what will be there: pixels are
//! decoded by [`crate::image::Pixels`], coded by the quantiser, and decoded again by the scale of the codes. A section of
//! up to 128 MiB is read once and held; of a larger one a picture is made from some of its rows, and a crop is read anew.

mod crop;
mod histogram;
mod picture;
mod section;
mod spectrum;
mod stored;

pub use crop::Crop;
pub use histogram::Histogram;
pub use picture::Picture;
pub use section::Section;
pub use spectrum::Spectrum;
pub use stored::Stored;
