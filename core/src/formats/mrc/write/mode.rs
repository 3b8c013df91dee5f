//! The modes an MRC file can be written in: what each holds, and its bytes.

use half::f16;

use crate::image::PixelType;
use crate::kernel::rounding::is_integer;
use crate::quantise::statistics::Tally;

impl PixelType {
    /// The types that MRC files are written in, by mode: those that every reader of MRC2014 knows, or should.
    pub const MRC_MODES: [Self; 5] = [Self::U8, Self::I16, Self::F32, Self::U16, Self::F16];

    /// Returns the number of the mode that holds it in an MRC file, if there is one.
    #[must_use]
    pub fn mrc_mode(self) -> Option<i32> {
        Some(match self {
            Self::U8 => 0, // some readers take them as signed, some, like this one and EMAN2, as 0 to 255
            Self::I16 => 1,
            Self::F32 => 2,
            Self::U16 => 6,
            Self::F16 => 12,
            Self::I8 => 17,
            Self::U4 => 101,
            Self::I32 | Self::U32 | Self::I64 | Self::U64 | Self::F64 => return None,
        })
    }

    /// Returns the type that a mode's number means, if it is one that is written.
    #[must_use]
    pub fn from_mrc_mode(number: i32) -> Option<Self> {
        Self::MRC_MODES.into_iter().find(|kind| kind.mrc_mode() == Some(number))
    }

    /// Chooses the smallest mode that all integers from `minimum` to `maximum` can be written in. Mode 0 only
    /// where every reader takes it alike, and floats where 16 bits do not suffice.
    #[must_use]
    pub fn of_integers(minimum: f32, maximum: f32) -> Self {
        let within = |low: i32, high: i32| minimum >= low as f32 && maximum <= high as f32;
        if within(0, i8::MAX.into()) {
            Self::U8
        } else if within(0, u16::MAX.into()) {
            Self::U16
        } else if within(i16::MIN.into(), i16::MAX.into()) {
            Self::I16
        } else {
            Self::F32
        }
    }

    /// Tells whether every reader takes a value that this mode holds for the same number: bytes above 127 are
    /// negative to some.
    #[must_use]
    pub fn agreed(self, value: f32) -> bool {
        self != Self::U8 || value <= f32::from(i8::MAX)
    }

    /// Tells whether a value reads back as it was.
    #[must_use]
    pub fn holds(self, value: f32) -> bool {
        let integer = |low: i32, high: i32| value >= low as f32 && value <= high as f32 && is_integer(value);
        match self {
            Self::U8 => integer(0, u8::MAX.into()),
            Self::I16 => integer(i16::MIN.into(), i16::MAX.into()),
            Self::U16 => integer(0, u16::MAX.into()),
            Self::F32 => true,
            Self::F16 => value.is_nan() || rounded(value) == value,
            _ => false, // never written
        }
    }

    /// Tells whether a value may be written when this mode is asked for: halves round to the nearest, as long
    /// as that does not make an infinity.
    #[must_use]
    pub fn takes(self, value: f32) -> bool {
        match self {
            Self::F16 => !value.is_finite() || rounded(value).is_finite(),
            _ => self.holds(value),
        }
    }

    /// Finds the first of some values that the mode does not hold or, when it may round, does not accept.
    /// `tally` is theirs and mostly answers without a look at each.
    #[must_use]
    pub fn misfit(self, values: &[f32], tally: &Tally, may_round: bool) -> Option<f32> {
        let extremes = [tally.minimum, tally.maximum];
        let all_fit = match self {
            Self::F32 => true,
            Self::F16 => may_round && extremes.iter().all(|&value| self.takes(value)),
            Self::U8 | Self::I16 | Self::U16 => {
                let integers = tally.all_int && tally.finite == tally.pixels();
                integers && extremes.iter().all(|&value| self.holds(value))
            }
            _ => false,
        };
        let fits = |value| if may_round { self.takes(value) } else { self.holds(value) };
        if all_fit { None } else { values.iter().copied().find(|&value| !fits(value)) }
    }

