//! A range that is nearly the one that the rules give.
//!
//! Which limits were asked for is not in the file, so any range may be right, and the last bits of its ends change no
//! code. But limits that give exactly one end of what the rules give without any, and the other but for at most
//! a step, are nothing that anybody asks for: the end is damaged.

use super::VerifyError;
use crate::quantise::range::{Bounds, range};
use crate::quantise::statistics::Statistics;
use crate::quantise::{Bits, Range};

/// Ends that are more steps than this apart are of another range.
const NEAR: f64 = 1.0;

/// Digits of a number that somebody typed, at most.
const MOST_DIGITS: usize = 6;

/// Checks the range of an image against the one without limits.
pub fn check(image: u32, bits: Bits, found: Range, statistics: &Statistics) -> Result<(), VerifyError> {
    let Some(expected) = range(Bounds::unlimited(statistics), None, bits) else { return Ok(()) };
    let near = NEAR * f64::from(expected.high - expected.low) / f64::from(bits.top());
    // Otherwise limits of one end change both.
    let coupled = statistics.all_int || expected.low < 0.0 && expected.high > 0.0;
    // Integers in as many codes: whatever the limits, the ends are that far apart.
    let whole = expected.exact && expected.high - expected.low == bits.top() as f32;
    let damaged = |found: f32, expected: f32| {
        let off = (f64::from(found) - f64::from(expected)).abs();
        whole || off <= near && (coupled || !is_short(found))
    };
    let same = |a: f32, b: f32| a.to_bits() == b.to_bits();
    let (name, found, expected) = match (same(found.low, expected.low), same(found.high, expected.high)) {
        (false, true) => ("EMAN.stored_rendermin", found.low, expected.low),
        (true, false) => ("EMAN.stored_rendermax", found.high, expected.high),
        _ => return Ok(()),
    };
    if damaged(found, expected) {
        let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
        return Err(VerifyError::Differs { image, name: name.into(), found, expected });
    }
    Ok(())
}

/// Tells whether a number has so few digits that somebody may have typed it.
fn is_short(value: f32) -> bool {
    let text = format!("{value:e}");
    let mantissa = text.split('e').next().unwrap_or_default();
    mantissa.bytes().filter(u8::is_ascii_digit).count() <= MOST_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantise::statistics::Tally;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn is_right(values: &[f32], bits: i64, change: impl Fn(&mut Range)) -> bool {
        let statistics = Statistics::of(&Tally::of(values));
        let bits = Bits::new(bits).unwrap();
        let mut found = range(Bounds::unlimited(&statistics), None, bits).unwrap();
        change(&mut found);
        check(0, bits, found, &statistics).is_ok()
    }

    #[test]
    fn one_bit_is_found_and_other_limits_are_not() {
        for values in
            [&[0.123_456_7f32, 0.5, 2.765_432_1][..], &[-1.765_432_1, 0.25, 1.25], &[3.0, 77.0, 212.0]]
        {
            for bits in [2, 5, 8, 16] {
                assert!(is_right(values, bits, |_| {}));
                assert!(
                    !is_right(values, bits, |range| range.low = range.low.next_up()),
                    "{values:?} {bits}"
                );
                assert!(!is_right(values, bits, |range| range.high = range.high.next_down()));
                assert!(is_right(values, bits, |range| (range.low, range.high) = (0.0, 4.0)));
            }
        }
        let far = |range: &mut Range| range.high -= 20.0;
        assert!(!is_right(&[3.0, 77.0, 212.0], 12, far) && is_right(&[3.0, 77.0, 212.0], 5, far));
        let typed = |range: &mut Range| range.low = 0.1234;
        assert!(is_right(&[0.123_456_7, 0.5, 2.5], 5, typed));
    }
}
