//! The 1024-byte MRC header.
//!
//! Source: the MRC2014 format (Cheng et al., J. Struct. Biol. 192, 2015), with IMOD's use of the
//! "extra" words; names as EMAN2 gives them.

use super::error::MrcError;
use crate::image::MAX_SIDE;
use crate::image::PixelType;
use crate::image::Shape;
use crate::image::attributes::Attributes;
use crate::image::pixels::Pixels;

/// Bytes of the header.
pub const HEADER_BYTES: usize = 1024;

/// Length and number of the text labels at its end.
pub const LABEL_BYTES: usize = 80;
const MOST_LABELS: usize = 10;

/// The labels, in order.
pub const LABEL_NAMES: [&str; MOST_LABELS] = [
    "MRC.label0",
    "MRC.label1",
    "MRC.label2",
    "MRC.label3",
    "MRC.label4",
    "MRC.label5",
    "MRC.label6",
    "MRC.label7",
    "MRC.label8",
    "MRC.label9",
];

/// Attributes of each axis: size, size again, pixel size, origin, grid, start, cell edge.
const NAMES: [[&str; 7]; 3] = [
    ["nx", "MRC.nx", "apix_x", "origin_x", "MRC.mx", "MRC.nxstart", "MRC.xlen"],
    ["ny", "MRC.ny", "apix_y", "origin_y", "MRC.my", "MRC.nystart", "MRC.ylen"],
    ["nz", "MRC.nz", "apix_z", "origin_z", "MRC.mz", "MRC.nzstart", "MRC.zlen"],
];

/// Words that mean nothing to the walk but are kept with the image, and where they lie.
const INTS: [(&str, usize); 10] = [
    ("MRC.mode", at::MODE),
    ("MRC.mapc", at::AXES),
    ("MRC.mapr", at::AXES + 4),
    ("MRC.maps", at::AXES + 8),
    ("MRC.ispg", at::ISPG),
    ("MRC.nsymbt", at::NSYMBT),
    ("MRC.nversion", at::NVERSION),
    ("MRC.imod_flags", at::IMOD_FLAGS),
    ("MRC.machinestamp", at::STAMP),
    ("MRC.nlabels", at::NLABELS),
];

/// The same of floats: angles and statistics.
const FLOATS: [(&str, usize); 7] = [
    ("MRC.alpha", at::ANGLES),
    ("MRC.beta", at::ANGLES + 4),
    ("MRC.gamma", at::ANGLES + 8),
    ("MRC.minimum", at::MINIMUM),
    ("MRC.maximum", at::MAXIMUM),
    ("MRC.mean", at::MEAN),
    ("MRC.rms", at::RMS),
];

/// IMOD's use of the "extra" words: floats.
pub const IMOD_FLOATS: [(&str, usize); 4] =
    [("IMODMRC.min2", 136), ("IMODMRC.max2", 140), ("IMODMRC.min3", 144), ("IMODMRC.max3", 148)];

/// IMOD's use of the "extra" words: 16-bit integers.
pub const IMOD_SHORTS: [(&str, usize); 11] = [
    ("IMODMRC.creatid", 96),
    ("IMODMRC.nint", 128),
    ("IMODMRC.nreal", 130),
    ("IMODMRC.sub", 132),
    ("IMODMRC.zfac", 134),
    ("IMODMRC.idtype", 160),
    ("IMODMRC.lens", 162),
    ("IMODMRC.nd1", 164),
    ("IMODMRC.nd2", 166),
    ("IMODMRC.vd1", 168),
    ("IMODMRC.vd2", 170),
];

