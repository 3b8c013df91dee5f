//! Any bytes are a file of a format or a typed error, at once and in bounded memory: the formats whose pixels lie
//! in the file as they are.

use std::cell::Cell;
use std::io;

use e2compress_core::error::Error;
use e2compress_core::formats::dm::Dm;
use e2compress_core::formats::imagic::Imagic;
use e2compress_core::formats::ser::Ser;
use e2compress_core::formats::spider::Spider;
use e2compress_core::image::Images;
use e2compress_core::io::source::Source;

/// Pixels of a file that is read whole here.
const MOST_PIXELS: u64 = 1 << 20;

/// Images whose pixels and attributes are read, at most.
const MOST_IMAGES: u32 = 64;

/// Bytes that may be read for each of the file before there are images: headers lie behind each other or are read
/// in windows.
const READ_PER_BYTE: u64 = 8;

/// Bytes that may be read of any file.
const READ_OF_ANY: u64 = 1 << 20;

/// A file that counts what is read of it.
struct Counted<'a> {
    bytes: &'a [u8],
    read: Cell<u64>,
}

impl<'a> Counted<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, read: Cell::new(0) }
    }

    /// Fails when so much was read that a small file could take long.
    fn check(&self) {
        let most = READ_OF_ANY + READ_PER_BYTE * self.bytes.len() as u64;
        assert!(self.read.get() <= most, "{} bytes are read of {}", self.read.get(), self.bytes.len());
    }
}

impl Source for Counted<'_> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.read.set(self.read.get() + bytes.len() as u64);
        self.bytes.read_at(offset, bytes)
    }
}

/// Reads everything that an open file promises. Headers of single images may differ from the first.
fn read(images: &dyn Images, length: u64) {
    let (count, shape) = (images.images(), images.shape(0));
    assert!(count > 0 && shape.pixels() > 0);
    let row_bytes = images.pixels(0).row_bytes(shape.nx);
    let promised = u128::from(row_bytes) * u128::from(shape.rows()) * u128::from(count);
    assert!(promised <= u128::from(length), "more pixels than the file has");
    let mut row = vec![0; row_bytes as usize];
    images.read(count - 1, shape.rows() - 1..shape.rows(), &mut row).expect("the last row is there");
    for image in 0..count.min(MOST_IMAGES) {
        match images.attributes(image) {
            Ok(attributes) => assert!(attributes.iter().all(|found| !found.name.is_empty())),
            Err(Error::Spider(_) | Error::Imagic(_)) => {}
            Err(error) => panic!("{error}"),
        }
        if shape.pixels() > MOST_PIXELS {
            continue;
        }
        let mut whole = vec![0; (shape.rows() * row_bytes) as usize];
        images.read(image, 0..shape.rows(), &mut whole).expect("all rows are there");
        for part in [shape.rows() / 3, shape.rows() / 2] {
            let (above, below) = whole.split_at((part * row_bytes) as usize);
            let mut rows = vec![0; below.len()];
            images.read(image, part..shape.rows(), &mut rows).expect("and some of them");
            assert!(rows == below, "rows depend on how they are read");
            let mut rows = vec![0; above.len()];
            images.read(image, 0..part, &mut rows).expect("and the others");
            assert!(rows == above, "rows depend on how they are read");
        }
    }
    images.warnings();
}

/// Opens a file and reads it.
fn holds<'s>(
    source: &'s Counted<'s>,
    open: impl FnOnce(&'s Counted<'s>) -> Result<Box<dyn Images + 's>, Error>,
) {
    let opened = open(source);
    source.check();
    match opened {
        Ok(images) => read(&*images, source.bytes.len() as u64),
        Err(Error::Read { .. }) => panic!("something is read that is not there"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Reads Digital Micrograph.
///
/// # Panics
/// When the reader's promises do not hold.
pub fn dm(data: &[u8]) {
    if data.first_chunk().is_some_and(|start| matches!(start, [0, 0, 0, 3 | 4])) {
        holds(&Counted::new(data), |source| Ok(Box::new(Dm::open(source)?)));
    }
}

/// Reads TIA series.
///
/// # Panics
/// When the reader's promises do not hold.
pub fn ser(data: &[u8]) {
    holds(&Counted::new(data), |source| Ok(Box::new(Ser::open(source)?)));
}

/// Reads SPIDER.
///
/// # Panics
/// When the reader's promises do not hold.
pub fn spider(data: &[u8]) {
    holds(&Counted::new(data), |source| Ok(Box::new(Spider::open(source)?)));
}

/// Reads pairs of IMAGIC files: the first two bytes say how long the headers are, which follow; the rest are pixels.
///
/// # Panics
/// When the reader's promises do not hold.
pub fn imagic(data: &[u8]) {
    let Some((length, rest)) = data.split_first_chunk() else { return };
    let (headers, pixels) = rest.split_at(rest.len().min(u16::from_le_bytes(*length).into()));
    let headers = Counted::new(headers);
    holds(&Counted::new(pixels), |source| Ok(Box::new(Imagic::open(source, "a.img", Some(&headers))?)));
    headers.check();
}
