//! Object header messages (specification, IV.A.2): what a dataset, a group or an attribute is.

use super::{Fields, ObjectHeader};
use crate::image::attributes::Value;
use crate::image::{NumberKind, PixelType};

/// The longest message the 16-bit size field can tell, as a multiple of 8.
pub const MAX_MESSAGE_BYTES: usize = 65_528;

/// The message may not change while the object lives.
const CONSTANT: u8 = 1;

/// The type of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// A number, little-endian.
    Number(PixelType),
    /// ASCII text of so many bytes, the terminating NUL included.
    Text(u32),
}

impl ElementType {
    /// Returns the bytes of one element.
    #[must_use]
    pub fn size(self) -> u32 {
        match self {
            Self::Number(kind) => kind.bytes() as u32,
            Self::Text(size) => size,
        }
    }

    /// Returns the datatype message's body (IV.A.2.d), version 1.
    #[must_use]
    pub fn body(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(20);
        self.write(&mut out);
        out
    }

    fn write(self, out: &mut Vec<u8>) {
        const VERSION: u8 = 1 << 4;
        const FIXED_POINT: u8 = VERSION;
        const FLOATING_POINT: u8 = VERSION | 1;
        const STRING: u8 = VERSION | 3;
        const SIGNED: u8 = 8;
        const NORMALISED: u8 = 2 << 4; // the mantissa's leading 1 is implied
        let kind = match self {
            Self::Number(kind) => kind,
            Self::Text(size) => {
                out.extend([STRING, 0, 0, 0]); // NUL-terminated, ASCII
                out.u32(size);
                return;
            }
        };
        let bits = kind.bits() as u16;
        let (class, flags) = match (kind.number_kind(), bits) {
            (NumberKind::Unsigned, _) => (FIXED_POINT, [0, 0, 0]),
            (NumberKind::Signed, _) => (FIXED_POINT, [SIGNED, 0, 0]),
            (NumberKind::Float, _) => (FLOATING_POINT, [NORMALISED, bits as u8 - 1, 0]), // place of the sign
        };
        out.u8(class);
        out.extend(flags);
        out.u32(kind.bytes() as u32);
        out.u16(0); // offset of the first bit
        out.u16(bits);
        if kind.number_kind() == NumberKind::Float {
            let (exponent, mantissa, exponent_bias) = match bits {
                16 => (5, 10, 15),
                32 => (8, 23, 127),
                _ => (11, 52, 1023),
            };
            out.extend([mantissa, exponent, 0, mantissa]); // places and sizes
            out.u32(exponent_bias);
        }
    }
}

/// Makes the dataspace message's body (IV.A.2.b), version 1; no dimensions is a scalar.
#[must_use]
pub fn dataspace(dimensions: &[u64]) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + 8 * dimensions.len());
    write_dataspace(dimensions, &mut out);
    out
}

fn write_dataspace(dimensions: &[u64], out: &mut Vec<u8>) {
    out.extend([1, dimensions.len() as u8, 0, 0, 0, 0, 0, 0]);
    for &side in dimensions {
        out.u64(side);
    }
}

/// Makes an attribute's body (IV.A.2.m), version 3, whose parts are not padded as those of version 1 are: libhdf5
/// has read it since 1.8. Numbers are arrays of one element, text is a scalar: that is how EMAN2 writes them and
/// what its readers expect. Lengths beyond 16 bits come out wrong; the body is then longer than
/// [`MAX_MESSAGE_BYTES`].
pub(super) fn attribute(name: &str, value: &Value, out: &mut Vec<u8>) {
    const ASCII: u8 = 0;
    const UTF_8: u8 = 1;
    const SCALAR: u8 = 0;
    const SIMPLE: u8 = 1;
    let start = out.len();
    out.extend([3, 0]); // version; neither type nor space is shared
    out.u16((name.len() + 1) as u16);
    out.u32(0); // lengths of datatype and dataspace, known below
    out.u8(if name.is_ascii() { ASCII } else { UTF_8 });
    out.extend_from_slice(name.as_bytes());
    out.u8(0);
    let datatype = out.len();
    match value {
        Value::Opaque(kept) => out.extend_from_slice(&kept.datatype),
        Value::Int(_) => ElementType::Number(PixelType::I32).write(out),
        Value::Float(_) => ElementType::Number(PixelType::F32).write(out),
        Value::Double(_) => ElementType::Number(PixelType::F64).write(out),
        Value::Bool(_) => ElementType::Number(PixelType::I8).write(out),
        Value::Text(text) => ElementType::Text(text.len() as u32 + 1).write(out),
    }
    let space = out.len();
    match value {
        Value::Opaque(kept) => out.extend_from_slice(&kept.dataspace),
        // Dataspaces of version 2, as long as they must be.
        Value::Text(_) => out.extend([2, 0, 0, SCALAR]),
        _ => {
            out.extend([2, 1, 0, SIMPLE]);
            out.u64(1);
        }
    }
    let data = out.len();
    match value {
        Value::Opaque(kept) => out.extend_from_slice(&kept.data),
        Value::Int(value) => out.extend(value.to_le_bytes()),
        Value::Float(value) => out.extend(value.to_le_bytes()),
        Value::Double(value) => out.extend(value.to_le_bytes()),
        Value::Bool(value) => out.u8(if *value { b'T' } else { b'F' }),
        Value::Text(text) => {
            out.extend_from_slice(text.as_bytes());
            out.u8(0);
        }
    }
    for (at, length) in [(start + 4, space - datatype), (start + 6, data - space)] {
        out[at..at + 2].copy_from_slice(&(length as u16).to_le_bytes());
    }
}

