//! Reads EER: see [`Eer`].

use std::ops::Range;

use super::NAME;
use super::decoder::Decoder;
use super::error::EerError;
use super::frames::Frames;
use super::metadata::{LONGEST_FRAME_XML, LONGEST_XML, Metadata};
use super::rendering::{EerRendering, EerSums, FRACTIONS, GROUPING, UPSAMPLING};
use crate::error::Error;
use crate::formats::tiff::directory::{Entry, TiffFile};
use crate::image::{Attributes, Images, MAX_SIDE, PixelType, Pixels, Shape};
use crate::io::source::Source;
use crate::warning::Warning;

/// Bytes of an image, at most: that of a sensor of 8192 x 8192 pixels, four times as fine along each side.
pub const MOST_IMAGE_BYTES: u64 = 1 << 30;

/// Fractions that the note on single frames names: what Warp and RELION make of a movie, about.
const USUAL_FRACTIONS: u32 = 40;

/// An EER movie: electrons, rendered as images of counts. Rows are in the order of the file, the first one at the
/// bottom, as in EMAN2.
pub struct Eer<'s> {
    file: TiffFile<'s>,
    decoder: Decoder<'s>,
    metadata: Option<Metadata>,
    warnings: Vec<Warning>,
}

impl<'s> Eer<'s> {
    /// Reads all directories, and no frame but those that show the dialect of their codes.
    ///
    /// # Errors
    /// [`Error::Eer`] and [`Error::Tiff`] when the file cannot be taken, [`Error::Read`] when the source fails.
    pub fn open(source: &'s dyn Source, rendering: EerRendering) -> Result<Self, Error> {
        if super::is_ecc(source) {
            return Err(EerError::Ecc.into());
        }
        let file = TiffFile::open(source)?;
        let frames = Frames::read(&file)?;
        let EerRendering { sums, upsampling } = rendering;
        let Shape { nx, ny, .. } = frames.sensor;
        let finest = frames.list.iter().map(|frame| frame.coding.sub).min().unwrap_or_default();
        if upsampling.level() > finest {
            return Err(EerError::Upsampling { factor: upsampling.factor(), most: 1 << finest }.into());
        }
        // A directory is a frame at most, and there are 2^20 at most.
        let count = frames.list.len() as u32;
        let sums = sums.divide(count).ok_or(EerError::TooFewFrames { frames: count, sums })?;
        let [nx, ny] = [nx, ny].map(|side| u64::from(side) * u64::from(upsampling.factor()));
        let kind = sums.kind();
        if nx.max(ny) >= u64::from(MAX_SIDE) || nx * ny * kind.bytes() as u64 > MOST_IMAGE_BYTES {
            return Err(EerError::Large { nx, ny, kind: kind.name() }.into());
        }
        let mut eer = Self {
            file,
            decoder: Decoder::new(source, frames, sums, upsampling),
            metadata: None,
            warnings: Vec::new(),
        };
        eer.metadata = eer.read_metadata()?;
        eer.warn(rendering.sums, count);
        Ok(eer)
    }

    /// Reads what the file says of itself; `None` where it says nothing that can be read.
    fn read_metadata(&self) -> Result<Option<Metadata>, Error> {
        Ok(match self.decoder.frames().metadata {
            Some(place) => self.xml(place, LONGEST_XML)?.and_then(|xml| Metadata::read(&xml)),
            None => None,
        })
    }

    /// Reads a text; `None` if it is longer than `most`, or not there.
    fn xml(&self, (page, entry): (u64, Entry), most: u64) -> Result<Option<Vec<u8>>, Error> {
        match entry.bytes() {
            Some(bytes) if bytes <= most => match self.file.bytes(page, &entry, most) {
                // Pixels can be read without it.
                Err(Error::Tiff(_)) => Ok(None),
                xml => xml.map(Some),
            },
            _ => Ok(None),
        }
    }

    fn warn(&mut self, asked: EerSums, frames: u32) {
        let sums = self.decoder.sums();
        if sums.left_over > 0 {
            self.warnings.push(Warning::EerLeftOver { frames: sums.left_over, of: frames });
        }
        if asked == EerSums::None && frames >= 2 * USUAL_FRACTIONS {
            self.warnings.push(Warning::EerSingleFrames { frames, fractions: USUAL_FRACTIONS });
        }
        let pixel = self.metadata.as_ref().and_then(|metadata| metadata.pixel_size(1));
        if pixel.is_none() {
            self.warnings.push(Warning::EerPixelSize { has_metadata: self.metadata.is_some() });
        }
        let lost = self.not_carried();
        if !lost.is_empty() {
            let warning = Warning::NotCarried(lost.to_vec());
            self.warnings.push(warning);
        }
    }
}

impl Images for Eer<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn images(&self) -> u32 {
        self.decoder.sums().fractions
    }

    fn shape(&self, _image: u32) -> Shape {
        self.decoder.picture()
    }

    fn pixels(&self, _image: u32) -> Pixels {
        let kind = self.decoder.sums().kind();
        Pixels::new(kind, kind != PixelType::U8 && cfg!(target_endian = "big"))
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        self.decoder.read(image, rows, bytes)
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let (frames, sums) = (self.decoder.frames(), self.decoder.sums());
        let factor = self.decoder.upsampling().factor();
        let mut attributes = Attributes::new();
        let pixel = self.metadata.as_ref().and_then(|metadata| metadata.pixel_size(factor));
        let [width, height] = pixel.unwrap_or([1.0; 2]);
        for (name, size) in [("apix_x", width), ("apix_y", height), ("apix_z", width)] {
            attributes.float(name, size);
        }
        // EMAN2 has never set it.
        attributes.text("ImageEndian", b"little");
        attributes.int("EER.compression", frames.compression as i32);
        // 2^20 frames at most.
        attributes.int(FRACTIONS, sums.fractions as i32);
        attributes.int(GROUPING, sums.grouping as i32);
        attributes.int(UPSAMPLING, factor as i32);
        if let Some(metadata) = &self.metadata {
            metadata.add(&mut attributes);
        }
        let first = image as usize * sums.grouping as usize;
        if let Some(place) = frames.list[first].metadata
            && let Some(xml) = self.xml(place, LONGEST_FRAME_XML)?
        {
            Metadata::describe_frame(&xml, &mut attributes);
        }
        Ok(attributes)
    }

    fn warnings(&self) -> Vec<Warning> {
        self.warnings.clone()
    }

    fn not_carried(&self) -> &[String] {
        self.metadata.as_ref().map_or(&[], |metadata| &metadata.lost)
    }

    fn memory(&self) -> u64 {
        self.decoder.memory()
    }
}
