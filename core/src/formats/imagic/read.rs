//! Reads IMAGIC: see [`Imagic`].

use std::ops::Range;

use super::error::ImagicError;
use super::header::{HEADER_BYTES, Header};
use super::{NAME, Pair};
use crate::error::Error;
use crate::formats::planes::Planes;
use crate::formats::unrecognised;
use crate::image::{Attributes, Images, Pixels, Shape};
use crate::io::reading;
use crate::io::source::Source;
use crate::warning::Warning;

/// A pair of IMAGIC files: images or volumes. Rows are turned over, since the first one in the file is the top one.
pub struct Imagic<'s> {
    headers: &'s dyn Source,
    source: &'s dyn Source,
    planes: Planes,
    pixels: Pixels,
    images: u32,
    /// Headers of each image: one, or one a plane.
    headers_each: u64,
    /// The bytes of the first header.
    first: Vec<u8>,
    /// Bytes after the last image.
    rest: u64,
}

impl<'s> Imagic<'s> {
    /// Reads and checks the first header. `name` is that of `source`; `companion` is the other file of the pair.
    ///
    /// # Errors
    /// [`Error::Imagic`] when the files cannot be taken, [`Error::UnknownFormat`] for a single file of another kind,
    /// [`Error::Read`] when a source fails.
    pub fn open(
        source: &'s dyn Source,
        name: &str,
        companion: Option<&'s dyn Source>,
    ) -> Result<Self, Error> {
        let pair = Pair::of(name).unwrap_or(Pair { pixels: name.to_owned(), headers: format!("{name}.hed") });
        let other = pair.other_than(name).to_owned();
        let Some(companion) = companion else {
            // Other files have such names as well.
            let start = reading::read_up_to(source, 0, HEADER_BYTES as usize)?;
            return Err(match unrecognised::looks_like(&start) {
                Some(kind) => Error::UnknownFormat(format!("this is {kind}")),
                None => ImagicError::Half { other }.into(),
            });
        };
        let (headers, source) = if name == pair.headers { (source, companion) } else { (companion, source) };
        let found = reading::length(headers)?;
        let first = reading::read_up_to(headers, 0, HEADER_BYTES as usize)?;
        let too_few = |images: u64| ImagicError::Headers {
            images,
            promised: images.saturating_mul(HEADER_BYTES),
            found,
        };
        if (first.len() as u64) < HEADER_BYTES {
            return Err(too_few(1).into());
        }
        let header = Header::first(&first)?;
        let pixels = Pixels::new(header.kind()?, header.big_endian());
        let shape = header.shape()?;
        let count = header.count()?;
        if found / HEADER_BYTES < count.into() {
            return Err(too_few(count.into()).into());
        }
        let planes = Planes { shape, row_bytes: pixels.row_bytes(shape.nx), top_first: true };
        let length = reading::length(source)?;
        let (images, headers_each) = volumes(count, &planes, length)?;
        let rest = u128::from(length) - planes.bytes() * u128::from(images);
        // No longer than the file.
        let rest = rest as u64;
        Ok(Self { headers, source, planes, pixels, images, headers_each, first, rest })
    }
}

/// Counts the images or volumes of so many headers, and the headers of each: IMAGIC writes one for each plane of a
/// volume, EMAN2 one for each volume.
fn volumes(headers: u32, planes: &Planes, length: u64) -> Result<(u32, u64), ImagicError> {
    let sections = planes.shape.nz;
    let found = u128::from(length);
    let promised = planes.bytes() * u128::from(headers);
    if promised <= found {
        return Ok((headers, 1));
    }
    let volumes = headers / sections;
    if headers.is_multiple_of(sections) && sections > 1 && planes.bytes() * u128::from(volumes) <= found {
        return Ok((volumes, sections.into()));
    }
    Err(ImagicError::CutShort { promised, found: length })
}

impl Images for Imagic<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn shape(&self, _image: u32) -> Shape {
        self.planes.shape
    }

    fn pixels(&self, _image: u32) -> Pixels {
        self.pixels
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let start = u64::from(image) * self.planes.row_bytes * self.planes.shape.rows();
        self.planes.read(self.source, start, rows, bytes)
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let mut bytes = vec![0; HEADER_BYTES as usize];
        reading::read_at(self.headers, u64::from(image) * self.headers_each * HEADER_BYTES, &mut bytes)?;
        let header = Header::new(&bytes, self.pixels.big_endian);
        if !header.is_like(&Header::new(&self.first, self.pixels.big_endian)) {
            return Err(ImagicError::Differs { image }.into());
        }
        let mut attributes = Attributes::new();
        header.describe(&mut attributes);
        Ok(attributes)
    }

    fn warnings(&self) -> Vec<Warning> {
        let rest = Some(self.rest).filter(|rest| *rest > 0);
        rest.map(|bytes| Warning::AfterLastSection { bytes }).into_iter().collect()
    }
}
