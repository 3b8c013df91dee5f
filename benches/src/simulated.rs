//! Simulated images, each a function of its seed and size: what is measured on them can be measured again.

use crate::fourier::filtered;
use crate::kinds::Random;

/// The density of damped noise at a frequency in parts of Nyquist; at Nyquist a fortieth of what it is at 0.
#[must_use]
pub fn damping(frequency: f64) -> f64 {
    3.5 * (-(frequency / 0.52).powi(2)).exp() + 0.05
}

/// Draws white noise of standard deviation 1: sums of 12 even numbers, which plain arithmetic makes the same everywhere.
#[must_use]
pub fn white(seed: u64, pixels: usize) -> Vec<f64> {
    let mut random = Random::new(seed);
    (0..pixels).map(|_| (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0).collect()
}

/// Draws the noise of a camera that damps the highest frequencies: its density is [`damping`].
#[must_use]
pub fn damped(seed: u64, side: usize) -> Vec<f64> {
    filtered(&white(seed, side * side), side, |frequency| damping(frequency).sqrt())
}

/// Draws counts of such a mean.
#[must_use]
pub fn counts(seed: u64, pixels: usize, mean: f64) -> Vec<f64> {
    let mut random = Random::new(seed);
    (0..pixels).map(|_| f64::from(random.poisson(mean))).collect()
}

/// Draws an integrated micrograph of unsigned 16-bit integers: damped noise with dark particles on a gradient, and a few hot
/// pixels.
#[must_use]
pub fn micrograph(seed: u64, side: usize) -> Vec<f64> {
    const SIGMA: f64 = 300.0;
    const PARTICLE: f64 = 40.0;
    const DISTANCE: usize = 128;
    let mut values = damped(seed, side);
    for (place, value) in values.iter_mut().enumerate() {
        let (y, x) = (place / side, place % side);
        let from = |k: usize| (k % DISTANCE) as f64 - DISTANCE as f64 / 2.0;
        let dark = if from(y).hypot(from(x)) < PARTICLE { 0.4 } else { 0.0 };
        *value = (4000.0 + SIGMA * (*value - dark + x as f64 / side as f64)).round();
    }
    let mut random = Random::new(seed + 1);
    for _ in 0..side * side / 60_000 {
        let place = random.below((side * side) as u64) as usize;
        values[place] = 4000.0 + 14.0 * SIGMA;
    }
    values
}

/// Rounds values to the 32-bit floats that files hold.
#[must_use]
pub fn floats(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fourier::shells;

    #[test]
    fn noise_has_the_density_it_is_drawn_with() {
        for (values, density) in
            [(white(1, 512 * 512), (|_| 1.0) as fn(f64) -> f64), (damped(2, 512), damping)]
        {
            let found = shells(&values, 512, 512, 64);
            for (shell, found) in found.iter().enumerate().skip(8) {
                let drawn = density(shell as f64 / 32.0);
                assert!((found / drawn - 1.0).abs() < 0.08, "shell {shell}: {found}, drawn {drawn}");
            }
        }
    }
}
