//! Reads TIFF: see [`Tiff`].

use std::cell::RefCell;
use std::ops::Range;

use super::codec::{Codec, Predictor};
use super::directory::TiffFile;
use super::error::TiffError;
use super::frames::{Frames, turn_over};
use super::imagej::ImageJ;
use super::page::{Page, is_aside};
use super::places::{self, Place, Promises};
use super::{NAME, attributes, packed};
use crate::error::Error;
use crate::image::{Attributes, Images, PixelType, Pixels, Shape};
use crate::io::reading::read_at;
use crate::io::source::Source;
use crate::warning::Warning;

/// Pixels that are negated at once.
const NEGATED: usize = 64 << 10;

/// A TIFF file: every page an image, its rows from the bottom on, as in an MRC file.
pub struct Tiff<'s> {
    file: TiffFile<'s>,
    pages: Vec<Page>,
    images: u32,
    /// Bytes are pairs of 4-bit pixels.
    unpacked: bool,
    frames: RefCell<Frames>,
    /// Where the pieces of the page lie that was read last.
    places: RefCell<Option<(usize, Vec<Place>)>>,
    warnings: Vec<Warning>,
}

impl<'s> Tiff<'s> {
    /// Reads the directories. Pairs of 4-bit pixels, which the size of pages tells, are unpacked if told so.
    ///
    /// # Errors
    /// [`Error::Tiff`] when the file cannot be taken, [`Error::Read`] when the source fails.
    pub fn open(source: &'s dyn Source, unpack: bool) -> Result<Self, Error> {
        let file = TiffFile::open(source)?;
        let length = file.window().length();
        let mut pages: Vec<Page> = Vec::new();
        let mut promises = Promises::default();
        let mut first = None;
        let mut directories = 0;
        for directory in file.directories() {
            let directory = directory?;
            directories = directory.page;
            if is_aside(&file, &directory)? {
                continue;
            }
            let page = Page::of(&file, &directory)?;
            if let Some(first) = pages.first() {
                page.matches(first)?;
            }
            let places = places::of(&file, &page)?;
            promises.add(&page, &places, length)?;
            check_bit_order(&file, &page, &places)?;
            first.get_or_insert(places);
            pages.push(page);
        }
        let (Some(page), Some(first)) = (pages.first(), first) else {
            let problem =
                if directories == 0 { TiffError::NoPages } else { TiffError::NoImages(directories) };
            return Err(problem.into());
        };
        let mut images = pages.len() as u32;
        if directories == 1 {
            let description = attributes::description(&file, page)?;
            let stack = ImageJ::of(&description).map(|image_j| image_j.images(&file, page, &first));
            images = stack.transpose()?.flatten().unwrap_or(images);
        }
        let packed = packed::is_packed(page);
        let mut warnings = attributes::warnings(&pages);
        if packed {
            warnings.push(if unpack { Warning::UnpackedBySize } else { Warning::PackedBySize });
        }
        if pages.iter().any(|page| page.min_is_white) {
            warnings.push(Warning::MinIsWhite);
        }
        Ok(Self {
            unpacked: packed && unpack,
            images,
            frames: RefCell::default(),
            places: RefCell::new(Some((0, first))),
            warnings,
            file,
            pages,
        })
    }

    /// Returns the page of an image, and the number of the image behind it.
    fn page(&self, image: u32) -> (&Page, u32) {
        match self.pages.get(image as usize) {
            Some(page) => (page, 0),
            None => (&self.pages[0], image),
        }
    }

    /// Returns how the bytes of a page make pixels.
    fn stored(&self, page: &Page) -> Pixels {
        let kind = if self.unpacked { PixelType::U4 } else { page.kind };
        Pixels::new(kind, self.file.big_endian)
    }

    /// Fills `bytes` with rows of an image as they are stored.
    fn read_stored(&self, image: u32, rows: Range<u32>, bytes: &mut [u8]) -> Result<(), Error> {
        let (page, behind) = self.page(image);
        if page.codec == Codec::None && page.predictor == Predictor::None && !page.pieces.tiled {
            return self.read_plain(page, image, behind, rows, bytes);
        }
        self.frames.borrow_mut().read(&self.file, &self.pages, image, rows, bytes)
    }

