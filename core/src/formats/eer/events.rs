//! Electrons on the grid of the picture, and the sums of them.

use super::rendering::Upsampling;
use crate::image::Shape;

/// Places of electrons within a pixel, at most: 2 bits along each axis.
const PLACES: usize = 16;

/// The sensor's pixels, and the picture's.
#[derive(Clone, Debug)]
pub struct Grid {
    sensor: Shape,
    factor: u32,
    /// Pixels of the picture from the first one of a sensor's pixel, by the bits of the place.
    within: [u32; PLACES],
}

/// The row that the last electron was in, at first the first one.
#[derive(Clone, Copy, Default)]
pub struct Row {
    /// Its first pixel on the sensor.
    start: u64,
    /// Its first pixel in the picture.
    picture: u64,
}

impl Grid {
    /// Creates the grid of a sensor whose electrons' places have `sub` bits along each axis, at least as many as the
    /// upsampling uses. The picture has 2^32 pixels at most.
    pub fn new(sensor: Shape, sub: u32, upsampling: Upsampling) -> Self {
        let factor = upsampling.factor();
        let mut within = [0; PLACES];
        let mask = (1 << sub) - 1;
        for (bits, offset) in within.iter_mut().enumerate().take(1 << (2 * sub)) {
            // Places are counted from the middle: the highest bit is turned.
            let [x, y] = [bits as u32, bits as u32 >> sub].map(|bits| (bits & mask) ^ (1 << (sub - 1)));
            let [x, y] = [x, y].map(|place| place >> (sub - upsampling.level()));
            *offset = y * sensor.nx * factor + x;
        }
        Self { sensor, factor, within }
    }

    /// Counts the pixels of the sensor.
    pub fn pixels(&self) -> u64 {
        self.sensor.pixels()
    }

    /// Tells whether the picture's pixels are the sensor's.
    pub fn is_plain(&self) -> bool {
        self.factor == 1
    }

    /// Returns the picture's pixel of an electron in a pixel of the sensor, in or after the row of the one before.
    #[inline(always)]
    pub fn event(&self, row: &mut Row, pixel: u64, place: usize) -> u32 {
        let nx = u64::from(self.sensor.nx);
        let factor = u64::from(self.factor);
        while pixel - row.start >= nx {
            row.start += nx;
            row.picture += nx * factor * factor;
        }
        (row.picture + (pixel - row.start) * factor) as u32 + self.within[place % PLACES]
    }
}

/// Adds the electrons of frames to the counts of a part of the picture that starts with pixel `first`: the rows of
/// some of the sensor's. Electrons are in order but for those of one row of the sensor.
pub fn add<'e, C: Count>(counts: &mut [C], first: u64, frames: impl Iterator<Item = &'e [u32]>) {
    let end = first + counts.len() as u64;
    for events in frames {
        let before = |limit: u64| events.partition_point(|&event| u64::from(event) < limit);
        for &event in &events[before(first)..before(end)] {
            let count = &mut counts[(u64::from(event) - first) as usize];
            *count = count.plus_one();
        }
    }
}

/// A number that electrons are counted in.
pub trait Count: Copy + Default + Send {
    /// Adds one. A frame has one electron per pixel at most, and the counts are wide enough for the frames.
    #[must_use]
    fn plus_one(self) -> Self;
}

impl Count for u8 {
    fn plus_one(self) -> Self {
        self.wrapping_add(1)
    }
}

impl Count for u32 {
    fn plus_one(self) -> Self {
        self.wrapping_add(1)
    }
}

impl Count for u16 {
    fn plus_one(self) -> Self {
        self.wrapping_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn parts_of_a_picture_are_what_the_whole_has() {
        let sensor = Shape { nx: 3, ny: 5, nz: 1 };
        let grid = Grid::new(sensor, 2, Upsampling::Four);
        let mut row = Row::default();
        let events: Vec<u32> = (0..15).map(|pixel| grid.event(&mut row, pixel, pixel as usize)).collect();
        let frames = || [&events[..], &events[4..9]].into_iter();
        let mut whole = vec![0u8; Upsampling::Four.picture(sensor).pixels() as usize];
        add(&mut whole, 0, frames());
        assert_eq!(whole.iter().map(|&count| u32::from(count)).sum::<u32>(), 20);
        for (index, &event) in events.iter().enumerate() {
            assert_eq!(whole[event as usize], if (4..9).contains(&index) { 2 } else { 1 });
        }
        let rows = 2 * 4 * 3 * 4;
        let mut parts = vec![0u16; whole.len()];
        for (index, part) in parts.chunks_mut(rows).enumerate() {
            add(part, (index * rows) as u64, frames());
        }
        assert!(parts.iter().zip(&whole).all(|(part, whole)| *part == u16::from(*whole)));
    }
}
