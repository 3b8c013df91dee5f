//! Radial means of the power spectra of two pictures at once, in windowed blocks that overlap (Welch's method).
//!
//! Both are transformed together, one as the real and one as the imaginary part: for a picture and the errors in it that
//! halves the work.

use std::f64::consts::PI;

/// Pixels along the edge of a block; fewer where the picture is smaller.
const LONGEST: usize = 64;

/// Pictures with a side below this have no spectrum.
const SHORTEST: usize = 16;

/// Blocks along a side of the picture, at most.
const MOST_BLOCKS: usize = 10;

/// A power spectrum. Densities are variances a pixel: white noise of standard deviation S has S² at every frequency, as in
/// [`crate::Noise`].
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Spectrum {
    /// Spatial frequencies in cycles per pixel, up to Nyquist, 0.5; none of a picture that is too small.
    pub frequency: Vec<f64>,
    /// Mean density at each.
    pub density: Vec<f64>,
}

impl Spectrum {
    /// Computes the spectra of two pictures of `nx` columns. Blocks with a pixel that is not finite are left out.
    #[must_use]
    pub fn of_two(nx: usize, first: &[f32], second: &[f32]) -> [Self; 2] {
        let ny = first.len() / nx.max(1);
        let shorter = nx.min(ny);
        if shorter < SHORTEST {
            return Default::default();
        }
        let mut workspace = Workspace::new(LONGEST.min(1 << shorter.ilog2()));
        for y in starts(ny, workspace.side) {
            for x in starts(nx, workspace.side) {
                workspace.add(nx, [x, y], [first, second]);
            }
        }
        workspace.spectra()
    }
}

/// Returns where blocks start along a side: half a block apart, or further where there would be too many.
fn starts(length: usize, side: usize) -> impl Iterator<Item = usize> {
    let room = length - side;
    let last = (2 * room / side).min(MOST_BLOCKS - 1);
    (0..=last).map(move |block| (block * room).checked_div(last).unwrap_or(room / 2))
}

struct Workspace {
    /// Pixels along the edge of a block, a power of two.
    side: usize,
    window: Vec<f64>,
    /// Cosine and sine of every angle there is.
    turns: Vec<(f64, f64)>,
    real: Vec<f64>,
    imaginary: Vec<f64>,
    column: [Vec<f64>; 2],
    /// Sums of both spectra at each radius, and how many coefficients are there.
    sums: [Vec<f64>; 2],
    counts: Vec<u64>,
    blocks: u64,
}

impl Workspace {
    fn new(side: usize) -> Self {
        let angle = |place: f64| 2.0 * PI * place / side as f64;
        let window = (0..side).map(|place| (PI * (place as f64 + 0.5) / side as f64).sin().powi(2));
        let radii = side / 2 + 1;
        let mut counts = vec![0; radii];
        for place in 0..side * side {
            if let Some(count) = counts.get_mut(radius(place, side)) {
                *count += 1;
            }
        }
        Self {
            side,
            window: window.collect(),
            turns: (0..side / 2)
                .map(|place| (angle(place as f64).cos(), -angle(place as f64).sin()))
                .collect(),
            real: vec![0.0; side * side],
            imaginary: vec![0.0; side * side],
            column: [vec![0.0; side], vec![0.0; side]],
            sums: [vec![0.0; radii], vec![0.0; radii]],
            counts,
            blocks: 0,
        }
    }

    /// Adds the block that starts at some column and row.
    fn add(&mut self, nx: usize, [x, y]: [usize; 2], [first, second]: [&[f32]; 2]) {
        let loaded = load(first, nx, [x, y], &self.window, &mut self.real)
            && load(second, nx, [x, y], &self.window, &mut self.imaginary);
        if !loaded {
            return;
        }
        let side = self.side;
        for (real, imaginary) in self.real.chunks_exact_mut(side).zip(self.imaginary.chunks_exact_mut(side)) {
            transform(real, imaginary, &self.turns);
        }
        let [real, imaginary] = &mut self.column;
        for x in 0..side {
            for y in 0..side {
                (real[y], imaginary[y]) = (self.real[y * side + x], self.imaginary[y * side + x]);
            }
            transform(real, imaginary, &self.turns);
            for y in 0..side {
                (self.real[y * side + x], self.imaginary[y * side + x]) = (real[y], imaginary[y]);
            }
        }
        let [first, second] = &mut self.sums;
        for place in 0..side * side {
            let radius = radius(place, side);
            if radius >= first.len() {
                continue;
            }
            let opposite = (side - place / side) % side * side + (side - place % side) % side;
            let (a, b) = (self.real[place], self.imaginary[place]);
            let (c, d) = (self.real[opposite], self.imaginary[opposite]);
            first[radius] += ((a + c) * (a + c) + (b - d) * (b - d)) / 4.0;
            second[radius] += ((b + d) * (b + d) + (c - a) * (c - a)) / 4.0;
        }
        self.blocks += 1;
    }

    fn spectra(self) -> [Spectrum; 2] {
        if self.blocks == 0 {
            return Default::default();
        }
        let squares = self.window.iter().map(|window| window * window).sum::<f64>().powi(2);
        let (side, counts) = (self.side as f64, &self.counts);
        // The mean was taken away, so that nothing is known of frequency 0.
        self.sums.map(|sums| Spectrum {
            frequency: (1..counts.len()).map(|radius| radius as f64 / side).collect(),
            density: (1..counts.len())
                .map(|radius| sums[radius] / (squares * (counts[radius] * self.blocks) as f64))
                .collect(),
        })
    }
}

