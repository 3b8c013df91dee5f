//! A part of a section as it would be stored: each pixel coded and decoded again as a file of codes has it.

use super::Spectrum;
use crate::quantise::{Bits, OptionError, Quantiser, Range, Scale};

/// A crop that went through codes, and what that did to it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Stored {
    /// Bits of a code.
    pub bits: u32,
    /// Pixels as they read back.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub values: Vec<f32>,
    /// The same, minus the pixels as they were.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub difference: Vec<f32>,
    /// The largest difference of a finite pixel.
    pub largest: f64,
    /// Root of the mean square of those differences.
    pub rms: f64,
    /// Pixels outside the range.
    pub clipped: u64,
    /// Power spectrum of the crop.
    pub image: Spectrum,
    /// Power spectrum of the difference.
    pub error: Spectrum,
}

impl Stored {
    /// Stores the pixels of a crop of `nx` columns as codes of so many bits that span the values from `low` to `high`.
    ///
    /// # Errors
    /// [`OptionError::Bits`] outside 2 to 16, [`OptionError::Range`] where the ends enclose nothing.
    pub fn of(nx: u32, pixels: &[f32], (low, high): (f32, f32), bits: i64) -> Result<Self, OptionError> {
        let bits = Bits::new(bits).ok_or(OptionError::Bits(bits))?;
        // A constant image has one value at both ends.
        if !low.is_finite() || !high.is_finite() || low > high {
            return Err(OptionError::Range);
        }
        let range = Range { low, high, exact: false };
        let (quantiser, decoder) =
            (Quantiser::new(range, bits), Scale { range, most: bits.top() as f32 }.decoder());
        let stored = |&pixel: &f32| decoder.value(quantiser.code(pixel) as f32);
        let values: Vec<f32> = pixels.iter().map(stored).collect();
        let clipped = pixels.iter().filter(|&&pixel| quantiser.is_outside(pixel)).count() as u64;
        Ok(Self::beside(nx, pixels, values, clipped, bits))
    }

    /// Stores the pixels of a crop of `nx` columns as the codes of so many bits that the input has of them, which stay.
    ///
    /// # Errors
    /// [`OptionError::Bits`] outside 2 to 16.
    pub fn kept(nx: u32, pixels: &[f32], bits: i64) -> Result<Self, OptionError> {
        let bits = Bits::new(bits).ok_or(OptionError::Bits(bits))?;
        Ok(Self::beside(nx, pixels, pixels.to_vec(), 0, bits))
    }

