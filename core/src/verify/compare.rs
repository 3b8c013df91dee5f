//! Stored pixels of a block beside the original's.

use super::report::Coding;
use crate::pieces::Pieces;
use crate::vector::{Kernel, widest};

/// Interleaved sums in a block, which vector units can follow.
const LANES: usize = 8;

/// Differences of finite pixels within the range.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Differences {
    /// Pixels that count.
    pub count: u64,
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
        self.largest = self.largest.max(next.largest);
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

/// The first code of a block that is none of `0..=most`.
pub fn stray(codes: Pieces<'_, f32>, most: f32) -> Option<Misfit> {
    first(codes, codes, |code, _| {
        let inside = (0.0..=most).contains(&code);
        (!inside).then_some(MisfitKind::Code { code, most })
    })
}

/// The first value of a block that is not the original's: by its bits or, where the file has integers,
/// which know no negative zero, by its value.
pub fn unequal(found: Pieces<'_, f32>, values: Pieces<'_, f32>, integers: bool) -> Option<Misfit> {
    first(found, values, |found, expected| {
        let same = found.to_bits() == expected.to_bits() || integers && found == expected;
        (!same).then_some(MisfitKind::WrongValue { found, expected })
    })
}

/// Codes of a block beside the original's values.
pub fn codes(
    coding: &Coding,
    codes: Pieces<'_, f32>,
    values: Pieces<'_, f32>,
) -> Result<Differences, Misfit> {
    let Sums { differences, wrong } = widest(Beside { coding: *coding, codes, values });
    if !wrong && differences.largest <= coding.bound {
        return Ok(differences);
    }
    let Coding { quantiser, scale, bound, .. } = *coding;
    let misfit = first(codes, values, |found, value| {
        let expected = quantiser.code(value);
        if found != expected as f32 {
            return Some(MisfitKind::WrongCode { found, expected, value });
        }
        let read = scale.value(found);
        let far = counts(coding, value) && (f64::from(value) - f64::from(read)).abs() > bound;
        far.then_some(MisfitKind::Far { found: read, expected: value })
    });
    misfit.map_or(Ok(differences), Err)
}

/// The first pair that `judge` finds something about.
fn first(
    found: Pieces<'_, f32>,
    values: Pieces<'_, f32>,
    judge: impl Fn(f32, f32) -> Option<MisfitKind>,
) -> Option<Misfit> {
    found.each().zip(values.each()).enumerate().find_map(|(row, (found, values))| {
        let pairs = found.iter().zip(values).enumerate();
        pairs.into_iter().find_map(|(column, (&found, &value))| {
            judge(found, value).map(|kind| Misfit { row, column, kind })
        })
    })
}

/// Whether a pixel is finite and within the range.
#[inline(always)]
fn counts(coding: &Coding, value: f32) -> bool {
    value >= coding.scale.range.low && value <= coding.scale.range.high
}

struct Sums {
    differences: Differences,
    /// Some code is not the right one.
    wrong: bool,
}

struct Beside<'a> {
    coding: Coding,
    codes: Pieces<'a, f32>,
    values: Pieces<'a, f32>,
}

impl Beside<'_> {
    /// Adds one pixel to its lane's sums.
    #[inline(always)]
    fn add(&self, code: f32, value: f32, lane: &mut Lane) {
        let Coding { quantiser, scale, .. } = self.coding;
        lane.wrong |= u32::from(quantiser.code(value) as i32 as f32 != code);
        lane.truncated += u32::from(quantiser.is_outside(value));
        let counts = counts(&self.coding, value);
        let difference = (f64::from(value) - f64::from(scale.value(code))).abs();
        let difference = if counts { difference } else { 0.0 };
        lane.count += u32::from(counts);
        lane.squares += difference * difference;
        lane.largest = if difference > lane.largest { difference } else { lane.largest };
    }
}

#[derive(Clone, Copy, Default)]
struct Lane {
    wrong: u32,
    truncated: u32,
    count: u32,
    squares: f64,
    largest: f64,
}

impl Kernel for Beside<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run(self) -> Sums {
        let mut lanes = [Lane::default(); LANES];
        for (codes, values) in self.codes.each().zip(self.values.each()) {
            let (code_groups, codes) = codes.as_chunks::<LANES>();
            let (value_groups, values) = values.as_chunks::<LANES>();
            for (codes, values) in code_groups.iter().zip(value_groups) {
                for (lane, (&code, &value)) in lanes.iter_mut().zip(codes.iter().zip(values)) {
                    self.add(code, value, lane);
                }
            }
            for (lane, (&code, &value)) in lanes.iter_mut().zip(codes.iter().zip(values)) {
                self.add(code, value, lane);
            }
        }
        let mut differences = Differences::default();
        for lane in &lanes {
            differences.merge(&Differences {
                count: lane.count.into(),
                largest: lane.largest,
                squares: lane.squares,
                truncated: lane.truncated.into(),
            });
        }
        Sums { differences, wrong: lanes.iter().any(|lane| lane.wrong != 0) }
    }
}