    /// Writes values that the mode takes into `bytes`, little-endian, [`PixelType::bytes`] each.
    pub fn encode(self, values: &[f32], bytes: &mut [u8]) {
        match self {
            Self::U8 => {
                bytes.iter_mut().zip(values).for_each(|(byte, &value)| *byte = value as u8);
            }
            Self::I16 => put(values, bytes, |value| (value as i16).to_le_bytes()),
            Self::U16 => put(values, bytes, |value| (value as u16).to_le_bytes()),
            Self::F32 => put(values, bytes, f32::to_le_bytes),
            Self::F16 => put(values, bytes, |value| half(value).to_le_bytes()),
            // No value fits what is never written.
            _ => {}
        }
    }

    /// Returns the values as they read back, in `read` when they differ.
    #[must_use]
    pub fn as_read<'a>(self, values: &'a [f32], read: &'a mut Vec<f32>) -> &'a [f32] {
        if self != Self::F16 {
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

/// Rounds to the nearest half, halves to even. The software conversion, so that every processor treats NaNs
/// alike.
fn half(value: f32) -> f16 {
    f16::from_f32_const(value)
}

fn rounded(value: f32) -> f32 {
    half(value).to_f32_const()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::pixels::Pixels;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn read_back(mode: PixelType, values: &[f32]) -> Vec<f32> {
        let mut bytes = vec![0; values.len() * mode.bytes()];
        mode.encode(values, &mut bytes);
        let mut back = Vec::new();
        Pixels::new(mode, false).decode(&bytes, values.len() as u32, &mut back);
        back
    }

    proptest! {
        #[test]
        fn what_a_mode_holds_comes_back(any in any::<f32>(), integer in -70_000i32..70_000) {
            for mode in PixelType::MRC_MODES {
                for value in [any, integer as f32, integer as f32 / 8.0] {
                    let back = read_back(mode, &[value]);
                    let same = back[0] == value || back[0].is_nan() && value.is_nan();
                    prop_assert_eq!(mode.holds(value), same, "mode {} and {}", mode.mrc_mode().unwrap(), value);
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
            for mode in PixelType::MRC_MODES {
                let first = |fits: fn(PixelType, f32) -> bool| values.iter().copied().find(|&value| !fits(mode, value));
                let tally = Tally::of(&values);
                let bits = |found: Option<f32>| found.map(f32::to_bits);
                prop_assert_eq!(bits(mode.misfit(&values, &tally, false)), bits(first(PixelType::holds)));
                prop_assert_eq!(bits(mode.misfit(&values, &tally, true)), bits(first(PixelType::takes)));
            }
        }

        #[test]
        fn the_mode_of_integers_holds_them(a in -40_000i32..80_000, b in -40_000i32..80_000) {
            let (low, high) = (a.min(b) as f32, a.max(b) as f32);
            let mode = PixelType::of_integers(low, high);
            prop_assert!(mode.holds(low) && mode.holds(high));
            // Nobody may take a byte for another value.
            prop_assert!(mode != PixelType::U8 || high < 128.0);
        }
    }

    #[test]
    fn halves_overflow_only_where_rounding_says_so() {
        assert!(PixelType::F16.takes(65504.0) && PixelType::F16.takes(-65519.0));
        assert!(!PixelType::F16.takes(65520.0) && !PixelType::F16.takes(f32::MIN));
        assert!(PixelType::F16.takes(f32::INFINITY) && PixelType::F16.takes(f32::NAN));
        assert!(read_back(PixelType::F16, &[f32::NAN])[0].is_nan());
    }

    #[test]
    fn integers_take_nothing_else() {
        for mode in [PixelType::U8, PixelType::I16, PixelType::U16] {
            for value in [0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e6, -1e6] {
                assert!(!mode.takes(value), "mode {} takes {value}", mode.mrc_mode().unwrap());
            }
        }
    }
}
