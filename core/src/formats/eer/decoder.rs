//! Images from frames: decoded side by side, summed side by side, kept until the next ones are asked for.

use std::cell::RefCell;
use std::ops::Range;

use super::EerError;
use super::coding::Fault;
use super::events::{self, Count, Grid};
use super::frames::Frames;
use super::rendering::{Sums, Upsampling};
use crate::error::Error;
use crate::image::{PixelType, Shape};
use crate::io::source::Source;
use crate::pipeline::pool;

/// Bytes of frames that are read, decoded and summed at once, about: some 10 frames of Falcon 4.
const BATCH_BYTES: u64 = 4 << 20;

/// Frames that are read at once, at most, however short they are.
const MOST_FRAMES: usize = 1024;

/// Bytes of images that are made at once, unless a single one is larger.
const WINDOW_BYTES: u64 = 32 << 20;

/// Frames that keep enough threads busy: more images are made at once where each has fewer.
const FRAMES_AT_ONCE: u32 = 8;

/// Pixels of an image that one thread sums at once, about: counts stay in its cache.
const PART_PIXELS: u64 = 256 << 10;

/// Makes images of frames.
pub struct Decoder<'s> {
    source: &'s dyn Source,
    frames: Frames,
    sums: Sums,
    upsampling: Upsampling,
    kept: RefCell<Kept>,
}

/// The images that were made last.
#[derive(Default)]
struct Kept {
    /// Their numbers.
    numbers: Range<u32>,
    /// Their pixels, and memory for more.
    images: Vec<Counts>,
    /// Memory for frames.
    slots: Vec<Slot>,
}

/// A frame while it is decoded.
struct Slot {
    /// Its number.
    frame: usize,
    bytes: Vec<u8>,
    /// Pixels of the picture.
    events: Vec<u32>,
    outcome: Result<(), Fault>,
}

/// The pixels of an image, in the smallest type that holds all sums.
enum Counts {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Counts {
    fn new(kind: PixelType) -> Self {
        match kind {
            PixelType::U8 => Self::U8(Vec::new()),
            PixelType::U16 => Self::U16(Vec::new()),
            _ => Self::U32(Vec::new()),
        }
    }

    fn resize(&mut self, pixels: usize) {
        match self {
            Self::U8(counts) => counts.resize(pixels, 0),
            Self::U16(counts) => counts.resize(pixels, 0),
            Self::U32(counts) => counts.resize(pixels, 0),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::U8(counts) => counts,
            Self::U16(counts) => bytemuck::cast_slice(counts),
            Self::U32(counts) => bytemuck::cast_slice(counts),
        }
    }
}

impl<'s> Decoder<'s> {
    /// Creates a decoder that has made nothing yet.
    pub fn new(source: &'s dyn Source, frames: Frames, sums: Sums, upsampling: Upsampling) -> Self {
        Self { source, frames, sums, upsampling, kept: RefCell::default() }
    }

    /// Returns the frames.
    pub fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Returns how frames are divided among images.
    pub fn sums(&self) -> Sums {
        self.sums
    }

    /// Returns the factor of the grid.
    pub fn upsampling(&self) -> Upsampling {
        self.upsampling
    }

    /// Returns the shape of an image.
    pub fn picture(&self) -> Shape {
        self.upsampling.picture(self.frames.sensor)
    }

    /// Counts the bytes of an image.
    pub fn image_bytes(&self) -> u64 {
        self.picture().pixels() * self.sums.kind().bytes() as u64
    }

    /// Returns how many images are made at once where one follows the other.
    fn at_once(&self) -> u32 {
        if cfg!(not(feature = "parallel")) {
            return 1;
        }
        let fitting = (WINDOW_BYTES / self.image_bytes()).max(1);
        FRAMES_AT_ONCE.div_ceil(self.sums.grouping).min(fitting.try_into().unwrap_or(u32::MAX))
    }

    /// Returns the bytes of memory that images and frames take at once, at most.
    pub fn memory(&self) -> u64 {
        let longest = self.frames.list.iter().map(|frame| frame.bytes).max().unwrap_or_default();
        let bits = self.frames.list.iter().map(|frame| frame.coding.electron_bits()).min();
        let with_events =
            |bytes: u64| bytes + bytes * 8 / u64::from(bits.unwrap_or(1)) * size_of::<u32>() as u64;
        u64::from(self.at_once()) * self.image_bytes() + with_events(BATCH_BYTES + longest)
    }

    /// Copies rows of an image.
    ///
    /// # Errors
    /// [`EerError::Codes`], [`Error::Read`].
    pub fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let mut kept = self.kept.borrow_mut();
        if !kept.numbers.contains(&image) {
            // Others follow where this one follows.
            let follows = image == kept.numbers.end;
            let count = if follows { self.at_once() } else { 1 };
            kept.numbers = 0..0;
            let numbers = image..image.saturating_add(count).min(self.sums.fractions);
            self.make(numbers.clone(), &mut kept)?;
            kept.numbers = numbers;
        }
        let row_bytes = u64::from(self.picture().nx) * self.sums.kind().bytes() as u64;
        let [start, end] = [rows.start, rows.end].map(|row| (row * row_bytes) as usize);
        bytes.copy_from_slice(&kept.images[(image - kept.numbers.start) as usize].bytes()[start..end]);
        Ok(())
    }

