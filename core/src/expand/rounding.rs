//! Values that become others on the way to a file of halves or floats.

use crate::compress::Loss;
use crate::image::PixelType;
use crate::warning::Warning;

/// Values that read back as others.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Rounding {
    /// Numbers of the input that no 32-bit float is.
    wide: u64,
    /// Values that are stored as another number.
    count: u64,
    /// Of those, values other than 0 that are stored as 0.
    vanished: u64,
    /// The largest difference of a finite one.
    largest: f64,
}

impl Rounding {
    /// Compares values with what they read back as.
    pub fn of(values: &[f32], read: &[f32], wide: u64) -> Self {
        let mut found = Self { wide, ..Self::default() };
        if std::ptr::eq(values, read) {
            return found;
        }
        for (&value, &read) in values.iter().zip(read) {
            if read != value && !value.is_nan() {
                found.count += 1;
                found.vanished += u64::from(read == 0.0);
                found.largest = found.largest.max((f64::from(value) - f64::from(read)).abs());
            }
        }
        found
    }

    /// Adds what follows.
    pub fn merge(&mut self, next: Self) {
        self.wide += next.wide;
        self.count += next.count;
        self.vanished += next.vanished;
        self.largest = self.largest.max(next.largest);
    }

    /// Returns what to warn of, for a file of so many pixels.
    pub fn warnings(self, mode: PixelType, pixels: u64) -> impl Iterator<Item = Warning> {
        let Self { wide, count, vanished, largest } = self;
        // The same loss as on the way here.
        let of_wide = (wide > 0).then_some(Warning::Loss(Loss::Rounded { count: wide, pixels }));
        let inexact = Warning::Inexact { values: count, of: pixels, mode, largest, vanished };
        let of_halves = (count > 0).then_some(inexact);
        of_wide.into_iter().chain(of_halves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_is_not_exact_is_counted() {
        let (values, read) = ([1.0, 1000.25, 1e-9, f32::NAN, 0.0], [1.0, 1000.0, 0.0, f32::NAN, 0.0]);
        let mut found = Rounding::of(&values, &read, 0);
        found.merge(Rounding::of(&values, &values, 2));
        let words: Vec<String> =
            found.warnings(PixelType::F16, 10).map(|warning| warning.to_string()).collect();
        assert_eq!(words.len(), 2, "{words:?}");
        assert!(words[0].starts_with("2 of 10 pixels are numbers that no 32-bit float is"), "{words:?}");
        let of_halves =
            "2 of 10 values are not exact as 16-bit floats: largest difference 2.500e-1, 1 become 0";
        assert!(words[1].starts_with(of_halves), "{words:?}");
        assert_eq!(Rounding::of(&values, &values, 0).warnings(PixelType::F32, 5).count(), 0);
    }
}
