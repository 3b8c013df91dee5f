//! The headers of a TIA series: of the file, and of each element.

use super::error::SerError;
use crate::error::Error;
use crate::formats::fields::Fields;
use crate::image::{Attributes, MAX_SIDE, PixelType, Shape, attributes::Value};
use crate::io::reading;
use crate::io::source::Source;

/// Dimensions of a series, at most: files have one or two.
pub const MOST_DIMENSIONS: u32 = 16;

/// Bytes of an element before its pixels.
pub const ELEMENT_BYTES: u64 = 50;

/// Kinds of data.
const SPECTRA: u32 = 0x4120;
const IMAGES: u32 = 0x4122;

/// The kind of tag that has a place beside the time.
const TIME_AND_PLACE: u32 = 0x4142;

/// From this version on offsets have 64 bits.
const WIDE_VERSION: u16 = 0x0220;
const VERSIONS: [u16; 2] = [0x0210, WIDE_VERSION];

/// Text of a dimension that is kept, in bytes.
const LONGEST_TEXT: u32 = 1024;

/// The header of a file.
pub struct Header {
    wide: bool,
    tag_type: u32,
    total: u32,
    /// Elements that were recorded.
    pub valid: u32,
    offsets: u64,
    length: u64,
    /// What it says of all elements.
    pub attributes: Attributes,
}

impl Header {
    /// Reads and checks the header.
    pub fn read(source: &dyn Source) -> Result<Self, Error> {
        let length = reading::length(source)?;
        let start = reading::read_up_to(source, 0, 34)?;
        let fields = Fields::new(&start, false);
        let version = fields.u16(4);
        if start.len() >= 6 && !VERSIONS.contains(&version) {
            return Err(SerError::Version(version).into());
        }
        let wide = version >= WIDE_VERSION;
        let head: u32 = if wide { 34 } else { 30 };
        fits("its header", head.into(), length)?;
        let [kind, tag_type, total, valid] = [6, 10, 14, 18].map(|at| fields.u32(at));
        match kind {
            IMAGES => {}
            SPECTRA => return Err(SerError::Spectra(kind).into()),
            _ => return Err(SerError::Kind(kind).into()),
        }
        if valid == 0 || valid > total || i32::try_from(total).is_err() {
            return Err(SerError::Count { total, valid }.into());
        }
        let offsets = if wide { fields.u64(22) } else { fields.u32(22).into() };
        let dimensions = fields.u32(if wide { 30 } else { 26 });
        if dimensions > MOST_DIMENSIONS {
            return Err(SerError::SeriesDimensions(dimensions).into());
        }
        let mut attributes = Attributes::new();
        for (name, value) in [
            ("SER.ByteOrder", u32::from(fields.u16(0))),
            ("SER.SeriesID", u32::from(fields.u16(2))),
            ("SER.SeriesVersion", u32::from(version)),
            ("SER.DataTypeID", kind),
            ("SER.TagTypeID", tag_type),
            ("SER.TotalNumberElements", total),
            ("SER.ValidNumberElements", valid),
            ("SER.OffsetArrayOffset", offsets as u32),
            ("SER.NumberDimensions", dimensions),
        ] {
            attributes.int(name, value as i32);
        }
        let mut at = u64::from(head);
        for dimension in 0..dimensions {
            at = describe_dimension(source, at, length, dimension, &mut attributes)?;
        }
        let header = Self { wide, tag_type, total, valid, offsets, length, attributes };
        // The offsets of tags behind them may be missing.
        fits("its list of offsets", u128::from(offsets) + header.offset_bytes() * u128::from(total), length)?;
        Ok(header)
    }

    fn offset_bytes(&self) -> u128 {
        if self.wide { 8 } else { 4 }
    }

    /// Reads offsets of elements from a number on, or of their tags behind those of all elements.
    fn read_offsets(&self, source: &dyn Source, first: u64, count: usize) -> Result<Vec<u64>, Error> {
        let each = self.offset_bytes() as u64;
        let mut bytes = vec![0; count * each as usize];
        reading::read_at(source, self.offsets + first * each, &mut bytes)?;
        let fields = Fields::new(&bytes, false);
        let offset = |at: usize| if self.wide { fields.u64(8 * at) } else { fields.u32(4 * at).into() };
        Ok((0..count).map(offset).collect())
    }

    /// Returns where all elements start.
    pub fn elements(&self, source: &dyn Source) -> Result<Vec<u64>, Error> {
        // As many bytes are there.
        self.read_offsets(source, 0, self.valid as usize)
    }

    /// Reads the header of an element and checks that its pixels are there.
    pub fn element(&self, source: &dyn Source, number: u32, at: u64) -> Result<Element, Error> {
        let what = || format!("element {number}");
        fits(what(), u128::from(at) + u128::from(ELEMENT_BYTES), self.length)?;
        let mut bytes = [0; ELEMENT_BYTES as usize];
        reading::read_at(source, at, &mut bytes)?;
        let element = Element { bytes };
        let fields = element.fields();
        let [nx, ny] = [42, 46].map(|at| fields.u32(at));
        if [nx, ny].iter().any(|side| !(1..MAX_SIDE).contains(side)) {
            return Err(SerError::Sides { element: number, nx, ny }.into());
        }
        let kind = element.kind(number, at)?;
        let pixels = element.shape().pixels() * kind.bytes() as u64;
        fits(what(), u128::from(at) + u128::from(ELEMENT_BYTES) + u128::from(pixels), self.length)?;
        Ok(element)
    }

