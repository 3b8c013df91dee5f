//! Stored pixels of a block beside the original's.

use super::report::Coding;
use crate::kernel::simd::{Kernel, dispatch};
use crate::kernel::strided::Strided;
use crate::pipeline::tiling::Block;

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
    /// Returns the root of their mean square.
    pub fn rms(&self) -> f64 {
        (self.squares / self.count.max(1) as f64).sqrt()
    }

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

/// Counts the pixels of a block that are in one of its [`pieces`] at most: those of a section.
pub fn most(block: &Block) -> usize {
    block.width() * block.rows.len()
}

/// Returns the pieces of a block in which differences are summed, of at most so many elements: its rows or, where they
/// follow each other, those of one section. Whoever sums in the same pieces finds the same sums, to the last digit.
#[inline(always)]
pub fn pieces<'a, T: 'a>(block: Strided<'a, T>, most: usize) -> impl Iterator<Item = &'a [T]> {
    block.rows().flat_map(move |rows| rows.chunks(most.max(1)))
}

/// Compares the codes of a block with the original's values, in [`pieces`] of at most so many pixels.
pub fn codes(
    coding: &Coding,
    codes: Strided<'_, f32>,
    values: Strided<'_, f32>,
    most: usize,
) -> Result<Differences, Misfit> {
    let Sums { differences, wrong } = dispatch(Beside { coding: *coding, codes, values, most });
    if !wrong && differences.within <= coding.bound {
        return Ok(differences);
    }
    misfit(coding, codes, values).map_or(Ok(differences), Err)
}

/// Compares a row of codes in byte planes, low bytes and, for codes of two bytes, high bytes, with the original's values.
pub fn planes(
    coding: &Coding,
    low: &[u8],
    high: Option<&[u8]>,
    values: &[f32],
    integers: bool,
) -> Result<Differences, Misfit> {
    let whole = integers && coding.is_whole_in_floats();
    let Sums { differences, wrong } = dispatch(BesidePlanes { coding: *coding, low, high, values, whole });
    if !wrong && differences.within <= coding.bound {
        return Ok(differences);
    }
    let mut codes = vec![0.0; values.len()];
    unpack(low, high, &mut codes);
    misfit(coding, Strided::whole(&codes), Strided::whole(values)).map_or(Ok(differences), Err)
}

/// Fills in the codes that byte planes hold.
#[inline(always)]
pub fn unpack(low: &[u8], high: Option<&[u8]>, codes: &mut [f32]) {
    match high {
        None => {
            for (code, &low) in codes.iter_mut().zip(low) {
                *code = i32::from(low) as f32;
            }
        }
        Some(high) => {
            for ((code, &low), &high) in codes.iter_mut().zip(low).zip(high) {
                *code = (i32::from(low) | i32::from(high) << 8) as f32;
            }
        }
    }
}

/// Finds the first code that is wrong, or too far from its value.
fn misfit(coding: &Coding, codes: Strided<'_, f32>, values: Strided<'_, f32>) -> Option<Misfit> {
    let Coding { quantiser, decoder, bound, .. } = *coding;
    first(codes, values, |found, value| {
        let expected = quantiser.code(value);
        if found != expected as f32 {
            return Some(MisfitKind::WrongCode { found, expected, value });
        }
        let read = decoder.value(found);
        let far = is_within(coding, value) && (f64::from(value) - f64::from(read)).abs() > bound;
        far.then_some(MisfitKind::Far { found: read, expected: value })
    })
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
    /// Pixels of a piece, at most.
    most: usize,
}

struct BesidePlanes<'a> {
    coding: Coding,
    low: &'a [u8],
    high: Option<&'a [u8]>,
    values: &'a [f32],
    /// Values, codes, and the sums of a strip are whole numbers that floats hold.
    whole: bool,
}

impl Kernel for BesidePlanes<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run(self) -> Sums {
        let Self { coding, low, high, values, whole } = self;
        let mut sums = Sums { differences: Differences::default(), wrong: false };
        let mut codes = [0.0; STRIP];
        for (number, values) in values.chunks(STRIP).enumerate() {
            let part = number * STRIP..number * STRIP + values.len();
            let codes = &mut codes[..values.len()];
            unpack(&low[part.clone()], high.map(|high| &high[part]), codes);
            sums.add(&coding, codes, values, whole);
        }
        sums
    }
}

/// Pixels that are summed at once, in [`LANES`] of which it is a multiple, and gone through twice while they are in the
/// nearest cache: a row of a tile. The same for codes in planes and for those of a file, whose sums must be the same.
const STRIP: usize = 256;

