//! Rounding of `f32` in plain additions, which every target vectorises and none rounds differently.

/// The magnitude from which on every `f32` is an integer (2^23, the size of its mantissa); adding and subtracting
/// it rounds anything smaller to an integer, halves to even.
const INTEGERS_FROM: f32 = 8_388_608.0;

/// Tells whether a finite value has no fraction.
#[inline(always)]
#[must_use]
pub fn is_integer(value: f32) -> bool {
    let magnitude = value.abs();
    magnitude >= INTEGERS_FROM || (magnitude + INTEGERS_FROM) - INTEGERS_FROM == magnitude
}

/// Rounds a value from 0 up to 2^22 to the nearest integer, halves away from zero.
#[inline(always)]
#[must_use]
pub fn round_half_up(value: f32) -> u32 {
    // The sum's last bits are the nearest integer, halves to even; no conversion is needed.
    let sum = value + INTEGERS_FROM;
    let even = sum - INTEGERS_FROM;
    sum.to_bits() - INTEGERS_FROM.to_bits() + u32::from(value - even == 0.5)
}

/// Computes 2^exponent exactly, for exponents an `f32` can hold.
#[must_use]
pub fn power_of_two(exponent: i32) -> f32 {
    debug_assert!((-126..=127).contains(&exponent));
    f32::from_bits(((exponent + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn halves_round_up_and_just_below_rounds_down() {
        for (value, rounded) in [(0.0, 0), (0.5, 1), (1.5, 2), (2.5, 3), (0.499_999_97, 0), (65534.5, 65535)]
        {
            assert_eq!(round_half_up(value), rounded, "{value}");
        }
    }

    #[test]
    fn powers() {
        assert_eq!(power_of_two(0), 1.0);
        assert_eq!(power_of_two(-3), 0.125);
        assert_eq!(power_of_two(127), 1.701_411_8e38);
    }

    proptest! {
        #[test]
        fn same_as_the_library(value in 0f32..4e6) {
            prop_assert_eq!(round_half_up(value), value.round() as u32);
        }

        #[test]
        fn integers_are_told_apart(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(is_integer(value), value.trunc() == value);
        }
    }
}
