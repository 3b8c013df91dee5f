//! What the pool does with the pixels of one unit, a function for each pass.

use super::group::Image;
use super::kept::Extremes;
use super::proof::{Evidence, Flaw, Proof, Prover, checksum};
use super::size::Outlook;
use super::strip;
use crate::encode::deflate::Encoder;
use crate::encode::{Level, shuffle};
use crate::image::Pixels;
use crate::io::checksum::Checksum;
use crate::kernel::narrow::{Biased, NarrowWork};
use crate::kernel::strided::Strided;
use crate::pipeline::scratch::Scratch;
use crate::pipeline::tiling::{Block, Tiling};
use crate::quantise::Encoding;
use crate::quantise::detail::{BlockDetail, Detail, IntegerDetail};
use crate::quantise::encoding::Planes;
use crate::quantise::limits::{BlockBins, Histogram};
use crate::quantise::noise::{self, ImageNoise, PartNoise};
use crate::quantise::statistics::Tally;

/// Buffers one thread needs for one unit.
#[derive(Default)]
pub struct Buffers {
    values: Vec<f32>,
    planes: Vec<u8>,
    encoder: Encoder,
    prover: Prover,
}

/// A chunk, or a piece of a dataset without chunks.
#[derive(Default)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    /// Pixels outside the range.
    pub truncated: u64,
    /// What is known of it, where that is wanted.
    pub proof: Option<Result<Proof, Flaw>>,
    /// Of the rows it was made of.
    pub checksum: Option<Checksum>,
}

/// What the first pass finds in a block.
#[derive(Default)]
pub struct Measured {
    tally: Tally,
    /// Of images with codes.
    codes: Extremes,
    /// Of images that become codes.
    detail: Option<BlockDetail>,
    /// Of images whose noise is estimated.
    noise: Option<PartNoise>,
    /// Its size is predicted.
    sized: bool,
    /// Some pixels, of images not all of whose chunks predict their size.
    strip: Vec<f32>,
    /// Of the rows of the block.
    pub checksum: Option<Checksum>,
}

/// What the first pass finds in an image.
#[derive(Clone, Default)]
pub struct Findings {
    pub tally: Tally,
    pub codes: Extremes,
    pub detail: Detail,
    noise: ImageNoise,
    /// Of images whose size is predicted.
    pub outlook: Outlook,
    /// What the blocks say, once the image is complete.
    pub estimate: noise::Findings,
}

impl Findings {
    /// Adds the block that follows.
    pub fn merge(&mut self, next: &mut Measured) {
        self.tally.merge(&next.tally);
        self.codes.merge(next.codes);
        if let Some(detail) = &next.detail {
            self.detail.merge(detail);
        }
        if let Some(noise) = &mut next.noise {
            self.noise.merge(noise);
        }
        if next.sized {
            self.outlook.add(&next.tally, &mut next.strip);
        }
    }

    /// Draws together what the blocks of the image say of its noise; there is no need of them then.
    pub fn conclude(&mut self) {
        self.estimate = std::mem::take(&mut self.noise).conclude(&self.tally);
    }
}

/// The passes, and what they need.
pub struct Passes<'a> {
    pub level: Level,
    /// Images of the file.
    pub images: u32,
    /// Chunks are proven as they are made.
    pub verify: bool,
    #[cfg(test)]
    pub tamper: Option<super::proof::tests::Tamper>,
    pub scratch: &'a Scratch<Buffers>,
}

/// Takes the pixels of a block as stored out of its rows.
fn stored<'a>(image: &Image, block: &Block, rows: &'a [u8]) -> Strided<'a, u8> {
    image.pixels.of_block(image.tiling.shape().nx, block, rows)
}

/// Makes values of them, in `values` when they must be decoded.
fn decoded<'a>(
    image: &Image,
    block: &Block,
    stored: Strided<'a, u8>,
    values: &'a mut Vec<f32>,
) -> Strided<'a, f32> {
    image.pixels.values(block, stored, values)
}

/// Statistics of integers.
struct Sum;

impl NarrowWork for Sum {
    type Output = Tally;

    fn run<T: Copy, R: Biased>(
        self,
        strided: Strided<'_, T>,
        biased: impl Fn(T) -> R + Copy,
        offset: i32,
    ) -> Tally {
        Tally::of_integers(strided, biased, offset)
    }
}

