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

/// Words that so many inputs changed just before they were read.
#[must_use]
pub fn just_changed(inputs: u64, seconds: u64) -> String {
    let (which, they, such) = if inputs == 1 {
        ("the input".to_owned(), "it was", "it")
    } else {
        (counted(inputs, "input"), "they were", "such a file")
    };
    format!(
        "{which} changed less than {} before {they} read: if something still writes to {such}, its output lacks the rest; \
         --settle 60 leaves files for later that changed within a minute",
        counted(seconds, "second")
    )
}

/// Words that so many things in folders that are no files are left where they are.
#[must_use]
pub fn no_files_stay(count: u64, names: &str) -> String {
    let (which, stay) = if count == 1 {
        ("1 link that leads nowhere, pipe or device", "stays")
    } else {
        ("links that lead nowhere, pipes and devices", "stay")
    };
    let count = if count == 1 { String::new() } else { format!("{count} ") };
    format!("{count}{which} {stay} behind: {names}")
}

/// Words what only a run finds out, where so many images of a file were measured at most.
#[must_use]
pub fn unforeseen(images: u32) -> String {
    format!(
        "up to {} of a file were measured; what takes all pixels shows in the run alone: other images of a stack, \
         pixels that are clipped or rounded, whether the pixels of an HDF5 file are sound",
        counted(images.into(), "image")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn inputs_that_just_changed_are_one_or_several() {
        assert!(just_changed(1, 5).starts_with("the input changed less than 5 seconds before it was read: "));
        assert!(
            just_changed(2, 1).starts_with("2 inputs changed less than 1 second before they were read: ")
        );
    }

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
