//! Spectra of whole images, shell by shell: slower and finer than the six bands of the core, and not made of them.

use std::f64::consts::PI;

/// Tiles of an image that its spectrum is taken from, at most.
const MOST_TILES: usize = 4096;

/// A complex number: real and imaginary part.
type Complex = (f64, f64);

/// Computes the power in each shell, from 0 to Nyquist: the mean over tiles of `side` x `side` pixels that overlap by half,
/// windowed, of the variance per pixel. White noise of standard deviation S has S² in every shell.
///
/// # Panics
/// When the side is no power of two, or the image is smaller than a tile.
#[must_use]
pub fn shells(values: &[f64], nx: usize, ny: usize, side: usize) -> Vec<f64> {
    assert!(
        nx >= side && ny >= side && values.len().is_multiple_of(nx * ny),
        "{nx} x {ny} in tiles of {side}"
    );
    let window: Vec<f64> = (0..side).map(|i| (PI * (i as f64 + 0.5) / side as f64).sin().powi(2)).collect();
    let sum: f64 = window.iter().sum();
    let squares: f64 = window.iter().map(|w| w * w).sum();
    let places = |length: usize| (0..=length - side).step_by(side / 2);
    let corners: Vec<(usize, usize, usize)> = (0..values.len() / (nx * ny))
        .flat_map(|z| places(ny).flat_map(move |y| places(nx).map(move |x| (z, y, x))))
        .collect();
    let step = corners.len().div_ceil(MOST_TILES);
    let (mut power, mut tiles) = (vec![0.0; side / 2 + 1], 0.0);
    let mut counts = vec![0.0; side / 2 + 1];
    for &(z, top, left) in corners.iter().step_by(step) {
        let pixel = |y: usize, x: usize| values[(z * ny + top + y) * nx + left + x];
        let places = || (0..side).flat_map(|y| (0..side).map(move |x| (y, x)));
        let mean = places().map(|(y, x)| window[y] * window[x] * pixel(y, x)).sum::<f64>() / (sum * sum);
        let mut tile: Vec<Complex> =
            places().map(|(y, x)| ((pixel(y, x) - mean) * window[y] * window[x], 0.0)).collect();
        transform_plane(&mut tile, side, -1.0);
        counts.fill(0.0);
        for (y, x) in places() {
            let shell = radius(y, x, side).round() as usize;
            if shell <= side / 2 {
                let (re, im) = tile[y * side + x];
                power[shell] += re * re + im * im;
                counts[shell] += 1.0;
            }
        }
        tiles += 1.0;
    }
    power.iter().zip(&counts).map(|(power, count)| power / count / tiles / (squares * squares)).collect()
}

/// Filters a square image: `gain` is the factor at a frequency in parts of Nyquist.
///
/// # Panics
/// When the side is no power of two.
#[must_use]
pub fn filtered(values: &[f64], side: usize, gain: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut plane: Vec<Complex> = values.iter().map(|&value| (value, 0.0)).collect();
    transform_plane(&mut plane, side, -1.0);
    for y in 0..side {
        for x in 0..side {
            let factor = gain(radius(y, x, side) / (side as f64 / 2.0)) / (side * side) as f64;
            let (re, im) = plane[y * side + x];
            plane[y * side + x] = (re * factor, im * factor);
        }
    }
    transform_plane(&mut plane, side, 1.0);
    plane.into_iter().map(|(re, _)| re).collect()
}

/// Returns the distance of a coefficient from frequency 0.
fn radius(y: usize, x: usize, side: usize) -> f64 {
    let near = |k: usize| k.min(side - k) as f64;
    near(y).hypot(near(x))
}

fn transform_plane(plane: &mut [Complex], side: usize, sign: f64) {
    let mut column = vec![(0.0, 0.0); side];
    for row in plane.chunks_exact_mut(side) {
        transform(row, sign);
    }
    for x in 0..side {
        for y in 0..side {
            column[y] = plane[y * side + x];
        }
        transform(&mut column, sign);
        for y in 0..side {
            plane[y * side + x] = column[y];
        }
    }
}

/// Transforms in place, radix 2 (Cooley and Tukey 1965).
fn transform(line: &mut [Complex], sign: f64) {
    let length = line.len();
    assert!(length.is_power_of_two(), "{length} is no power of two");
    let bits = length.trailing_zeros();
    for place in 0..length {
        let reversed = if bits == 0 { 0 } else { place.reverse_bits() >> (usize::BITS - bits) };
        if place < reversed {
            line.swap(place, reversed);
        }
    }
    let mut half = 1;
    while half < length {
        let turns: Vec<Complex> = (0..half)
            .map(|k| (sign * PI * k as f64 / half as f64).sin_cos())
            .map(|(sin, cos)| (cos, sin))
            .collect();
        for pair in line.chunks_exact_mut(2 * half) {
            let (low, high) = pair.split_at_mut(half);
            for ((a, b), &(cos, sin)) in low.iter_mut().zip(high).zip(&turns) {
                let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                (*a, *b) = ((a.0 + turned.0, a.1 + turned.1), (a.0 - turned.0, a.1 - turned.1));
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn as_by_the_definition() {
        let line: Vec<Complex> = (0..16).map(|n| (f64::from(n * n % 7), f64::from(n % 3))).collect();
        let mut found = line.clone();
        transform(&mut found, -1.0);
        for (k, found) in found.iter().enumerate() {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, value) in line.iter().enumerate() {
                let (sin, cos) = (-TAU * (k * n) as f64 / 16.0).sin_cos();
                re += value.0 * cos - value.1 * sin;
                im += value.0 * sin + value.1 * cos;
            }
            assert!((found.0 - re).abs() + (found.1 - im).abs() < 1e-12, "{k}: {found:?}");
        }
        transform(&mut found, 1.0);
        assert!(line.iter().zip(&found).all(|(a, b)| (16.0 * a.0 - b.0).abs() < 1e-12));
    }

    #[test]
    fn a_wave_is_in_its_shell() {
        let wave: Vec<f64> = (0..64 * 64).map(|n| (TAU * 5.0 * f64::from(n % 64) / 32.0).cos()).collect();
        let found = shells(&wave, 64, 64, 32);
        let most = found.iter().copied().fold(0.0, f64::max);
        assert_eq!(found[5], most, "{found:?}");
    }
}
