//! Datasets: shape, element, fill value, storage.

use super::cursor::Cursor;
use super::object::kind;
use super::{Chunk, Chunked, Dataspace, Datatype, File, HdfError, Number, Object, Pipeline, Storage};

/// The format's largest chunk: its size is a 32-bit number.
const MAX_CHUNK_BYTES: u64 = u32::MAX as u64;

/// A dataset, everything said of it but its elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The shape, slowest dimension first.
    pub dataspace: Dataspace,
    /// Type of one element; [`Datatype::number`] refuses one that is no plain number.
    pub datatype: Datatype,
    /// The bytes of an element that was never written; `None` stands for zeros.
    pub fill_value: Option<Vec<u8>>,
    /// Place of the elements.
    pub storage: Storage,
    /// Offset of the object's header in the source.
    pub(super) offset: u64,
    /// Offset of address 0 in the source.
    pub(super) base: u64,
}

impl Dataset {
    pub(super) fn read(object: &Object, file: &File<'_>) -> Result<Self, HdfError> {
        let missing = |what| object.damaged(what);
        if let Some(fields) = object.fields("an external file list", kind::EXTERNAL_FILES, file)? {
            return Err(fields.unsupported("a dataset whose elements are in another file"));
        }
        let mut space = object
            .fields("a dataspace", kind::DATASPACE, file)?
            .ok_or_else(|| missing("a dataset without dimensions"))?;
        let dataspace = Dataspace::read(&mut space)?;
        let datatype = object.datatype(file)?;
        if dataspace.elements().checked_mul(datatype.size.into()).is_none() {
            return Err(space.damaged("the elements take more bytes than 64 bits can count"));
        }
        let fill_value = fill_value(object, file, datatype.size)?;
        let mut layout = object
            .fields("a data layout", kind::LAYOUT, file)?
            .ok_or_else(|| missing("a dataset without a layout"))?;
        let storage = Storage::read(&mut layout)?;
        let (offset, base) = (file.offset(object.address()), file.offset(0));
        let mut dataset = Self { dataspace, datatype, fill_value, storage, offset, base };
        dataset.check(&layout, file)?;
        if let Some(mut fields) = object.fields("a filter pipeline", kind::FILTERS, file)? {
            let pipeline = Pipeline::read(&mut fields)?;
            match &mut dataset.storage {
                Storage::Chunked(chunked) => chunked.pipeline = pipeline,
                _ if pipeline.is_empty() => {}
                _ => return Err(fields.damaged("filters on a dataset without chunks")),
            }
        }
        Ok(dataset)
    }

    /// Checks that the storage fits the shape and the file.
    fn check(&self, layout: &Cursor<'_>, file: &File<'_>) -> Result<(), HdfError> {
        let bytes = self.bytes();
        match &self.storage {
            Storage::Compact(data) if data.len() as u64 >= bytes => Ok(()),
            Storage::Compact(_) => Err(layout.damaged("there are fewer elements than the dimensions say")),
            Storage::Contiguous(Some(address)) => file.check("a dataset's elements", *address, bytes),
            Storage::Contiguous(None) => Ok(()),
            Storage::Chunked(chunked) => {
                let rank = self.dataspace.dimensions.as_ref().map_or(0, Vec::len);
                if rank != chunked.extent.len() {
                    return Err(layout.damaged("chunks have another number of dimensions than the dataset"));
                }
                let element = u64::from(self.datatype.size);
                if element != chunked.element_bytes {
                    return Err(layout.damaged("chunks have elements of another size than the dataset"));
                }
                let bytes = chunked.extent.iter().try_fold(element, |bytes, &side| bytes.checked_mul(side));
                match bytes {
                    Some(..=MAX_CHUNK_BYTES) => Ok(()),
                    _ => Err(layout.unsupported("a chunk of more than 4 GiB")),
                }
            }
        }
    }

    /// Returns the shape, slowest dimension first; empty for a scalar and for a dataset without elements.
    #[must_use]
    pub fn dimensions(&self) -> &[u64] {
        self.dataspace.dimensions.as_deref().unwrap_or_default()
    }

    /// Counts the bytes of all elements.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.dataspace.elements() * u64::from(self.datatype.size)
    }

    /// Returns the type of number that an element is.
    ///
    /// # Errors
    /// See [`Datatype::number`].
    pub fn number(&self) -> Result<Number, HdfError> {
        self.datatype.number()
    }

    /// Returns the chunks' layout, if the dataset is chunked.
    #[must_use]
    pub fn chunked(&self) -> Option<&Chunked> {
        match &self.storage {
            Storage::Chunked(chunked) => Some(chunked),
            _ => None,
        }
    }

    /// Counts the bytes of one chunk's elements; 0 for a dataset without chunks.
    #[must_use]
    pub fn chunk_bytes(&self) -> usize {
        let elements = self.chunked().map_or(0, |chunked| chunked.extent.iter().product());
        (elements * u64::from(self.datatype.size)) as usize
    }
}

impl Chunk {
    /// Tells whether filter `number`, in the order they were applied, was left out for this chunk.
    #[must_use]
    pub fn skips(&self, number: usize) -> bool {
        u32::try_from(number)
            .ok()
            .and_then(|number| self.mask.checked_shr(number))
            .is_some_and(|bit| bit & 1 != 0)
    }
}

/// Reads the fill value (specification, IV.A.2.e and IV.A.2.f).
fn fill_value(object: &Object, file: &File<'_>, element_bytes: u32) -> Result<Option<Vec<u8>>, HdfError> {
    const HAS_VALUE: u8 = 1 << 5;
    let value = if let Some(mut fields) = object.fields("a fill value", kind::FILL, file)? {
        let version = fields.u8()?;
        let given = match version {
            1 | 2 => {
                fields.skip(2)?; // when space is taken, when the value is written
                fields.u8()? != 0 || version == 1
            }
            3 => fields.u8()? & HAS_VALUE != 0,
            _ => return Err(fields.unknown_version(version)),
        };
        if !given {
            return Ok(None);
        }
        sized(&mut fields)?
    } else if let Some(mut fields) = object.fields("a fill value", kind::OLD_FILL, file)? {
        sized(&mut fields)?
    } else {
        return Ok(None);
    };
    // Of another size, it is not of the dataset's type: libhdf5 converts it, and only versions that
    // nobody writes any more keep one.
    match value {
        value if value.is_empty() => Ok(None),
        value if value.len() == element_bytes as usize => Ok(Some(value)),
        _ => Err(object.damaged("the fill value is of another size than the elements")),
    }
}

fn sized(fields: &mut Cursor<'_>) -> Result<Vec<u8>, HdfError> {
    let length = usize::try_from(fields.u32()?).unwrap_or(usize::MAX);
    // A negative length stands for a value that is not defined.
    if length >= 1 << 31 { Ok(Vec::new()) } else { Ok(fields.take(length)?.to_vec()) }
}