/// Returns the radius that a coefficient counts at, rounded; beyond the last one in the corners.
fn radius(place: usize, side: usize) -> usize {
    let near = |k: usize| k.min(side - k) as f64;
    (near(place / side).powi(2) + near(place % side).powi(2)).sqrt().round() as usize
}

/// Loads a block, its mean taken away, and windows it; tells whether all of its pixels are finite.
fn load(pixels: &[f32], nx: usize, [x, y]: [usize; 2], window: &[f64], block: &mut [f64]) -> bool {
    let side = window.len();
    let rows = || pixels.chunks_exact(nx).skip(y).take(side).map(|row| &row[x..x + side]);
    let weighted = |(row, below): (&[f32], &f64)| -> f64 {
        row.iter().zip(window).map(|(&pixel, beside)| f64::from(pixel) * beside).sum::<f64>() * below
    };
    let whole: f64 = window.iter().sum();
    let mean = rows().zip(window).map(weighted).sum::<f64>() / (whole * whole);
    if !mean.is_finite() {
        return false;
    }
    for ((row, below), into) in rows().zip(window).zip(block.chunks_exact_mut(side)) {
        for ((&pixel, beside), into) in row.iter().zip(window).zip(into) {
            *into = (f64::from(pixel) - mean) * below * beside;
        }
    }
    true
}

/// Transforms complex numbers, as many as a power of two, in place (Cooley and Tukey).
fn transform(real: &mut [f64], imaginary: &mut [f64], turns: &[(f64, f64)]) {
    let length = real.len();
    let bits = length.ilog2();
    for place in 0..length {
        let mirrored = place.reverse_bits() >> (usize::BITS - bits);
        if place < mirrored {
            real.swap(place, mirrored);
            imaginary.swap(place, mirrored);
        }
    }
    let mut half = 1;
    while half < length {
        let stride = turns.len() / half;
        for (real, imaginary) in real.chunks_exact_mut(2 * half).zip(imaginary.chunks_exact_mut(2 * half)) {
            let (lower, upper) = real.split_at_mut(half);
            let (lower_i, upper_i) = imaginary.split_at_mut(half);
            for place in 0..half {
                let (cos, sin) = turns[place * stride];
                let (a, b) = (upper[place], upper_i[place]);
                let (a, b) = (a * cos - b * sin, a * sin + b * cos);
                (upper[place], upper_i[place]) = (lower[place] - a, lower_i[place] - b);
                lower[place] += a;
                lower_i[place] += b;
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn noise(count: usize, sigma: f64, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            let sum: f64 = (0..12)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    f64::from(state >> 8) / f64::from(1 << 24)
                })
                .sum();
            (sigma * (sum - 6.0)) as f32
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn white_noise_has_its_variance_everywhere() {
        let (strong, weak) = (noise(512 * 512, 30.0, 1), noise(512 * 512, 0.25, 2));
        let [first, second] = Spectrum::of_two(512, &strong, &weak);
        assert_eq!((first.frequency.len(), first.frequency[0], first.frequency[31]), (32, 1.0 / 64.0, 0.5));
        for (spectrum, variance) in [(first, 900.0), (second, 0.0625)] {
            let mean = spectrum.density.iter().sum::<f64>() / 32.0;
            assert!((mean / variance - 1.0).abs() < 0.03, "{mean} for {variance}");
            assert!(spectrum.density.iter().skip(3).all(|found| (found / variance - 1.0).abs() < 0.15));
        }
    }

    #[test]
    fn a_wave_is_at_its_frequency_and_in_one_picture_only() {
        let wave: Vec<f32> = (0..100 * 90)
            .map(|place| (2.0 * PI * 0.25 * f64::from(place % 100)).cos() as f32 + 500.0)
            .collect();
        let [first, second] = Spectrum::of_two(100, &wave, &vec![7.0; 100 * 90]);
        let strongest = first.density.iter().copied().fold(0.0, f64::max);
        assert_eq!(first.density[15], strongest);
        assert!(first.density[24] < 1e-9 * strongest, "{first:?}");
        assert!(second.density.iter().all(|&density| density < 1e-9), "{second:?}");
    }

    #[test]
    fn small_pictures_have_smaller_blocks_or_no_spectrum() {
        assert_eq!(Spectrum::of_two(16, &noise(16 * 40, 1.0, 3), &[0.0; 16 * 40])[0].frequency.len(), 8);
        assert_eq!(Spectrum::of_two(15, &[1.0; 15 * 40], &[0.0; 15 * 40])[0], Spectrum::default());
        assert_eq!(Spectrum::of_two(0, &[], &[])[0], Spectrum::default());
    }

    #[test]
    fn blocks_with_pixels_that_are_no_numbers_are_left_out() {
        let mut pixels = noise(256 * 256, 2.0, 4);
        pixels[100] = f32::NAN;
        pixels[60_000] = f32::INFINITY;
        let [found, _] = Spectrum::of_two(256, &pixels, &vec![0.0; 256 * 256]);
        assert!(found.density.iter().skip(3).all(|density| (density / 4.0 - 1.0).abs() < 0.3), "{found:?}");
        let [none, _] = Spectrum::of_two(32, &[f32::NAN; 32 * 32], &[0.0; 32 * 32]);
        assert_eq!(none, Spectrum::default());
    }
}
