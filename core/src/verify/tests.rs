use super::compare::{codes, stray, unequal};
use super::*;
use crate::compress::compress;
use crate::kernel::strided::Strided;
use crate::pipeline::progress::NoProgress;
use crate::quantise::Range;
use crate::quantise::Scale;
use crate::quantise::limits::LimitRule;
use crate::{Options, PixelEncoding, Shape, open};
use proptest::prelude::*;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Every conformance input of a kind: integers, reals on both sides of zero, a volume, a stack.
const INPUTS: [(&str, &[u8]); 5] = [
    ("u16_micrograph.mrc", include_bytes!("../../../tests/data/u16_micrograph.mrc")),
    ("f32_around_zero.mrc", include_bytes!("../../../tests/data/f32_around_zero.mrc")),
    ("f32_volume.mrc", include_bytes!("../../../tests/data/f32_volume.mrc")),
    ("f32_stack.mrcs", include_bytes!("../../../tests/data/f32_stack.mrcs")),
    ("nan_pixel.mrc", include_bytes!("../../../tests/data/nan_pixel.mrc")),
];

fn compressed(name: &str, bytes: &[u8], bits: i64) -> Vec<u8> {
    let stored = PixelEncoding::from_bits(bits).unwrap();
    let mut file = Vec::new();
    let input = open(&bytes, name).unwrap();
    compress(&*input, name, &mut file, &Options { stored, ..Options::default() }, &NoProgress).unwrap();
    file
}

fn checked(file: &[u8], original: Option<(&[u8], &str)>) -> Result<VerifyReport, Error> {
    let original = original.as_ref().map(|(bytes, name)| open(bytes, name).unwrap());
    verify(&*open(&file, "file.hdf")?, original.as_deref(), &VerifyOptions::default(), &NoProgress)
}

/// Checks that what compressing finds while it makes a file is what reading the file finds.
#[test]
fn proofs_find_what_reading_finds() {
    for (name, bytes) in INPUTS {
        for bits in [-1, 0, 2, 5, 6, 8, 9, 12, 16] {
            for limits in [LimitRule::All, LimitRule::NoOutliers, LimitRule::sigmas(1.0, 2.0).unwrap()] {
                let stored = PixelEncoding::from_bits(bits).unwrap();
                let options = Options { stored, limits, verify: true, ..Options::default() };
                let (mut file, input) = (Vec::new(), open(&bytes, name).unwrap());
                let report = compress(&*input, name, &mut file, &options, &NoProgress).unwrap();
                report.manifest.as_ref().unwrap().check(&file.as_slice()).unwrap();
                let found = report.comparison.unwrap();
                let read = checked(&file, Some((bytes, name))).unwrap().comparison.unwrap();
                assert_eq!(found, read, "{name} {bits} {limits:?}");
            }
        }
    }
}

/// Checks the same for images whose blocks are rows, tiles and bricks, some of which have no whole strips, in waves of any
/// size: what a record has of a run and of a file that is verified later is one figure, to the last digit.
#[test]
fn figures_are_the_same_in_any_order_of_work() {
    let shapes = [(37, 29, 1), (256, 70, 1), (523, 301, 1), (131, 90, 11), (33, 21, 5)];
    for (number, (nx, ny, nz)) in shapes.into_iter().enumerate() {
        let mut state = number as u32 + 1;
        let mut images = crate::InMemory::new();
        for _ in 0..2 {
            let pixels = (0..nx * ny * nz).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 3e5 - 7.0
            });
            images.push(Shape { nx, ny, nz }, pixels.collect(), crate::Attributes::new());
        }
        for bits in [0, 3, 5, 12] {
            let mut first = None;
            for wave in [1, 30_000, 1 << 20] {
                let memory = Memory { wave, ..Memory::DEFAULT };
                let options = Options { memory, verify: true, ..Options::bits(bits).unwrap() };
                let mut file = Vec::new();
                let made = compress(&images, "a", &mut file, &options, &NoProgress).unwrap().comparison;
                let written = file.as_slice();
                let written = open(&written, "a.hdf").unwrap();
                let read = verify(&*written, Some(&images), &VerifyOptions { memory }, &NoProgress).unwrap();
                assert_eq!(made, read.comparison, "{nx} x {ny} x {nz}, {bits} bits, waves of {wave}");
                assert_eq!(*first.get_or_insert(made), made, "{nx} x {ny} x {nz}, {bits} bits");
            }
        }
    }
}

