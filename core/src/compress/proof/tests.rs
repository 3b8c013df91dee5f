//! Every fault that may come between the pixels and the file, caused on purpose.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Mutex;

use super::super::passes::Encoded;
use crate::error::Error;
use crate::image::attributes::Attributes;
use crate::image::{Images, PixelType, Pixels, Shape};
use crate::pipeline::pass::Unit;
use crate::quantise::limits::LimitRule;
use crate::verify::VerifyError;
use crate::{Compressor, Memory, NoProgress, Options, Report};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tamper {
    /// A code, by one.
    Code,
    /// A byte in the middle of a chunk.
    Chunk,
    /// The same, after the chunk was checked.
    Later,
    /// A chunk is written in place of the one that follows it.
    Place,
}

/// The first chunk, for the place of the second.
static FIRST: Mutex<Option<Encoded>> = Mutex::new(None);

impl Tamper {
    pub fn before_deflate(self, planes: &mut [u8]) {
        if self == Self::Code {
            planes[0] ^= 1;
        }
    }

    pub fn before_proof(self, bytes: &mut [u8]) {
        if self == Self::Chunk {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
        }
    }

    pub fn before_writing<C>(self, unit: &Unit<C>, encoded: &mut Encoded) {
        let Encoded { bytes, proof, .. } = encoded;
        match self {
            Self::Later => {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 4;
            }
            Self::Place if unit.block.columns.start == 0 => {
                let first = Encoded { bytes: bytes.clone(), proof: *proof, ..Encoded::default() };
                *FIRST.lock().unwrap() = Some(first);
            }
            Self::Place => {
                if let Some(first) = FIRST.lock().unwrap().take() {
                    (*bytes, *proof) = (first.bytes, first.proof);
                }
            }
            _ => {}
        }
    }
}

/// Noise of some chunks side by side whose first pixel lies half way between two codes. From the given reading on, a
/// pixel is another.
struct Made {
    readings: Cell<u32>,
    changes: u32,
}

const SHAPE: Shape = Shape { nx: 1000, ny: 200, nz: 1 };

impl Images for Made {
    fn format(&self) -> &'static str {
        "made"
    }

    fn images(&self) -> u32 {
        1
    }

    fn shape(&self, _: u32) -> Shape {
        SHAPE
    }

    fn pixels(&self, _: u32) -> Pixels {
        Pixels::new(PixelType::F32, false)
    }

    fn read(&self, _: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        if rows.start == 0 {
            self.readings.set(self.readings.get() + 1);
        }
        let first = rows.start * u64::from(SHAPE.nx);
        for (number, pixel) in (first..).zip(bytes.as_chunks_mut().0) {
            let value = match number {
                0 => 1.0,
                1 => 0.0,
                2 => 62.0,
                77 if self.readings.get() >= self.changes => 50.0,
                _ => ((number * 0x9e37_79b9) >> 7 & 31) as f32 * 2.0 + 0.25,
            };
            *pixel = value.min(62.0).to_le_bytes();
        }
        Ok(())
    }

    fn attributes(&self, _: u32) -> Result<Attributes, Error> {
        Ok(Attributes::new())
    }
}

fn compressed(bits: i64, memory: Memory, changes: u32, tamper: Option<Tamper>) -> Result<Report, Error> {
    let images = Made { readings: Cell::new(0), changes };
    let options = Options { verify: true, memory, limits: LimitRule::All, ..Options::bits(bits).unwrap() };
    let mut compressor = Compressor { tamper, ..Compressor::default() };
    compressor.compress(&images, "made", &mut Vec::new(), &options, &NoProgress)
}

const NEVER: u32 = u32::MAX;
const NOTHING_HELD: Memory = Memory { hold: 0, wave: 1 << 20 };

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    for bits in [-1, 0, 5, 12] {
        for memory in [Memory::DEFAULT, NOTHING_HELD] {
            let found = compressed(bits, memory, NEVER, None).unwrap().comparison.unwrap();
            assert_eq!(found.half_step.is_some(), bits > 0);
            assert!(found.largest <= found.half_step.unwrap_or(0.0), "{bits} {found:?}");
        }
    }
}

#[test]
fn every_fault_on_the_way_to_the_file_is_found() {
    for bits in [-1, 0, 5, 12] {
        // Without codes none is wrong; a code beside a pixel half way between two is as near as the right one.
        let code = compressed(bits, Memory::DEFAULT, NEVER, Some(Tamper::Code));
        match bits {
            -1 => assert!(code.is_ok()),
            0 => assert!(matches!(code, Err(Error::Verify(VerifyError::WrongValue { .. }))), "{code:?}"),
            _ => assert!(matches!(code, Err(Error::Verify(VerifyError::WrongCode { .. }))), "{code:?}"),
        }
        let chunk = compressed(bits, Memory::DEFAULT, NEVER, Some(Tamper::Chunk));
        match bits {
            -1 => assert!(matches!(chunk, Err(Error::Verify(VerifyError::WrongValue { .. }))), "{chunk:?}"),
            _ => assert!(matches!(chunk, Err(Error::Verify(VerifyError::Stream { .. }))), "{chunk:?}"),
        }
        let later = compressed(bits, Memory::DEFAULT, NEVER, Some(Tamper::Later));
        assert!(matches!(later, Err(Error::Verify(VerifyError::Chunk { .. }))), "{bits} {later:?}");
    }
    let place = compressed(5, Memory::DEFAULT, NEVER, Some(Tamper::Place));
    assert!(matches!(place, Err(Error::Verify(VerifyError::Chunk { .. }))), "{place:?}");
}

#[test]
fn pixels_that_change_between_two_readings_are_found() {
    // Held, they are read once, and once more at the end; otherwise for each pass.
    for (memory, readings) in [(Memory::DEFAULT, 2), (NOTHING_HELD, 3)] {
        for bits in [-1, 0, 5, 12] {
            for changes in 2..=readings {
                let found = compressed(bits, memory, changes, None);
                let seen = matches!(found, Err(Error::Verify(VerifyError::Changed { .. })));
                assert!(seen, "{bits} {changes}: {found:?}");
            }
            assert!(compressed(bits, memory, readings + 1, None).is_ok());
        }
    }
}
