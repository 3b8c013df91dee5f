//! What every input format offers the walk: images, their shapes, their pixels, their attributes.

use std::ops::Range;

use super::attributes::Attributes;
use super::declared::Declared;
use super::original_header::OriginalHeader;
use super::pixels::Pixels;
use super::shape::Shape;
use crate::error::Error;
use crate::warning::Warning;

/// The images of a file of one format. A new format is one implementation of this trait, and a line in
/// [`crate::formats::FORMATS`].
pub trait Images {
    /// Returns the format's name.
    fn format(&self) -> &'static str;

    /// Returns the number of images, at least 1.
    fn images(&self) -> u32;

    /// Returns the shape of one image, no side 0.
    fn shape(&self, image: u32) -> Shape;

    /// Returns how the bytes that [`Images::read`] gives for an image make pixels.
    fn pixels(&self, image: u32) -> Pixels;

    /// Fills `bytes` with rows `rows` of an image (counted through all its sections), each row
    /// [`Pixels::row_bytes`] long.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error>;

    /// Fills `bytes` with rows `rows` of each of the sections `sections` of an image, section by section, as
    /// [`Images::read`] gives rows.
    ///
    /// # Errors
    /// See [`Images::read`].
    fn read_slab(
        &self,
        image: u32,
        sections: Range<u32>,
        rows: Range<u32>,
        bytes: &mut [u8],
    ) -> Result<(), Error> {
        by_section(self.shape(image), sections, rows, bytes, |rows, bytes| self.read(image, rows, bytes))
    }

    /// Fills `bytes` with a part of a row, counted as [`Images::read`] counts rows, from byte `start` of it on; `false`, and
    /// nothing filled, where the format has rows only as a whole. Whoever looks at a part of a wide image asks for it.
    ///
    /// # Errors
    /// See [`Images::read`].
    fn read_in_row(&self, _image: u32, _row: u64, _start: u64, _bytes: &mut [u8]) -> Result<bool, Error> {
        Ok(false)
    }

    /// Returns the attributes that come from the input's header: geometry and provenance of the image. Extent,
    /// statistics and storage are added by the writer.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends.
    fn attributes(&self, image: u32) -> Result<Attributes, Error>;

    /// Returns what a file says of where an image came from, `source_path` and `source_n`; nothing where it says
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn recorded_source(&self, _image: u32) -> Result<Attributes, Error> {
        Ok(Attributes::new())
    }

    /// Reads on to the end of a file whose damage may show there alone, such as a compressed stream with its checksums.
    /// Whoever has read pixels asks for it before anything is made of them.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn check_end(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Returns things about the input that its owner should know; more of them once it was read to its end.
    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }

    /// Returns, by name, what of the file's contents a compressed copy would not have. A file that has any should
    /// not be replaced.
    fn not_carried(&self) -> &[String] {
        &[]
    }

    /// Returns the header of the MRC file that the images are or came from, where it is known.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn original_header(&self) -> Result<Option<OriginalHeader>, Error> {
        Ok(None)
    }

    /// Fills `bytes` with a part of the extended header that belongs to [`Images::original_header`].
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn read_extended_header(&self, _offset: u64, _bytes: &mut [u8]) -> Result<(), Error> {
        Ok(())
    }

    /// Returns the figures that the file states of an image; `None` where it says nothing of this one by itself.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn declared(&self, _image: u32) -> Result<Option<Declared>, Error> {
        Ok(None)
    }

    /// Returns how many bytes of memory reading rows takes at once, beyond the bytes that are filled, at most.
    fn memory(&self) -> u64 {
        0
    }

    /// Tells whether the file says so much of itself that it can be checked against it: see [`crate::verify()`].
    fn is_self_checking(&self) -> bool {
        false
    }

    /// Returns where in the file the pixels of an image are, for formats whose structure and figures are checked against
    /// the pixels when a file is verified; `None` for formats where they are hints.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn storage(&self, _image: u32) -> Result<Option<Storage>, Error> {
        Ok(None)
    }

    /// Returns every attribute that the file has of an image; `None` for formats whose headers are no such lists.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn stored_attributes(&self, _image: u32) -> Result<Option<Attributes>, Error> {
        Ok(None)
    }

    /// Compares the file, but for its pixels, with what this program writes for the same contents.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends, and what the format finds wrong.
    fn rewritten(&self) -> Result<Rewritten, Error> {
        Ok(Rewritten::Unlike)
    }

    /// Returns what a file holds that those who read it by its own rules never come to.
    fn out_of_reach(&self) -> OutOfReach {
        OutOfReach::default()
    }

    /// Reads all pixels of an image as values, row by row.
    ///
    /// # Errors
    /// See [`Images::read`].
    fn values(&self, image: u32) -> Result<Vec<f32>, Error> {
        let (shape, pixels) = (self.shape(image), self.pixels(image));
        let mut bytes = vec![0; (shape.rows() * pixels.row_bytes(shape.nx)) as usize];
        self.read(image, 0..shape.rows(), &mut bytes)?;
        let mut values = Vec::with_capacity(shape.pixels() as usize);
        pixels.decode(&bytes, shape.nx, &mut values);
        Ok(values)
    }
}

/// A file beside what this program would write for the same contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewritten {
    /// Nothing differs.
    Same,
    /// It is this program's, but a few bytes differ.
    Damaged {
        /// Offset of the first of them.
        offset: u64,
    },
    /// Another program's, or of another format.
    Unlike,
}

/// What no reader comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutOfReach {
    /// Bytes after the end that the file states.
    pub bytes: u64,
    /// Images beyond the number that the file states.
    pub images: u64,
}

/// Fills `bytes` with rows `rows` of each of some sections by `read`, which gives rows counted through all
/// sections of an image of this shape: at once where they follow each other.
pub(crate) fn by_section(
    shape: Shape,
    sections: Range<u32>,
    rows: Range<u32>,
    bytes: &mut [u8],
    mut read: impl FnMut(Range<u64>, &mut [u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let row = |section: u32, row: u32| u64::from(section) * u64::from(shape.ny) + u64::from(row);
    if rows == (0..shape.ny) {
        return read(row(sections.start, 0)..row(sections.end, 0), bytes);
    }
    let length = bytes.len() / sections.len().max(1);
    for (section, bytes) in sections.zip(bytes.chunks_exact_mut(length.max(1))) {
        read(row(section, rows.start)..row(section, rows.end), bytes)?;
    }
    Ok(())
}

/// What an image's dataset is stored in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// Where the dataset itself is: two images may be one dataset under two names.
    pub dataset: u64,
    /// Addresses and lengths of its chunks, or of the one piece it is stored in; none for pixels in the
    /// dataset's header.
    pub pieces: Vec<(u64, u64)>,
    /// Chunks it has.
    pub chunks: u64,
    /// Chunks it should have; 0 for a dataset in one piece.
    pub expected: u64,
    /// Section, row and column of the first pixel that was never written.
    pub unwritten: Option<[u64; 3]>,
    /// Deflate level that the file states of its chunks.
    pub level: Option<u32>,
}