    /// Reads rows that are not compressed: strips that adjoin in one go.
    fn read_plain(
        &self,
        page: &Page,
        image: u32,
        behind: u32,
        rows: Range<u32>,
        bytes: &mut [u8],
    ) -> Result<(), Error> {
        let number = if behind == 0 { image as usize } else { 0 };
        let mut known = self.places.borrow_mut();
        if known.as_ref().is_none_or(|(page, _)| *page != number) {
            *known = Some((number, places::of(&self.file, page)?));
        }
        let places = known.as_ref().map_or(&[][..], |(_, places)| places);
        let row_bytes = page.row_bytes();
        let in_file = page.height - rows.end..page.height - rows.start;
        let mut runs: Vec<Place> = Vec::new();
        let mut row = in_file.start;
        while row < in_file.end {
            let band = row / page.pieces.rows;
            let end = page.rows_of(band).end.min(in_file.end);
            // The images of a stack by ImageJ lie behind the first one.
            let offset = places[band as usize].offset
                + u64::from(row - page.rows_of(band).start) * row_bytes
                + u64::from(behind) * page.bytes();
            let length = u64::from(end - row) * row_bytes;
            match runs.last_mut() {
                Some(run) if run.offset + run.length == offset => run.length += length,
                _ => runs.push(Place { offset, length }),
            }
            row = end;
        }
        let mut rest = &mut *bytes;
        for Place { offset, length } in runs {
            let (run, behind) = std::mem::take(&mut rest).split_at_mut(length as usize);
            read_at(self.file.window().source(), offset, run)?;
            rest = behind;
        }
        turn_over(bytes, row_bytes as usize);
        Ok(())
    }

    /// Fills `bytes` with minus the values of rows.
    fn read_negated(&self, image: u32, rows: Range<u32>, bytes: &mut [u8]) -> Result<(), Error> {
        let (page, _) = self.page(image);
        let stored = self.stored(page);
        let nx = self.shape(image).nx;
        let step = (NEGATED / nx as usize).max(1) as u32;
        let (mut buffer, mut values) = (Vec::new(), Vec::new());
        let starts = (rows.start..rows.end).step_by(step as usize);
        for (start, bytes) in starts.zip(bytes.chunks_mut(step as usize * nx as usize * size_of::<f32>())) {
            let part = start..rows.end.min(start + step);
            buffer.resize(part.len() * stored.row_bytes(nx) as usize, 0);
            self.read_stored(image, part, &mut buffer)?;
            values.clear();
            stored.decode(&buffer, nx, &mut values);
            for (place, value) in bytes.chunks_exact_mut(size_of::<f32>()).zip(&values) {
                place.copy_from_slice(&(-value).to_ne_bytes());
            }
        }
        Ok(())
    }
}

/// Recognises the LZW of before 1992, whose bits come in the other order: its first code, 256, is the bytes 0 and 1.
fn check_bit_order(file: &TiffFile<'_>, page: &Page, places: &[Place]) -> Result<(), Error> {
    let mut start = [0; 2];
    if page.codec != Codec::Lzw || places.first().is_none_or(|place| place.length < start.len() as u64) {
        return Ok(());
    }
    file.window().read(places[0].offset, &mut start)?;
    if start[0] == 0 && start[1] & 1 == 1 {
        return Err(TiffError::OldLzw(page.number).into());
    }
    Ok(())
}

impl Images for Tiff<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn shape(&self, _image: u32) -> Shape {
        let Page { width, height, .. } = self.pages[0];
        Shape { nx: if self.unpacked { 2 * width } else { width }, ny: height, nz: 1 }
    }

    fn pixels(&self, image: u32) -> Pixels {
        let (page, _) = self.page(image);
        if page.min_is_white {
            return Pixels::new(PixelType::F32, cfg!(target_endian = "big"));
        }
        self.stored(page)
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let rows = rows.start as u32..rows.end as u32;
        if self.page(image).0.min_is_white {
            self.read_negated(image, rows, bytes)
        } else {
            self.read_stored(image, rows, bytes)
        }
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        attributes::of(&self.file, self.page(image).0, self.images)
    }

    fn warnings(&self) -> Vec<Warning> {
        self.warnings.clone()
    }

    fn memory(&self) -> u64 {
        self.pages
            .iter()
            .filter(|page| page.codec != Codec::None || page.pieces.tiled)
            .map(Frames::memory)
            .max()
            .unwrap_or(0)
    }
}
