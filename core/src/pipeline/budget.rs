//! Budgets: the bytes of pixels in a file, and the memory it may take; the same for compress, expand and verify.

use crate::image::Images;

/// Pixels computed between two reads for each worker thread, so that all have work to the end.
const PIXELS_PER_THREAD: u64 = 512 << 10;

/// Inputs at once where there are threads: enough to hide the wait for the disk between small files.
const FEW_INPUTS: usize = 4;

/// Worker threads that one input feeds: one thread reads and writes it, and moves as many bytes as 1.3 to 1.7 (floats) or 2.5
/// (counts) threads compute (`cargo xtask bench scaling`).
const THREADS_PER_INPUT: usize = 2;

/// Inputs at once, at most: together they move more than any disk does.
const MOST_INPUTS: usize = 16;

/// Bytes of images that are held for each worker thread: with two of them for an input, a micrograph of 4096 x 4096
/// floats is read once.
const HOLD_PER_THREAD: u64 = 32 << 20;

/// Bytes of images that are held by all inputs together, at most; as many again are read ahead.
const MOST_HELD: u64 = 1 << 30;

/// Bounds of the memory an input may take at once; they change no byte of an output. The exact bound is in
/// `docs/architecture.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Images whose bytes in the file are no more than this are read once and held by a compression; larger
    /// ones are read once for each pass, a wave at a time. In bytes.
    pub hold: u64,
    /// Pixels in a wave, which is computed while the next one is read: more keeps more threads busy.
    pub wave: u64,
}

impl Memory {
    /// Holds micrographs of up to 128 MiB and computes 1 Mi pixels at a time: enough for two threads.
    pub const DEFAULT: Self = Self { hold: 128 << 20, wave: 1 << 20 };

    /// Returns how many inputs so many worker threads should share, if there are as many.
    #[must_use]
    pub fn inputs_at_once(threads: usize) -> usize {
        let fed = (threads / THREADS_PER_INPUT).clamp(FEW_INPUTS, MOST_INPUTS);
        threads.clamp(1, fed)
    }

    /// Chooses for so many worker threads that are shared by so many files at once, each at least 1.
    #[must_use]
    pub fn for_threads(threads: usize, files: usize) -> Self {
        let (threads, files) = (threads.max(1) as u64, files.max(1) as u64);
        let held = HOLD_PER_THREAD.saturating_mul(threads).clamp(Self::DEFAULT.hold, MOST_HELD);
        Self {
            hold: (held / files).min(Self::DEFAULT.hold),
            wave: Self::DEFAULT.wave.max(PIXELS_PER_THREAD.saturating_mul(threads) / files),
        }
    }

    /// Returns how many bytes of several images are held at once: a quarter of what one may take, since
    /// memory that is new or long out of the caches is slow, but enough for some waves of the widest pixels.
    pub(crate) fn hold_several(self) -> u64 {
        self.hold.min((self.hold / 4).max(self.wave.saturating_mul(16)))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Returns the bytes of pixels in all images, as stored.
pub(crate) fn bytes_of_pixels(images: &dyn Images) -> u64 {
    (0..images.images()).map(|number| bytes_of_image(images, number)).fold(0, u64::saturating_add)
}

/// Returns the bytes of pixels in one image.
pub(crate) fn bytes_of_image(images: &dyn Images, number: u32) -> u64 {
    let shape = images.shape(number);
    shape.rows().saturating_mul(images.pixels(number).row_bytes(shape.nx))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn many_threads_are_fed_in_bounded_memory() {
        for threads in 1..=1024 {
            let inputs = Memory::inputs_at_once(threads);
            assert!((1..=threads.min(16)).contains(&inputs), "{threads} threads: {inputs} inputs");
            assert!(
                inputs >= threads.min(4) && inputs >= (threads / 2).min(16),
                "{threads} threads: {inputs} inputs"
            );
            for files in [1, 2, inputs] {
                let Memory { hold, wave } = Memory::for_threads(threads, files);
                assert!(hold <= 128 << 20 && hold * files as u64 <= 1 << 30, "{threads} threads: {hold}");
                let pixels = threads as u64 * PIXELS_PER_THREAD;
                assert!(wave >= pixels / files as u64, "{threads} threads: {wave}");
            }
            // A micrograph of floats is read once.
            assert!(
                threads < 8 || Memory::for_threads(threads, inputs).hold >= 64 << 20,
                "{threads} threads"
            );
        }
        assert_eq!(Memory::for_threads(1, 1), Memory::DEFAULT);
        assert_eq!(Memory::for_threads(2, 2), Memory { hold: 64 << 20, wave: 1 << 20 });
    }
}
