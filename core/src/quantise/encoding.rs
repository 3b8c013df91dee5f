//! The plan of an image: how its pixels are stored, decided once it is measured.

use super::bits::Bits;
use super::quantiser::Quantiser;
use super::scale::{Range, Scale};
use super::subtract::Subtract;
use super::table::Table;
use crate::image::{PixelType, Pixels};
use crate::kernel::narrow::{Biased, NarrowWork};
use crate::kernel::strided::Strided;

/// How the pixels of one image are stored. Images of one file may differ.
pub enum Encoding {
    /// 32-bit floats stored contiguously, without a filter.
    Raw,
    /// 32-bit floats, shuffled and deflated.
    Floats,
    /// Codes, shuffled where they take two bytes, and deflated.
    Codes(Coding),
}

/// Codes of so many bits that span a range.
pub struct Coding {
    /// Bits of a code.
    pub bits: Bits,
    /// What the codes span.
    pub range: Range,
    coder: Coder,
}

/// The fastest of the ways to the same codes.
enum Coder {
    /// For integers at a step of 1.
    Subtract(Subtract),
    /// For pixels of which there are few different ones.
    Table(Table),
    /// For any.
    Float(Quantiser),
}

/// The byte planes of a chunk: low bytes of codes and, where codes take two bytes, high bytes.
pub struct Planes<'a> {
    /// Pixels in a row of the chunk.
    pub width: usize,
    /// Low bytes.
    pub low: &'a mut [u8],
    /// High bytes; `None` for codes of one byte.
    pub high: Option<&'a mut [u8]>,
}

impl Encoding {
    /// Returns the type of a stored number.
    #[must_use]
    pub fn element(&self) -> PixelType {
        match self {
            Self::Raw | Self::Floats => PixelType::F32,
            Self::Codes(coding) if coding.bits.get() <= 8 => PixelType::U8,
            Self::Codes(_) => PixelType::U16,
        }
    }

    /// Returns the codes' bits and range, `None` for floats.
    #[must_use]
    pub fn coding(&self) -> Option<&Coding> {
        match self {
            Self::Codes(coding) => Some(coding),
            Self::Raw | Self::Floats => None,
        }
    }
}

impl Coding {
    /// Chooses the fastest coder for an image of `count` such pixels.
    #[must_use]
    pub fn new(bits: Bits, range: Range, pixels: Pixels, count: u64) -> Self {
        let quantiser = Quantiser::new(range, bits);
        let subtract = Subtract::new(pixels, range, bits).map(Coder::Subtract);
        let table = || Table::new(pixels, count, quantiser).map(Coder::Table);
        let coder = subtract.or_else(table).unwrap_or(Coder::Float(quantiser));
        Self { bits, range, coder }
    }

    /// Takes over codes as they are, of an image of `count` pixels that are such codes.
    #[must_use]
    pub fn kept(bits: Bits, range: Range, codes: Pixels, count: u64) -> Self {
        let themselves = Range { low: 0.0, high: bits.top() as f32, exact: true };
        Self { range, ..Self::new(bits, themselves, codes, count) }
    }

    /// Computes the difference between neighbouring codes of a range; the range of codes that another program wrote may
    /// fall.
    #[must_use]
    pub fn step_of(range: Range, bits: Bits) -> f64 {
        ((range.high - range.low).abs() / bits.top() as f32).into()
    }

    /// Describes codes that are there already and whose values nobody asks for.
    #[must_use]
    pub fn of_codes(bits: Bits, range: Range) -> Self {
        Self { bits, range, coder: Coder::Float(Quantiser::new(range, bits)) }
    }

    /// Returns what turns the codes into values again.
    #[must_use]
    pub fn scale(&self) -> Scale {
        Scale { range: self.range, most: self.bits.top() as f32 }
    }

    /// Encodes the pixels of a block into the planes of its chunk. `values` decodes them, where the coder
    /// needs that. Returns how many pixels lie outside the range.
    pub fn code<'a>(
        &self,
        pixels: Pixels,
        stored: Strided<'a, u8>,
        values: impl FnOnce() -> Strided<'a, f32>,
        planes: &mut Planes<'_>,
    ) -> u64 {
        match &self.coder {
            Coder::Subtract(subtract) => {
                let coded = pixels.integers(stored, SubtractRows { subtract: *subtract, planes });
                // Subtraction is chosen for integers alone.
                coded.unwrap_or_default()
            }
            Coder::Table(table) => {
                let rows = stored.rows().enumerate();
                let rows = rows.map(|(row, stored)| {
                    match planes.places(row, stored.len() / table.bytes_per_pixel()) {
                        (low, None) => table.bytes(stored, low),
                        (low, Some(high)) => table.planes(stored, low, high),
                    }
                });
                rows.sum()
            }
            Coder::Float(quantiser) => {
                let rows = values().rows().enumerate();
                let rows = rows.map(|(row, values)| match planes.places(row, values.len()) {
                    (low, None) => quantiser.bytes(values, low),
                    (low, Some(high)) => quantiser.planes(values, low, high),
                });
                rows.sum()
            }
        }
    }
}

impl Planes<'_> {
    /// Returns the places of a row's first pixels.
    fn places(&mut self, row: usize, pixels: usize) -> (&mut [u8], Option<&mut [u8]>) {
        let all = row * self.width..row * self.width + pixels;
        (&mut self.low[all.clone()], self.high.as_deref_mut().map(|high| &mut high[all]))
    }
}

/// Codes of integers by subtraction.
struct SubtractRows<'a, 'p> {
    subtract: Subtract,
    planes: &'a mut Planes<'p>,
}

impl NarrowWork for SubtractRows<'_, '_> {
    type Output = u64;

    fn run<T: Copy, R: Biased>(self, strided: Strided<'_, T>, biased: impl Fn(T) -> R + Copy, _: i32) -> u64 {
        let Self { subtract, planes } = self;
        let coded = strided.rows().enumerate().map(|(row, pixels)| match planes.places(row, pixels.len()) {
            (low, None) => subtract.bytes(pixels, biased, low),
            (low, Some(high)) => subtract.planes(pixels, biased, low, high),
        });
        coded.sum()
    }
}
