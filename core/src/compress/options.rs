//! The choices of a compression.

use crate::encode::Level;
use crate::pipeline::budget::Memory;
use crate::quantise::limits::LimitRule;
use crate::quantise::{OptionError, PixelEncoding};

/// Everything an output's bytes depend on apart from the input, and the memory that making it may take.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Options {
    /// Bits or floats.
    pub stored: PixelEncoding,
    /// The deflate level; `None` is [`Level::default`] and leaves `EMAN.render_compress_level` out.
    pub level: Option<Level>,
    /// Limits of the values.
    pub limits: LimitRule,
    /// Proves every chunk while it is made, and reads the input once more at the end; changes no byte of the output.
    pub verify: bool,
    /// The images whose noise is estimated, for the report; changes no byte of the output.
    pub estimates: Estimates,
    /// Bounds of the memory used; they change no byte of the output.
    pub memory: Memory,
}

/// The images whose noise is estimated where bits are asked for; where they are to be chosen it is all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Estimates {
    /// None.
    None,
    /// Large images, and some of a stack of small ones.
    #[default]
    Few,
    /// All.
    Every,
}

impl Options {
    /// Asks for so many bits, as the original's `--bits`.
    ///
    /// # Errors
    /// [`OptionError::Bits`] for 1 and for more than 16.
    pub fn bits(bits: i64) -> Result<Self, OptionError> {
        Ok(Self { stored: PixelEncoding::from_bits(bits)?, ..Self::default() })
    }
}
