//! The image of the README's first command: noise from a seed, with a few particles in it.

use std::fs;
use std::path::Path;

use crate::command::enter_project;

/// Where it lies: not in `tests/data`, all of which the conformance tables name.
const PLACE: &str = "examples/micrograph.mrc";

/// Pixels along either side.
const SIDE: i32 = 512;

/// Counts of the background and their standard deviation, the distance and radius of particles in pixels, and by
/// how many counts they are darker: some two thirds of the noise, which is what ice thin enough gives.
const BACKGROUND: i64 = 1000;
const SIGMA: i64 = 60;
const DISTANCE: i32 = 96;
const RADIUS: i32 = 28;
const DARKER: i64 = 40;

/// Makes it and writes it to its place.
pub fn write() -> anyhow::Result<()> {
    enter_project()?;
    if let Some(folder) = Path::new(PLACE).parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(PLACE, mrc())?)
}

/// Returns an MRC file of unsigned 16-bit integers. Only integers make it, so every machine makes the same.
fn mrc() -> Vec<u8> {
    let mut random = Random(20_140_615);
    let mut pixels = Vec::new();
    for y in 0..SIDE {
        for x in 0..SIDE {
            // A grid of discs, each row of them moved by half a distance, on a background that brightens by x.
            let row = y / DISTANCE;
            let (dx, dy) =
                ((x + row % 2 * DISTANCE / 2) % DISTANCE - DISTANCE / 2, y % DISTANCE - DISTANCE / 2);
            let dark = if dx * dx + dy * dy < RADIUS * RADIUS { DARKER } else { 0 };
            let value = BACKGROUND + i64::from(x / 16) - dark + random.normal(SIGMA);
            pixels.push(u16::try_from(value.clamp(0, u16::MAX.into())).expect("it is clamped"));
        }
    }
    let mut file = header(&pixels);
    file.extend(pixels.into_iter().flat_map(u16::to_le_bytes));
    file
}

/// Returns the header of MRC2014, little-endian.
fn header(pixels: &[u16]) -> Vec<u8> {
    let mut header = vec![0; 1024];
    let mut set = |word: usize, bytes: &[u8]| header[4 * word..4 * word + bytes.len()].copy_from_slice(bytes);
    let (unsigned_shorts, version) = (6, 20140_i32);
    let integers = [SIDE, SIDE, 1, unsigned_shorts, 0, 0, 0, SIDE, SIDE, 1]
        .into_iter()
        .enumerate()
        .chain([(27, version)]);
    for (word, value) in integers.chain([(16, 1), (17, 2), (18, 3)]) {
        set(word, &value.to_le_bytes());
    }
    // 1.25 angstroms per pixel.
    for (word, angstroms) in [(10, 640.0), (11, 640.0), (12, 1.25)] {
        set(word, &f32::to_le_bytes(angstroms));
    }
    for word in 13..16 {
        set(word, &90f32.to_le_bytes());
    }
    let values = || pixels.iter().copied().map(f64::from);
    let mean = values().sum::<f64>() / pixels.len() as f64;
    let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / pixels.len() as f64;
    let (minimum, maximum) =
        values().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    for (word, value) in [(19, minimum), (20, maximum), (21, mean), (54, variance.sqrt())] {
        set(word, &(value as f32).to_le_bytes());
    }
    set(52, b"MAP \x44\x44\0\0");
    set(55, &1i32.to_le_bytes());
    set(56, b"Made by `cargo xtask micrograph`: noise and discs, no micrograph");
    header
}

/// A linear congruential generator.
struct Random(u64);

impl Random {
    /// Returns the next 16 bits.
    fn bits(&mut self) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 48) as i64
    }

    /// Returns a number that is roughly normal around 0: the sum of 12 even ones, whose standard deviation is
    /// their width.
    fn normal(&mut self, sigma: i64) -> i64 {
        let sum: i64 = (0..12).map(|_| self.bits()).sum();
        ((sum - 6 * (1 << 16)) * sigma) >> 16
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_file_is_what_the_seed_gives() {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(super::PLACE);
        let there = std::fs::read(place).expect("`cargo xtask micrograph` writes it");
        assert!(
            there == super::mrc(),
            "`cargo xtask micrograph` makes another file than examples/micrograph.mrc"
        );
    }
}
