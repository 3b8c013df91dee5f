//! Reads MRC: see [`Mrc`].

use std::ops::Range;

use super::NAME;
use super::error::MrcError;
use super::fei;
use super::header::{HEADER_BYTES, Header};
use crate::error::Error;
use crate::formats::sniff;
use crate::image::{Attributes, Declared, Images, MAX_SIDE, PixelType, Pixels, Shape};
use crate::io::source::Source;

/// Bytes read at once while a transposed image is gathered.
const STRIP_BYTES: u64 = 4 << 20;

/// An MRC file.
///
/// A name that ends in `.mrcs` (any case) is a stack: every section is an image of its own. Any
/// other is one image, a volume when it has several sections. Files whose columns run along y
/// (mapc, mapr = 2, 1) are transposed while they are read. Rows stay in file order.
pub struct Mrc<'a> {
    source: &'a dyn Source,
    header: Header,
    /// As it lies in the file.
    in_file: Shape,
    /// Of one image, axes exchanged when transposed.
    image: Shape,
    images: u32,
    /// Of the file's own bytes.
    pixels: Pixels,
    /// Where pixels start in the file.
    data: u64,
    /// FEI record length, when there are records.
    record: Option<usize>,
    warnings: Vec<String>,
}

impl<'a> Mrc<'a> {
    /// Reads and checks the header. `name` is the file's name, for its extension.
    ///
    /// # Errors
    /// [`Error::Mrc`] when the file cannot be taken, [`Error::Read`] when the source fails.
    pub fn open(source: &'a dyn Source, name: &str) -> Result<Self, Error> {
        let read = |cause| Error::Read { offset: 0, length: HEADER_BYTES as u64, cause };
        let length = source.len().map_err(read)?;
        let mut start = vec![0; length.min(HEADER_BYTES as u64) as usize];
        source.read_at(0, &mut start).map_err(read)?;
        let not_mrc = || MrcError::NotMrc(sniff::describe(&start));
        let bytes = start.as_slice().try_into().map_err(|_| not_mrc())?;
        let header = Header::parse(bytes).ok_or_else(not_mrc)?;

        let pixels = header.pixels()?;
        let in_file = header.shape()?;
        let stack = name.len() >= 5 && name.as_bytes()[name.len() - 5..].eq_ignore_ascii_case(b".mrcs");
        if !stack && in_file.nz >= MAX_SIDE {
            let [nx, ny, nz] = [in_file.nx, in_file.ny, in_file.nz].map(|side| side as i32);
            return Err(MrcError::Dimensions { nx, ny, nz }.into());
        }
        let extended = u64::try_from(header.extended())
            .ok()
            .filter(|extended| HEADER_BYTES as u64 + extended <= length)
            .ok_or(MrcError::ExtendedHeader(header.extended(), length))?;
        let data = HEADER_BYTES as u64 + extended;
        // At most 2^20 * 4 bytes * 2^20 rows * 2^31 sections: more than 64 bits hold.
        let promised =
            u128::from(pixels.row_bytes(in_file.nx)) * u128::from(in_file.rows()) + u128::from(data);
        if promised > u128::from(length) {
            let promised = promised.try_into().unwrap_or(u64::MAX);
            return Err(MrcError::Truncated { promised, found: length }.into());
        }

        let image = {
            let nz = if stack { 1 } else { in_file.nz };
            let Shape { nx, ny, .. } = in_file;
            let (nx, ny) = if header.is_transposed() { (ny, nx) } else { (nx, ny) };
            Shape { nx, ny, nz }
        };
        let images = if stack { in_file.nz } else { 1 };
        let mut mrc =
            Self { source, header, in_file, image, images, pixels, data, record: None, warnings: Vec::new() };
        mrc.find_records(extended)?;
        mrc.warn(length - promised as u64);
        Ok(mrc)
    }

    fn find_records(&mut self, extended: u64) -> Result<(), Error> {
        if !self.header.is_fei() {
            return Ok(());
        }
        let mut size = [0; 4];
        if extended >= size.len() as u64 {
            self.read_at(HEADER_BYTES as u64, &mut size)?;
        }
        let size = u64::from(u32::from_le_bytes(size));
        if (fei::SHORTEST_RECORD as u64..=extended).contains(&size) {
            self.record = Some(size as usize);
        } else {
            self.warnings.push(format!(
                "the FEI extended header says its records have {size} bytes, which cannot be; its metadata is left out"
            ));
        }
        Ok(())
    }

