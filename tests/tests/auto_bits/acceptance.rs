//! What was stored as auto chose is decoded: the error is white, and in no shell larger than was promised; where the choice
//! is called exact there is none. The spectra are not those of the core.

use std::f64::consts::PI;
use std::fs;

use e2compress_bench::fourier::shells;
use e2compress_core::{ImagePlan, NoProgress, Options, PixelEncoding, Shape, Target, compress, open};
use libtest_mimic::Failed;

use crate::{Input, planned};

/// Images of a stack that are looked at.
const IMAGES: usize = 2;

/// Pixels along a tile, of images that are large enough, and of others.
const TILE: usize = 32;
const SMALL_TILE: usize = 16;

/// How much of the promise the worst shell may take: what is promised is the loss in nine tenths of the picture, as far as the
/// floor is known.
const WORST: f64 = 1.25;

/// How far a shell of the error may be from their mean, with one part in the root of so many coefficients.
const FLAT: f64 = 0.1;
const SPREAD: f64 = 4.0;

/// Less than this part of the error that was predicted is one that all pixels share.
const EVEN: f64 = 0.01;

/// Compresses and decodes an input, and looks at the difference.
pub fn decoded(input: &Input) -> Result<(), Failed> {
    let bytes = fs::read(&input.path)?;
    let source = bytes.as_slice();
    let name = input.path.file_name().and_then(|name| name.to_str()).ok_or("a name")?;
    let target = Target::new(100.0 * input.target)?;
    let options = Options { stored: PixelEncoding::Auto(target), ..Options::default() };
    let images = open(&source, name)?;
    let plans = planned(&*images, &options);
    let mut out = Vec::new();
    compress(&*images, name, &mut out, &options, &NoProgress)?;
    let written = out.as_slice();
    let written = open(&written, "a.hdf")?;
    for (number, planned) in plans.iter().enumerate().take(IMAGES) {
        let number = u32::try_from(number)?;
        let (original, back) = (images.values(number)?, written.values(number)?);
        let found = match planned.choice.reason {
            Some("target") => spectrum(planned, images.shape(number), &original, &back, input.target),
            Some("noise unknown") if planned.choice.bits != Some(0) => nearly(planned, &original, &back),
            Some(_) => same(&original, &back),
            None => Err("no reason is given".into()),
        };
        found.map_err(|problem| format!("image {number}: {problem}"))?;
    }
    Ok(())
}

fn same(original: &[f32], back: &[f32]) -> Result<(), String> {
    // A zero has no sign in codes.
    let same = |(a, b): (&f32, &f32)| a == b || a.to_bits() == b.to_bits();
    match original.iter().zip(back).position(|pair| !same(pair)) {
        Some(place) => Err(format!("pixel {place} was {} and is {}", original[place], back[place])),
        None => Ok(()),
    }
}

fn nearly(planned: &ImagePlan, original: &[f32], back: &[f32]) -> Result<(), String> {
    let most = original
        .iter()
        .zip(back)
        .map(|(&a, &b)| f64::from(b) - f64::from(a))
        .fold(0.0f64, |a, b| a.max(b.abs()));
    let step = planned.choice.step.ok_or("no step")?;
    let rounding = f64::from(planned.minimum.abs().max(planned.maximum.abs()) * f32::EPSILON);
    if most <= step / 2.0 + 4.0 * rounding {
        Ok(())
    } else {
        Err(format!("an error of {most} at a step of {step}"))
    }
}

fn spectrum(
    planned: &ImagePlan,
    shape: Shape,
    original: &[f32],
    back: &[f32],
    target: f64,
) -> Result<(), String> {
    let [nx, ny] = [shape.nx as usize, shape.ny as usize];
    let side = if nx.min(ny) >= 2 * TILE { TILE } else { SMALL_TILE };
    let image: Vec<f64> = original.iter().map(|&value| value.into()).collect();
    let error: Vec<f64> = original.iter().zip(back).map(|(&a, &b)| f64::from(b) - f64::from(a)).collect();
    let (image, error) = (shells(&image, nx, ny, side), shells(&error, nx, ny, side));
    // From an eighth of Nyquist up.
    let first = side / 16;
    let choice = &planned.choice;
    let promise = if choice.signal || choice.counts_times_gain { target / 4.0 } else { target };
    for shell in first..image.len() {
        let lost = error[shell] / (image[shell] + error[shell]);
        if lost > WORST * promise {
            return Err(format!("shell {shell} of {} loses {lost}, promised {promise}", side / 2));
        }
    }
    let error = &error[first..];
    let mean = error.iter().sum::<f64>() / error.len() as f64;
    let expected = choice.added_noise.ok_or("no noise is added")?.powi(2);
    // Codes of integers may end below the largest of them, and where a mask is exact there is less.
    if mean > WORST * expected {
        return Err(format!("the error has {mean}, predicted {expected}"));
    }
    // What has hardly any noise has no white errors, which is why less is allowed; and pixels that all move alike have none
    // that a spectrum shows.
    if choice.signal || mean < EVEN * expected {
        return Ok(());
    }
    for (shell, power) in error.iter().enumerate() {
        // Half of the coefficients of a shell are those of the other half.
        let free = PI * (first + shell) as f64 * (original.len() / (side * side)) as f64;
        if (power / mean - 1.0).abs() > FLAT + SPREAD / free.sqrt() {
            let shell = first + shell;
            return Err(format!(
                "shell {shell} of {} of the error is {power}, their mean is {mean}",
                side / 2
            ));
        }
    }
    Ok(())
}
