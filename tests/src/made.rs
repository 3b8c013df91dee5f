//! MRC files made for a purpose.

/// An MRC file under construction: a plausible little-endian header and the given pixel bytes.
#[derive(Clone, Debug)]
pub struct Mrc {
    /// Header, extended header and pixels.
    pub bytes: Vec<u8>,
}

impl Mrc {
    /// Length of the header.
    pub const HEADER: usize = 1024;

    /// A header for these dimensions and mode, without pixels.
    #[must_use]
    pub fn new(nx: i32, ny: i32, nz: i32, mode: i32) -> Self {
        let mut mrc = Self { bytes: vec![0; Self::HEADER] };
        for (word, value) in [nx, ny, nz, mode, 0, 0, 0, nx, ny, nz].into_iter().enumerate() {
            mrc.int(4 * word, value);
        }
        for (word, value) in [nx, ny, nz].into_iter().enumerate() {
            mrc.set(40 + 4 * word, &(value as f32 * 1.25).to_le_bytes());
            mrc.set(52 + 4 * word, &90f32.to_le_bytes());
            mrc.int(64 + 4 * word, word as i32 + 1);
        }
        mrc.set(208, b"MAP DD\0\0");
        mrc
    }

    /// 32-bit floats.
    #[must_use]
    pub fn floats(nx: i32, ny: i32, nz: i32, values: impl IntoIterator<Item = f32>) -> Self {
        let mut mrc = Self::new(nx, ny, nz, 2);
        mrc.bytes.extend(values.into_iter().flat_map(f32::to_le_bytes));
        mrc
    }

    /// Writes header bytes.
    pub fn set(&mut self, offset: usize, bytes: &[u8]) -> &mut Self {
        self.bytes[offset..offset + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Writes a header word.
    pub fn int(&mut self, offset: usize, value: i32) -> &mut Self {
        self.set(offset, &value.to_le_bytes())
    }
}

/// Numbers that look random and are the same every time (a linear congruential generator).
#[derive(Clone, Debug)]
pub struct Noise(pub u64);

impl Noise {
    /// The next number, evenly spread from 0 to 1.
    pub fn even(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    /// The next number, roughly normal with mean 0 and sigma 1.
    pub fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.even()).sum::<f32>() - 6.0
    }
}

impl Iterator for Noise {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        Some(self.normal())
    }
}
