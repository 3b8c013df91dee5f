//! The waves of a compression, counted.

use std::cell::{Cell, RefCell};
use std::io;
use std::ops::Range;

use e2compress_core::pipeline::tiling::Tiling;
use e2compress_core::{Attributes, Error, Images, Memory, Options, Pixels, Progress, Shape, Sink, compress};

use super::Input;

/// What a compression does, in numbers.
#[derive(Default)]
pub struct Counts {
    /// Units in each wave.
    waves: Vec<u64>,
    /// Bytes of pixels in the input.
    pub bytes: u64,
    /// Bytes of pixels that were read.
    read: u64,
    /// Bytes that are read before anything is computed.
    pub first_wave: u64,
}

impl Counts {
    /// Returns how often each byte of the input was read.
    pub fn readings(&self) -> f64 {
        self.read as f64 / self.bytes as f64
    }

    /// Returns how many units are computed at the same time on average, of so many files at once: those of a wave
    /// take turns, and no wave begins before the one before has ended.
    pub fn in_flight(&self, threads: usize, files: usize) -> f64 {
        let (threads, files) = (threads as u64, files as u64);
        let turns: u64 = self.waves.iter().map(|units| (units * files).div_ceil(threads)).sum();
        (self.waves.iter().sum::<u64>() * files) as f64 / turns as f64
    }
}

/// Images of zeros.
struct Zeros<'a> {
    input: &'a Input,
    read: Cell<u64>,
}

impl Images for Zeros<'_> {
    fn format(&self) -> &'static str {
        "zeros"
    }

    fn images(&self) -> u32 {
        self.input.images
    }

    fn shape(&self, _image: u32) -> Shape {
        self.input.shape
    }

    fn pixels(&self, _image: u32) -> Pixels {
        Pixels::new(self.input.kind, false)
    }

    fn read(&self, _image: u32, _rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        self.read.set(self.read.get() + bytes.len() as u64);
        Ok(())
    }

    fn attributes(&self, _image: u32) -> Result<Attributes, Error> {
        Ok(Attributes::new())
    }
}

/// Nowhere.
struct Nowhere;

impl Sink for Nowhere {
    fn write_at(&mut self, _offset: u64, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of each wave, which is reported as it is done.
#[derive(Default)]
struct Waves {
    done: Cell<u64>,
    bytes: RefCell<Vec<u64>>,
}

impl Progress for Waves {
    fn advanced(&self, done: u64, _total: u64) {
        self.bytes.borrow_mut().push(done - self.done.replace(done));
    }

    fn cancelled(&self) -> bool {
        false
    }
}

/// Compresses an input in so much memory and counts.
pub fn count(input: &Input, memory: Memory) -> Counts {
    let (zeros, waves) = (Zeros { input, read: Cell::default() }, Waves::default());
    let options = Options { memory, ..Options::bits(input.bits).expect("a number of bits") };
    compress(&zeros, "zeros", &mut Nowhere, &options, &waves).expect("nothing can fail");
    let tiling = Tiling::of(input.shape);
    let bytes = input.shape.pixels() * input.kind.bytes() as u64;
    let waves: Vec<u64> = waves.bytes.into_inner().into_iter().filter(|&bytes| bytes > 0).collect();
    Counts {
        first_wave: waves[0],
        waves: waves.iter().map(|wave| (wave * tiling.blocks()).div_ceil(bytes)).collect(),
        bytes: bytes * u64::from(input.images),
        read: zeros.read.get(),
    }
}
