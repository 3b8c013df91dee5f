//! Values out of arbitrary bytes.

use e2compress_core::Memory;
use e2compress_core::{Estimates, Level, LimitRule, Options, PixelEncoding, Target};

/// Takes values from the front; zeros when nothing is left.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let found = self.0.len().min(N);
        array[..found].copy_from_slice(self.slice(found));
        array
    }

    pub fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    /// A number in 0..n.
    pub fn below(&mut self, n: u32) -> u32 {
        u32::from(u16::from_le_bytes(self.array())) % n
    }

    pub fn f64(&mut self) -> f64 {
        // A quarter of all: an ordinary number. The others: any pattern of bits.
        match self.u8() % 4 {
            0 => f64::from(i16::from_le_bytes(self.array())) / 16.0,
            _ => f64::from_le_bytes(self.array()),
        }
    }

    /// So many bytes, or what is left.
    pub fn slice(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Options of every kind; memory so little that images are read in parts, or enough.
    pub fn options(&mut self) -> Options {
        let stored = match i64::from(self.u8() % 20) {
            number @ ..18 => PixelEncoding::from_bits(number - 1).unwrap_or_default(),
            18 => PixelEncoding::Auto(Target::DEFAULT),
            _ => PixelEncoding::Auto(self.target()),
        };
        let level = Level::new(i64::from(self.u8() % 11)).ok();
        let limits = match self.u8() % 4 {
            0 => LimitRule::NoOutliers,
            1 => LimitRule::sigmas(self.f64(), self.f64()).unwrap_or_default(),
            2 => LimitRule::explicit(self.f64(), self.f64()).unwrap_or_default(),
            _ => LimitRule::All,
        };
        let memory = match self.u8() % 3 {
            0 => Memory { hold: 0, wave: 0 },
            1 => Memory { hold: 2000, wave: 1000 },
            _ => Memory::DEFAULT,
        };
        let estimates = match self.u8() % 3 {
            0 => Estimates::None,
            1 => Estimates::Few,
            _ => Estimates::Every,
        };
        Options { stored, level, limits, memory, verify: true, estimates }
    }

    /// Any target there may be.
    pub fn target(&mut self) -> Target {
        Target::new(f64::from(1 + self.below(500)) / 100.0).expect("from 0.01 to 5")
    }
}
