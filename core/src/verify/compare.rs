//! Stored pixels of a block beside the original's.

use super::report::Coding;
use crate::kernel::simd::{Kernel, dispatch};
use crate::kernel::strided::Strided;

/// Interleaved sums in a block, which vector units can follow.
const LANES: usize = 8;

/// Differences of finite pixels.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Differences {
    /// Pixels that count.
    pub count: u64,
    /// The largest one within the range.
    pub within: f64,
    /// The largest one.
    pub largest: f64,
    /// Sum of their squares.
    pub squares: f64,
    /// Pixels outside the range.
    pub truncated: u64,
}

impl Differences {
    /// Adds the block that follows.
    pub fn merge(&mut self, next: &Self) {
        self.count += next.count;
        self.within = higher(next.within, self.within);
        self.largest = higher(next.largest, self.largest);
        self.squares += next.squares;
        self.truncated += next.truncated;
    }
}

/// A pixel that is not as it should be: its row and column in the block, and what it is and should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Misfit {
    pub row: usize,
    pub column: usize,
    pub kind: MisfitKind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MisfitKind {
    Code { code: f32, most: f32 },
    WrongCode { found: f32, expected: u32, value: f32 },
    WrongValue { found: f32, expected: f32 },
    Far { found: f32, expected: f32 },
}

/// Finds the first code of a block that is none of `0..=most`.
pub fn stray(codes: Strided<'_, f32>, most: f32) -> Option<Misfit> {
    first(codes, codes, |code, _| {
        let inside = (0.0..=most).contains(&code);
        (!inside).then_some(MisfitKind::Code { code, most })
    })
}

/// Finds the first value of a block that is not the original's: by its bits or, where the file has integers,
/// which know no negative zero, by its value.
pub fn unequal(found: Strided<'_, f32>, values: Strided<'_, f32>, integers: bool) -> Option<Misfit> {
    first(found, values, |found, expected| {
        let same = found.to_bits() == expected.to_bits() || integers && found == expected;
        (!same).then_some(MisfitKind::WrongValue { found, expected })
    })
}

/// Compares the codes of a block with the original's values.
pub fn codes(
    coding: &Coding,
    codes: Strided<'_, f32>,
    values: Strided<'_, f32>,
) -> Result<Differences, Misfit> {
    let Sums { differences, wrong } = dispatch(Beside { coding: *coding, codes, values });
    if !wrong && differences.within <= coding.bound {
        return Ok(differences);
    }
    let Coding { quantiser, scale, bound, .. } = *coding;
    let misfit = first(codes, values, |found, value| {
        let expected = quantiser.code(value);
        if found != expected as f32 {
            return Some(MisfitKind::WrongCode { found, expected, value });
        }
        let read = scale.value(found);
        let far = is_within(coding, value) && (f64::from(value) - f64::from(read)).abs() > bound;
        far.then_some(MisfitKind::Far { found: read, expected: value })
    });
    misfit.map_or(Ok(differences), Err)
}

/// Finds the first pair that `judge` finds something about.
fn first(
    found: Strided<'_, f32>,
    values: Strided<'_, f32>,
    judge: impl Fn(f32, f32) -> Option<MisfitKind>,
) -> Option<Misfit> {
    found.rows().zip(values.rows()).enumerate().find_map(|(row, (found, values))| {
        let pairs = found.iter().zip(values).enumerate();
        pairs.into_iter().find_map(|(column, (&found, &value))| {
            judge(found, value).map(|kind| Misfit { row, column, kind })
        })
    })
}

/// Sums the differences of stored values from numbers that are wider than they, in order.
pub fn from_wide(
    found: impl Iterator<Item = f32>,
    numbers: impl Iterator<Item = f64>,
    sums: &mut Differences,
) {
    *sums = Differences { truncated: sums.truncated, ..Differences::default() };
    for (found, number) in found.zip(numbers) {
        if number.is_finite() && found.is_finite() {
            let difference = (f64::from(found) - number).abs();
            sums.count += 1;
            sums.largest = higher(difference, sums.largest);
            sums.squares += difference * difference;
        }
    }
}

/// Tells whether a pixel is finite and within the range.
#[inline(always)]
fn is_within(coding: &Coding, value: f32) -> bool {
    value >= coding.scale.range.low && value <= coding.scale.range.high
}

struct Sums {
    differences: Differences,
    /// Some code is not the right one.
    wrong: bool,
}

struct Beside<'a> {
    coding: Coding,
    codes: Strided<'a, f32>,
    values: Strided<'a, f32>,
}

/// Pixels that are gone through twice while they are in the nearest cache: a multiple of [`LANES`].
const STRIP: usize = 1024;

impl Kernel for Beside<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run(self) -> Sums {
        let Self { coding, codes, values } = self;
        let (mut squares, mut within, mut largest) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let mut differences = Differences::default();
        let mut any_wrong = 0;
        let strips = codes.rows().zip(values.rows());
        let strips = strips.flat_map(|(codes, values)| codes.chunks(STRIP).zip(values.chunks(STRIP)));
        for (codes, values) in strips {
            // Plain loops, each of which vectorises.
            let (mut wrong, mut truncated, mut count) = (0, 0, 0);
            for (&code, &value) in codes.iter().zip(values) {
                wrong |= u32::from(coding.quantiser.code(value) as i32 as f32 != code);
                truncated += u32::from(coding.quantiser.is_outside(value));
                count += u32::from(value.is_finite());
            }
            let (code_groups, codes) = codes.as_chunks::<LANES>();
            let (value_groups, values) = values.as_chunks::<LANES>();
            for (codes, values) in code_groups.iter().zip(value_groups) {
                for lane in 0..LANES {
                    let (near, any) = differences_of(&coding, codes[lane], values[lane]);
                    squares[lane] += any * any;
                    within[lane] = higher(near, within[lane]);
                    largest[lane] = higher(any, largest[lane]);
                }
            }
            for (lane, (&code, &value)) in codes.iter().zip(values).enumerate() {
                let (near, any) = differences_of(&coding, code, value);
                squares[lane] += any * any;
                within[lane] = higher(near, within[lane]);
                largest[lane] = higher(any, largest[lane]);
            }
            any_wrong |= wrong;
            differences.truncated += u64::from(truncated);
            differences.count += u64::from(count);
        }
        differences.squares = squares.iter().sum();
        differences.within = within.into_iter().fold(0.0, higher);
        differences.largest = largest.into_iter().fold(0.0, higher);
        Sums { differences, wrong: any_wrong != 0 }
    }
}

/// Computes how far a code's value is from the original's: 0 for a pixel outside the range, and for any that is finite.
#[inline(always)]
fn differences_of(coding: &Coding, code: f32, value: f32) -> (f64, f64) {
    let read = coding.scale.value(code);
    // Chosen before they are widened, which vector units do in half the time.
    let near = if is_within(coding, value) { value } else { read };
    let any = if value.is_finite() { value } else { read };
    let wide = f64::from(read);
    ((f64::from(near) - wide).abs(), (f64::from(any) - wide).abs())
}

/// Returns the higher of two values. Not `f64::max`, which looks for NaNs.
#[inline(always)]
fn higher(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