impl Passes<'_> {
    /// Runs `work` on the values of a block.
    fn with_values<R>(
        &self,
        image: &Image,
        block: &Block,
        rows: &[u8],
        work: impl FnOnce(Strided<'_, f32>) -> R,
    ) -> R {
        self.scratch
            .with(|Buffers { values, .. }| work(decoded(image, block, stored(image, block, rows), values)))
    }

    /// Measures, in the first pass. Integers are summed as they are.
    pub fn measure(&self, image: &Image, block: &Block, rows: &[u8]) -> Measured {
        let stored = stored(image, block, rows);
        // Only codes have a step that detail could be lost in.
        let quantised = image.wanted.may_be_codes();
        let shape = image.tiling.shape();
        let integers = image.pixels.integers(stored, Sum).map(|tally| {
            let work = IntegerDetail { block, shape, tally: &tally };
            (tally, quantised.then(|| image.pixels.integers(stored, work)).flatten())
        });
        let (mut tally, detail) = integers.unwrap_or_else(|| {
            self.with_values(image, block, rows, |values| {
                let tally = Tally::of_strided(values);
                (tally, quantised.then(|| BlockDetail::of(values, block, shape, &tally)))
            })
        });
        tally.rounded = image.pixels.rounded(stored);
        let codes = image.scaled_codes().map(|pixels| {
            let tally = pixels.integers(stored, Sum).unwrap_or_else(|| {
                self.scratch
                    .with(|Buffers { values, .. }| Tally::of_strided(pixels.values(block, stored, values)))
            });
            Extremes { lowest: tally.minimum, highest: tally.maximum }
        });
        let noise = image.estimated.then(|| {
            self.scratch.with(|Buffers { values, .. }| {
                PartNoise::measure(image.pixels, image.tiling, block, rows, tally.all_int, values)
            })
        });
        let mut strip = Vec::new();
        if image.sized && !Outlook::is_whole(image.tiling, self.images) {
            strip::take(image.pixels, image.tiling, block, rows, &mut strip);
        }
        let checksum = self.verify.then(|| checksum(block, rows)).flatten();
        Measured {
            tally,
            codes: codes.unwrap_or_default(),
            detail,
            noise,
            sized: image.sized,
            strip,
            checksum,
        }
    }

    /// Counts the histogram, for limits without outliers.
    pub fn count(&self, image: &Image, block: &Block, rows: &[u8], bins: &mut BlockBins) {
        self.with_values(image, block, rows, |values| Histogram::count(&image.statistics, values, bins));
    }

    /// Counts the pixels outside limits.
    pub fn count_outside(&self, image: &Image, block: &Block, rows: &[u8], (low, high): (f32, f32)) -> u64 {
        let outside = |value: &&f32| **value < low || **value > high;
        self.with_values(image, block, rows, |values| values.rows().flatten().filter(outside).count() as u64)
    }

    /// Tells whether any fraction lies within the limits, for an image that has both.
    pub fn find_fractions(&self, image: &Image, block: &Block, rows: &[u8]) -> bool {
        image.limits.is_some_and(|limits| {
            self.with_values(image, block, rows, |values| limits.enclose_a_fraction(values))
        })
    }

    /// Counts the bytes of a chunk for each encoding of a list, as it would be stored; of `None` it says nothing. The pixels
    /// are `pixels`, for the image's own encoding those that it takes over.
    pub fn sizes<'a>(
        &self,
        image: &Image,
        pixels: Pixels,
        block: &Block,
        rows: &[u8],
        encodings: impl Iterator<Item = Option<&'a Encoding>>,
    ) -> Vec<Option<usize>> {
        self.scratch.with(|buffers| {
            let Buffers { values, planes, encoder, .. } = buffers;
            let stored = pixels.of_block(image.tiling.shape().nx, block, rows);
            let values = pixels.values(block, stored, values);
            let mut size = |encoding: &Encoding| {
                let mut codes = Vec::new();
                let (pixels, decoded) = if std::ptr::eq(encoding, &raw const image.encoding) {
                    (image.pixels, Decoded::Into(&mut codes))
                } else {
                    (pixels, Decoded::Before(values))
                };
                fill_planes(image.tiling, pixels, encoding, block, stored, decoded, planes);
                shuffle::size(encoder, planes, encoding.element().bytes(), self.level)
            };
            encodings.map(|encoding| encoding.map(&mut size)).collect()
        })
    }

    /// Encodes a chunk of codes, or copies the floats as they are, in the last pass.
    pub fn encode(&self, image: &Image, block: &Block, rows: &[u8], encoded: &mut Encoded) {
        let Encoded { bytes, truncated, proof, .. } = encoded;
        bytes.clear();
        *truncated = 0;
        encoded.checksum = self.verify.then(|| checksum(block, rows)).flatten();
        self.scratch.with(|buffers| {
            if matches!(image.encoding, Encoding::Raw) {
                let values = decoded(image, block, stored(image, block, rows), &mut buffers.values);
                bytes.extend(values.rows().flatten().flat_map(|value| value.to_le_bytes()));
            } else {
                *truncated = {
                    let Buffers { values, planes, .. } = &mut *buffers;
                    let (stored, values) = (stored(image, block, rows), Decoded::Into(values));
                    fill_planes(image.tiling, image.pixels, &image.encoding, block, stored, values, planes)
                };
                #[cfg(test)]
                self.tamper.iter().for_each(|tamper| tamper.before_deflate(&mut buffers.planes));
                let element = image.encoding.element().bytes();
                shuffle::encode(&mut buffers.encoder, &buffers.planes, element, self.level, bytes);
            }
            #[cfg(test)]
            self.tamper.iter().for_each(|tamper| tamper.before_proof(bytes));
            *proof = self.verify.then(|| prove(image, block, rows, bytes, buffers));
        });
    }
}

