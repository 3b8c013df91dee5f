//! What is said of many files together.

use super::{bytes, counted};

/// Words the sizes of many files before and after, and how many times smaller they are.
#[must_use]
pub fn total(before: u64, after: u64) -> String {
    let ratio = before as f64 / after.max(1) as f64;
    format!("{} -> {} ({ratio:.2}x)", bytes(before), bytes(after))
}

/// Words how long something took, in the two largest units that count.
#[must_use]
pub fn span(seconds: f64) -> String {
    let whole = seconds as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) if seconds < 10.0 => format!("{seconds:.1} s"),
        (0, 0, 0) => format!("{whole} s"),
        (0, 0, _) => format!("{minutes} min {} s", whole % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{} {hours} h", counted(days, "day")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn spans_have_two_units() {
        for (seconds, words) in [
            (0.0, "0.0 s"),
            (9.94, "9.9 s"),
            (59.9, "59 s"),
            (61.0, "1 min 1 s"),
            (3599.0, "59 min 59 s"),
            (7_320.0, "2 h 2 min"),
            (90_000.0, "1 day 1 h"),
            (200_000.0, "2 days 7 h"),
        ] {
            assert_eq!(span(seconds), words);
        }
        assert_eq!(total(4096, 1024), "4.00 KiB -> 1.00 KiB (4.00x)");
        assert_eq!(total(0, 0), "0 B -> 0 B (0.00x)");
    }
}