/// Makes the message of a group's tables (IV.A.2.r).
pub(super) fn symbol_table(tree: u64, heap: u64, header: &mut ObjectHeader) {
    header.add(0x0011, 0, |out| {
        out.u64(tree);
        out.u64(heap);
    });
}

/// Place of a dataset's bytes.
#[derive(Clone, Copy, Debug)]
pub enum Storage<'a> {
    /// One block, without filters.
    Contiguous {
        /// Address of the first byte.
        address: u64,
    },
    /// Chunks, through deflate and perhaps shuffle.
    Chunked {
        /// Address of the chunk index.
        index: u64,
        /// Extent of a chunk.
        extent: &'a [u64],
        /// The deflate level that readers are told.
        level: u8,
        /// The shuffle filter came first.
        shuffled: bool,
    },
}

/// Description of a dataset to be written.
#[derive(Clone, Copy, Debug)]
pub struct Dataset<'a> {
    /// Slowest first.
    pub dimensions: &'a [u64],
    /// Type of one element.
    pub element: ElementType,
    /// Place of the bytes.
    pub storage: Storage<'a>,
}

impl Dataset<'_> {
    /// Builds the dataset's object header.
    #[must_use]
    pub fn header(&self) -> ObjectHeader {
        let mut header = ObjectHeader::new();
        header.add(0x0001, 0, |out| write_dataspace(self.dimensions, out));
        header.add(0x0003, CONSTANT, |out| self.element.write(out));
        header.add(0x0005, CONSTANT, |out| self.fill(out));
        if let Storage::Chunked { level, shuffled, .. } = self.storage {
            header.add(0x000b, CONSTANT, |out| self.filters(level, shuffled, out));
        }
        header.add(0x0008, 0, |out| self.layout(out));
        header
    }

    /// Makes the fill value message (IV.A.2.f), version 2: the default, written if set, as libhdf5 has it.
    fn fill(&self, out: &mut Vec<u8>) {
        const LATE: u8 = 2;
        const INCREMENTAL: u8 = 3;
        const WRITTEN_IF_SET: u8 = 2;
        let allocated = match self.storage {
            Storage::Contiguous { .. } => LATE,
            Storage::Chunked { .. } => INCREMENTAL,
        };
        out.extend([2, allocated, WRITTEN_IF_SET, 1]);
        out.u32(0); // no value of its own
    }

    /// Makes the filter pipeline message (IV.A.2.l), version 1.
    fn filters(&self, level: u8, shuffled: bool, out: &mut Vec<u8>) {
        const DEFLATE: u16 = 1;
        const SHUFFLE: u16 = 2;
        const OPTIONAL: u16 = 1;
        let shuffle = (SHUFFLE, b"shuffle\0", self.element.size());
        let deflate = (DEFLATE, b"deflate\0", u32::from(level));
        let filters = [shuffle, deflate];
        let filters = &filters[usize::from(!shuffled)..];
        out.extend([1, filters.len() as u8, 0, 0, 0, 0, 0, 0]);
        for &(id, name, parameter) in filters {
            out.u16(id);
            out.u16(name.len() as u16);
            out.u16(OPTIONAL);
            out.u16(1); // one parameter
            out.extend(name);
            out.u32(parameter);
            out.u32(0); // an odd number of parameters is padded
        }
    }

    /// Makes the data layout message (IV.A.2.i), version 3.
    fn layout(&self, out: &mut Vec<u8>) {
        const CONTIGUOUS: u8 = 1;
        const CHUNKED: u8 = 2;
        out.u8(3);
        match self.storage {
            Storage::Contiguous { address } => {
                out.u8(CONTIGUOUS);
                out.u64(address);
                out.u64(self.dimensions.iter().product::<u64>() * u64::from(self.element.size()));
            }
            Storage::Chunked { index, extent, .. } => {
                out.u8(CHUNKED);
                out.u8(extent.len() as u8 + 1);
                out.u64(index);
                for &side in extent {
                    out.u32(side as u32);
                }
                out.u32(self.element.size());
            }
        }
    }
}
