//! Work in flight grows with the worker threads, for each of the three verbs.

use std::cell::Cell;

use e2compress_core::pipeline::tiling::TARGET_PIXELS;
use e2compress_core::{
    Attributes, ExpandOptions, InMemory, Memory, NoProgress, Options, PixelType, Progress, Shape,
    VerifyOptions, compress, expand, open, verify,
};

/// Keeps the most bytes that were through at once.
#[derive(Default)]
struct Waves {
    before: Cell<u64>,
    largest: Cell<u64>,
}

impl Progress for Waves {
    fn advanced(&self, done: u64, _total: u64) {
        self.largest.set(self.largest.get().max(done - self.before.replace(done)));
    }

    fn cancelled(&self) -> bool {
        false
    }
}

/// Units of 64 Ki pixels, each of `pixel_bytes`, in the largest wave of some work.
fn units(pixel_bytes: u64, work: impl FnOnce(&Waves)) -> u64 {
    let waves = Waves::default();
    work(&waves);
    waves.largest.get() / pixel_bytes / TARGET_PIXELS
}

#[test]
fn every_thread_has_work() {
    let shape = Shape { nx: 4096, ny: 4096, nz: 1 };
    let mut images = InMemory::new();
    images.push(shape, (0..shape.pixels()).map(|pixel| (pixel % 251) as f32).collect(), Attributes::new());
    let mut file = Vec::new();
    compress(&images, "made", &mut file, &Options::bits(8).unwrap(), &NoProgress).unwrap();
    let source = file.as_slice();
    let written = open(&source, "a.hdf").unwrap();

    for threads in [2, 16, 64] {
        let memory = Memory::for_threads(threads, 1);
        let options = Options { memory, ..Options::bits(8).unwrap() };
        let compressed = units(4, |waves| {
            compress(&images, "made", &mut Vec::new(), &options, waves).unwrap();
        });
        let options = ExpandOptions { mode: Some(PixelType::F32), memory };
        let expanded = units(1, |waves| {
            expand(&*written, &mut Vec::new(), &options, waves).unwrap();
        });
        // Pixels of the file and of the original, a byte and four.
        let verified = units(5, |waves| {
            verify(&*written, Some(&images), &VerifyOptions { memory }, waves).unwrap();
        });
        let units = [compressed, expanded, verified];
        assert!(units.iter().all(|&units| units >= threads as u64), "{threads} threads: {units:?}");
    }
}
