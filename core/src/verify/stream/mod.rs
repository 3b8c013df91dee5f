//! Tells whether a zlib stream is one of given bytes, without inflating it where it need not be.
//!
//! Blocks of literals, which noise is stored in, are checked against the bytes code by code (`literals.rs`); codes come from
//! the block's own header (`codes.rs`) and are complete, so that any decoder gets these bytes. That costs half
//! of inflating. Streams with matches are inflated.

mod bits;
mod codes;
mod literals;

use crate::formats::hdf5::read::{InflateFault, Inflater};
use bits::Bits;
use codes::{Code, Header, LITERALS};
use literals::Literals;

/// Bytes before the first block (RFC 1950, 2.2).
const HEAD_BYTES: usize = 2;

/// Checks streams one after the other; it keeps its tables and buffers.
pub struct StreamCheck {
    literals: Literals,
    inflater: Inflater,
    inflated: Vec<u8>,
}

impl Default for StreamCheck {
    fn default() -> Self {
        Self { literals: Literals::new(), inflater: Inflater::new(), inflated: Vec::new() }
    }
}

/// How much of a stream was looked at.
enum Outcome {
    Same,
    Differs,
    /// It has more in it than literals.
    Unknown,
}

impl StreamCheck {
    /// Demands that a stream is one of these bytes, and nothing else; `inflate` has it inflated in any case.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&mut self, stream: &[u8], expected: &[u8], inflate: bool) -> Result<(), InflateFault> {
        match self.outcome(stream, expected) {
            Outcome::Same if !inflate => Ok(()),
            Outcome::Differs => Err(InflateFault::Stream),
            Outcome::Same | Outcome::Unknown => {
                self.inflated.resize(expected.len(), 0);
                self.inflater.inflate(stream, &mut self.inflated)?;
                if self.inflated == expected { Ok(()) } else { Err(InflateFault::Stream) }
            }
        }
    }

    fn outcome(&mut self, stream: &[u8], expected: &[u8]) -> Outcome {
        let checksum = simd_adler32::adler32(&expected).to_be_bytes();
        if !has_head(stream) || !stream.ends_with(&checksum) {
            return Outcome::Differs;
        }
        let mut bits = Bits::after(stream, HEAD_BYTES);
        let mut codes = [Code::default(); LITERALS];
        let mut done = 0;
        loop {
            let (last, form) = (bits.take(1) == 1, bits.take(2));
            let rest = &expected[done..];
            let found = match form {
                0 => stored(&mut bits, stream, rest),
                2 => match codes::header(&mut bits, &mut codes) {
                    Header::Literals => self.literals.check(&codes, &mut bits, rest),
                    Header::Matches => return Outcome::Unknown,
                    Header::Broken => None,
                },
                1 => return Outcome::Unknown,
                _ => None,
            };
            let Some(found) = found else { return Outcome::Differs };
            done += found;
            if last {
                break;
            }
        }
        let ends = bits.align() + checksum.len() == stream.len();
        if done == expected.len() && ends { Outcome::Same } else { Outcome::Differs }
    }
}

/// Tells whether a stream starts as one of deflate, without a dictionary.
fn has_head(stream: &[u8]) -> bool {
    const DEFLATE: u8 = 8;
    const MOST_WINDOW: u8 = 7;
    const DICTIONARY: u8 = 1 << 5;
    stream.first_chunk().is_some_and(|&[method, flags]| {
        method & 15 == DEFLATE
            && method >> 4 <= MOST_WINDOW
            && flags & DICTIONARY == 0
            && u16::from_be_bytes([method, flags]) % 31 == 0
    })
}

/// Returns how many bytes a stored block has, if they are those expected.
fn stored(bits: &mut Bits<'_>, stream: &[u8], expected: &[u8]) -> Option<usize> {
    bits.align();
    let (length, complement) = (bits.take(16) as usize, bits.take(16) as usize);
    let start = bits.align();
    let block = stream.get(start..start + length)?;
    let same = length ^ complement == 0xffff && expected.get(..length)? == block;
    bits.skip(length * 8);
    same.then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Level;
    use crate::encode::deflate::Encoder;
    use miniz_oxide::inflate::decompress_to_vec_zlib;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Makes noise of so many values, about.
    fn noise(length: u64, values: u64) -> Vec<u8> {
        let next =
            |at: u64| at.wrapping_add(7).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) % 1_000_003;
        (0..length).map(|at| u64::midpoint(next(at) % values, next(at * 3) % values) as u8).collect()
    }

    fn encoded(data: &[u8], level: i64) -> Vec<u8> {
        let mut stream = Vec::new();
        Encoder::new().zlib(data, 1, Level::new(level).unwrap(), &mut stream);
        stream
    }

    fn kinds() -> Vec<Vec<u8>> {
        let mut kinds = vec![Vec::new(), vec![9], vec![0; 5000], [noise(3000, 30), vec![1; 3000]].concat()];
        for values in [2, 20, 64, 65, 256] {
            kinds.extend([noise(500, values), noise(20_000, values), noise(150_000, values)]);
        }
        kinds
    }

    #[test]
    fn every_stream_of_the_encoder_passes() {
        let mut check = StreamCheck::default();
        for data in kinds() {
            for level in [0, 1, 6, 9] {
                let stream = encoded(&data, level);
                assert_eq!(check.check(&stream, &data, false), Ok(()));
                assert_eq!(check.check(&stream, &data, true), Ok(()));
            }
        }
    }

    #[test]
    fn noise_is_not_inflated() {
        let data = noise(150_000, 30);
        let mut check = StreamCheck::default();
        assert!(matches!(check.outcome(&encoded(&data, 1), &data), Outcome::Same));
        assert!(matches!(check.outcome(&encoded(&[0; 5000], 1), &[0; 5000]), Outcome::Unknown));
    }

    #[test]
    fn other_bytes_are_found() {
        let mut check = StreamCheck::default();
        for data in kinds().iter().filter(|data| !data.is_empty()) {
            let stream = encoded(data, 1);
            for at in [0, data.len() / 2, data.len() - 1] {
                for bit in [0, 1, 7] {
                    let mut other = data.clone();
                    other[at] ^= 1 << bit;
                    assert!(check.check(&stream, &other, false).is_err(), "{} {at} {bit}", data.len());
                }
            }
            assert!(check.check(&stream, &data[..data.len() - 1], false).is_err());
            assert!(check.check(&stream, &[data, &[0][..]].concat(), false).is_err());
            assert!(check.check(&stream[..stream.len() - 1], data, false).is_err());
            assert!(check.check(&[&stream[..], &[0]].concat(), data, false).is_err());
        }
    }

    /// Checks that whatever passes is inflated to the expected bytes by another library.
    #[test]
    fn no_flipped_bit_passes_that_others_would_see() {
        let mut check = StreamCheck::default();
        for (data, step) in [(noise(300, 20), 1), (noise(20_000, 40), 7), (noise(20_000, 256), 41)] {
            let stream = encoded(&data, 1);
            for bit in (0..stream.len() * 8).step_by(step) {
                let mut flipped = stream.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                if check.check(&flipped, &data, false).is_ok() {
                    assert!(decompress_to_vec_zlib(&flipped).is_ok_and(|found| found == data), "bit {bit}");
                }
            }
        }
    }
}
