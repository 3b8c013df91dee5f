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

/// Sum of the squares of the window over a block.
const WINDOW_SQUARES: f64 = 36.0;

/// cos(pi k / 8) for k = 1, 2, 3.
#[allow(clippy::approx_constant, reason = "it stands between its neighbours")]
const COSINES: [f64; 3] = [0.923_879_532_511_286_7, 0.707_106_781_186_547_6, 0.382_683_432_365_089_8];

/// The window of a block, in both directions.
const WINDOW: [[f64; SIDE]; SIDE] = {
    let mut window = [[0.0; SIDE]; SIDE];
    let mut place = 0;
    while place < PIXELS {
        let (y, x) = (place / SIDE, place % SIDE);
        window[y][x] = HALF_WINDOW[mirrored(y)] * HALF_WINDOW[mirrored(x)];
        place += 1;
    }
    window
};

const fn mirrored(place: usize) -> usize {
    if place < SIDE / 2 { place } else { SIDE - 1 - place }
}

/// Frequencies from 0 to Nyquist.
const HALF: usize = SIDE / 2 + 1;

/// Lanes of the second direction: the frequencies of the first, padded to whole vectors.
const LANES: usize = 12;

/// How often the coefficient at two frequencies counts in each band: it stands for its opposites, too.
const WEIGHTS: [[[f64; LANES]; HALF]; BANDS] = {
    let mut weights = [[[0.0; LANES]; HALF]; BANDS];
    let mut place = 0;
    while place < HALF * HALF {
        let (x, y) = (place / HALF, place % HALF);
        if let Some(band) = band_of(x * x + y * y) {
            weights[band][x][y] = times(x) * times(y);
        }
        place += 1;
    }
    weights
};

/// Counts how often a frequency is in the whole plane, with its opposite.
const fn times(frequency: usize) -> f64 {
    if frequency == 0 || frequency == SIDE / 2 { 1.0 } else { 2.0 }
}

const fn band_of(square: usize) -> Option<usize> {
    let mut band = 0;
    while band < BANDS {
        if EDGES[band] <= square && square < EDGES[band + 1] {
            return Some(band);
        }
        band += 1;
    }
    None
}

/// Real and imaginary parts of the frequencies from 0 to Nyquist, in so many lanes.
type Parts<const L: usize> = [[[f64; L]; HALF]; 2];

/// What makes the mean of a coefficient's power of the sum of a band.
const SCALES: [f64; BANDS] = {
    let mut scales = [0.0; BANDS];
    let mut band = 0;
    while band < BANDS {
        scales[band] = 1.0 / (WINDOW_SQUARES * COUNTS[band]);
        band += 1;
    }
    scales
};

/// Memory for the spectrum of a block, which is not cleared from block to block.
pub struct Workspace {
    windowed: [[f64; SIDE]; SIDE],
    columns: Parts<SIDE>,
    turned: [[f64; LANES]; SIDE],
    rows: [Parts<LANES>; 2],
    power: [[f64; LANES]; HALF],
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            windowed: [[0.0; SIDE]; SIDE],
            columns: [[[0.0; SIDE]; HALF]; 2],
            turned: [[0.0; LANES]; SIDE],
            rows: [[[[0.0; LANES]; HALF]; 2]; 2],
            power: [[0.0; LANES]; HALF],
        }
    }
}

/// Computes the mean power a coefficient has in each band, of a windowed block: the variance, where the
/// block is white noise.
#[inline(always)]
pub fn powers(values: &[[f32; SIDE]; SIDE], workspace: &mut Workspace) -> [f64; BANDS] {
    let Workspace { windowed, columns, turned, rows, power } = workspace;
    // The window's own spectrum ends below the first band: there is no need to take the mean away first.
    for y in 0..SIDE {
        for x in 0..SIDE {
            windowed[y][x] = f64::from(values[y][x]) * WINDOW[y][x];
        }
    }
    transform(windowed, columns);
    for (part, rows) in columns.iter().zip(&mut *rows) {
        turn(part, turned);
        transform(turned, rows);
    }
    let [[a, b], [c, d]] = &*rows;
    for frequency in 0..HALF {
        // A coefficient and its opposite have twice this together.
        for lane in 0..LANES {
            let (a, b) = (a[frequency][lane], b[frequency][lane]);
            let (c, d) = (c[frequency][lane], d[frequency][lane]);
            power[frequency][lane] = (a * a + b * b) + (c * c + d * d);
        }
    }
    [
        mean_power::<0, 3>(power),
        mean_power::<1, 4>(power),
        mean_power::<2, 5>(power),
        mean_power::<3, 6>(power),
        mean_power::<4, 7>(power),
        mean_power::<5, HALF>(power),
    ]
}

/// Computes the mean power of a band, which has coefficients at so many frequencies.
#[inline(always)]
fn mean_power<const BAND: usize, const FREQUENCIES: usize>(power: &[[f64; LANES]; HALF]) -> f64 {
    let mut sums = [0.0; LANES];
    for frequency in 0..FREQUENCIES {
        for lane in 0..LANES {
            sums[lane] += WEIGHTS[BAND][frequency][lane] * power[frequency][lane];
        }
    }
    sum(&sums) * SCALES[BAND]
}

