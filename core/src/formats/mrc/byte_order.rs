//! In which order the bytes of a header's numbers are: by what makes sense, then by the machine stamp.
//!
//! EMAN2 never looks at the stamp, and it is right on every file met so far: stamps are missing, unset
//! or those of another machine. Related reports: 3dem/relion#844, timothygrant80/cisTEM#55, ccpem/mrcfile#7.

use super::header::{HEADER_BYTES, Header, at};
use crate::image::MAX_SIDE;

/// Modes that say which order is right; 0 is the same in both, and higher ones are no MRC2014.
const TELLING_MODES: std::ops::RangeInclusive<i32> = 1..=127;

/// What the bytes are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteOrder {
    /// The most significant byte comes first.
    pub big_endian: bool,
    /// The machine stamp says the other.
    pub against_stamp: bool,
}

/// Finds the order for the header of a file of so many bytes.
pub fn of(bytes: &[u8; HEADER_BYTES], length: u64) -> ByteOrder {
    let headers = [false, true].map(|big_endian| Header::new(bytes, big_endian));
    let only = |sensible: &dyn Fn(&Header) -> bool| match headers.each_ref().map(sensible) {
        [true, false] => Some(false),
        [false, true] => Some(true),
        _ => None,
    };
    let stamp = stamp(bytes);
    let big_endian = only(&|header| TELLING_MODES.contains(&header.mode()))
        .or_else(|| only(&|header| header.axes().into_iter().all(|axis| (1..=3).contains(&axis))))
        .or_else(|| only(&|header| fits(header, length)))
        .or(stamp)
        .unwrap_or(false);
    ByteOrder { big_endian, against_stamp: stamp.is_some_and(|stamp| stamp != big_endian) }
}

/// Returns what the machine stamp says, if it is one of those that say something.
pub fn stamp(bytes: &[u8; HEADER_BYTES]) -> Option<bool> {
    match bytes[at::STAMP..at::STAMP + 2] {
        [0x44, 0x44 | 0x41] => Some(false),
        [0x11, 0x11] => Some(true),
        _ => None,
    }
}

/// Tells whether the sides are those of an image that a file of so many bytes has room for, at 4 bits per pixel,
/// which is the least.
fn fits(header: &Header, length: u64) -> bool {
    let sides = header.dimensions();
    let sane = |side: i32| (1..MAX_SIDE as i32).contains(&side);
    let pixels = sides.iter().map(|&side| u128::from(side.unsigned_abs())).product::<u128>();
    sane(sides[0]) && sane(sides[1]) && sides[2] > 0 && pixels / 2 <= u128::from(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Makes a header of these words, in either order.
    fn header(sides: [i32; 3], mode: i32, axes: i32, big_endian: bool, stamp: [u8; 2]) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut put = |at: usize, word: i32| {
            let word = if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
            bytes[at..at + 4].copy_from_slice(&word);
        };
        for (place, side) in sides.into_iter().enumerate() {
            put(4 * place, side);
            put(at::AXES + 4 * place, if axes == 0 { 0 } else { axes + place as i32 });
        }
        put(at::MODE, mode);
        bytes[at::STAMP..at::STAMP + 2].copy_from_slice(&stamp);
        bytes
    }

    #[test]
    fn what_makes_sense_outweighs_the_stamp() {
        for big_endian in [false, true] {
            for (mode, axes, sides) in
                [(2, 1, [30, 20, 1]), (1, 0, [30, 20, 3]), (0, 1, [256, 256, 256]), (0, 0, [30, 20, 1])]
            {
                for (stamp, says) in [([0, 0], None), ([0x44, 0x41], Some(false)), ([0x11, 0x11], Some(true))]
                {
                    let found = of(&header(sides, mode, axes, big_endian, stamp), 1 << 25);
                    let against_stamp = says.is_some_and(|says| says != big_endian);
                    assert_eq!(found, ByteOrder { big_endian, against_stamp }, "{mode} {axes} {stamp:?}");
                }
            }
        }
    }

    #[test]
    fn the_stamp_decides_where_both_make_sense() {
        // 256 is 65536 the other way around.
        for (stamp, big_endian) in [([0x44, 0x44], false), ([0x11, 0x11], true), ([0, 0], false)] {
            let bytes = header([256, 256, 1], 0, 0, true, stamp);
            assert_eq!(of(&bytes, u64::MAX).big_endian, big_endian, "{stamp:?}");
        }
    }
}
