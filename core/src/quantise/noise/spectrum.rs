//! The spectrum of one block of 16 x 16 pixels: how much power a pixel has in each of six bands of frequencies.
//!
//! Everything is `f64` in the order written, without fused multiply-add, so that every target gives the same bits.

/// Pixels along the edge of a block.
pub const SIDE: usize = 16;

/// Pixels of a block.
pub const PIXELS: usize = SIDE * SIDE;

/// Bands of spatial frequencies.
pub const BANDS: usize = 6;

/// The first squared radius of each band, in units of 1/8 Nyquist squared, and the first beyond the last one. Corners of the
/// plane, above Nyquist, are in none.
const EDGES: [usize; BANDS + 1] = [4, 9, 16, 25, 36, 49, 65];

/// Coefficients of the whole plane in each band.
const COUNTS: [f64; BANDS] = [16.0, 20.0, 24.0, 40.0, 36.0, 50.0];

/// The window, sin²(pi (i + 1/2) / 16): its first half, which the second mirrors.
const HALF_WINDOW: [f64; SIDE / 2] = [
    0.009_607_359_798_384_776,
    0.084_265_193_848_727_35,
    0.222_214_883_490_199,
    0.402_454_838_991_935_85,
    0.597_545_161_008_064_2,
    0.777_785_116_509_801,
    0.915_734_806_151_272_8,
    0.990_392_640_201_615_1,
];

/// Sum of the window over a block, and of its squares.
const WINDOW_SUM: f64 = 64.0;
const WINDOW_SQUARES: f64 = 36.0;

/// cos(pi k / 8) for k = 1, 2, 3.
const COSINES: [f64; 3] = [0.923_879_532_511_286_7, 0.707_106_781_186_547_6, 0.382_683_432_365_089_8];

/// Frequencies from 0 to Nyquist.
const HALF: usize = SIDE / 2 + 1;

/// Lanes of the second direction: the frequencies of the first, padded to whole vectors.
const LANES: usize = 12;

#[inline(always)]
fn window(i: usize) -> f64 {
    HALF_WINDOW[if i < SIDE / 2 { i } else { SIDE - 1 - i }]
}

/// Computes the mean power a coefficient has in each band, of a windowed block without its mean: the variance, where the
/// block is white noise.
#[inline(always)]
pub fn powers(values: &[[f32; SIDE]; SIDE]) -> [f64; BANDS] {
    let mut sums = [0.0; SIDE];
    for (y, row) in values.iter().enumerate() {
        for x in 0..SIDE {
            sums[x] += window(y) * window(x) * f64::from(row[x]);
        }
    }
    let mean = sums.iter().sum::<f64>() / WINDOW_SUM;
    let mut windowed = [[0.0; SIDE]; SIDE];
    for (y, row) in values.iter().enumerate() {
        for x in 0..SIDE {
            windowed[y][x] = (f64::from(row[x]) - mean) * (window(y) * window(x));
        }
    }
    let columns = transform(&windowed);
    // Lanes change from columns to the frequencies along them.
    let [real, imaginary] = columns.map(|part| {
        let mut turned = [[0.0; LANES]; SIDE];
        for (frequency, row) in part.iter().enumerate() {
            for x in 0..SIDE {
                turned[x][frequency] = row[x];
            }
        }
        transform(&turned)
    });
    // Coefficients at a frequency and its opposite have this much together, each half of it.
    let mut power = [[0.0; LANES]; HALF];
    for (frequency, row) in power.iter_mut().enumerate() {
        for (lane, power) in row.iter_mut().enumerate() {
            let square = |part: &[[[f64; LANES]; HALF]; 2], side: usize| {
                let value = part[side][frequency][lane];
                value * value
            };
            *power = (square(&real, 0) + square(&real, 1)) + (square(&imaginary, 0) + square(&imaginary, 1));
        }
    }
    let mut sums = [0.0; BANDS];
    for (x, row) in power.iter().enumerate() {
        for (y, power) in row[..HALF].iter().enumerate() {
            if let Some(band) = band_of(x * x + y * y) {
                sums[band] += times(x) * times(y) * power;
            }
        }
    }
    let mut mean = [0.0; BANDS];
    for band in 0..BANDS {
        mean[band] = sums[band] / WINDOW_SQUARES / COUNTS[band];
    }
    mean
}

/// Counts how often a frequency is in the whole plane, with its opposite.
#[inline(always)]
fn times(frequency: usize) -> f64 {
    if frequency == 0 || frequency == SIDE / 2 { 1.0 } else { 2.0 }
}

#[inline(always)]
fn band_of(square: usize) -> Option<usize> {
    (0..BANDS).find(|&band| (EDGES[band]..EDGES[band + 1]).contains(&square))
}

