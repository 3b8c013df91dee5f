//! A movie as `SerialEM` writes one of a K3 camera in super-resolution: counts as bytes, LZW, strips of some rows.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use e2compress_bench::kinds::Random;
use weezl::BitOrder;
use weezl::encode::Encoder;

/// Columns of a frame.
pub const NX: u32 = 11520;

/// Rows of a frame.
pub const NY: u32 = 8184;

/// A movie.
pub struct Movie {
    /// Mean of a pixel.
    pub counts: f64,
    /// Rows of a strip.
    pub rows: u32,
    /// Number of frames.
    pub frames: u32,
}

impl Movie {
    /// Writes it. Frames differ in where their noise starts.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut random = Random::new(17);
        // Poisson noise is drawn once for some rows, and rows start anywhere in it.
        let noise: Vec<u8> = (0..1 << 23).map(|_| random.poisson(self.counts) as u8).collect();
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(b"II+\0\x08\0\0\0")?;
        let mut link = file.stream_position()?;
        file.write_all(&[0; 8])?;
        for _ in 0..self.frames {
            let (mut offsets, mut counts) = (Vec::new(), Vec::new());
            for start in (0..NY).step_by(self.rows as usize) {
                let rows = self.rows.min(NY - start);
                let mut pixels = Vec::with_capacity((rows * NX) as usize);
                for _ in 0..rows {
                    let from = random.below(noise.len() as u64 - u64::from(NX)) as usize;
                    pixels.extend_from_slice(&noise[from..from + NX as usize]);
                }
                let stored = Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
                    .encode(&pixels)
                    .map_err(std::io::Error::other)?;
                offsets.push(file.stream_position()?);
                counts.push(stored.len() as u64);
                file.write_all(&stored)?;
            }
            let numbers = |numbers: &[u64]| -> Vec<u8> {
                numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
            };
            let place = |file: &mut BufWriter<File>, values: &[u64]| -> std::io::Result<u64> {
                if let [value] = values {
                    return Ok(*value);
                }
                let at = file.stream_position()?;
                file.write_all(&numbers(values))?;
                Ok(at)
            };
            let strips = offsets.len() as u64;
            let (offsets, counts) = (place(&mut file, &offsets)?, place(&mut file, &counts)?);
            let directory = file.stream_position()?;
            let entries: [(u64, u64, u64); 9] = [
                (256, 1, NX.into()),
                (257, 1, NY.into()),
                (258, 1, 8),
                (259, 1, 5),
                (262, 1, 1),
                (273, strips, offsets),
                (277, 1, 1),
                (278, 1, self.rows.into()),
                (279, strips, counts),
            ];
            file.write_all(&(entries.len() as u64).to_le_bytes())?;
            for (tag, count, value) in entries {
                file.write_all(&[tag.to_le_bytes()[0], tag.to_le_bytes()[1], 16, 0])?;
                file.write_all(&numbers(&[count, value]))?;
            }
            let next = file.stream_position()?;
            file.write_all(&[0; 8])?;
            let end = file.stream_position()?;
            file.seek(std::io::SeekFrom::Start(link))?;
            file.write_all(&directory.to_le_bytes())?;
            file.seek(std::io::SeekFrom::Start(end))?;
            link = next;
        }
        file.flush()
    }
}
