//! What EMAN2's attributes say of an image, checked against its pixels.

use super::VerifyError;
use crate::image::pixels::Pixels;
use crate::image::{Declared, PixelType, Shape};
use crate::quantise::statistics::{Statistics, Tally};

/// What a file says of an image.
pub struct Claims {
    pub image: u32,
    pub declared: Declared,
    /// Deflate level of its dataset.
    pub level: Option<u32>,
}

impl Claims {
    /// Checks the claims against the dataset, and each other.
    pub fn check_dataset(&self, shape: Shape, pixels: Pixels) -> Result<(), VerifyError> {
        let image = self.image;
        let declared = &self.declared;
        let facts = [
            ("nx", declared.nx, Some(f64::from(shape.nx))),
            ("ny", declared.ny, Some(f64::from(shape.ny))),
            ("nz", declared.nz, Some(f64::from(shape.nz))),
            ("datatype", declared.datatype, pixels.kind.eman2_number().map(f64::from)),
        ];
        for (name, said, found) in facts {
            if let (Some(said), Some(found)) = (said, found)
                && said != found
            {
                return Err(VerifyError::Attribute { image, name, said, found });
            }
        }
        let Some(scale) = pixels.scale else {
            // Codes without what makes values of them: nobody else counts clipped pixels.
            let is_half = !pixels.kind.is_float()
                && declared.stored_truncated.is_some()
                && declared.stored_renderbits.is_none();
            return if is_half {
                Err(VerifyError::HalfCodes { image, name: "stored_renderbits" })
            } else {
                Ok(())
            };
        };
        let (low, high) = (scale.range.low, scale.range.high);
        let (bits, elements) = (scale.bit_count(), pixels.kind.bits());
        if bits > elements {
            return Err(VerifyError::Bits { image, bits, elements });
        }
        if low > high {
            return Err(VerifyError::Reversed { image, low, high });
        }
        let (Some(minimum), Some(maximum)) = (self.declared.minimum, self.declared.maximum) else {
            return Ok(());
        };
        check_flat(image, low, high, minimum, maximum)?;
        let within = minimum >= low.into() && maximum <= high.into();
        if self.declared.stored_truncated == Some(0.0) && !within {
            return Err(VerifyError::Range { image, low, high, minimum, maximum });
        }
        Ok(())
    }

    /// Tells whether floats are said to be codes, which is no harm.
    pub fn is_stale(&self, kind: PixelType) -> bool {
        kind.is_float() && self.declared.stored_renderbits.is_some_and(|bits| bits != 0.0)
    }

