//! The modes an MRC file can be written in: what each holds, and its bytes.

use half::f16;

use crate::kernel::rounding::is_integer;
use crate::quantise::statistics::Tally;

/// A mode that every reader of MRC2014 knows, or should. The others are read, not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// 0: bytes. Some readers take them as signed, some, like this one and EMAN2, as 0 to 255.
    Bytes,
    /// 1: 16-bit signed integers.
    Shorts,
    /// 2: 32-bit floats.
    Floats,
    /// 6: 16-bit unsigned integers.
    UnsignedShorts,
    /// 12: IEEE halves.
    Halves,
}

impl Mode {
    /// All of them, by number.
    pub const ALL: [Self; 5] = [Self::Bytes, Self::Shorts, Self::Floats, Self::UnsignedShorts, Self::Halves];

    /// The number in the header.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Bytes => 0,
            Self::Shorts => 1,
            Self::Floats => 2,
            Self::UnsignedShorts => 6,
            Self::Halves => 12,
        }
    }

    /// The mode of a number, if it is one that is written.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.number() == number)
    }

    /// Bytes of one pixel.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Bytes => 1,
            Self::Shorts | Self::UnsignedShorts | Self::Halves => 2,
            Self::Floats => 4,
        }
    }

    /// The smallest mode that all integers from `minimum` to `maximum` can be written in. Mode 0 only
    /// where every reader takes it alike, and floats where 16 bits don't suffice.
    #[must_use]
    pub fn of_integers(minimum: f32, maximum: f32) -> Self {
        let within = |low: i32, high: i32| minimum >= low as f32 && maximum <= high as f32;
        if within(0, i8::MAX.into()) {
            Self::Bytes
        } else if within(0, u16::MAX.into()) {
            Self::UnsignedShorts
        } else if within(i16::MIN.into(), i16::MAX.into()) {
            Self::Shorts
        } else {
            Self::Floats
        }
    }

    /// Whether every reader takes a value that this mode holds for the same number: bytes above 127
    /// are negative to some.
    #[must_use]
    pub fn agreed(self, value: f32) -> bool {
        self != Self::Bytes || value <= f32::from(i8::MAX)
    }

    /// Whether a value reads back as it was.
    #[must_use]
    pub fn holds(self, value: f32) -> bool {
        let integer = |low: i32, high: i32| value >= low as f32 && value <= high as f32 && is_integer(value);
        match self {
            Self::Bytes => integer(0, u8::MAX.into()),
            Self::Shorts => integer(i16::MIN.into(), i16::MAX.into()),
            Self::UnsignedShorts => integer(0, u16::MAX.into()),
            Self::Floats => true,
            Self::Halves => value.is_nan() || rounded(value) == value,
        }
    }

    /// Whether a value may be written when this mode is asked for: halves round to the nearest, as
    /// long as that doesn't make an infinity.
    #[must_use]
    pub fn takes(self, value: f32) -> bool {
        match self {
            Self::Halves => !value.is_finite() || rounded(value).is_finite(),
            _ => self.holds(value),
        }
    }

    /// The first of some values that the mode doesn't hold or, when it may round, doesn't take. `tally` is
    /// theirs and mostly answers without a look at each.
    #[must_use]
    pub fn misfit(self, values: &[f32], tally: &Tally, may_round: bool) -> Option<f32> {
        let extremes = [tally.minimum, tally.maximum];
        let all_fit = match self {
            Self::Floats => true,
            Self::Halves => may_round && extremes.iter().all(|&value| self.takes(value)),
            Self::Bytes | Self::Shorts | Self::UnsignedShorts => {
                let integers = tally.all_int && tally.finite == tally.pixels();
                integers && extremes.iter().all(|&value| self.holds(value))
            }
        };
        let fits = |value| if may_round { self.takes(value) } else { self.holds(value) };
        if all_fit { None } else { values.iter().copied().find(|&value| !fits(value)) }
    }

    /// Writes values that the mode takes into `bytes`, little-endian, [`Mode::bytes`] each.
    pub fn encode(self, values: &[f32], bytes: &mut [u8]) {
        match self {
            Self::Bytes => {
                bytes.iter_mut().zip(values).for_each(|(byte, &value)| *byte = value as u8);
            }
            Self::Shorts => put(values, bytes, |value| (value as i16).to_le_bytes()),
            Self::UnsignedShorts => put(values, bytes, |value| (value as u16).to_le_bytes()),
            Self::Floats => put(values, bytes, f32::to_le_bytes),
            Self::Halves => put(values, bytes, |value| half(value).to_le_bytes()),
        }
    }

    /// What values read back as, in `read` when that is something else.
    #[must_use]
    pub fn as_read<'a>(self, values: &'a [f32], read: &'a mut Vec<f32>) -> &'a [f32] {
        if self != Self::Halves {
            return values;
        }
        read.clear();
        read.extend(values.iter().map(|&value| rounded(value)));
        read
    }
}

