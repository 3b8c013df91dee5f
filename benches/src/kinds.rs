//! The kinds of pixel codes the deflate encoder is made for, drawn from a seed.
//!
//! Every kind is a function of its name and the number of pixels alone, so that sizes can be compared between
//! machines and encoders. Gaussian kinds have a sigma of an eighth of the code range; a final `s` in the name stands
//! for HDF5's shuffle filter, applied to each chunk.

/// The kinds of noise: matches do not pay on them.
pub const NOISE: [&str; 10] = ["g3", "g5", "g8", "p05", "p1", "p30", "mic5", "g10", "g10s", "g12s"];
/// The kinds with flat regions: runs or matches pay.
pub const FLAT: [&str; 5] = ["vol5", "voln5", "vol8", "vol12s", "p005"];

/// Xorshift64* (Vigna 2016): small, seeded, the same everywhere.
pub struct Random(u64);

impl Random {
    /// Drawn from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A value in 0..n.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.draw()) * u128::from(n)) >> 64) as u64
    }

    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.draw() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// Standard normal deviate (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Poisson count (Knuth's product of uniforms).
    pub fn poisson(&mut self, mean: f64) -> u16 {
        let limit = (-mean).exp();
        let mut product = self.uniform();
        let mut count = 0;
        while product > limit {
            product *= self.uniform();
            count += 1;
        }
        count
    }
}

/// A kind's codes.
pub struct Kind {
    /// The codes, little-endian.
    pub bytes: Vec<u8>,
    /// Bytes of one.
    pub width: usize,
    /// Chunks pass the shuffle filter.
    pub shuffled: bool,
}

impl Kind {
    /// Byte planes of a chunk, as the encoder is told.
    #[must_use]
    pub fn planes(&self) -> usize {
        if self.shuffled { self.width } else { 1 }
    }

    /// The set cut into chunks of `size` bytes, each shuffled if the kind is.
    #[must_use]
    pub fn chunks(&self, size: usize) -> Vec<Vec<u8>> {
        self.bytes
            .chunks(size)
            .map(|chunk| if self.shuffled { shuffle(chunk, self.width) } else { chunk.to_vec() })
            .collect()
    }
}

/// HDF5's shuffle: all first bytes, then all second bytes.
#[must_use]
pub fn shuffle(chunk: &[u8], width: usize) -> Vec<u8> {
    let pixels = chunk.len() / width;
    let mut out: Vec<u8> =
        (0..width).flat_map(|plane| (0..pixels).map(move |pixel| chunk[pixel * width + plane])).collect();
    out.extend_from_slice(&chunk[pixels * width..]);
    out
}

/// Makes a kind of `pixels` pixels (volumes: the largest cube that fits, then repeated seeds).
///
/// # Panics
/// For a name that is no kind.
#[must_use]
pub fn make(name: &'static str, pixels: usize) -> Kind {
    let stem = name.trim_end_matches('s');
    let seed = name.bytes().fold(7u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
    let mut random = Random::new(seed);
    let (codes, bits) = match stem {
        "p005" => (poisson(&mut random, pixels, 0.05), 8),
        "p02" => (poisson(&mut random, pixels, 0.2), 8),
        "p05" => (poisson(&mut random, pixels, 0.5), 8),
        "p1" => (poisson(&mut random, pixels, 1.0), 8),
        "p30" => (poisson(&mut random, pixels, 30.0), 8),
        "mic5" => (micrograph(&mut random, pixels, 5), 5),
        "voln5" => (volume(&mut random, pixels, 5, 1.0), 5),
        _ => {
            let digits = stem.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            let bits: u32 = digits.parse().expect("a kind ends in its bits");
            let codes = if stem.starts_with('g') {
                gaussian(&mut random, pixels, bits)
            } else {
                volume(&mut random, pixels, bits, 0.0)
            };
            (codes, bits)
        }
    };
    let width = if bits > 8 { 2 } else { 1 };
    let bytes = codes.iter().flat_map(|code| code.to_le_bytes().into_iter().take(width)).collect();
    Kind { bytes, width, shuffled: stem.len() < name.len() }
}

fn code(value: f64, bits: u32) -> u16 {
    value.round().clamp(0.0, f64::from((1u32 << bits) - 1)) as u16
}

fn gaussian(random: &mut Random, pixels: usize, bits: u32) -> Vec<u16> {
    let range = f64::from(1u32 << bits);
    (0..pixels).map(|_| code(range / 2.0 + random.normal() * range / 8.0, bits)).collect()
}

fn poisson(random: &mut Random, pixels: usize, mean: f64) -> Vec<u16> {
    (0..pixels).map(|_| random.poisson(mean).min(255)).collect()
}

/// Noise correlated over neighbouring pixels, on a gradient along the rows.
fn micrograph(random: &mut Random, pixels: usize, bits: u32) -> Vec<u16> {
    let nx = 2048.min(pixels);
    let range = f64::from(1u32 << bits);
    let white: Vec<f64> = (0..=pixels + nx).map(|_| random.normal()).collect();
    (0..pixels)
        .map(|i| {
            let noise = (white[i] + 0.5 * white[i + 1] + 0.5 * white[i + nx]) / 1.5f64.sqrt();
            let slope = (i % nx) as f64 / nx as f64 - 0.5;
            code(range / 2.0 + range / 8.0 * (0.97 * noise + 0.9 * slope), bits)
        })
        .collect()
}

/// Low-passed white noise inside a sphere that holds a third of the cube; zero outside. `noise` is in codes.
fn volume(random: &mut Random, pixels: usize, bits: u32, noise: f64) -> Vec<u16> {
    let n = (pixels as f64).cbrt().floor() as usize;
    let mut field: Vec<f64> = (0..n * n * n).map(|_| random.normal()).collect();
    for _ in 0..3 {
        for stride in [1, n, n * n] {
            box_blur(&mut field, n, stride, 2);
        }
    }
    let sigma = (field.iter().map(|v| v * v).sum::<f64>() / field.len() as f64).sqrt();
    let range = f64::from(1u32 << bits);
    let radius = n as f64 * 0.43;
    let centre = n as f64 / 2.0;
    let mut codes: Vec<u16> = (0..n * n * n)
        .map(|i| {
            let place = [i % n, i / n % n, i / n / n].map(|c| c as f64 - centre);
            if place.iter().map(|c| c * c).sum::<f64>() > radius * radius {
                return 0;
            }
            code(range / 2.0 + range / 8.0 * field[i] / sigma + noise * random.normal(), bits)
        })
        .collect();
    codes.resize(pixels, 0);
    codes
}

/// Mean over 2 r + 1 neighbours along one axis, wrapping around.
fn box_blur(field: &mut [f64], n: usize, stride: usize, r: usize) {
    let mut line = vec![0.0; n];
    for start in (0..field.len()).filter(|i| (i / stride).is_multiple_of(n)) {
        for (i, value) in line.iter_mut().enumerate() {
            *value = (0..=2 * r).map(|k| field[start + (i + n + k - r) % n * stride]).sum::<f64>()
                / (2 * r + 1) as f64;
        }
        for (i, value) in line.iter().enumerate() {
            field[start + i * stride] = *value;
        }
    }
}
