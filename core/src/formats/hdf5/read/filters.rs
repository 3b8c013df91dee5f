//! The filter pipeline (specification, IV.A.2.l): what was done to a chunk before it was stored.

use super::HdfError;
use super::cursor::{Cursor, text};

/// The format's most filters: a chunk's mask has one bit for each.
const MAX_FILTERS: usize = 32;

/// The number of deflate.
const DEFLATE: u16 = 1;

/// A filter this reader undoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// A zlib stream.
    Deflate,
    /// The bytes of elements of this many bytes, first bytes first.
    Shuffle(u32),
    /// A checksum after the bytes.
    Fletcher32,
}

/// Filters in the order they were applied.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Pipeline {
    stages: Vec<Stage>,
}

/// A filter as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stage {
    id: u16,
    name: String,
    parameters: Vec<u32>,
    offset: u64,
}

impl Pipeline {
    pub(super) fn read(fields: &mut Cursor<'_>) -> Result<Self, HdfError> {
        const FIRST_NAMED: u16 = 256;
        let version = fields.u8()?;
        let count = usize::from(fields.u8()?);
        match version {
            1 => fields.skip(6)?,
            2 => {}
            _ => return Err(fields.unknown_version(version)),
        }
        if count > MAX_FILTERS {
            return Err(fields.damaged(format!("{count} filters are more than the format's {MAX_FILTERS}")));
        }
        let mut stages = Vec::new();
        for _ in 0..count {
            let offset = fields.here();
            let id = fields.u16()?;
            let name_bytes = usize::from(if version == 1 || id >= FIRST_NAMED { fields.u16()? } else { 0 });
            fields.skip(2)?; // whether writing may go on without it
            let values = usize::from(fields.u16()?);
            let padded = if version == 1 { name_bytes.next_multiple_of(8) } else { name_bytes };
            let name = fields.take(padded)?.split(|&byte| byte == 0).next().unwrap_or_default();
            let parameters = (0..values).map(|_| fields.u32()).collect::<Result<_, _>>()?;
            fields.skip(if version == 1 && values % 2 == 1 { 4 } else { 0 })?;
            stages.push(Stage { id, name: text(name), parameters, offset });
        }
        Ok(Self { stages })
    }

    /// Tells whether chunks are stored without any filter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Returns the level that deflate is said to have, where it is one of the filters.
    #[must_use]
    pub fn level(&self) -> Option<u32> {
        let deflate = self.stages.iter().find(|stage| stage.id == DEFLATE)?;
        deflate.parameters.first().copied()
    }

    /// Returns the filters, in the order they were applied.
    ///
    /// # Errors
    /// [`HdfError::Unsupported`], with the filter's name, when one of them is not of [`Filter`], or
    /// when deflate comes twice: between two of them, sizes are not known.
    pub fn filters(&self) -> Result<Vec<Filter>, HdfError> {
        let filters = self.stages.iter().map(Stage::filter).collect::<Result<Vec<_>, _>>()?;
        if filters.iter().filter(|&&filter| filter == Filter::Deflate).count() > 1 {
            let offset = self.stages.first().map_or(0, |stage| stage.offset);
            return Err(HdfError::Unsupported { feature: "deflate applied twice".into(), offset });
        }
        Ok(filters)
    }
}

impl Stage {
    fn filter(&self) -> Result<Filter, HdfError> {
        // Numbers below 256 are the format's own, those above are registered with the HDF Group.
        let known = match self.id {
            DEFLATE => return Ok(Filter::Deflate),
            2 => return Ok(Filter::Shuffle(self.parameters.first().copied().unwrap_or(1))),
            3 => return Ok(Filter::Fletcher32),
            4 => "szip",
            5 => "nbit",
            6 => "scaleoffset",
            305 => "LZO",
            307 => "bzip2",
            32000 => "LZF",
            32001 => "Blosc",
            32004 => "LZ4",
            32008 => "bitshuffle",
            32013 => "ZFP",
            32015 => "Zstandard",
            32017 => "SZ",
            32026 => "Blosc2",
            _ if self.name.is_empty() => "of unknown name",
            _ => &self.name,
        };
        let feature = format!("HDF5 filter {} ({known})", self.id).into();
        Err(HdfError::Unsupported { feature, offset: self.offset })
    }
}
