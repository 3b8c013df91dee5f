//! Images whose bytes are read once and held for all passes.

use std::ops::{DerefMut, Range};

use super::bands::Band;
use super::tiling::Tiling;
use crate::error::Error;
use crate::image::{Images, Shape};

/// Zeroed memory.
pub type Buffer = Box<dyn DerefMut<Target = [u8]> + Send>;

/// Buffers, which come from here and wait here for the next use.
pub struct Store {
    allocate: fn(usize) -> Buffer,
    /// Buffers of images that are done.
    spare: Vec<Buffer>,
}

impl Store {
    /// Takes new memory from `allocate`, which gives so many bytes, zeroed.
    pub fn new(allocate: fn(usize) -> Buffer) -> Self {
        Self { allocate, spare: Vec::new() }
    }

    fn take(&mut self, bytes: usize) -> Buffer {
        let large_enough = |spare: &Buffer| spare.len() >= bytes;
        self.spare.pop().filter(large_enough).unwrap_or_else(|| (self.allocate)(bytes))
    }

    /// Takes back what some images were held in.
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

/// Place for the bytes of a held image, whose rows lie in the order of its bands.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    row_bytes: u64,
    rows: u64,
    tiling: Tiling,
}

/// The bytes of images that follow each other in a file, as far as they have been read.
pub struct Held {
    /// Number of the first image.
    first: u32,
    places: Vec<Place>,
    /// The first `total` of them count.
    bytes: Buffer,
    total: usize,
    cursor: Cursor,
}

/// Progress of reading: images, rows of the next one, and bytes.
#[derive(Default)]
struct Cursor {
    image: usize,
    row: u64,
    read: usize,
}

impl Held {
    /// Holds nothing: every pass reads for itself.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            first: 0,
            places: Vec::new(),
            bytes: Box::new(Vec::new()),
            total: 0,
            cursor: Cursor::default(),
        }
    }

    /// Makes room for the images `numbers`, so tiled; nothing is read yet.
    pub fn new(
        images: &dyn Images,
        numbers: Range<u32>,
        tiling: fn(Shape) -> Tiling,
        store: &mut Store,
    ) -> Self {
        let mut places = Vec::with_capacity(numbers.len());
        let mut total = 0;
        for number in numbers.clone() {
            let shape = images.shape(number);
            let (row_bytes, rows) = (images.pixels(number).row_bytes(shape.nx), shape.rows());
            places.push(Place { start: total, row_bytes, rows, tiling: tiling(shape) });
            total += row_bytes * rows;
        }
        let total = total as usize;
        Self { first: numbers.start, places, bytes: store.take(total), total, cursor: Cursor::default() }
    }

    /// Counts the bytes that are held once all is read.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total as u64
    }

    /// Reads about so many bytes more.
    ///
    /// # Errors
    /// What reading an image fails with.
    pub fn read_ahead(&mut self, images: &dyn Images, bytes: u64) -> Result<(), Error> {
        let goal = (self.cursor.read as u64).saturating_add(bytes).min(self.total());
        self.split().1.read_until(images, goal as usize)
    }

    /// Splits it into what has been read and what is still to come.
    pub fn split(&mut self) -> (&[u8], Coming<'_>) {
        let start = self.cursor.read;
        let (there, bytes) = self.bytes[..self.total].split_at_mut(start);
        (there, Coming { first: self.first, places: &self.places, bytes, start, cursor: &mut self.cursor })
    }
}

/// The part that is still to be read.
pub struct Coming<'a> {
    first: u32,
    places: &'a [Place],
    bytes: &'a mut [u8],
    /// Offset of `bytes` in all that is held.
    start: usize,
    cursor: &'a mut Cursor,
}

impl Coming<'_> {
    /// Returns whether anything is held at all.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.places.is_empty()
    }

    /// Reads on to the end of a band, unless it is there already; returns where it lies.
    ///
    /// # Errors
    /// What reading an image fails with.
    pub fn read_band(&mut self, images: &dyn Images, band: &Band) -> Result<Range<usize>, Error> {
        let Place { start, row_bytes, .. } = self.places[(band.image - self.first) as usize];
        let byte = |row: u64| (start + row * row_bytes) as usize;
        let row = band.rows_before();
        let bytes = byte(row)..byte(row + band.height());
        self.read_until(images, bytes.end)?;
        Ok(bytes)
    }

    /// Reads on until `goal` bytes are there, and perhaps a row more, or a band of a volume's bricks.
    fn read_until(&mut self, images: &dyn Images, goal: usize) -> Result<(), Error> {
        while self.cursor.read < goal {
            let Place { row_bytes, rows, tiling, .. } = self.places[self.cursor.image];
            let (number, row) = (self.first + self.cursor.image as u32, self.cursor.row);
            let start = self.cursor.read - self.start;
            let bytes = |end: u64| start..start + ((end - row) * row_bytes) as usize;
            let end = if tiling.is_in_order() {
                let wanted = ((goal - self.cursor.read) as u64).div_ceil(row_bytes);
                let end = rows.min(row + wanted);
                images.read(number, row..end, &mut self.bytes[bytes(end)])?;
                end
            } else {
                let band = Band::after(number, tiling, row);
                let end = row + band.height();
                band.read(images, &mut self.bytes[bytes(end)])?;
                end
            };
            self.cursor.read += bytes(end).len();
            self.cursor.row = end;
            if end == rows {
                self.cursor.image += 1;
                self.cursor.row = 0;
            }
        }
        Ok(())
    }
}