    fn warn(&mut self, rest: u64) {
        const SIGNED_BYTES: i32 = 1;
        const PACKED_NIBBLES: i32 = 16;
        if rest > 0 {
            self.warnings.push(format!(
                "{rest} bytes after the last section that the header names are not part of the output"
            ));
        }
        if let (Some(flags), PixelType::U8) = (self.header.imod_flags(), self.pixels.kind) {
            if flags & SIGNED_BYTES != 0 {
                self.warnings
                    .push("IMOD marks the bytes as signed; as in EMAN2 they are read as 0 to 255".into());
            }
            if flags & PACKED_NIBBLES != 0 {
                self.warnings.push(
                    "IMOD marks the bytes as pairs of 4-bit pixels; they are read as whole bytes".into(),
                );
            }
        }
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        let length = bytes.len() as u64;
        self.source.read_at(offset, bytes).map_err(|cause| Error::Read { offset, length, cause })
    }

    /// Gathers rows `rows` of a section of a transposed image: columns of the file.
    fn gather(&self, section: u64, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let row_bytes = self.pixels.row_bytes(self.in_file.nx);
        let bits = u64::from(self.pixels.kind.bits());
        // The part of each file row that holds the columns asked for.
        let part = rows.start * bits / 8..(rows.end * bits).div_ceil(8);
        let part_bytes = part.end - part.start;
        let whole = part_bytes == row_bytes;
        let strip = if whole { (STRIP_BYTES / row_bytes).max(1) } else { 1 };
        let file_rows = u64::from(self.in_file.ny);
        let element = (bits / 8).max(1) as usize;
        let (width, height) = (self.in_file.ny as usize, (rows.end - rows.start) as usize);
        let mut buffer = vec![0; (strip.min(file_rows) * part_bytes) as usize];
        for first in (0..file_rows).step_by(strip as usize) {
            let count = strip.min(file_rows - first);
            let offset = (section * file_rows + first) * row_bytes + part.start;
            let buffer = &mut buffer[..(count * part_bytes) as usize];
            self.read_at(self.data + offset, buffer)?;
            for (row, values) in buffer.chunks_exact(part_bytes as usize).enumerate() {
                let x = first as usize + row;
                for y in 0..height {
                    let to = (y * width + x) * element;
                    if self.pixels.kind == PixelType::U4 {
                        let column = rows.start as usize + y;
                        let pair = values[column / 2 - part.start as usize];
                        bytes[to] = if column.is_multiple_of(2) { pair & 15 } else { pair >> 4 };
                    } else {
                        bytes[to..to + element].copy_from_slice(&values[y * element..(y + 1) * element]);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Images for Mrc<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn shape(&self, _image: u32) -> Shape {
        self.image
    }

    fn pixels(&self, _image: u32) -> Pixels {
        // Gathering leaves 4-bit pixels a byte each.
        let kind = match self.pixels.kind {
            PixelType::U4 if self.header.is_transposed() => PixelType::U8,
            kind => kind,
        };
        Pixels { kind, ..self.pixels }
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        if !self.header.is_transposed() {
            let row_bytes = self.pixels.row_bytes(self.image.nx);
            let first = u64::from(image) * self.image.rows() + rows.start;
            return self.read_at(self.data + first * row_bytes, bytes);
        }
        let ny = u64::from(self.image.ny);
        let row_bytes = self.pixels(image).row_bytes(self.image.nx) as usize;
        let (mut next, mut bytes) = (rows.start, bytes);
        while next < rows.end {
            let section = next / ny;
            let end = rows.end.min((section + 1) * ny);
            let in_file = u64::from(image) + section;
            let part;
            (part, bytes) = bytes.split_at_mut((end - next) as usize * row_bytes);
            self.gather(in_file, next - section * ny..end - section * ny, part)?;
            next = end;
        }
        Ok(())
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let mut attributes = Attributes::new();
        self.header.describe(self.image, &mut attributes);
        if let Some(size) = self.record {
            let offset = u64::from(image) * size as u64;
            let known = size.min(fei::LONGEST_RECORD);
            if offset + known as u64 <= self.data - HEADER_BYTES as u64 {
                let mut record = vec![0; known];
                self.read_at(HEADER_BYTES as u64 + offset, &mut record)?;
                fei::describe(&record, &mut attributes);
            }
        }
        Ok(attributes)
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// Returns the header's words on all pixels, unless they say that they do not know.
    fn declared(&self, image: u32) -> Result<Option<Declared>, Error> {
        if image > 0 {
            return Ok(None);
        }
        let attributes = self.attributes(0)?;
        let figure = |name| attributes.get(name)?.number();
        let (minimum, maximum) = (figure("MRC.minimum"), figure("MRC.maximum"));
        let known = matches!((minimum, maximum), (Some(minimum), Some(maximum)) if minimum < maximum);
        if !known {
            return Ok(Some(Declared::default()));
        }
        let mean = figure("MRC.mean").filter(|mean| Some(*mean) >= minimum);
        let sigma = figure("MRC.rms").filter(|&rms| rms >= 0.0);
        Ok(Some(Declared { minimum, maximum, mean, sigma, ..Declared::default() }))
    }
}