    /// Checks the statistics against those of the pixels: `wrong` puts a difference into words, from its
    /// name, what is said, and what should be.
    pub fn check_statistics(
        &self,
        tally: &Tally,
        wrong: fn(u32, &'static str, f64, f64) -> VerifyError,
    ) -> Result<(), VerifyError> {
        let is = Statistics::of(tally);
        let said = &self.declared;
        let exact = [
            (said.minimum, ("minimum", is.minimum, 0.0)),
            (said.maximum, ("maximum", is.maximum, 0.0)),
            (said.all_int, ("all_int", f32::from(u8::from(is.all_int)), 0.0)),
        ];
        let of_sums = [said.mean, said.sigma, said.square_sum, said.mean_nonzero, said.sigma_nonzero];
        let of_sums = of_sums.into_iter().zip(sums(tally, &is));
        for (said, (name, is, slack)) in exact.into_iter().chain(of_sums) {
            // Text says nothing, a NaN is never right.
            if let Some(said) = said
                && !is_near(said as f32, is, slack)
            {
                return Err(wrong(self.image, name, said, is.into()));
            }
        }
        Ok(())
    }

    /// Tells whether what is said of codes that were taken over is what the original says of them. Where it
    /// says nothing, anything may be said.
    pub fn repeats(&self, original: &Declared) -> bool {
        let said = &self.declared;
        let pairs = [
            (said.minimum, original.minimum),
            (said.maximum, original.maximum),
            (said.mean, original.mean),
            (said.sigma, original.sigma),
            (said.square_sum, original.square_sum),
            (said.mean_nonzero, original.mean_nonzero),
            (said.sigma_nonzero, original.sigma_nonzero),
            (said.all_int, original.all_int),
            (said.stored_truncated, original.stored_truncated),
        ];
        pairs.into_iter().all(|(said, original)| original.is_none() || said == original)
    }

    /// Checks the number of truncated pixels.
    pub fn check_truncated(&self, truncated: u64) -> Result<(), VerifyError> {
        let expected = f64::from(i32::try_from(truncated).unwrap_or(i32::MAX));
        match self.declared.stored_truncated {
            Some(said) if said != expected => {
                Err(VerifyError::Statistic { image: self.image, name: "stored_truncated", said, expected })
            }
            _ => Ok(()),
        }
    }
}

/// Checks that codes of values that differ do not all decode to one value.
pub fn check_flat(image: u32, low: f32, high: f32, minimum: f64, maximum: f64) -> Result<(), VerifyError> {
    let all = f64::from(low);
    if low == high && (minimum != all || maximum != all) {
        return Err(VerifyError::Flat { image, value: low, minimum, maximum });
    }
    Ok(())
}

/// Tells whether a sum's figure is what is said, but for the order in which it was summed: the last place,
/// and what rounding in `f64` may add up to.
fn is_near(said: f32, is: f32, slack: f64) -> bool {
    if slack == 0.0 {
        // A zero has a sign.
        return said.to_bits() == is.to_bits();
    }
    let (low, high) = (is.next_down(), is.next_up());
    (f64::from(low) - slack..=f64::from(high) + slack).contains(&said.into())
}

/// Lists the figures that are made of sums, and what another order of summing may change them by.
fn sums(tally: &Tally, is: &Statistics) -> [(&'static str, f32, f64); 5] {
    let n = tally.finite as f64;
    // A sum of n terms is off by at most n roundings of the sum of their sizes, which for the values is at
    // most sqrt(n * squares).
    let squares = n * f64::EPSILON * tally.squares;
    let sum = n * f64::EPSILON * (n * tally.squares).sqrt();
    let mean = |n: f64| sum / n.max(1.0) + f64::MIN_POSITIVE;
    let sigma = |n: f64, sigma: f32| {
        let spread = (squares + 2.0 * tally.sum.abs() * sum / n.max(1.0)) / (n - 1.0).max(1.0);
        (f64::from(sigma).powi(2) + spread).sqrt() - f64::from(sigma) + f64::MIN_POSITIVE
    };
    let nonzero = tally.nonzero as f64;
    [
        ("mean", is.mean, mean(n)),
        ("sigma", is.sigma, sigma(n, is.sigma)),
        ("square_sum", is.square_sum, squares + f64::MIN_POSITIVE),
        ("mean_nonzero", is.mean_nonzero, mean(nonzero)),
        ("sigma_nonzero", is.sigma_nonzero, sigma(nonzero, is.sigma_nonzero)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    proptest! {
        #[test]
        fn the_order_of_sums_is_no_fault(
            values in proptest::collection::vec(-1e3f32..1e3, 1..3000), offset in -1e6f32..1e6,
        ) {
            let values: Vec<f32> = values.iter().map(|value| value + offset).collect();
            let tally = Tally::of(&values);
            let one_by_one = Tally {
                sum: values.iter().map(|&value| f64::from(value)).sum(),
                squares: values.iter().map(|&value| f64::from(value).powi(2)).sum(),
                ..tally
            };
            let is = sums(&tally, &Statistics::of(&tally));
            let others = sums(&one_by_one, &Statistics::of(&one_by_one));
            for ((name, is, slack), (_, said, _)) in is.into_iter().zip(others) {
                prop_assert!(is_near(said, is, slack), "{name} {said} {is} {slack}");
            }
        }
    }

    #[test]
    fn more_than_the_order_is_one() {
        let tally = Tally::of(&[1.5, -2.25, 3.0, 1e3]);
        for (name, is, slack) in sums(&tally, &Statistics::of(&tally)) {
            assert!(is_near(is.next_up(), is, slack) && is_near(is.next_down(), is, slack), "{name}");
            assert!(!is_near(is.next_up().next_up(), is, slack), "{name}");
            assert!(!is_near(f32::NAN, is, slack), "{name}");
        }
        assert!(!is_near(-0.0, 0.0, 0.0) && is_near(0.0, 0.0, 0.0) && !is_near(1.0f32.next_up(), 1.0, 0.0));
    }
}