/// Checks a chunk against the pixels it was made of, in the buffers it was made in.
fn prove(
    image: &Image,
    block: &Block,
    rows: &[u8],
    bytes: &[u8],
    buffers: &mut Buffers,
) -> Result<Proof, Flaw> {
    let Buffers { values, planes, prover, .. } = buffers;
    let stored = stored(image, block, rows);
    let values = decoded(image, block, stored, values);
    prover.prove(&Evidence { image, block, stored, values, planes, bytes })
}

/// Values of a block.
enum Decoded<'a> {
    /// They are there.
    Before(Strided<'a, f32>),
    /// They are made where they are needed.
    Into(&'a mut Vec<f32>),
}

impl<'a> Decoded<'a> {
    /// Returns them.
    fn values(self, pixels: Pixels, block: &Block, stored: Strided<'a, u8>) -> Strided<'a, f32> {
        match self {
            Self::Before(values) => values,
            Self::Into(values) => pixels.values(block, stored, values),
        }
    }
}

/// Makes the byte planes of a full chunk; what lies beyond the block is 0. Returns how many pixels were
/// truncated.
fn fill_planes<'a>(
    tiling: Tiling,
    pixels: Pixels,
    encoding: &Encoding,
    block: &Block,
    stored: Strided<'a, u8>,
    decoded: Decoded<'a>,
    planes: &mut Vec<u8>,
) -> u64 {
    let element = encoding.element().bytes();
    let full = tiling.chunk_pixels() as usize;
    if block.pixels() < full as u64 {
        planes.clear();
    }
    planes.resize(full * element, 0);
    let width = tiling.chunk_width();
    let mut truncated = 0;
    if let Some(coding) = encoding.coding() {
        let (low, high) = planes.split_at_mut(full);
        let mut planes = Planes { width, low, high: (element > 1).then_some(high) };
        truncated = coding.code(pixels, stored, || decoded.values(pixels, block, stored), &mut planes);
    } else {
        for (row, values) in decoded.values(pixels, block, stored).rows().enumerate() {
            shuffle::shuffle(values, planes, row * width);
        }
    }
    let (filled, high) = (block.rows.len() * width, tiling.rows() as usize * width);
    if filled < high {
        planes.chunks_exact_mut(full).for_each(|plane| spread(plane, block.sections.len(), filled, high));
    }
    truncated
}

/// Moves sections that follow each other, each of `filled` bytes, to every multiple of `high`, with 0 between.
fn spread(plane: &mut [u8], sections: usize, filled: usize, high: usize) {
    for section in (1..sections).rev() {
        let start = section * filled;
        plane.copy_within(start..start + filled, section * high);
    }
    for section in plane.chunks_exact_mut(high).take(sections) {
        section[filled..].fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn sections_are_spread() {
        let mut plane = [1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        spread(&mut plane, 3, 2, 4);
        assert_eq!(plane, [1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0]);
        spread(&mut plane[..4], 1, 1, 4);
        assert_eq!(plane[..4], [1, 0, 0, 0]);
    }
}
