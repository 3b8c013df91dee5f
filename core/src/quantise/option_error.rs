//! Options whose values mean nothing.

/// An option whose value means nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// A number that is no bit depth.
    #[error("bits must be 2 to 16, 0 for compressed floats, or below 0 for plain floats; not {0}")]
    Bits(i64),
    /// What is no number of bits.
    #[error("{0:?} is not a number, nor auto")]
    NoBits(String),
    /// A number that is no deflate level.
    #[error("the compression level must be 0 to 9, not {0}")]
    Level(i64),
    /// Explicit limits that enclose nothing, or nothing sane.
    #[error("the first number must be smaller than the second, and both at most 1e28 in size")]
    Range,
    /// Sigmas that enclose nothing.
    #[error("two finite numbers are needed whose sum is above 0")]
    Sigmas,
    /// No target of `--bits auto`.
    #[error("use auto, or auto and the loss to allow from 0.01% to 5%, such as auto:0.1%")]
    Target,
    /// No list of numbers.
    #[error("use numbers of images from 0, such as 0,3,7-9, or all")]
    Images,
}
