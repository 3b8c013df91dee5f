//! What is made of the frames: how many are summed, and how fine the grid of pixels is.

use std::fmt;
use std::num::NonZeroU32;

use crate::image::attributes::{Attributes, Value};
use crate::image::{PixelType, Shape};

/// Attribute with the number of images that were made.
pub const FRACTIONS: &str = "EER.fractions";

/// Attribute with the number of frames that were summed in each.
pub const GROUPING: &str = "EER.grouping";

/// Attribute with the factor of the grid.
pub const UPSAMPLING: &str = "EER.upsampling";

/// How the frames of an EER file become images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EerRendering {
    /// Which frames are summed.
    pub sums: EerSums,
    /// How fine the pixels are.
    pub upsampling: Upsampling,
}

/// Which frames are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum EerSums {
    /// None: each frame is an image.
    #[default]
    None,
    /// So many images, of as many frames each as there are for all.
    Fractions(NonZeroU32),
    /// So many frames in each image.
    Grouping(NonZeroU32),
    /// So many images of so many frames each.
    Exactly {
        /// Images.
        fractions: NonZeroU32,
        /// Frames in each.
        grouping: NonZeroU32,
    },
}

/// Pixels of the picture along each side of a pixel of the sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Upsampling {
    /// The sensor's own pixels.
    #[default]
    One,
    /// Two by two pixels each.
    Two,
    /// Four by four pixels each.
    Four,
}

/// What is wrong with what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EerOptionError {
    /// Another factor than there are.
    #[error("the upsampling of EER movies is 1, 2 or 4, not {0}")]
    Upsampling(i64),
    /// Sums of nothing, or of more than any movie has.
    #[error("EER frames are summed to 1 to {most} images, or by 1 to {most}, not {0}", most = i32::MAX)]
    Number(i64),
    /// Both numbers, of which one follows from the other.
    #[error("give the number of fractions or of frames in each, not both")]
    Both,
}

impl Upsampling {
    /// Returns the one of a factor.
    ///
    /// # Errors
    /// [`EerOptionError::Upsampling`] for other factors than 1, 2 and 4.
    pub fn new(factor: i64) -> Result<Self, EerOptionError> {
        match factor {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            4 => Ok(Self::Four),
            _ => Err(EerOptionError::Upsampling(factor)),
        }
    }

    /// Returns the factor.
    #[must_use]
    pub fn factor(self) -> u32 {
        1 << self.level()
    }

    /// Returns the shape of the picture that a sensor makes.
    pub(super) fn picture(self, sensor: Shape) -> Shape {
        Shape { nx: sensor.nx * self.factor(), ny: sensor.ny * self.factor(), nz: 1 }
    }

    /// Returns the bits of an electron's place that are used along each axis.
    pub(super) fn level(self) -> u32 {
        self as u32
    }
}

impl EerRendering {
    /// Returns what a file made from EER says of how it was made; `None` of other files.
    #[must_use]
    pub fn recorded(attributes: &Attributes) -> Option<Self> {
        let number = |name| {
            let number = attributes.get(name).and_then(Value::number)?;
            (number.fract() == 0.0 && (1.0..=f64::from(i32::MAX)).contains(&number)).then_some(number as u32)
        };
        let fractions = number(FRACTIONS).and_then(NonZeroU32::new)?;
        let grouping = number(GROUPING).and_then(NonZeroU32::new)?;
        let upsampling = Upsampling::new(number(UPSAMPLING)?.into()).ok()?;
        Some(Self { sums: EerSums::Exactly { fractions, grouping }, upsampling })
    }
}

/// The images that are made of a number of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Images.
    pub fractions: u32,
    /// Frames in each.
    pub grouping: u32,
    /// Frames in none.
    pub left_over: u32,
}

impl Sums {
    /// Returns the type of a count: a frame adds one at most.
    pub(super) fn kind(self) -> PixelType {
        match self.grouping {
            0..=0xff => PixelType::U8,
            0x100..=0xffff => PixelType::U16,
            _ => PixelType::U32,
        }
    }
}

impl EerSums {
    /// Returns what `--eer-fractions` and `--eer-grouping` ask for.
    ///
    /// # Errors
    /// [`EerOptionError`] for both, and for numbers that no movie can have.
    pub fn asked(fractions: Option<i64>, grouping: Option<i64>) -> Result<Self, EerOptionError> {
        let number = |number: i64| {
            let count = i32::try_from(number).ok().and_then(|count| NonZeroU32::new(count.try_into().ok()?));
            count.ok_or(EerOptionError::Number(number))
        };
        match (fractions, grouping) {
            (None, None) => Ok(Self::None),
            (Some(fractions), None) => number(fractions).map(Self::Fractions),
            (None, Some(grouping)) => number(grouping).map(Self::Grouping),
            (Some(_), Some(_)) => Err(EerOptionError::Both),
        }
    }