/// Changes lanes from columns to the frequencies along them, four by four, which vector units can follow.
#[inline(always)]
fn turn(part: &[[f64; SIDE]; HALF], turned: &mut [[f64; LANES]; SIDE]) {
    for first in [0, 4] {
        for left in [0, 4, 8, 12] {
            for x in left..left + 4 {
                for frequency in first..first + 4 {
                    turned[x][frequency] = part[frequency][x];
                }
            }
        }
    }
    for x in 0..SIDE {
        turned[x][HALF - 1] = part[HALF - 1][x];
    }
}

/// Sums lanes, a multiple of four: as four sums of every fourth lane, then these.
#[inline(always)]
pub fn sum<const L: usize>(lanes: &[f64; L]) -> f64 {
    let mut sums = [0.0; 4];
    for (place, lane) in lanes.iter().enumerate() {
        sums[place % 4] += lane;
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}

/// Transforms 16 real numbers in every lane.
#[inline(always)]
fn transform<const L: usize>(x: &[[f64; L]; SIDE], parts: &mut Parts<L>) {
    let [c1, c2, c3] = COSINES;
    let [real, imaginary] = parts;
    for lane in 0..L {
        let (start, middle) = (x[0][lane] + x[8][lane], x[0][lane] - x[8][lane]);

        // Even and odd numbers apart: frequencies k and 8 - k are their sum and difference.
        let (a2, a4, a6) = (x[2][lane] + x[14][lane], x[4][lane] + x[12][lane], x[6][lane] + x[10][lane]);
        let spread = c2 * (a2 - a6);
        let (e0, e1, e2, e3) = (start + a4 + (a2 + a6), middle + spread, start - a4, middle - spread);
        let (a1, a7) = (x[1][lane] + x[15][lane], x[7][lane] + x[9][lane]);
        let (a3, a5) = (x[3][lane] + x[13][lane], x[5][lane] + x[11][lane]);
        let (outer, inner) = (a1 - a7, a3 - a5);
        let (outers, inners) = (a1 + a7, a3 + a5);
        let (o0, o1) = (outers + inners, c1 * outer + c3 * inner);
        let (o2, o3) = (c2 * (outers - inners), c3 * outer - c1 * inner);
        real[0][lane] = e0 + o0;
        real[1][lane] = e1 + o1;
        real[2][lane] = e2 + o2;
        real[3][lane] = e3 + o3;
        real[4][lane] = start + a4 - (a2 + a6);
        real[5][lane] = e3 - o3;
        real[6][lane] = e2 - o2;
        real[7][lane] = e1 - o1;
        real[8][lane] = e0 - o0;

        let (b2, b4, b6) = (x[2][lane] - x[14][lane], x[4][lane] - x[12][lane], x[6][lane] - x[10][lane]);
        let spread = c2 * (b2 + b6);
        let (e1, e2, e3) = (spread + b4, b2 - b6, spread - b4);
        let (b1, b7) = (x[1][lane] - x[15][lane], x[7][lane] - x[9][lane]);
        let (b3, b5) = (x[3][lane] - x[13][lane], x[5][lane] - x[11][lane]);
        let (outer, inner) = (b1 + b7, b3 + b5);
        let (outers, inners) = (b1 - b7, b3 - b5);
        let (o1, o2, o3) = (c3 * outer + c1 * inner, c2 * (outers + inners), c1 * outer - c3 * inner);
        // Signs do not matter to powers.
        imaginary[1][lane] = e1 + o1;
        imaginary[2][lane] = e2 + o2;
        imaginary[3][lane] = e3 + o3;
        imaginary[4][lane] = outers - inners;
        imaginary[5][lane] = e3 - o3;
        imaginary[6][lane] = e2 - o2;
        imaginary[7][lane] = e1 - o1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Computes the same by the definition.
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
    fn no_band_goes_beyond_its_frequencies() {
        for (weights, frequencies) in WEIGHTS.iter().zip([3, 4, 5, 6, 7, HALF]) {
            assert_eq!(weights[frequencies..].iter().flatten().sum::<f64>(), 0.0);
        }
    }

    #[test]
    fn as_by_the_definition() {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 1e5 - 70.0
        };
        for (trend, base) in [(0.0, 0.0), (3.5, 0.0), (0.0, 1e6)] {
            let values =
                std::array::from_fn(|y| std::array::from_fn(|x| base + next() + trend * (x * y) as f32));
            for (found, expected) in
                powers(&values, &mut Workspace::default()).into_iter().zip(plain(&values))
            {
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
                let found = powers(&values, &mut Workspace::default());
                let most = found.iter().copied().fold(0.0, f64::max);
                assert_eq!(found[band], most, "{frequency}: {found:?}");
            }
        }
    }
}
