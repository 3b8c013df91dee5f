//! The codes of a frame: gaps between electrons, and where in its pixel each electron fell.
//!
//! Bits are taken from the least significant end of each byte. A gap of all ones holds no electron: the next code goes
//! on counting. What follows the code that reaches the last pixel is padding and is not looked at.

use super::events::{Grid, Row};

/// Bytes after the codes of a frame that may be loaded with them; they decide nothing.
pub const PADDING: usize = 8;

/// How many bits each part of a code has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    /// Of the gap to the next electron.
    pub gap: u32,
    /// Of the place of the electron in its pixel, along each axis.
    pub sub: u32,
    /// Unused sub-pixel bits follow a gap without an electron, too.
    pub wasteful: bool,
}

/// What is wrong with the codes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// They end before the last pixel.
    Cut {
        /// The pixel that they come to.
        pixel: u64,
    },
    /// They go on beyond the last pixel.
    Overrun {
        /// The pixel that they come to.
        pixel: u64,
    },
}

impl Coding {
    /// Tells whether so many bytes can reach so many pixels: a code takes one at least, and a gap is only so wide.
    pub fn reaches(self, bytes: u64, pixels: u64) -> bool {
        let widest = u128::from((1u64 << self.gap) - 1);
        u128::from(bytes) * 8 / u128::from(self.gap) * widest >= u128::from(pixels)
    }

    /// Returns the bits of a code with an electron.
    pub fn electron_bits(self) -> u32 {
        self.gap + 2 * self.sub
    }

    /// Returns how many electrons so many bytes can hold.
    pub fn most_events(self, bytes: usize) -> usize {
        bytes / self.electron_bits() as usize * 8 + 8
    }

    /// Appends the electrons of a frame, in order, as numbers of pixels of the picture that is rendered. `bytes` holds
    /// the codes and [`PADDING`] after them.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn decode(self, bytes: &[u8], grid: &Grid, events: &mut Vec<u32>) -> Result<(), Fault> {
        if grid.is_plain() {
            return self.walk(bytes, grid.pixels(), |pixel, _| events.push(pixel as u32));
        }
        let mut row = Row::default();
        self.walk(bytes, grid.pixels(), |pixel, place| events.push(grid.event(&mut row, pixel, place)))
    }

    /// Checks the codes of a frame of so many pixels.
    ///
    /// # Errors
    /// See [`Coding::decode`].
    pub fn check(self, bytes: &[u8], pixels: u64) -> Result<(), Fault> {
        self.walk(bytes, pixels, |_, _| ())
    }

    /// Calls `electron` with pixel and place in it of each electron.
    #[inline(always)]
    fn walk(self, bytes: &[u8], pixels: u64, mut electron: impl FnMut(u64, usize)) -> Result<(), Fault> {
        let bits = 8 * bytes.len().saturating_sub(PADDING) as u64;
        let widest = (1u64 << self.gap) - 1;
        let places = (1u64 << (2 * self.sub)) - 1;
        // Bits that follow a gap without an electron.
        let unused = if self.wasteful { 2 * self.sub } else { 0 };
        let (mut at, mut pixel) = (0u64, 0u64);
        loop {
            let end = at + u64::from(self.gap);
            if end > bits {
                return Err(Fault::Cut { pixel });
            }
            // In range: the bytes go on for PADDING after the last bit.
            let start = (at / 8) as usize;
            let Some(word) = bytes.get(start..).and_then(|rest| rest.first_chunk::<8>()) else {
                return Err(Fault::Cut { pixel });
            };
            let code = u64::from_le_bytes(*word) >> (at % 8);
            let gap = code & widest;
            pixel += gap;
            if pixel >= pixels {
                return if pixel == pixels { Ok(()) } else { Err(Fault::Overrun { pixel }) };
            }
            if gap == widest {
                at = end + u64::from(unused);
                continue;
            }
            electron(pixel, ((code >> self.gap) & places) as usize);
            pixel += 1;
            at += u64::from(self.electron_bits());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::eer::events::Grid;
    use crate::formats::eer::rendering::Upsampling;
    use crate::image::Shape;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const CODING: Coding = Coding { gap: 7, sub: 2, wasteful: false };

    /// Electrons at pixel 3 (2, 1) and pixel 140 (0, 3) of 16 x 16.
    const FRAME: [u8; 16] = [0x03, 0xfe, 0x27, 0x6c, 0x0e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    fn places(upsampling: Upsampling) -> Vec<(u32, u32)> {
        let grid = Grid::new(Shape { nx: 16, ny: 16, nz: 1 }, 2, upsampling);
        let mut events = Vec::new();
        CODING.decode(&FRAME, &grid, &mut events).unwrap();
        let nx = 16 * upsampling.factor();
        events.iter().map(|event| (event % nx, event / nx)).collect()
    }

    #[test]
    fn electrons_fall_where_the_codes_say() {
        assert_eq!(places(Upsampling::One), [(3, 0), (12, 8)]);
        assert_eq!(places(Upsampling::Two), [(7, 0), (24, 17)]);
        assert_eq!(places(Upsampling::Four), [(14, 1), (48, 35)]);
    }

    #[test]
    fn every_cut_is_found_and_no_padding_is_needed() {
        // 3 codes of 11 bits, 3 gaps of 7, one of them full: 43 bits.
        for bytes in 0..6 {
            let cut = [&FRAME[..bytes], &[0; PADDING]].concat();
            let found = CODING.check(&cut, 256);
            assert_eq!(found.is_ok(), bytes >= 5, "{bytes} bytes: {found:?}");
        }
        assert!(matches!(CODING.check(&[0xff; PADDING], 1), Err(Fault::Cut { pixel: 0 })));
        assert!(matches!(CODING.check(&[], 1), Err(Fault::Cut { pixel: 0 })));
    }

    #[test]
    fn codes_that_miss_the_last_pixel_are_found() {
        assert_eq!(CODING.check(&FRAME, 255), Err(Fault::Overrun { pixel: 256 }));
        assert!(matches!(CODING.check(&FRAME, 1 << 20), Err(Fault::Cut { .. })));
    }

    #[test]
    fn unused_bits_after_full_gaps() {
        // 8 + 2 + 2 bits: full, electron at 255 + 1, then 43 to the end of 300, of 12 bits each.
        let wasteful = [0xff, 0x10, 0x00, 0x2b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        // The same without the 4 bits after the full gap.
        let plain = [0xff, 0x01, 0xb0, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for (bytes, wasteful) in [(wasteful, true), (plain, false)] {
            let coding = Coding { gap: 8, sub: 2, wasteful };
            assert_eq!(coding.check(&bytes, 300), Ok(()));
            assert!(Coding { wasteful: !wasteful, ..coding }.check(&bytes, 300).is_err());
        }
    }

    #[test]
    fn few_bytes_reach_few_pixels() {
        assert!(CODING.reaches(7, 1016) && !CODING.reaches(7, 1017) && !CODING.reaches(0, 1));
        assert!(CODING.reaches(u64::MAX, u64::MAX) && !CODING.reaches(1 << 32, u64::MAX));
    }
}
