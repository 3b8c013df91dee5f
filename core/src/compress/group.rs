//! How the walk takes an input: groups of images, and waves of blocks within them.

use std::ops::{DerefMut, Range as Span};

use crate::compress::options::{Memory, Options, PixelEncoding};
use crate::error::Error;
use crate::image::Images;
use crate::image::pixels::Pixels;
use crate::pipeline::tiling::Tiling;
use crate::quantise::Range;
use crate::quantise::limits::{BlockBins, Histogram, Limits};
use crate::quantise::statistics::{Statistics, Tally};
use crate::quantise::{Quantiser, Subtract, Table};

/// Images in a group, at most, however small they are.
const MOST_IMAGES: usize = 16 << 10;

/// Blocks in a wave, at most, however small they are.
const MOST_BLOCKS: usize = 4 << 10;

/// Zeroed memory.
pub type Buffer = Box<dyn DerefMut<Target = [u8]> + Send>;

/// Where groups get the memory that holds them.
pub struct Store {
    allocate: fn(usize) -> Buffer,
    /// Of groups that are done.
    spare: Vec<Buffer>,
}

impl Store {
    /// With memory by `allocate`, which gives so many bytes, zeroed.
    pub fn new(allocate: fn(usize) -> Buffer) -> Self {
        Self { allocate, spare: Vec::new() }
    }

    /// So many bytes or more.
    fn take(&mut self, bytes: usize) -> Buffer {
        let large_enough = |spare: &Buffer| spare.len() >= bytes;
        self.spare.pop().filter(large_enough).unwrap_or_else(|| (self.allocate)(bytes))
    }

    /// Takes back what a group held.
    pub fn give(&mut self, held: Held) {
        self.spare.push(held.bytes);
    }
}

impl Default for Store {
    fn default() -> Self {
        // Fresh zeros come from the system untouched; only reading fills them.
        Self::new(|bytes| Box::new(vec![0; bytes]))
    }
}

/// What is known of an image while its blocks are computed.
pub struct Image {
    /// In the input.
    pub index: u32,
    pub cut: Tiling,
    /// How its bytes make pixels.
    pub pixels: Pixels,
    /// Bytes of a row as the reader gives them.
    pub row_bytes: u64,
    /// Where its bytes start in the group's held bytes.
    start: u64,
    pub statistics: Statistics,
    pub limits: Option<Limits>,
    pub range: Option<Range>,
    pub quantiser: Option<Quantiser>,
    /// For integers, where it gives the same.
    pub shift: Option<Subtract>,
    pub table: Option<Table>,
}

impl Image {
    fn bytes(&self) -> u64 {
        self.row_bytes * self.cut.shape().rows()
    }
}

/// What the blocks of an image add up to.
pub struct Sums {
    pub tally: Tally,
    pub histogram: Option<Histogram>,
    /// Some value within the limits has a fraction.
    pub fractions: bool,
    pub truncated: u64,
}

/// Images that are taken together.
pub struct Group {
    pub images: Vec<Image>,
    /// One for each image.
    pub sums: Vec<Sums>,
    pub held: Held,
}

impl Group {
    /// The group that starts with image `first`, nothing read yet; `None` after the last image.
    pub fn new(reader: &dyn Images, first: u32, options: &Options, store: &mut Store) -> Option<Self> {
        let in_one_piece = options.stored == PixelEncoding::Raw;
        let mut images = Vec::new();
        let mut sums = Vec::new();
        let mut total = 0;
        for index in first..reader.images() {
            let shape = reader.shape(index);
            let pixels = reader.pixels(index);
            let image = Image {
                index,
                cut: if in_one_piece { Tiling::in_rows(shape) } else { Tiling::of(shape) },
                pixels,
                row_bytes: pixels.row_bytes(shape.nx),
                start: total,
                statistics: Statistics::of(&Tally::EMPTY),
                limits: None,
                range: None,
                quantiser: None,
                shift: None,
                table: None,
            };
            let most = if images.is_empty() { options.memory.hold } else { options.memory.hold_several() };
            let fits = total + image.bytes() <= most && images.len() < MOST_IMAGES;
            if !fits && !images.is_empty() {
                break;
            }
            let bytes = image.bytes();
            images.push(image);
            sums.push(Sums { tally: Tally::EMPTY, histogram: None, fractions: false, truncated: 0 });
            if !fits {
                break; // alone, and read once for each pass
            }
            total += bytes;
        }
        if images.is_empty() {
            return None;
        }
        let total = total as usize;
        let held = Held { bytes: store.take(total), total, cursor: Cursor::default() };
        Some(Self { images, sums, held })
    }

    /// Bytes of pixels in it.
    pub fn bytes(&self) -> u64 {
        self.images.iter().map(Image::bytes).sum()
    }

    /// Bytes that are held once they are read; 0 for an image that is too large.
    pub fn held_bytes(&self) -> u64 {
        self.held.total as u64
    }

    /// The first image after it.
    pub fn next_image(&self) -> u32 {
        self.images.last().map_or(0, |image| image.index + 1)
    }

    /// Reads so many bytes more, about, if the group is held.
    pub fn read_ahead(&mut self, reader: &dyn Images, bytes: u64) -> Result<(), Error> {
        let goal = (self.held.cursor.read as u64).saturating_add(bytes);
        let goal = goal.min(self.held_bytes()) as usize;
        self.held.split().1.read_until(reader, &self.images, goal)
    }
}