    /// Adds what the tag of an element says, where there is one.
    pub fn describe_tag(
        &self,
        source: &dyn Source,
        number: u32,
        attributes: &mut Attributes,
    ) -> Result<(), Error> {
        let place = u64::from(self.total) + u64::from(number);
        let end = u128::from(self.offsets) + self.offset_bytes() * u128::from(place + 1);
        if end > u128::from(self.length) {
            return Ok(());
        }
        let at = self.read_offsets(source, place, 1)?[0];
        let bytes = reading::read_up_to(source, at.min(self.length), 24)?;
        let fields = Fields::new(&bytes, false);
        if bytes.len() < 8 || u32::from(fields.u16(0)) != self.tag_type {
            return Ok(());
        }
        attributes.int("SER.Time", fields.i32(4));
        if self.tag_type == TIME_AND_PLACE && bytes.len() == 24 {
            attributes.add("SER.PositionX", Value::Double(fields.f64(8)));
            attributes.add("SER.PositionY", Value::Double(fields.f64(16)));
        }
        Ok(())
    }
}

/// Checks that something ends within the file.
fn fits(what: impl Into<String>, end: u128, length: u64) -> Result<(), SerError> {
    if end <= u128::from(length) {
        Ok(())
    } else {
        Err(SerError::CutShort { what: what.into(), end, length })
    }
}

/// Adds what a dimension of the series is; returns where the next one starts.
fn describe_dimension(
    source: &dyn Source,
    at: u64,
    length: u64,
    number: u32,
    attributes: &mut Attributes,
) -> Result<u64, Error> {
    let what = || format!("dimension {number}");
    fits(what(), u128::from(at) + 28, length)?;
    let mut bytes = [0; 28];
    reading::read_at(source, at, &mut bytes)?;
    let fields = Fields::new(&bytes, false);
    attributes.int(format!("SER.DimensionSize{number}"), fields.i32(0));
    attributes.add(format!("SER.CalibrationOffset{number}"), Value::Double(fields.f64(4)));
    attributes.add(format!("SER.CalibrationDelta{number}"), Value::Double(fields.f64(12)));
    attributes.int(format!("SER.CalibrationElement{number}"), fields.i32(20));
    let mut at = at + 24;
    for name in ["Description", "Units"] {
        fits(what(), u128::from(at) + 4, length)?;
        let mut bytes = [0; 4];
        reading::read_at(source, at, &mut bytes)?;
        let size = u32::from_le_bytes(bytes);
        fits(what(), u128::from(at) + 4 + u128::from(size), length)?;
        attributes.int(format!("SER.{name}Length{number}"), size as i32);
        if size > 0 {
            let mut text = vec![0; size.min(LONGEST_TEXT) as usize];
            reading::read_at(source, at + 4, &mut text)?;
            attributes.text(format!("SER.{name}{number}"), &text);
        }
        at += 4 + u64::from(size);
    }
    Ok(at)
}

/// The header of an element.
pub struct Element {
    bytes: [u8; ELEMENT_BYTES as usize],
}

impl Element {
    fn fields(&self) -> Fields<'_> {
        Fields::new(&self.bytes, false)
    }

    /// Returns the extent, which was checked.
    pub fn shape(&self) -> Shape {
        let fields = self.fields();
        Shape { nx: fields.u32(42), ny: fields.u32(46), nz: 1 }
    }

    /// Returns the type of its pixels.
    pub fn kind(&self, element: u32, at: u64) -> Result<PixelType, SerError> {
        Ok(match self.fields().u16(40) {
            1 => PixelType::U8,
            2 => PixelType::U16,
            3 => PixelType::U32,
            4 => PixelType::I8,
            5 => PixelType::I16,
            6 => PixelType::I32,
            7 => PixelType::F32,
            8 => PixelType::F64,
            kind @ (9 | 10) => return Err(SerError::Complex { element, kind }),
            kind => return Err(SerError::Type { element, kind, at: at + 40 }),
        })
    }

    /// Returns the pixel sizes in metres; those of diffraction patterns are none.
    pub fn deltas(&self) -> [f64; 2] {
        [8, 28].map(|at| self.fields().f64(at).abs())
    }

    /// Adds what it says.
    pub fn describe(&self, attributes: &mut Attributes) {
        let fields = self.fields();
        for (axis, at) in [("X", 0), ("Y", 20)] {
            attributes.add(format!("SER.CalibrationOffset{axis}"), Value::Double(fields.f64(at)));
            attributes.add(format!("SER.CalibrationDelta{axis}"), Value::Double(fields.f64(at + 8)));
            attributes.int(format!("SER.CalibrationElement{axis}"), fields.i32(at + 16));
        }
        attributes.int("SER.DataType", fields.u16(40).into());
    }
}