    /// Divides frames among images; `None` where there are too few.
    pub(super) fn divide(self, frames: u32) -> Option<Sums> {
        let (fractions, grouping) = match self {
            Self::None => (frames, 1),
            Self::Fractions(fractions) => (fractions.get(), frames / fractions),
            Self::Grouping(grouping) => (frames / grouping, grouping.get()),
            Self::Exactly { fractions, grouping } => (fractions.get(), grouping.get()),
        };
        let left_over = frames.checked_sub(fractions.checked_mul(grouping)?)?;
        (fractions > 0 && grouping > 0).then_some(Sums { fractions, grouping, left_over })
    }
}

impl fmt::Display for EerSums {
    /// Words what is asked for.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => to.write_str("images of 1 frame"),
            Self::Fractions(fractions) => write!(to, "{fractions} fractions (--eer-fractions)"),
            Self::Grouping(grouping) => write!(to, "a group of {grouping} (--eer-grouping)"),
            Self::Exactly { fractions, grouping } => write!(to, "{fractions} fractions of {grouping} frames"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn some(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    #[test]
    fn frames_are_divided() {
        let of = |sums: EerSums, frames| {
            let Sums { fractions, grouping, left_over } = sums.divide(frames)?;
            Some([fractions, grouping, left_over])
        };
        assert_eq!(of(EerSums::None, 7), Some([7, 1, 0]));
        assert_eq!(of(EerSums::Fractions(some(4)), 11), Some([4, 2, 3]));
        assert_eq!(of(EerSums::Grouping(some(4)), 11), Some([2, 4, 3]));
        assert_eq!(of(EerSums::Fractions(some(12)), 11), None);
        assert_eq!(of(EerSums::Grouping(some(12)), 11), None);
        assert_eq!(of(EerSums::Exactly { fractions: some(2), grouping: some(6) }, 11), None);
        assert_eq!(of(EerSums::Exactly { fractions: some(1 << 31), grouping: some(1 << 31) }, 11), None);
        assert_eq!(of(EerSums::None, 0), None);
    }

    #[test]
    fn numbers_that_mean_nothing_are_refused() {
        assert_eq!(EerSums::asked(None, None), Ok(EerSums::None));
        assert_eq!(EerSums::asked(Some(40), None), Ok(EerSums::Fractions(some(40))));
        assert_eq!(EerSums::asked(None, Some(40)), Ok(EerSums::Grouping(some(40))));
        assert_eq!(EerSums::asked(Some(40), Some(1)), Err(EerOptionError::Both));
        for number in [0, -1, i64::MAX, i64::from(i32::MAX) + 1] {
            assert_eq!(EerSums::asked(Some(number), None), Err(EerOptionError::Number(number)));
            assert_eq!(EerSums::asked(None, Some(number)), Err(EerOptionError::Number(number)));
        }
        for factor in [0, 3, 8, -1] {
            assert_eq!(Upsampling::new(factor), Err(EerOptionError::Upsampling(factor)));
        }
    }

    proptest! {
        #[test]
        fn what_is_recorded_divides_the_same(frames in 1u32..3000, number in 1u32..3000, fractions: bool) {
            let sums = if fractions { EerSums::Fractions(some(number)) } else { EerSums::Grouping(some(number)) };
            let Some(divided) = sums.divide(frames) else { return Ok(()) };
            let mut attributes = Attributes::new();
            attributes.int(FRACTIONS, divided.fractions as i32);
            attributes.int(GROUPING, divided.grouping as i32);
            attributes.int(UPSAMPLING, 2);
            let recorded = EerRendering::recorded(&attributes).unwrap();
            prop_assert_eq!(recorded.sums.divide(frames), Some(divided));
            prop_assert_eq!(recorded.upsampling, Upsampling::Two);
        }
    }

    #[test]
    fn nothing_is_recorded_in_other_files() {
        let mut attributes = Attributes::new();
        assert_eq!(EerRendering::recorded(&attributes), None);
        attributes.int(FRACTIONS, 2);
        attributes.int(GROUPING, 0);
        attributes.int(UPSAMPLING, 1);
        assert_eq!(EerRendering::recorded(&attributes), None);
    }
}
