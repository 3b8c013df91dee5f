//! Stacks of `ImageJ`: one directory, and a description that says how many images follow each other behind it.

use super::codec::Codec;
use super::directory::TiffFile;
use super::error::TiffError;
use super::page::Page;
use super::places::Place;

/// How `ImageJ` starts its descriptions.
const START: &str = "ImageJ=";

/// A description by `ImageJ`.
pub struct ImageJ<'d>(&'d str);

impl<'d> ImageJ<'d> {
    /// Recognises a description.
    pub fn of(description: &'d str) -> Option<Self> {
        description.starts_with(START).then_some(Self(description))
    }

    fn value(&self, key: &str) -> Option<&'d str> {
        let line = |line: &'d str| line.split_once('=').filter(|(name, _)| *name == key);
        self.0.lines().find_map(line).map(|(_, value)| value.trim())
    }

    /// Returns the Angstrom of its unit of length.
    pub fn unit(&self) -> Option<f64> {
        let unit = self.value("unit")?;
        Some(match unit {
            "nm" => 10.0,
            "angstrom" | "Angstrom" | "A" | "\u{c5}" | "\\u00C5" => 1.0,
            "micron" | "um" | "\u{b5}m" | "\u{3bc}m" | "\\u00B5m" => 1e4,
            _ => return None,
        })
    }

    /// Returns the number of images of a file whose only page lies at these places, if they follow each other there.
    ///
    /// # Errors
    /// [`TiffError::ImageJ`] when the file has fewer.
    pub fn images(
        &self,
        file: &TiffFile<'_>,
        page: &Page,
        places: &[Place],
    ) -> Result<Option<u32>, TiffError> {
        let images: u64 = self.value("images").and_then(|images| images.parse().ok()).unwrap_or(1);
        let adjoin = |pair: &[Place]| pair[0].offset + pair[0].length == pair[1].offset;
        let one_run = !page.pieces.tiled && places.windows(2).all(adjoin);
        if images <= 1 || page.codec != Codec::None || !one_run {
            return Ok(None);
        }
        let (each, offset, length) = (page.bytes(), places[0].offset, file.window().length());
        let there = images.checked_mul(each).is_some_and(|all| file.window().has(offset, all));
        match u32::try_from(images) {
            Ok(images) if there => Ok(Some(images)),
            _ => Err(TiffError::ImageJ { images, each, offset, length }),
        }
    }
}
