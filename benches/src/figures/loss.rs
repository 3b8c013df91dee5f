//! What a step costs, by theory and as measured.

use e2compress_core::quantise::noise::{BANDS, BlockNoise, Workspace};
use e2compress_core::quantise::{Bits, Quantiser};
use e2compress_core::{Range, Scale};

use super::plot::{Axis, Look, Picture};
use crate::kinds::Random;
use crate::simulated::{damped, floats, white};

/// Steps, in parts of the noise floor.
const STEPS: [f64; 9] = [0.125, 0.18, 0.25, 0.348, 0.5, 0.71, 1.0, 1.41, 2.0];

/// Images of one particle, their side, and the variance of the particle beside that of the noise.
const COPIES: u64 = 48;
const SIDE: usize = 256;
const SIGNAL: f64 = 0.2;

/// Pixels along a block of the core's.
const BLOCK: usize = 16;

/// Draws the figure.
pub fn figure() -> String {
    let mut picture = Picture::new("What a step costs");
    let x = Axis {
        label: "step between codes, as a multiple of the noise floor",
        range: (0.1, 4.0),
        logarithmic: true,
        ticks: &[(0.125, "1/8"), (0.25, "1/4"), (0.5, "1/2"), (1.0, "1"), (2.0, "2"), (4.0, "4")],
    };
    let y = Axis {
        label: "information lost",
        range: (0.0005, 0.7),
        logarithmic: true,
        ticks: &[(0.001, "0.1 %"), (0.01, "1 %"), (0.05, "5 %"), (0.1, "10 %"), (0.5, "50 %")],
    };
    let mut plot = picture.plot(280.0, x, y);
    let theory: Vec<(f64, f64)> = (0..=80)
        .map(|place| 0.1 * 40f64.powf(f64::from(place) / 80.0))
        .map(|step| (step, step * step / (12.0 + step * step)))
        .collect();
    plot.draw(3, Look::Dashes, &[(0.1, 0.01), (4.0, 0.01)]);
    plot.draw(0, Look::Line, &theory);
    plot.draw(2, Look::Rings, &of_damped_noise());
    plot.draw(1, Look::Marks, &of_particles());
    plot.legend(
        (0.6, 0.0045),
        &[
            (0, Look::Line, "theory"),
            (1, Look::Marks, "white noise, particles averaged"),
            (2, Look::Rings, "damped noise, highest frequencies"),
            (3, Look::Dashes, "1 %: what auto allows, a step of 0.348"),
        ],
    );
    picture.add(&plot);
    picture.svg()
}

/// Rounds values of a few standard deviations to codes of a step, and returns what they are then.
fn rounded(values: &[f32], step: f64) -> Vec<f64> {
    let most = values.iter().fold(0f32, |most, value| most.max(value.abs()));
    let bits = Bits::all().find(|bits| f64::from(bits.top()) * step > 2.0 * f64::from(most) + 2.0 * step);
    let bits = bits.expect("a number of bits spans the noise");
    // Zero lies between two codes.
    let low = (-step * f64::from(bits.top()) / 2.0) as f32;
    let range = Range { low, high: -low, exact: false };
    let (quantiser, decoder) =
        (Quantiser::new(range, bits), Scale { range, most: bits.top() as f32 }.decoder());
    values.iter().map(|&value| f64::from(decoder.value(quantiser.code(value) as f32))).collect()
}

/// Measures how much less signal to noise copies of a known particle have after rounding: its part in them by projection, the
/// noise by what is left.
fn of_particles() -> Vec<(f64, f64)> {
    let pixels = SIDE * SIDE;
    let mut random = Random::new(40);
    let particle: Vec<f64> =
        (0..pixels).map(|_| SIGNAL.sqrt() * if random.uniform() < 0.5 { 1.0 } else { -1.0 }).collect();
    let copies: Vec<Vec<f32>> = (0..COPIES)
        .map(|copy| {
            let noise = white(100 + copy, pixels);
            floats(&noise.iter().zip(&particle).map(|(noise, signal)| noise + signal).collect::<Vec<_>>())
        })
        .collect();
    let ratio = |rounding: &dyn Fn(&[f32]) -> Vec<f64>| {
        let (mut along, mut squares, mut signal) = (0.0, 0.0, 0.0);
        for copy in &copies {
            for (value, particle) in rounding(copy).iter().zip(&particle) {
                along += value * particle;
                squares += value * value;
                signal += particle * particle;
            }
        }
        let part = along / signal;
        part * part * signal / (squares - part * along)
    };
    let whole = ratio(&|copy| copy.iter().map(|&value| value.into()).collect());
    STEPS.iter().map(|&step| (step, 1.0 - ratio(&|copy| rounded(copy, step)) / whole)).collect()
}

/// Measures the power of the error beside that of the image in the band of the floor, by the core's spectra.
fn of_damped_noise() -> Vec<(f64, f64)> {
    let values = floats(&damped(60, 2 * SIDE));
    let image: Vec<f64> = values.iter().map(|&value| value.into()).collect();
    let image = last_band(&image);
    STEPS
        .iter()
        .map(|&step| {
            let back = rounded(&values, step * image.sqrt());
            let error: Vec<f64> =
                back.iter().zip(&values).map(|(back, &value)| back - f64::from(value)).collect();
            let error = last_band(&error);
            (step, error / (image + error))
        })
        .collect()
}

/// Computes the mean power in the last band.
fn last_band(values: &[f64]) -> f64 {
    let side = values.len().isqrt();
    let (mut sum, mut blocks, mut workspace) = (0.0, 0.0, Workspace::default());
    for top in (0..side).step_by(BLOCK) {
        for left in (0..side).step_by(BLOCK) {
            let pixel = |place: usize| values[(top + place / BLOCK) * side + left + place % BLOCK] as f32;
            sum += BlockNoise::of(&std::array::from_fn(pixel), &mut workspace).powers[BANDS - 1];
            blocks += 1.0;
        }
    }
    sum / blocks
}
