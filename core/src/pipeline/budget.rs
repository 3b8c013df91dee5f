//! Budgets: the bytes of pixels in a file, and the memory it may take; the same for compress, expand and verify.

use crate::image::Images;

/// Pixels computed between two reads for each worker thread, so that all have work to the end.
const PIXELS_PER_THREAD: u64 = 512 << 10;

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

    /// Chooses for so many worker threads that are shared by so many files at once, each at least 1.
    #[must_use]
    pub fn for_threads(threads: usize, files: usize) -> Self {
        let (threads, files) = (threads.max(1) as u64, files.max(1) as u64);
        Self {
            hold: Self::DEFAULT.hold / files,
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
    let of = |number| {
        let shape = images.shape(number);
        shape.rows().saturating_mul(images.pixels(number).row_bytes(shape.nx))
    };
    (0..images.images()).map(of).fold(0, u64::saturating_add)
}