/// Transforms 16 real numbers in every lane: real and imaginary parts of the frequencies from 0 to Nyquist.
#[inline(always)]
fn transform<const L: usize>(x: &[[f64; L]; SIDE]) -> [[[f64; L]; HALF]; 2] {
    let [c1, c2, c3] = COSINES;
    let (mut real, mut imaginary) = ([[0.0; L]; HALF], [[0.0; L]; HALF]);
    for lane in 0..L {
        let plus = |n: usize| x[n][lane] + x[SIDE - n][lane];
        let minus = |n: usize| x[n][lane] - x[SIDE - n][lane];
        let (start, middle) = (x[0][lane] + x[8][lane], x[0][lane] - x[8][lane]);

        // Even and odd numbers apart: frequencies k and 8 - k are their sum and difference.
        let (a2, a4, a6) = (plus(2), plus(4), plus(6));
        let spread = c2 * (a2 - a6);
        let even =
            [start + a4 + (a2 + a6), middle + spread, start - a4, middle - spread, start + a4 - (a2 + a6)];
        let (a1, a3, a5, a7) = (plus(1), plus(3), plus(5), plus(7));
        let (outer, inner) = (a1 - a7, a3 - a5);
        let odd = [
            (a1 + a7) + (a3 + a5),
            c1 * outer + c3 * inner,
            c2 * ((a1 + a7) - (a3 + a5)),
            c3 * outer - c1 * inner,
        ];
        for k in 0..4 {
            real[k][lane] = even[k] + odd[k];
            real[8 - k][lane] = even[k] - odd[k];
        }
        real[4][lane] = even[4];

        let (b2, b4, b6) = (minus(2), minus(4), minus(6));
        let spread = c2 * (b2 + b6);
        let even = [0.0, spread + b4, b2 - b6, spread - b4];
        let (b1, b3, b5, b7) = (minus(1), minus(3), minus(5), minus(7));
        let (outer, inner) = (b1 + b7, b3 + b5);
        let odd = [0.0, c3 * outer + c1 * inner, c2 * ((b1 - b7) + (b3 - b5)), c1 * outer - c3 * inner];
        for k in 1..4 {
            imaginary[k][lane] = -(even[k] + odd[k]);
            imaginary[8 - k][lane] = even[k] - odd[k];
        }
        imaginary[4][lane] = (b3 - b5) - (b1 - b7);
    }
    [real, imaginary]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// The same by the definition.
    fn plain(values: &[[f32; SIDE]; SIDE]) -> [f64; BANDS] {
        let w = |i: usize| (PI * (i as f64 + 0.5) / 16.0).sin().powi(2);
        let places = || (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x)));
        let whole: f64 = places().map(|(y, x)| w(y) * w(x)).sum();
        let squares: f64 = places().map(|(y, x)| (w(y) * w(x)).powi(2)).sum();
        let mean = places().map(|(y, x)| w(y) * w(x) * f64::from(values[y][x])).sum::<f64>() / whole;
        let (mut sums, mut counts) = ([0.0; BANDS], [0.0; BANDS]);
        for (ky, kx) in places() {
            let near = |k: usize| k.min(SIDE - k);
            let Some(band) = band_of(near(ky) * near(ky) + near(kx) * near(kx)) else { continue };
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (y, x) in places() {
                let angle = 2.0 * PI * ((ky * y + kx * x) % 16) as f64 / 16.0;
                let value = (f64::from(values[y][x]) - mean) * w(y) * w(x);
                real += value * angle.cos();
                imaginary -= value * angle.sin();
            }
            sums[band] += (real * real + imaginary * imaginary) / squares;
            counts[band] += 1.0;
        }
        assert_eq!(counts, COUNTS);
        std::array::from_fn(|band| sums[band] / counts[band])
    }

    #[test]
    fn as_by_the_definition() {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 1e5 - 70.0
        };
        for trend in [0.0, 3.5] {
            let values = std::array::from_fn(|y| std::array::from_fn(|x| next() + trend * (x * y) as f32));
            for (found, expected) in powers(&values).into_iter().zip(plain(&values)) {
                assert!((found / expected - 1.0).abs() < 1e-11, "{found} {expected}");
            }
        }
    }

    #[test]
    fn a_wave_is_in_its_band() {
        for (frequency, band) in [(2, 0), (3, 1), (4, 2), (5, 3), (6, 4), (7, 5), (8, 5)] {
            let wave = |x: usize| (2.0 * PI * (frequency * x) as f64 / 16.0).cos() as f32;
            for values in [
                std::array::from_fn(|_| std::array::from_fn(wave)),
                std::array::from_fn(|y| std::array::from_fn(|_| wave(y))),
            ] {
                let found = powers(&values);
                let most = found.iter().copied().fold(0.0, f64::max);
                assert_eq!(found[band], most, "{frequency}: {found:?}");
            }
        }
    }
}
