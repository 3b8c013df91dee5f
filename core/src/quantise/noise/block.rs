//! What one block of 16 x 16 pixels says of the noise of its image, before anything is known of the whole.

use super::spectrum::{BANDS, PIXELS, SIDE, Workspace, powers, sum};
use crate::kernel::simd::{Kernel, dispatch};

/// Pixels of a block that are kept, for predictions of sizes: two of each row, in columns that differ from row to row.
pub const KEPT: usize = 2 * SIDE;

/// Pixels along the edge of a quadrant, and in it.
const HALF: usize = SIDE / 2;
const QUARTER: f64 = (HALF * HALF) as f64;

/// What a block has.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockNoise {
    /// Every pixel is finite, and they are not all the same.
    pub usable: bool,
    /// All pixels of some quadrant are the same.
    pub flat_quadrant: bool,
    /// The smallest pixel, and how many pixels have it.
    pub minimum: (f32, u32),
    /// The largest pixel, and how many pixels have it.
    pub maximum: (f32, u32),
    /// Pixels that are 0.
    pub zeros: u32,
    /// The second smallest of the variances of the four quadrants, which one or two hot pixels do not move.
    pub quiet: f64,
    /// Power in each band.
    pub powers: [f64; BANDS],
    /// Some of the pixels.
    pub kept: [f32; KEPT],
}

impl BlockNoise {
    /// Looks at the pixels of a block, row by row.
    #[must_use]
    pub fn of(values: &[f32; PIXELS], workspace: &mut Workspace) -> Self {
        dispatch(Look { values, workspace })
    }
}

struct Look<'a> {
    values: &'a [f32; PIXELS],
    workspace: &'a mut Workspace,
}

impl Kernel for Look<'_> {
    type Output = BlockNoise;

    #[inline(always)]
    fn run(self) -> BlockNoise {
        let (rows, _) = self.values.as_chunks::<SIDE>();
        let mut values = [[0.0; SIDE]; SIDE];
        values.copy_from_slice(rows);
        let (mut lowest, mut highest, mut zeros) =
            ([f32::INFINITY; SIDE], [f32::NEG_INFINITY; SIDE], [0u32; SIDE]);
        let mut not_finite = [0u32; SIDE];
        for row in &values {
            for x in 0..SIDE {
                let value = row[x];
                lowest[x] = if value < lowest[x] { value } else { lowest[x] };
                highest[x] = if value > highest[x] { value } else { highest[x] };
                zeros[x] += u32::from(value == 0.0);
                not_finite[x] += u32::from(value.to_bits() & 0x7f80_0000 == 0x7f80_0000);
            }
        }
        let minimum = lowest.into_iter().fold(f32::INFINITY, |a, b| if b < a { b } else { a });
        let maximum = highest.into_iter().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
        let usable = not_finite == [0; SIDE] && maximum > minimum;
        let mut kept = [0.0; KEPT];
        for (y, (row, kept)) in values.iter().zip(kept.as_chunks_mut::<2>().0).enumerate() {
            // Every column as often as any other: 5 and 16 have no divisor in common.
            let column = 5 * y % SIDE;
            *kept = [row[column], row[(column + HALF) % SIDE]];
        }
        let mut found = BlockNoise {
            usable,
            flat_quadrant: false,
            minimum: (minimum, 0),
            maximum: (maximum, 0),
            zeros: zeros.iter().sum(),
            quiet: 0.0,
            powers: [0.0; BANDS],
            kept,
        };
        if usable {
            found.minimum.1 = count(self.values, minimum);
            found.maximum.1 = count(self.values, maximum);
            found.flat_quadrant = has_flat_quadrant(&values);
            let mut variances = variances(&values);
            variances.sort_unstable_by(f64::total_cmp);
            found.quiet = variances[1];
            found.powers = powers(&values, self.workspace);
        }
        found
    }
}

#[inline(always)]
fn count(values: &[f32; PIXELS], value: f32) -> u32 {
    let mut equal = 0;
    for other in values {
        equal += u32::from(*other == value);
    }
    equal
}