    /// Compares what is stored with the pixels.
    fn beside(nx: u32, pixels: &[f32], values: Vec<f32>, clipped: u64, bits: Bits) -> Self {
        let difference: Vec<f32> =
            values.iter().zip(pixels).map(|(stored, original)| stored - original).collect();
        let (mut largest, mut squares, mut finite) = (0.0f64, 0.0, 0u64);
        for (&stored, &original) in values.iter().zip(pixels).filter(|(_, original)| original.is_finite()) {
            let difference = f64::from(stored) - f64::from(original);
            largest = largest.max(difference.abs());
            squares += difference * difference;
            finite += 1;
        }
        let [image, error] = Spectrum::of_two(nx as usize, pixels, &difference);
        let rms = (squares / finite.max(1) as f64).sqrt();
        Self { bits: bits.get(), values, difference, largest, rms, clipped, image, error }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Section;
    use super::*;
    use crate::formats::open;
    use crate::{NoProgress, Options, compress, plan};
    use std::ops::ControlFlow;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const MICROGRAPH: &[u8] = include_bytes!("../../../tests/data/u16_micrograph.mrc");
    const FLOATS: &[u8] = include_bytes!("../../../tests/data/f32_outliers.mrc");
    const VOLUME: &[u8] = include_bytes!("../../../tests/data/f32_volume.mrc");
    const INFINITE: &[u8] = include_bytes!("../../../tests/data/inf_pixel.mrc");
    const NO_NUMBER: &[u8] = include_bytes!("../../../tests/data/nan_pixel.mrc");

    /// Checks every bit depth of the plan against a file that was compressed with it.
    #[test]
    fn as_the_codes_of_a_file_decode() {
        for file in [MICROGRAPH, FLOATS, VOLUME, INFINITE, NO_NUMBER] {
            let images = open(&file, "a.mrc").unwrap();
            let mut table = Vec::new();
            let mut take = |planned: crate::ImagePlan| {
                table = planned.table;
                ControlFlow::Break(())
            };
            plan(&*images, "a.mrc", &Options::default(), &mut take, &NoProgress).unwrap();
            assert_eq!(table.len(), 15);
            let section = Section::open(&*images, 0, None).unwrap();
            let shape = images.shape(0);
            let crop = section.crop(&*images, [0, 0], [shape.nx, shape.ny]).unwrap();
            let pixels = u64::from(shape.nx) * u64::from(shape.ny);
            for row in table {
                let stored =
                    Stored::of(shape.nx, &crop.values, (row.low, row.high), row.bits.into()).unwrap();
                let mut output = Vec::new();
                let options = Options::bits(row.bits.into()).unwrap();
                let report = compress(&*images, "a.mrc", &mut output, &options, &NoProgress).unwrap();
                let written = output.as_slice();
                let decoded = open(&written, "a.hdf").unwrap().values(0).unwrap();
                let start = (u64::from(section.section) * pixels) as usize;
                assert!(stored.values == decoded[start..start + pixels as usize], "{} bits", row.bits);
                if shape.nz == 1 {
                    assert_eq!(stored.clipped, report.truncated, "{} bits", row.bits);
                }
                assert!(
                    stored.largest >= stored.rms && (row.exact == (stored.largest == 0.0) || shape.nz > 1)
                );
            }
        }
    }

    /// Checks every bit depth of the plan of a file of codes against what compressing it once more stores.
    #[test]
    fn codes_of_the_input_stay_where_compressing_keeps_them() {
        let mut coded = Vec::new();
        let original = open(&FLOATS, "a.mrc").unwrap();
        compress(&*original, "a.mrc", &mut coded, &Options::bits(5).unwrap(), &NoProgress).unwrap();
        let coded = coded.as_slice();
        let images = open(&coded, "a.hdf").unwrap();
        let mut table = Vec::new();
        let mut take = |planned: crate::ImagePlan| {
            table = planned.table;
            ControlFlow::Break(())
        };
        plan(&*images, "a.hdf", &Options::default(), &mut take, &NoProgress).unwrap();
        let shape = images.shape(0);
        let section = Section::open(&*images, 0, None).unwrap();
        let crop = section.crop(&*images, [0, 0], [shape.nx, shape.ny]).unwrap();
        assert_eq!(table.len(), 15);
        for row in table {
            let stored = match row.kept {
                Some(kept) => Stored::kept(shape.nx, &crop.values, kept.into()),
                None => Stored::of(shape.nx, &crop.values, (row.low, row.high), row.bits.into()),
            };
            let mut output = Vec::new();
            let options = Options::bits(row.bits.into()).unwrap();
            let report = compress(&*images, "a.hdf", &mut output, &options, &NoProgress).unwrap();
            let written = output.as_slice();
            let decoded = open(&written, "a.hdf").unwrap().values(0).unwrap();
            let stored = stored.unwrap();
            assert!(stored.values == decoded, "{} bits", row.bits);
            assert_eq!(row.kept, (row.bits >= 5).then_some(5));
            assert_eq!((row.kept.is_some(), row.exact), (report.unchanged == 1, row.bits >= 5));
            assert_eq!(stored.largest == 0.0, row.exact, "{} bits", row.bits);
            assert_eq!(stored.bits, row.kept.unwrap_or(row.bits));
        }
    }

    #[test]
    fn errors_of_fine_steps_are_white_with_the_variance_that_plans_state() {
        let mut state = 5u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 65_536.0
        };
        let values: Vec<f32> = (0..256 * 256).map(|_| next()).collect();
        let stored = Stored::of(256, &values, (0.0, 256.0), 8).unwrap();
        let step = 256.0 / 255.0f64;
        let mean = stored.error.density.iter().sum::<f64>() / stored.error.density.len() as f64;
        assert!((mean / (step * step / 12.0) - 1.0).abs() < 0.05, "{mean}");
        assert!(
            (stored.rms / (step / 12f64.sqrt()) - 1.0).abs() < 0.02 && stored.largest <= step / 2.0 + 1e-4
        );
    }

    #[test]
    fn ends_and_bits_that_mean_nothing_are_refused() {
        let stored = |range, bits| Stored::of(1, &[3.0], range, bits);
        for (range, bits) in [((2.0, 1.0), 5), ((f32::NAN, 1.0), 5), ((0.0, f32::INFINITY), 5)] {
            assert_eq!(stored(range, bits), Err(OptionError::Range));
        }
        assert_eq!(stored((0.0, 1.0), 1), Err(OptionError::Bits(1)));
        let clipped = stored((0.0, 1.0), 5).unwrap();
        assert_eq!((clipped.values[0], clipped.largest, clipped.clipped), (1.0, 2.0, 1));
        assert_eq!(stored((3.0, 3.0), 5).unwrap().values, [3.0]);
    }
}
