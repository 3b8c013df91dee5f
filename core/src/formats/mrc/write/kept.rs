//! What of the original's header goes into the header of a written file.

use crate::formats::mrc::axes::Axes;
use crate::formats::mrc::header::{HEADER_BYTES, Header, IMOD_FLOATS, IMOD_SHORTS, at};
use crate::formats::mrc::{packed, signed, stacks};
use crate::image::{OriginalHeader, Shape};

/// Words of four bytes that are numbers: up to the space group's neighbour, the version, IMOD's stamp and flags,
/// tilt angles, origin, rms and number of labels. Others are text, bytes, or IMOD's smaller numbers.
const NUMBERS: [std::ops::Range<usize>; 5] = [0..96, 108..112, 152..160, 172..208, 216..224];

/// The original's header, read as the images that are written.
#[derive(Clone)]
pub struct KeptHeader {
    header: Header,
    /// Number and shape of the images are still those it describes.
    pub describes: bool,
}

impl KeptHeader {
    /// Takes the header for so many images of a shape; `None` when it is none.
    pub fn new(original: &OriginalHeader, shape: Shape, images: u32) -> Option<Self> {
        let bytes = original.bytes.as_slice().try_into().ok()?;
        let whole = Header::new(&bytes, original.big_endian);
        let mut unpacked = whole.clone();
        unpacked.unpacked = packed::is_packed(&whole);
        // Bytes that were to be unpacked may have been kept.
        let described = [unpacked.clone(), whole].into_iter().find(|header| describes(header, shape, images));
        Some(match described {
            Some(header) => Self { header, describes: true },
            None => Self { header: unpacked, describes: false },
        })
    }

    /// Returns the header, read as it must be.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns whether the original's bytes had a sign.
    pub fn is_signed(&self) -> bool {
        self.header.mode() == 0 && signed::is_signed(&self.header)
    }

    /// Returns whether mode 0 has a sign by this header. A minimum below 0 is told again with the statistics,
    /// so `minimum` is that of what is written.
    pub fn signs_bytes(&self, minimum: f32) -> bool {
        let by_flag = self.header.imod_flags().is_some_and(|flags| flags & signed::FLAG != 0);
        let by_minimum = self.header.imod_flags().is_none() && minimum <= -1.0;
        self.header.mode() == 0 && (by_flag || by_minimum)
    }

    /// Returns its bytes with all numbers in a byte order.
    pub fn bytes(&self, big_endian: bool) -> [u8; HEADER_BYTES] {
        let mut bytes = *self.header.bytes();
        if self.header.big_endian != big_endian {
            for word in NUMBERS.into_iter().flat_map(|words| words.step_by(4)) {
                bytes[word..word + 4].reverse();
            }
            for (_, short) in IMOD_SHORTS {
                bytes[short..short + 2].reverse();
            }
            for (_, float) in IMOD_FLOATS {
                bytes[float..float + 4].reverse();
            }
        }
        bytes
    }

    /// Returns nxstart, nystart, nzstart in the order x, y, z.
    pub fn start(&self) -> [i32; 3] {
        Axes::of(self.header.axes()).in_order([0, 4, 8].map(|word| self.header.int(at::START + word)))
    }
}

/// Tells whether a header describes so many images of a shape, in whichever way they can be read from such a file.
fn describes(header: &Header, shape: Shape, images: u32) -> bool {
    let Ok(in_file) = header.shape() else { return false };
    let axes = Axes::of(header.axes());
    let ordered = |Shape { nx, ny, nz }: Shape| {
        let [nx, ny, nz] = axes.in_order([nx, ny, nz]);
        Shape { nx, ny, nz }
    };
    let whole = ordered(in_file);
    let sections = u64::from(images) * u64::from(shape.nz);
    let as_one = images == 1 || shape.nz == 1;
    if as_one && [whole.nx, whole.ny] == [shape.nx, shape.ny] && u64::from(whole.nz) == sections {
        return true;
    }
    let each = header.grid()[axes.of_sections()];
    let volumes = stacks::of("", header.space_group(), in_file.nz, each).volumes;
    volumes == images && ordered(Shape { nz: in_file.nz / volumes, ..in_file }) == shape
}