/// Computes the variances of the quadrants.
#[inline(always)]
fn variances(values: &[[f32; SIDE]; SIDE]) -> [f64; 4] {
    let mut found = [0.0; 4];
    for half in 0..2 {
        let rows = half * HALF..(half + 1) * HALF;
        // Both quadrants of a row at once.
        let mut sums = [0.0; SIDE];
        for row in &values[rows.clone()] {
            for x in 0..SIDE {
                sums[x] += f64::from(row[x]);
            }
        }
        let means = halves(&sums);
        let mut mean = [means[0]; SIDE];
        mean[HALF..].fill(means[1]);
        let mut squares = [0.0; SIDE];
        for row in &values[rows] {
            for x in 0..SIDE {
                let from_mean = f64::from(row[x]) - mean[x];
                squares[x] += from_mean * from_mean;
            }
        }
        [found[2 * half], found[2 * half + 1]] = halves(&squares);
    }
    found
}

/// Averages both halves of sums over a quadrant's rows.
#[inline(always)]
fn halves(sums: &[f64; SIDE]) -> [f64; 2] {
    let (mut left, mut right) = ([0.0; HALF], [0.0; HALF]);
    left.copy_from_slice(&sums[..HALF]);
    right.copy_from_slice(&sums[HALF..]);
    [sum(&left) / QUARTER, sum(&right) / QUARTER]
}

/// Tells whether all pixels of some quadrant are the same.
#[inline(always)]
fn has_flat_quadrant(values: &[[f32; SIDE]; SIDE]) -> bool {
    let mut any = false;
    for half in 0..2 {
        let rows = &values[half * HALF..(half + 1) * HALF];
        let mut first = [rows[0][0]; SIDE];
        first[HALF..].fill(rows[0][HALF]);
        let mut differs = [0u32; SIDE];
        for row in rows {
            for x in 0..SIDE {
                differs[x] |= u32::from(row[x] != first[x]);
            }
        }
        any |= differs[..HALF] == [0; HALF] || differs[HALF..] == [0; HALF];
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn block(value: impl Fn(usize) -> f32) -> [f32; PIXELS] {
        std::array::from_fn(value)
    }

    fn of(values: &[f32; PIXELS]) -> BlockNoise {
        BlockNoise::of(values, &mut Workspace::default())
    }

    #[test]
    fn what_says_nothing_is_not_usable() {
        assert!(!of(&[3.5; PIXELS]).usable);
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(!of(&block(|n| if n == 77 { odd } else { n as f32 })).usable);
        }
        assert!(of(&block(|n| n as f32)).usable);
    }

    #[test]
    fn a_hot_pixel_does_not_move_the_quiet_quadrant() {
        let noise = block(|n| (n * 37 % 101) as f32);
        let mut hot = noise;
        hot[40] = 1e6;
        let (noise, hot) = (of(&noise), of(&hot));
        assert!((noise.quiet..2.0 * noise.quiet).contains(&hot.quiet), "{} {}", noise.quiet, hot.quiet);
        assert_eq!(hot.maximum, (1e6, 1));
    }

    #[test]
    fn quadrants_and_values_are_counted() {
        let found = of(&block(|n| if n / 16 < 8 && n % 16 < 8 { 0.0 } else { n as f32 }));
        assert!(found.flat_quadrant);
        assert_eq!((found.minimum, found.maximum, found.zeros), ((0.0, 64), (255.0, 1), 64));
        let columns: std::collections::BTreeSet<_> =
            of(&block(|n| (n % 16) as f32)).kept.iter().map(|&column| column as u32).collect();
        assert_eq!(columns.len(), 16);
    }

    proptest! {
        #[test]
        fn every_vector_unit_gives_the_same_bits(patterns in proptest::collection::vec(any::<u32>(), PIXELS), tame in any::<bool>()) {
            let values = block(|n| if tame { patterns[n] as f32 / 1e5 } else { f32::from_bits(patterns[n]) });
            let base = Look { values: &values, workspace: &mut Workspace::default() }.run();
            let wide = of(&values);
            prop_assert_eq!(wide.powers.map(f64::to_bits), base.powers.map(f64::to_bits));
            prop_assert_eq!(wide.quiet.to_bits(), base.quiet.to_bits());
            prop_assert_eq!((wide.usable, wide.zeros), (base.usable, base.zeros));
        }
    }
}