    /// Makes the images `numbers`.
    fn make(&self, numbers: Range<u32>, kept: &mut Kept) -> Result<(), Error> {
        let Kept { images, slots, .. } = kept;
        // Its bytes were found to be few enough when the file was opened.
        let pixels = self.picture().pixels() as usize;
        if images.len() < numbers.len() {
            images.resize_with(numbers.len(), || Counts::new(self.sums.kind()));
        }
        images.iter_mut().take(numbers.len()).for_each(|image| image.resize(pixels));
        let grouping = self.sums.grouping as usize;
        let first = numbers.start as usize * grouping;
        let end = numbers.end as usize * grouping;
        let mut next = first;
        while next < end {
            let batch = self.read_batch(next..end, slots)?;
            self.decode(&mut slots[..batch])?;
            self.sum(first, &slots[..batch], &mut images[..numbers.len()]);
            next += batch;
        }
        Ok(())
    }

    /// Reads the frames that follow, and returns how many.
    fn read_batch(&self, frames: Range<usize>, slots: &mut Vec<Slot>) -> Result<usize, Error> {
        let (mut count, mut bytes) = (0, 0);
        for number in frames.take(MOST_FRAMES) {
            let frame = &self.frames.list[number];
            if count > 0 && bytes + frame.bytes > BATCH_BYTES {
                break;
            }
            if slots.len() == count {
                slots.push(Slot { frame: 0, bytes: Vec::new(), events: Vec::new(), outcome: Ok(()) });
            }
            let slot = &mut slots[count];
            slot.frame = number;
            frame.read(self.source, &mut slot.bytes)?;
            bytes += frame.bytes;
            count += 1;
        }
        Ok(count)
    }

    /// Decodes frames, side by side.
    fn decode(&self, slots: &mut [Slot]) -> Result<(), EerError> {
        let (Frames { list, sensor, .. }, upsampling) = (&self.frames, self.upsampling);
        pool::for_each(slots, |slot| {
            let coding = list[slot.frame].coding;
            let grid = Grid::new(*sensor, coding.sub, upsampling);
            slot.events.clear();
            slot.events.reserve(coding.most_events(slot.bytes.len()).min(sensor.pixels() as usize));
            slot.outcome = coding.decode(&slot.bytes, &grid, &mut slot.events);
        });
        slots.iter().try_for_each(|slot| {
            let (frame, pixels) = (slot.frame as u64 + 1, sensor.pixels());
            slot.outcome.map_err(|fault| EerError::Codes { frame, fault, pixels })
        })
    }

    /// Adds decoded frames to the images that start with frame `first`, side by side.
    fn sum(&self, first: usize, slots: &[Slot], images: &mut [Counts]) {
        let grouping = self.sums.grouping as usize;
        let factor = self.upsampling.factor();
        // Rows of the picture that a row of the sensor becomes stay together.
        let row = u64::from(self.picture().nx) * u64::from(factor);
        let part = (PART_PIXELS / row).max(1) * row;
        let mut parts = Vec::new();
        for (number, image) in images.iter_mut().enumerate() {
            let start = first + number * grouping;
            let of_image = |slot: &&Slot| (start..start + grouping).contains(&slot.frame);
            let Some(skipped) = slots.iter().position(|slot| of_image(&slot)) else { continue };
            let count = slots[skipped..].iter().take_while(of_image).count();
            let job =
                Job { frames: &slots[skipped..skipped + count], is_first: slots[skipped].frame == start };
            match image {
                Counts::U8(counts) => parts.extend(Part::of(counts, part, job).map(AnyPart::U8)),
                Counts::U16(counts) => parts.extend(Part::of(counts, part, job).map(AnyPart::U16)),
                Counts::U32(counts) => parts.extend(Part::of(counts, part, job).map(AnyPart::U32)),
            }
        }
        pool::for_each(&mut parts, |part| match part {
            AnyPart::U8(part) => part.add(),
            AnyPart::U16(part) => part.add(),
            AnyPart::U32(part) => part.add(),
        });
    }
}

/// What is added to an image.
#[derive(Clone, Copy)]
struct Job<'a> {
    frames: &'a [Slot],
    /// Nothing was added before.
    is_first: bool,
}

/// A part of an image.
struct Part<'a, C> {
    counts: &'a mut [C],
    /// Number of its first pixel.
    start: u64,
    job: Job<'a>,
}

enum AnyPart<'a> {
    U8(Part<'a, u8>),
    U16(Part<'a, u16>),
    U32(Part<'a, u32>),
}

impl<'a, C: Count> Part<'a, C> {
    /// Divides an image into parts of so many pixels.
    fn of(counts: &'a mut [C], pixels: u64, job: Job<'a>) -> impl Iterator<Item = Self> {
        let size = usize::try_from(pixels).unwrap_or(usize::MAX);
        let parts = counts.chunks_mut(size).enumerate();
        parts.map(move |(number, counts)| Self { counts, start: number as u64 * pixels, job })
    }

    /// Adds the frames' electrons.
    fn add(&mut self) {
        if self.job.is_first {
            self.counts.fill(C::default());
        }
        events::add(self.counts, self.start, self.job.frames.iter().map(|slot| &slot.events[..]));
    }
}
