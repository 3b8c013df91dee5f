//! The 1024-byte MRC header.
//!
//! Source: the MRC2014 format (Cheng et al., J. Struct. Biol. 192, 2015), with IMOD's use of the
//! "extra" words; names as EMAN2 gives them.

use super::axes::Axes;
use super::error::MrcError;
use super::{byte_order, signed};
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

/// From here on modes are those of MRCZ.
const FIRST_MRCZ_MODE: i32 = 1000;

/// Attributes of each axis: size, pixel size, origin, grid, start, cell edge.
const NAMES: [[&str; 6]; 3] = [
    ["MRC.nx", "apix_x", "origin_x", "MRC.mx", "MRC.nxstart", "MRC.xlen"],
    ["MRC.ny", "apix_y", "origin_y", "MRC.my", "MRC.nystart", "MRC.ylen"],
    ["MRC.nz", "apix_z", "origin_z", "MRC.mz", "MRC.nzstart", "MRC.zlen"],
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

/// Pixel sizes outside this are taken for unset, in Angstrom. Compared as 64-bit numbers: 1 / 100 as a 32-bit
/// number is below.
pub const PIXEL_SIZES: std::ops::RangeInclusive<f64> = 0.01..=1000.0;

/// The header, with the byte order known.
#[derive(Clone)]
pub struct Header {
    bytes: [u8; HEADER_BYTES],
    /// The file's numbers have their most significant byte first.
    pub big_endian: bool,
    /// Its bytes are pairs of 4-bit pixels, so that there are twice as many columns as it says.
    pub unpacked: bool,
}

impl Header {
    /// Takes bytes for a header in this byte order.
    pub fn new(bytes: &[u8; HEADER_BYTES], big_endian: bool) -> Self {
        Self { bytes: *bytes, big_endian, unpacked: false }
    }

    /// Finds the byte order of the header of a file of so many bytes. `None` when nothing marks it as MRC and
    /// it is invalid as such.
    pub fn parse(bytes: &[u8; HEADER_BYTES], length: u64) -> Option<Self> {
        let header = Self::new(bytes, byte_order::of(bytes, length).big_endian);
        let marked = byte_order::stamp(bytes).is_some() || bytes[at::MAP..at::MAP + 3] == *b"MAP";
        (marked || header.is_plausible()).then_some(header)
    }

    /// Returns whether the first bytes of a file, 1024 of them, are a header.
    pub fn recognises(start: &[u8]) -> bool {
        start.try_into().is_ok_and(|bytes| Self::parse(bytes, u64::MAX).is_some())
    }

    /// Returns the header as it is in the file.
    pub fn bytes(&self) -> &[u8; HEADER_BYTES] {
        &self.bytes
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

    pub fn int(&self, offset: usize) -> i32 {
        i32::from_le_bytes(self.field(offset))
    }

    fn short(&self, offset: usize) -> i32 {
        i16::from_le_bytes(self.field(offset)).into()
    }

    pub fn float(&self, offset: usize) -> f32 {
        f32::from_le_bytes(self.field(offset))
    }

    pub fn text(&self, offset: usize, length: usize) -> &[u8] {
        &self.bytes[offset..offset + length]
    }

    /// Returns nx, ny, nz as the file has them, unchecked.
    pub fn dimensions(&self) -> [i32; 3] {
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
            0 if self.unpacked => PixelType::U4,
            0 if signed::is_signed(self) => PixelType::I8,
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
        let kind = self.pixel_type().ok_or(match self.mode() {
            mode @ (3 | 4) => MrcError::Complex(mode),
            16 => MrcError::Colour,
            mode @ FIRST_MRCZ_MODE.. => MrcError::Mrcz(mode),
            mode => MrcError::Mode(mode),
        })?;
        Ok(Pixels::new(kind, self.big_endian))
    }

    /// Returns the file's columns, rows and sections, as they lie in the file.
    pub fn shape(&self) -> Result<Shape, MrcError> {
        let [nx, ny, nz] = self.dimensions();
        let nx = if self.unpacked { nx.saturating_mul(2) } else { nx };
        let side = |n: i32| u32::try_from(n).ok().filter(|n| (1..MAX_SIDE).contains(n));
        match (side(nx), side(ny), u32::try_from(nz)) {
            (Some(nx), Some(ny), Ok(nz @ 1..)) => Ok(Shape { nx, ny, nz }),
            _ => Err(MrcError::Dimensions { nx, ny, nz }),
        }
    }

    /// Returns mapc, mapr, maps: the axes that columns, rows and sections run along, 1 for x.
    pub fn axes(&self) -> [i32; 3] {
        [0, 4, 8].map(|word| self.int(at::AXES + word))
    }

    /// Returns mx, my, mz: intervals along the cell's axes; of unpacked pixels as many as there are columns, where the
    /// header has one for each.
    pub fn grid(&self) -> [i32; 3] {
        let grid = [0, 4, 8].map(|word| self.int(at::GRID + word));
        if self.doubles_grid() { [grid[0].saturating_mul(2), grid[1], grid[2]] } else { grid }
    }

    /// Returns the cell's edges, in Angstrom. The edge along unpacked columns doubles with the grid.
    pub fn cell(&self) -> [f32; 3] {
        let cell = [0, 4, 8].map(|word| self.float(at::CELL + word));
        if self.doubles_grid() { [2.0 * cell[0], cell[1], cell[2]] } else { cell }
    }

    fn doubles_grid(&self) -> bool {
        self.unpacked && self.int(at::GRID) == self.dimensions()[0]
    }

    /// Returns the Angstrom per pixel along x, y, z; 1 when the header does not say.
    pub fn pixel_sizes(&self) -> [f32; 3] {
        let (grid, cell) = (self.grid(), self.cell());
        [0, 1, 2].map(|axis| pixel_size(cell[axis], grid[axis]))
    }

    /// Returns ISPG.
    pub fn space_group(&self) -> i32 {
        self.int(at::ISPG)
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

    /// Lists the labels, however many it says there are.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes[at::LABELS..].chunks_exact(LABEL_BYTES)
    }

    /// Adds geometry and header words, all in the order x, y, z. `shape` is that of one image; its extent is
    /// told by the writer.
    pub fn describe(&self, shape: Shape, attributes: &mut Attributes) {
        let start = Axes::of(self.axes()).in_order([0, 4, 8].map(|word| self.int(at::START + word)));
        let (grid, cell, pixels) = (self.grid(), self.cell(), self.pixel_sizes());
        for (axis, side) in [shape.nx, shape.ny, shape.nz].into_iter().enumerate() {
            let [size, pixel, origin, mrc_grid, mrc_start, edge] = NAMES[axis];
            attributes.int(size, side as i32);
            attributes.float(pixel, pixels[axis]);
            attributes.float(origin, self.float(at::ORIGIN + 4 * axis));
            attributes.int(mrc_grid, grid[axis]);
            attributes.int(mrc_start, start[axis]);
            // EMAN2 has an edge that was not set as 1.
            attributes.float(edge, if cell[axis] == 0.0 { 1.0 } else { cell[axis] });
        }
        let order: &[u8] = if self.big_endian { b"big" } else { b"little" };
        attributes.text("ImageEndian", order);
        self.describe_words(attributes);
        let labels = self.int(at::NLABELS).clamp(0, MOST_LABELS as i32);
        for (name, label) in LABEL_NAMES.into_iter().zip(self.labels()).take(labels as usize) {
            attributes.text(name, label);
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
}

/// Returns the Angstrom per pixel, of a cell's edge and the intervals along it; 1 where either is not set or
/// invalid.
pub fn pixel_size(edge: f32, intervals: i32) -> f32 {
    let size = edge / intervals as f32;
    let set = edge > 0.0 && intervals > 0 && PIXEL_SIZES.contains(&f64::from(size));
    if set { size } else { 1.0 }
}
