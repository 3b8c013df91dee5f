//! The deflate level.

use crate::quantise::OptionError;

/// A deflate level: 0 stores, 1 is the default, 9 is smallest and slowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// Stored blocks only.
    pub const STORED: Self = Self(0);

    /// The fastest level that compresses, and the default.
    pub const FASTEST: Self = Self(1);

    /// Creates a level.
    ///
    /// # Errors
    /// [`OptionError::Level`] outside 0..=9.
    pub fn new(level: i64) -> Result<Self, OptionError> {
        match level {
            0..=9 => Ok(Self(level as u8)),
            _ => Err(OptionError::Level(level)),
        }
    }

    /// Returns the level as a number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl Default for Level {
    /// Returns level 1, as the original program does.
    fn default() -> Self {
        Self(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn levels() {
        assert_eq!(Level::new(9).unwrap().get(), 9);
        assert!(Level::new(10).is_err());
        assert!(Level::new(-1).is_err());
    }
}