fn fault(outcome: Result<VerifyReport, Error>) -> VerifyError {
    match outcome {
        Err(Error::Verify(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_written_is_sound_and_right() {
    for (name, bytes) in INPUTS {
        for bits in [-1, 0, 2, 5, 8, 10, 16] {
            let file = compressed(name, bytes, bits);
            let alone = checked(&file, None).unwrap();
            let report = checked(&file, Some((bytes, name))).unwrap();
            let figures = report.comparison.unwrap();
            // Only the original has NaNs.
            let same = VerifyReport { comparison: None, warnings: alone.warnings.clone(), ..report.clone() };
            assert_eq!(same, alone);
            let said = |words: &str| report.warnings.iter().any(|line| line.to_string().contains(words));
            assert_eq!(said("NaN"), name == "nan_pixel.mrc", "{name} {bits}");
            assert!(bits == 2 || !said("lost"), "{name} {bits}: {:?}", report.warnings);
            assert_eq!(report.chunks == 0, bits < 0, "{name} {bits}");
            assert_eq!(figures.half_step.is_some(), bits > 0, "{name} {bits}");
            assert!(figures.rms <= figures.largest, "{name} {bits}");
            assert_eq!(figures.nan > 0, name == "nan_pixel.mrc");
            if bits <= 0 || (name.starts_with("u16") && bits == 16) {
                assert_eq!((figures.largest, figures.rms), (0.0, 0.0), "{name} {bits}");
            } else {
                assert!(figures.rms > 0.0, "{name} {bits}");
            }
        }
    }
}

#[test]
fn an_mrc_file_is_read_and_compared_too() {
    let (name, bytes) = INPUTS[3];
    let input = open(&bytes, name).unwrap();
    let report = verify(&*input, Some(&*input), &VerifyOptions::default(), &NoProgress).unwrap();
    assert_eq!((report.images, report.chunks), (input.images(), 0));
    assert_eq!(report.stored_bytes, 4 * report.pixels);
    let mut other = bytes.to_vec();
    other[1024 + 4 * (36 * 40 + 36 + 2)] ^= 1;
    let other: &[u8] = &other;
    let other = open(&other, name).unwrap();
    let Err(Error::Verify(VerifyError::WrongValue { place, .. })) =
        verify(&*other, Some(&*input), &VerifyOptions::default(), &NoProgress)
    else {
        panic!("a pixel differs");
    };
    assert_eq!(place, Place { image: 1, section: 0, row: 1, column: 2 });
}

#[test]
fn one_pixel_of_the_original_is_enough() {
    let (name, bytes) = INPUTS[2];
    let file = compressed(name, bytes, 8);
    let mut other = bytes.to_vec();
    // The last pixel, by a tenth of the range.
    let at = other.len() - 4;
    let value = f32::from_le_bytes(other[at..].try_into().unwrap()) * 0.5;
    other[at..].copy_from_slice(&value.to_le_bytes());
    let fault = fault(checked(&file, Some((&other, name))));
    let VerifyError::WrongCode { place, .. } = fault else { panic!("{fault}") };
    assert_eq!(place, Place { image: 0, section: 6, row: 19, column: 34 });
    assert!(fault.to_string().contains("image 0, section 6, row 19, column 34"), "{fault}");
}

#[test]
fn other_images_are_no_original() {
    let file = compressed(INPUTS[3].0, INPUTS[3].1, 5);
    let one = fault(checked(&file, Some((INPUTS[0].1, INPUTS[0].0))));
    assert!(matches!(one, VerifyError::Images { expected: 1, .. }), "{one}");
    let file = compressed(INPUTS[0].0, INPUTS[0].1, 5);
    let other = fault(checked(&file, Some((INPUTS[2].1, INPUTS[2].0))));
    assert!(matches!(other, VerifyError::Shape { image: 0, .. }), "{other}");
}

fn coding(low: f32, high: f32, most: f32) -> Coding {
    Coding::new(Scale { range: Range { low, high, exact: false }, most }).unwrap()
}

#[test]
fn codes_that_are_right_but_far_are_told() {
    let mut coding = coding(-1.0, 1.0, 15.0);
    let (values, stored) = ([0.99f32, -0.95, 0.4], [15.0f32, 0.0, 11.0]);
    let (values, stored) = (Strided::whole(&values), Strided::whole(&stored));
    assert!(codes(&coding, stored, values, usize::MAX).is_ok());
    coding.bound = 0.04;
    let misfit = codes(&coding, stored, values, usize::MAX).unwrap_err();
    assert_eq!((misfit.column, misfit.row), (1, 0));
    assert!(matches!(misfit.kind, MisfitKind::Far { found: -1.0, expected: -0.95 }), "{misfit:?}");
}

#[test]
fn what_no_code_is_is_told() {
    for (found, place) in [(16.0, 1), (-1.0, 1), (15.0, 9)] {
        let stored = [15.0, found, 0.0];
        let misfit = stray(Strided::whole(&stored), 15.0);
        assert_eq!(misfit.map_or(9, |misfit| misfit.column), place, "{found}");
    }
}

#[test]
fn floats_are_compared_by_their_bits() {
    let nan = |bits: u32| f32::from_bits(0x7fc0_0000 | bits);
    let same = |found: f32, value: f32, integers| {
        unequal(Strided::whole(&[found]), Strided::whole(&[value]), integers).is_none()
    };
    assert!(same(nan(1), nan(1), false) && !same(nan(1), nan(2), false));
    assert!(!same(0.0, -0.0, false) && same(0.0, -0.0, true));
}

fn rows(values: &[f32], pitch: usize) -> Strided<'_, f32> {
    Strided::columns(values, pitch, 0..pitch)
}

proptest! {
    #[test]
    fn every_quantised_value_is_within_the_bound(
        patterns in proptest::collection::vec(any::<u32>(), 1..200),
        low in -1e6f32..1e6, width in 1e-6f32..1e6, bits in 2u32..17, pitch in 1usize..30,
    ) {
        let coding = coding(low, low + width, ((1u32 << bits) - 1) as f32);
        let spread = |pattern: u32| low + width * (pattern as f32 / u32::MAX as f32 * 1.2 - 0.1);
        let values: Vec<f32> = patterns.iter().map(|&pattern| match pattern % 50 {
            0 => f32::from_bits(pattern),
            _ => spread(pattern),
        }).collect();
        let values = &values[..values.len() / pitch * pitch];
        let stored: Vec<f32> = values.iter().map(|&value| coding.quantiser.code(value) as f32).collect();
        let found = codes(&coding, rows(&stored, pitch), rows(values, pitch), usize::MAX);
        let Ok(found) = found else { return Err(TestCaseError::fail(format!("{found:?}"))) };
        let scale = coding.scale;
        let differences = |counts: &dyn Fn(f32) -> bool| -> Vec<f64> {
            values.iter().zip(&stored).filter(|(value, _)| counts(**value))
                .map(|(&value, &code)| (f64::from(value) - f64::from(scale.value(code))).abs()).collect()
        };
        let within = differences(&|value| value >= scale.range.low && value <= scale.range.high);
        let finite = differences(&|value| value.is_finite());
        prop_assert_eq!(found.count, finite.len() as u64);
        prop_assert_eq!(found.within, within.iter().copied().fold(0.0, f64::max));
        prop_assert_eq!(found.largest, finite.iter().copied().fold(0.0, f64::max));
        let squares: f64 = finite.iter().map(|difference| difference * difference).sum();
        prop_assert!((found.squares - squares).abs() <= 1e-12 * squares);
        let outside = values.iter().filter(|&&value| coding.quantiser.is_outside(value)).count();
        prop_assert_eq!(found.truncated, outside as u64);
        // One code that is another.
        for wrong in 0..stored.len() {
            let mut stored = stored.clone();
            stored[wrong] = if stored[wrong] == 0.0 { 1.0 } else { stored[wrong] - 1.0 };
            let misfit = codes(&coding, rows(&stored, pitch), rows(values, pitch), usize::MAX).unwrap_err();
            prop_assert_eq!(misfit.row * pitch + misfit.column, wrong);
        }
    }
}
