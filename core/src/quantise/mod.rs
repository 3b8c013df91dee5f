//! Quantisation: statistics, limits, range, codes and their inverse.

mod bits;
pub mod choice;
pub mod detail;
pub mod encoding;
pub mod limits;
pub mod noise;
mod option_error;
mod pixel_encoding;
mod quantiser;
pub mod range;
mod scale;
pub mod statistics;
mod subtract;
mod table;

pub use bits::Bits;
pub use choice::{Reason, Target};
pub use encoding::Encoding;
pub use option_error::OptionError;
pub use pixel_encoding::PixelEncoding;
pub use quantiser::Quantiser;
pub use scale::{Decoder, Range, Scale};
pub use subtract::Subtract;
pub use table::Table;