/// Byte offsets of the fields.
pub mod at {
    pub const DIMENSIONS: usize = 0;
    pub const MODE: usize = 12;
    pub const START: usize = 16;
    pub const GRID: usize = 28;
    pub const CELL: usize = 40;
    pub const ANGLES: usize = 52;
    pub const AXES: usize = 64;
    pub const MINIMUM: usize = 76;
    pub const MAXIMUM: usize = 80;
    pub const MEAN: usize = 84;
    pub const ISPG: usize = 88;
    pub const NSYMBT: usize = 92;
    pub const EXTTYP: usize = 104;
    pub const NVERSION: usize = 108;
    pub const IMOD_STAMP: usize = 152;
    pub const IMOD_FLAGS: usize = 156;
    pub const ORIGIN: usize = 196;
    pub const MAP: usize = 208;
    pub const STAMP: usize = 212;
    pub const RMS: usize = 216;
    pub const NLABELS: usize = 220;
    pub const LABELS: usize = 224;
}

/// Pixel sizes outside this are taken for unset, in Angstrom.
pub const PIXEL_SIZES: std::ops::RangeInclusive<f32> = 0.01..=1000.0;

/// The header, with the byte order known.
#[derive(Clone)]
pub struct Header {
    bytes: [u8; HEADER_BYTES],
    /// The file's numbers have their most significant byte first.
    pub big_endian: bool,
}

impl Header {
    /// Finds the byte order and checks mode and dimensions. `None` when nothing marks the bytes as
    /// MRC and they are invalid as such.
    pub fn parse(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let order = |big_endian| Self { bytes: *bytes, big_endian };
        match bytes[at::STAMP..at::STAMP + 2] {
            [0x44, 0x44 | 0x41] => return Some(order(false)),
            [0x11, 0x11] => return Some(order(true)),
            _ => {}
        }
        let plausible = [false, true].map(order).into_iter().find(Self::is_plausible);
        // Marked as MRC but senseless: report what is wrong with it as a little-endian file.
        plausible.or_else(|| (bytes[at::MAP..at::MAP + 3] == *b"MAP").then(|| order(false)))
    }

    /// Returns whether the first bytes of a file, 1024 of them, are a header.
    pub fn recognises(start: &[u8]) -> bool {
        start.try_into().is_ok_and(|bytes| Self::parse(bytes).is_some())
    }

    fn is_plausible(&self) -> bool {
        let known = self.pixel_type().is_some() || self.is_complex();
        known && self.dimensions().into_iter().all(|side| (1..MAX_SIDE as i32).contains(&side))
    }

    fn field<const N: usize>(&self, offset: usize) -> [u8; N] {
        let mut field = [0; N];
        field.copy_from_slice(&self.bytes[offset..offset + N]);
        if self.big_endian {
            field.reverse();
        }
        field
    }

    fn int(&self, offset: usize) -> i32 {
        i32::from_le_bytes(self.field(offset))
    }

    fn short(&self, offset: usize) -> i32 {
        i16::from_le_bytes(self.field(offset)).into()
    }

    fn float(&self, offset: usize) -> f32 {
        f32::from_le_bytes(self.field(offset))
    }

    fn text(&self, offset: usize, length: usize) -> &[u8] {
        &self.bytes[offset..offset + length]
    }

    /// Returns nx, ny, nz as the file has them, unchecked.
    fn dimensions(&self) -> [i32; 3] {
        [0, 4, 8].map(|word| self.int(at::DIMENSIONS + word))
    }

    /// Returns the mode number.
    pub fn mode(&self) -> i32 {
        self.int(at::MODE)
    }

    fn is_complex(&self) -> bool {
        matches!(self.mode(), 3 | 4)
    }

    fn pixel_type(&self) -> Option<PixelType> {
        Some(match self.mode() {
            0 => PixelType::U8,
            1 => PixelType::I16,
            2 => PixelType::F32,
            6 => PixelType::U16,
            12 => PixelType::F16,
            17 => PixelType::I8,
            101 => PixelType::U4,
            _ => return None,
        })
    }

    /// Returns how the file's pixels are stored.
    pub fn pixels(&self) -> Result<Pixels, MrcError> {
        let kind = self.pixel_type().ok_or(if self.is_complex() {
            MrcError::Complex(self.mode())
        } else {
            MrcError::Mode(self.mode())
        })?;
        Ok(Pixels::new(kind, self.big_endian))
    }

