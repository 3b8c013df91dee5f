//! Some images of a file, by their numbers.

use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use super::{Attributes, Declared, Images, OriginalHeader, Pixels, Shape, Storage};
use crate::error::Error;
use crate::quantise::OptionError;
use crate::warning::Warning;

/// Numbers of images, from 0: `all`, or a list such as `0,3,7-9`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageList(Option<Vec<RangeInclusive<u32>>>);

impl FromStr for ImageList {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        if text == "all" {
            return Ok(Self(None));
        }
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (first <= last).then_some(first..=last)
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        ranges.map(|ranges| Self(Some(ranges))).ok_or(OptionError::Images)
    }
}

impl ImageList {
    /// Returns the numbers in the list, of a file with so many images.
    ///
    /// # Errors
    /// [`Error::NoSuchImage`] for a number that the file does not have.
    pub fn numbers(&self, images: u32) -> Result<Vec<u32>, Error> {
        let Some(ranges) = &self.0 else { return Ok((0..images).collect()) };
        if let Some(beyond) = ranges.iter().find(|range| *range.end() >= images) {
            return Err(Error::NoSuchImage { image: (*beyond.start()).max(images), images });
        }
        Ok(ranges.iter().cloned().flatten().collect())
    }
}

/// Some images of a file, in a given order.
pub struct Selection<'s> {
    images: Box<dyn Images + 's>,
    numbers: Vec<u32>,
}

impl<'s> Selection<'s> {
    /// Takes the images of these numbers.
    #[must_use]
    pub fn new(images: Box<dyn Images + 's>, numbers: Vec<u32>) -> Self {
        Self { images, numbers }
    }

    /// Takes those of other numbers instead.
    pub fn choose(&mut self, numbers: Vec<u32>) {
        self.numbers = numbers;
    }

    fn number(&self, image: u32) -> u32 {
        self.numbers[image as usize]
    }
}

impl Images for Selection<'_> {
    fn format(&self) -> &'static str {
        self.images.format()
    }

    fn images(&self) -> u32 {
        self.numbers.len() as u32
    }

    fn shape(&self, image: u32) -> Shape {
        self.images.shape(self.number(image))
    }

    fn pixels(&self, image: u32) -> Pixels {
        self.images.pixels(self.number(image))
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        self.images.read(self.number(image), rows, bytes)
    }

    fn read_slab(
        &self,
        image: u32,
        sections: Range<u32>,
        rows: Range<u32>,
        bytes: &mut [u8],
    ) -> Result<(), Error> {
        self.images.read_slab(self.number(image), sections, rows, bytes)
    }

    fn read_in_row(&self, image: u32, row: u64, start: u64, bytes: &mut [u8]) -> Result<bool, Error> {
        self.images.read_in_row(self.number(image), row, start, bytes)
    }

    fn check_end(&self) -> Result<(), Error> {
        self.images.check_end()
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        self.images.attributes(self.number(image))
    }

    fn recorded_source(&self, image: u32) -> Result<Attributes, Error> {
        self.images.recorded_source(self.number(image))
    }

    fn memory(&self) -> u64 {
        self.images.memory()
    }

    fn is_self_checking(&self) -> bool {
        self.images.is_self_checking()
    }

    fn warnings(&self) -> Vec<Warning> {
        self.images.warnings()
    }

    fn not_carried(&self) -> &[String] {
        self.images.not_carried()
    }

    fn original_header(&self) -> Result<Option<OriginalHeader>, Error> {
        self.images.original_header()
    }

    fn read_extended_header(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        self.images.read_extended_header(offset, bytes)
    }

    fn declared(&self, image: u32) -> Result<Option<Declared>, Error> {
        self.images.declared(self.number(image))
    }

    fn stored_attributes(&self, image: u32) -> Result<Option<Attributes>, Error> {
        self.images.stored_attributes(self.number(image))
    }

    fn storage(&self, image: u32) -> Result<Option<Storage>, Error> {
        self.images.storage(self.number(image))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn numbers(list: &str, images: u32) -> Vec<u32> {
        list.parse::<ImageList>().unwrap().numbers(images).unwrap()
    }

    #[test]
    fn lists_name_images() {
        assert_eq!(numbers("0,3,7-9", 10), [0, 3, 7, 8, 9]);
        assert_eq!(numbers("4", 5), [4]);
        assert_eq!(numbers("all", 3), [0, 1, 2]);
        for list in ["", ",", "1,", "3-1", "-1", "1-", "a", "1-2-3", "4294967296"] {
            assert!(list.parse::<ImageList>().is_err(), "{list}");
        }
        let beyond = "1,4-6".parse::<ImageList>().unwrap().numbers(6);
        assert!(matches!(beyond, Err(Error::NoSuchImage { image: 6, images: 6 })), "{beyond:?}");
    }
}