/// The bytes of a group's images, as far as they have been read; none for an image that is too
/// large to be held.
pub struct Held {
    /// The first `total` of them.
    bytes: Buffer,
    total: usize,
    cursor: Cursor,
}

/// How far a group has been read: images, rows of the next one, and bytes.
#[derive(Default)]
struct Cursor {
    image: usize,
    row: u64,
    read: usize,
}

impl Held {
    /// What has been read, and what is still to come.
    pub fn split(&mut self) -> (&[u8], Coming<'_>) {
        let start = self.cursor.read;
        let holds = self.total > 0;
        let (there, bytes) = self.bytes[..self.total].split_at_mut(start);
        (there, Coming { bytes, start, holds, cursor: &mut self.cursor })
    }
}

/// The part of a group that is still to be read.
pub struct Coming<'a> {
    bytes: &'a mut [u8],
    /// Of `bytes` in the group.
    start: usize,
    /// Whether the group is held at all.
    holds: bool,
    cursor: &'a mut Cursor,
}

impl Coming<'_> {
    /// Reads on until `goal` bytes of the group are there, and perhaps a row more.
    fn read_until(&mut self, reader: &dyn Images, images: &[Image], goal: usize) -> Result<(), Error> {
        while self.cursor.read < goal {
            let image = &images[self.cursor.image];
            let all_rows = image.cut.shape().rows();
            let rows = ((goal - self.cursor.read) as u64).div_ceil(image.row_bytes);
            let end = all_rows.min(self.cursor.row + rows);
            let length = ((end - self.cursor.row) * image.row_bytes) as usize;
            let place = self.cursor.read - self.start;
            reader.read(image.index, self.cursor.row..end, &mut self.bytes[place..place + length])?;
            self.cursor.read += length;
            self.cursor.row = end;
            if end == all_rows {
                self.cursor.image += 1;
                self.cursor.row = 0;
            }
        }
        Ok(())
    }
}

/// A place in a group: the next block of an image.
#[derive(Clone, Copy, Default)]
pub struct Place {
    image: usize,
    block: u64,
}

impl Place {
    /// Whether the next block is the first of those that share its rows.
    fn starts_rows(self, image: &Image) -> bool {
        self.block == 0 || image.cut.ends_rows(self.block - 1)
    }
}

/// One block of work and its results.
#[derive(Default)]
pub struct Job {
    /// Position in the group.
    pub image: usize,
    /// Index in the image's cut.
    pub block: u64,
    /// The bytes of its rows, all columns, in the group's or the wave's.
    pub rows: Span<usize>,
    pub tally: Option<Tally>,
    pub bins: Option<Box<BlockBins>>,
    pub fractions: bool,
    /// The chunk.
    pub out: Vec<u8>,
    pub truncated: u64,
}

/// Blocks that are computed together. Buffers are kept from one use to the next.
#[derive(Default)]
pub struct Wave {
    jobs: Vec<Job>,
    used: usize,
    /// The blocks' bytes when the group doesn't hold them.
    raw: Vec<u8>,
    bytes: u64,
}

impl Wave {
    /// The jobs of this wave.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs[..self.used]
    }

    /// The same, with the bytes their spans lie in.
    pub fn work<'a>(&'a mut self, held: &'a [u8]) -> (&'a mut [Job], &'a [u8]) {
        let bytes = if held.is_empty() { &self.raw } else { held };
        (&mut self.jobs[..self.used], bytes)
    }

    /// Bytes of pixels in it.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the blocks from `place` on, of as many pixels as a wave may have, and reads them
    /// unless they are there. Leaves `place` after them. False when there were none.
    pub fn load(
        &mut self,
        reader: &dyn Images,
        images: &[Image],
        coming: &mut Coming<'_>,
        memory: Memory,
        place: &mut Place,
    ) -> Result<bool, Error> {
        let held = coming.holds;
        let mut end = 0;
        self.used = 0;
        self.bytes = 0;
        let mut pixels = 0;
        let mut rows = 0..0;
        let first = place.image;
        while let Some(image) = images.get(place.image) {
            // What is not held is a single image, so its rows follow each other in `raw`; blocks that
            // share rows come in one wave.
            let full = self.used > 0 && (pixels >= memory.wave || self.used >= MOST_BLOCKS);
            if held && full || !held && (full && place.starts_rows(image) || place.image > first) {
                break;
            }
            let block = image.cut.block(place.block);
            if self.used == 0 {
                rows = block.rows.start..block.rows.start;
            }
            let (origin, base) = if held { (image.start, 0) } else { (0, rows.start) };
            let byte = |row: u64| (origin + (row - base) * image.row_bytes) as usize;
            if self.used == self.jobs.len() {
                self.jobs.push(Job::default());
            }
            let job = &mut self.jobs[self.used];
            job.image = place.image;
            job.block = place.block;
            job.rows = byte(block.rows.start)..byte(block.rows.end);
            end = job.rows.end;
            if image.cut.ends_rows(place.block) {
                self.bytes += job.rows.len() as u64;
            }
            self.used += 1;
            pixels += block.pixels();
            rows.end = block.rows.end;
            place.block += 1;
            if place.block == image.cut.blocks() {
                *place = Place { image: place.image + 1, block: 0 };
            }
        }
        if held {
            coming.read_until(reader, images, end)?;
        } else if self.used > 0 {
            self.raw.resize(self.bytes as usize, 0);
            reader.read(images[first].index, rows, &mut self.raw)?;
        }
        Ok(self.used > 0)
    }
}