    /// Returns the file's columns, rows and sections, as they lie in the file.
    pub fn shape(&self) -> Result<Shape, MrcError> {
        let [nx, ny, nz] = self.dimensions();
        let side = |n: i32| u32::try_from(n).ok().filter(|n| (1..MAX_SIDE).contains(n));
        match (side(nx), side(ny), u32::try_from(nz)) {
            (Some(nx), Some(ny), Ok(nz @ 1..)) => Ok(Shape { nx, ny, nz }),
            _ => Err(MrcError::Dimensions { nx, ny, nz }),
        }
    }

    /// Tells whether columns run along y and rows along x.
    pub fn is_transposed(&self) -> bool {
        (self.int(at::AXES), self.int(at::AXES + 4)) == (2, 1)
    }

    /// Returns the bytes of the extended header.
    pub fn extended(&self) -> i32 {
        self.int(at::NSYMBT)
    }

    /// Tells whether the extended header holds FEI records.
    pub fn is_fei(&self) -> bool {
        matches!(self.text(at::EXTTYP, 4), b"FEI1" | b"FEI2")
    }

    /// Returns IMOD's flags, when IMOD stamped the header.
    pub fn imod_flags(&self) -> Option<i32> {
        // "IMOD" as a 32-bit number, in the file's byte order.
        (self.field(at::IMOD_STAMP) == *b"IMOD").then(|| self.int(at::IMOD_FLAGS))
    }

    /// Adds geometry and header words. `shape` is that of one image as stored, with the axes
    /// exchanged when the file is transposed.
    pub fn describe(&self, shape: Shape, attributes: &mut Attributes) {
        let axis = |axis: usize| if self.is_transposed() { [1, 0, 2][axis] } else { axis };
        let along = |offset: usize, n: usize| offset + 4 * axis(n);
        for (n, side) in [shape.nx, shape.ny, shape.nz].into_iter().enumerate() {
            let [size, mrc_size, pixel, origin, grid, start, cell] = NAMES[n];
            attributes.int(size, side as i32);
            attributes.int(mrc_size, side as i32);
            attributes.float(pixel, self.pixel_size(axis(n)));
            attributes.float(origin, self.float(along(at::ORIGIN, n)));
            attributes.int(grid, self.int(along(at::GRID, n)));
            attributes.int(start, self.int(along(at::START, n)));
            attributes.float(cell, self.cell(n));
        }
        let order: &[u8] = if self.big_endian { b"big" } else { b"little" };
        attributes.text("ImageEndian", order);
        self.describe_words(attributes);
        let labels = self.int(at::NLABELS).clamp(0, MOST_LABELS as i32);
        for (label, name) in LABEL_NAMES.into_iter().enumerate().take(labels as usize) {
            attributes.text(name, self.text(at::LABELS + label * LABEL_BYTES, LABEL_BYTES));
        }
    }

    fn describe_words(&self, attributes: &mut Attributes) {
        for (name, offset) in INTS {
            attributes.int(name, self.int(offset));
        }
        for (name, offset) in FLOATS.into_iter().chain(IMOD_FLOATS) {
            attributes.float(name, self.float(offset));
        }
        for (name, offset) in IMOD_SHORTS {
            attributes.int(name, self.short(offset));
        }
        for (name, offset) in
            [("MRC.exttyp", at::EXTTYP), ("MRC.imod_stamp", at::IMOD_STAMP), ("MRC.map", at::MAP)]
        {
            attributes.text(name, self.text(offset, 4));
        }
    }

    /// Returns the cell's edge along a file axis, in Angstrom; an unset one counts as 1, as in EMAN2.
    fn cell(&self, axis: usize) -> f32 {
        let edge = self.float(at::CELL + 4 * axis);
        if edge == 0.0 { 1.0 } else { edge }
    }

    /// Returns the Angstrom per pixel along a file axis; 1 when the header does not say.
    pub fn pixel_size(&self, axis: usize) -> f32 {
        let size = self.cell(axis) / self.int(at::GRID + 4 * axis) as f32;
        if PIXEL_SIZES.contains(&size) { size } else { 1.0 }
    }
}