fn put<const N: usize>(values: &[f32], bytes: &mut [u8], element: impl Fn(f32) -> [u8; N]) {
    for (bytes, &value) in bytes.as_chunks_mut::<N>().0.iter_mut().zip(values) {
        *bytes = element(value);
    }
}

/// The nearest half, halves to even. The software conversion, so that every processor treats NaNs alike.
fn half(value: f32) -> f16 {
    f16::from_f32_const(value)
}

fn rounded(value: f32) -> f32 {
    half(value).to_f32_const()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::PixelType;
    use crate::image::pixels::Pixels;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn kind(mode: Mode) -> PixelType {
        match mode {
            Mode::Bytes => PixelType::U8,
            Mode::Shorts => PixelType::I16,
            Mode::Floats => PixelType::F32,
            Mode::UnsignedShorts => PixelType::U16,
            Mode::Halves => PixelType::F16,
        }
    }

    fn read_back(mode: Mode, values: &[f32]) -> Vec<f32> {
        let mut bytes = vec![0; values.len() * mode.bytes()];
        mode.encode(values, &mut bytes);
        let mut back = Vec::new();
        Pixels::new(kind(mode), false).decode(&bytes, values.len() as u32, &mut back);
        back
    }

    proptest! {
        #[test]
        fn what_a_mode_holds_comes_back(any in any::<f32>(), integer in -70_000i32..70_000) {
            for mode in Mode::ALL {
                for value in [any, integer as f32, integer as f32 / 8.0] {
                    let back = read_back(mode, &[value]);
                    let same = back[0] == value || back[0].is_nan() && value.is_nan();
                    prop_assert_eq!(mode.holds(value), same, "mode {} and {}", mode.number(), value);
                    prop_assert!(!mode.holds(value) || mode.takes(value));
                    if mode.takes(value) {
                        let mut buffer = Vec::new();
                        let read = mode.as_read(&[value], &mut buffer)[0];
                        prop_assert!(read == back[0] || read.is_nan() && back[0].is_nan());
                    }
                }
            }
        }

        #[test]
        fn the_tally_answers_as_a_look_at_each(
            values in proptest::collection::vec(prop_oneof![
                any::<f32>(),
                (-40_000i32..80_000).prop_map(|value| value as f32),
                (0i32..300).prop_map(|value| value as f32),
            ], 1..6),
        ) {
            for mode in Mode::ALL {
                let first = |fits: fn(Mode, f32) -> bool| values.iter().copied().find(|&value| !fits(mode, value));
                let tally = Tally::of(&values);
                let bits = |found: Option<f32>| found.map(f32::to_bits);
                prop_assert_eq!(bits(mode.misfit(&values, &tally, false)), bits(first(Mode::holds)));
                prop_assert_eq!(bits(mode.misfit(&values, &tally, true)), bits(first(Mode::takes)));
            }
        }

        #[test]
        fn the_mode_of_integers_holds_them(a in -40_000i32..80_000, b in -40_000i32..80_000) {
            let (low, high) = (a.min(b) as f32, a.max(b) as f32);
            let mode = Mode::of_integers(low, high);
            prop_assert!(mode.holds(low) && mode.holds(high));
            // Nobody may take a byte for another value.
            prop_assert!(mode != Mode::Bytes || high < 128.0);
        }
    }

    #[test]
    fn halves_overflow_only_where_rounding_says_so() {
        assert!(Mode::Halves.takes(65504.0) && Mode::Halves.takes(-65519.0));
        assert!(!Mode::Halves.takes(65520.0) && !Mode::Halves.takes(f32::MIN));
        assert!(Mode::Halves.takes(f32::INFINITY) && Mode::Halves.takes(f32::NAN));
        assert!(read_back(Mode::Halves, &[f32::NAN])[0].is_nan());
    }

    #[test]
    fn integers_take_nothing_else() {
        for mode in [Mode::Bytes, Mode::Shorts, Mode::UnsignedShorts] {
            for value in [0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e6, -1e6] {
                assert!(!mode.takes(value), "mode {} takes {value}", mode.number());
            }
        }
    }
}