impl Kernel for Beside<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run(self) -> Sums {
        let Self { coding, codes, values, most } = self;
        let mut sums = Sums { differences: Differences::default(), wrong: false };
        for (codes, values) in pieces(codes, most).zip(pieces(values, most)) {
            let mut piece = Sums { differences: Differences::default(), wrong: false };
            for (codes, values) in codes.chunks(STRIP).zip(values.chunks(STRIP)) {
                piece.add(&coding, codes, values, false);
            }
            sums.differences.merge(&piece.differences);
            sums.wrong |= piece.wrong;
        }
        sums
    }
}

impl Sums {
    /// Adds a strip, a short one if it is `whole`: then floats hold all differences and sums exactly. Loops are plain, so
    /// that each vectorises.
    #[inline(always)]
    fn add(&mut self, coding: &Coding, codes: &[f32], values: &[f32], whole: bool) {
        let beyond = values.iter().fold(0, |beyond, &value| beyond | u32::from(!is_within(coding, value)));
        let Self { differences: all, wrong } = self;
        if beyond == 0 {
            let [near, squares] = if whole {
                sum_whole(coding, codes, values)
            } else {
                let [near, squares, _] = sum(codes, values, |code, value| {
                    let difference = f64::from(value) - f64::from(coding.decoder.value(code));
                    (difference.abs(), difference)
                });
                [near, squares]
            };
            // Nearer than half a step there is one code only, which any rule gives.
            *wrong |= near > coding.sure && is_any_wrong(coding, codes, values);
            let count = values.len() as u64;
            all.merge(&Differences { count, within: near, largest: near, squares, truncated: 0 });
            return;
        }
        *wrong |= is_any_wrong(coding, codes, values);
        let (mut truncated, mut count) = (0, 0);
        for &value in values {
            truncated += u32::from(coding.quantiser.is_outside(value));
            count += u32::from(value.is_finite());
        }
        let [within, squares, largest] =
            sum(codes, values, |code, value| differences_of(coding, code, value));
        let (count, truncated) = (count.into(), truncated.into());
        all.merge(&Differences { count, within, largest, squares, truncated });
    }
}

/// Calls `add` with every code and its value, and the lane that its sums are in.
#[inline(always)]
fn in_lanes(codes: &[f32], values: &[f32], mut add: impl FnMut(usize, f32, f32)) {
    let (code_groups, codes) = codes.as_chunks::<LANES>();
    let (value_groups, values) = values.as_chunks::<LANES>();
    for (codes, values) in code_groups.iter().zip(value_groups) {
        for lane in 0..LANES {
            add(lane, codes[lane], values[lane]);
        }
    }
    for (lane, (&code, &value)) in codes.iter().zip(values).enumerate() {
        add(lane, code, value);
    }
}

/// Returns the highest of the first differences, the sum of the squares of the second, and the highest of these.
#[inline(always)]
fn sum(codes: &[f32], values: &[f32], differences: impl Fn(f32, f32) -> (f64, f64)) -> [f64; 3] {
    let (mut within, mut squares, mut largest) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    in_lanes(codes, values, |lane, code, value| {
        let (near, any) = differences(code, value);
        within[lane] = higher(near, within[lane]);
        squares[lane] += any * any;
        largest[lane] = higher(any.abs(), largest[lane]);
    });
    let highest = |lanes: [f64; LANES]| lanes.into_iter().fold(0.0, higher);
    [highest(within), squares.iter().sum(), highest(largest)]
}

/// Returns the highest difference and the sum of the squares of all, computed in floats.
#[inline(always)]
fn sum_whole(coding: &Coding, codes: &[f32], values: &[f32]) -> [f64; 2] {
    let (mut squares, mut largest) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    in_lanes(codes, values, |lane, code, value| {
        let difference = (value - coding.decoder.value(code)).abs();
        squares[lane] += difference * difference;
        largest[lane] = if difference > largest[lane] { difference } else { largest[lane] };
    });
    let wide = |lanes: [f32; LANES]| lanes.into_iter().map(f64::from);
    [wide(largest).fold(0.0, higher), wide(squares).sum()]
}

/// Tells whether some code is not the one of its value.
#[inline(always)]
fn is_any_wrong(coding: &Coding, codes: &[f32], values: &[f32]) -> bool {
    let wrong = codes.iter().zip(values).fold(0, |wrong, (&code, &value)| {
        wrong | u32::from(coding.quantiser.code(value) as i32 as f32 != code)
    });
    wrong != 0
}

/// Computes how far a code's value is from the original's: 0 for a pixel outside the range, and for any that is finite.
#[inline(always)]
fn differences_of(coding: &Coding, code: f32, value: f32) -> (f64, f64) {
    let read = coding.decoder.value(code);
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
