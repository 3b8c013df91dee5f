//! From pixels to codes: statistics, limits, range, quantisation and its inverse.

mod bits;
pub mod limits;
mod quantiser;
pub mod range;
mod scale;
pub mod statistics;
mod subtract;
mod table;

pub use bits::Bits;
pub use quantiser::Quantiser;
pub use scale::{Range, Scale};
pub use subtract::Subtract;
pub use table::Table;
