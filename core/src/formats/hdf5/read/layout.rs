//! The data layout (specification, IV.A.2.i): where a dataset's elements are.

use super::cursor::Cursor;
use super::dataspace::MAX_RANK;
use super::{HdfError, Pipeline};

/// Place of a dataset's elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Elements in the object's header.
    Compact(Vec<u8>),
    /// Elements in one block at this address; `None` when nothing was ever written, so that all elements are
    /// the fill value.
    Contiguous(Option<u64>),
    /// Elements in chunks.
    Chunked(Chunked),
}

/// Layout of a chunked dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunked {
    /// Elements of a chunk along each dimension, slowest first, none of them 0.
    pub extent: Vec<u64>,
    /// Filters that were applied to a chunk.
    pub pipeline: Pipeline,
    pub(super) index: Index,
    /// Chunks that stick out over the dataset's end are stored without filters.
    pub(super) bare_edges: bool,
    /// Bytes of the last of a chunk's dimensions, which is the element.
    pub(super) element_bytes: u64,
}

/// The structure that knows where the chunks are; an address of `None` means there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    Tree1(Option<u64>),
    Single { address: Option<u64>, filtered: Option<(u64, u32)> },
    Implicit(Option<u64>),
    FixedArray(Option<u64>),
    ExtensibleArray(Option<u64>),
    Tree2(Option<u64>),
}

const COMPACT: u8 = 0;
const CONTIGUOUS: u8 = 1;
const CHUNKED: u8 = 2;
const VIRTUAL: u8 = 3;

impl Storage {
    pub(super) fn read(fields: &mut Cursor<'_>) -> Result<Self, HdfError> {
        let version = fields.u8()?;
        match version {
            1 | 2 => Self::version_1(fields),
            3..=5 => {
                let class = fields.u8()?;
                match class {
                    COMPACT => {
                        let length = fields.u16()?;
                        Ok(Self::Compact(fields.take(length.into())?.to_vec()))
                    }
                    CONTIGUOUS => Ok(Self::Contiguous(fields.address()?)),
                    CHUNKED if version == 3 => {
                        let rank = usize::from(fields.u8()?);
                        let index = Index::Tree1(fields.address()?);
                        Self::chunked(fields, rank, 4, index)
                    }
                    CHUNKED => Self::version_4(fields),
                    VIRTUAL => Err(fields.unsupported("virtual storage (a dataset made of other datasets)")),
                    _ => Err(fields.damaged(format!("layout class {class} is not defined"))),
                }
            }
            _ => Err(fields.unknown_version(version)),
        }
    }

    fn version_1(fields: &mut Cursor<'_>) -> Result<Self, HdfError> {
        let rank = usize::from(fields.u8()?);
        let class = fields.u8()?;
        fields.skip(5)?;
        match class {
            COMPACT => {
                fields.skip(4 * rank)?;
                let length = usize::try_from(fields.u32()?).unwrap_or(usize::MAX);
                Ok(Self::Compact(fields.take(length)?.to_vec()))
            }
            CONTIGUOUS => Ok(Self::Contiguous(fields.address()?)),
            CHUNKED => {
                let index = Index::Tree1(fields.address()?);
                Self::chunked(fields, rank, 4, index)
            }
            _ => Err(fields.damaged(format!("layout class {class} is not defined"))),
        }
    }

    fn version_4(fields: &mut Cursor<'_>) -> Result<Self, HdfError> {
        const BARE_EDGES: u8 = 1;
        const SINGLE_FILTERED: u8 = 2;
        let flags = fields.u8()?;
        let rank = usize::from(fields.u8()?);
        let width = usize::from(fields.u8()?);
        if !(1..=8).contains(&width) {
            return Err(fields.damaged(format!("{width} bytes are no width of a chunk's sides")));
        }
        let Self::Chunked(mut chunked) = Self::chunked(fields, rank, width, Index::Tree1(None))? else {
            return Err(fields.damaged("it is not chunked"));
        };
        chunked.bare_edges = flags & BARE_EDGES != 0;
        // The indices say again, or better, what is skipped here.
        chunked.index = match fields.u8()? {
            1 => {
                let filtered = flags & SINGLE_FILTERED != 0;
                let filtered = if filtered { Some((fields.length()?, fields.u32()?)) } else { None };
                Index::Single { address: fields.address()?, filtered }
            }
            2 => Index::Implicit(fields.address()?),
            3 => {
                fields.skip(1)?;
                Index::FixedArray(fields.address()?)
            }
            4 => {
                fields.skip(5)?;
                Index::ExtensibleArray(fields.address()?)
            }
            5 => {
                fields.skip(6)?;
                Index::Tree2(fields.address()?)
            }
            other => return Err(fields.unsupported(format!("chunk index type {other}"))),
        };
        Ok(Self::Chunked(chunked))
    }

    /// Reads the sides of a chunk, the last being an element's bytes.
    fn chunked(fields: &mut Cursor<'_>, rank: usize, width: usize, index: Index) -> Result<Self, HdfError> {
        if !(2..=MAX_RANK + 1).contains(&rank) {
            return Err(fields.damaged(format!("a chunk of {rank} dimensions, the element's included")));
        }
        let mut extent = (0..rank).map(|_| fields.uint(width)).collect::<Result<Vec<_>, _>>()?;
        let element_bytes = extent.pop().unwrap_or_default();
        if extent.contains(&0) {
            return Err(fields.damaged("a chunk without elements"));
        }
        let pipeline = Pipeline::default();
        Ok(Self::Chunked(Chunked { extent, pipeline, index, bare_edges: false, element_bytes }))
    }
}
