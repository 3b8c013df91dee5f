//! What has no place in attributes is kept beside the images: the header of the MRC file they came from, in
//! `/MRC/header`, and its extended header, in `/MRC/extended_header`. EMAN2 reads, appends to and rewrites files
//! that have this group, and leaves it there.

use std::cell::RefCell;

use crate::encode::Level;
use crate::encode::deflate::Encoder;
use crate::error::Error;
use crate::formats::hdf5;
use crate::formats::hdf5::read::{ChunkDecoder, ChunkIndex, Dataset, File, Group, HdfError, Storage};
use crate::formats::hdf5::{Appender, ElementType, ObjectHeader, chunk_index, write_group};
use crate::image::attributes::Value;
use crate::image::{Images, NumberKind, OriginalHeader, PixelType};

/// The group's name, and those of its datasets.
pub const GROUP: &str = "MRC";
const HEADER: &str = "header";
const EXTENDED: &str = "extended_header";

/// The attribute of both that tells the byte order of their numbers.
const BYTE_ORDER: &str = "byte_order";

/// Bytes of an MRC header.
const HEADER_BYTES: u64 = 1024;

/// Bytes of a chunk, and so of what is held at once.
const CHUNK_BYTES: u64 = 1 << 20;

/// The largest chunk by other programs that is taken, and the longest extended header.
const MOST_CHUNK_BYTES: u64 = 64 << 20;
const MOST_EXTENDED_BYTES: u64 = 1 << 30;

/// Appends the group, if `images` came with what belongs in it.
pub fn write(
    out: &mut Appender<'_>,
    images: &dyn Images,
    level: Option<Level>,
) -> Result<Option<hdf5::Group>, Error> {
    let Some(original) = images.original_header()? else { return Ok(None) };
    let OriginalHeader { bytes, extended, big_endian } = original;
    let order = Value::text(if big_endian { b"big" } else { b"little" });
    let level = level.unwrap_or_default();
    let mut members = Vec::new();
    if extended > 0 {
        let read = |offset, piece: &mut [u8]| images.read_extended_header(offset, piece);
        members.push((EXTENDED, write_bytes(out, extended, read, level, &order)?));
    }
    let read = |offset: u64, piece: &mut [u8]| {
        piece.copy_from_slice(&bytes[offset as usize..offset as usize + piece.len()]);
        Ok(())
    };
    members.push((HEADER, write_bytes(out, bytes.len() as u64, read, level, &order)?));
    let member = |place: usize| (members[place].0.to_owned(), members[place].1);
    write_group(out, members.len(), member, ObjectHeader::new()).map(Some)
}

/// Appends a dataset of so many bytes, read in pieces; returns the address of its header.
fn write_bytes(
    out: &mut Appender<'_>,
    length: u64,
    read: impl Fn(u64, &mut [u8]) -> Result<(), Error>,
    level: Level,
    order: &Value,
) -> Result<u64, Error> {
    let extent = [length.min(CHUNK_BYTES)];
    let (mut encoder, mut piece, mut deflated) = (Encoder::new(), vec![0; extent[0] as usize], Vec::new());
    let mut chunks = Vec::new();
    for start in (0..length).step_by(extent[0] as usize) {
        let there = (length - start).min(extent[0]) as usize;
        read(start, &mut piece[..there])?;
        piece[there..].fill(0);
        deflated.clear();
        encoder.zlib(&piece, 1, level, &mut deflated);
        let address = out.append(&deflated)?;
        chunks.push(hdf5::Chunk { address, size: deflated.len() as u32 });
    }
    let base = out.align()?;
    let (bytes, index) = chunk_index(base, &chunks, &extent, |chunk| vec![chunk as u64 * extent[0]]);
    out.append(&bytes)?;
    let storage = hdf5::Storage::Chunked { index, extent: &extent, level: level.get(), shuffled: false };
    let element = ElementType::Number(PixelType::U8);
    let mut header = hdf5::Dataset { dimensions: &[length], element, storage }.header();
    header.attribute(BYTE_ORDER, order).map_err(|_| Error::AttributeTooLong(BYTE_ORDER.into()))?;
    let address = out.align()?;
    out.append(&header.bytes())?;
    Ok(address)
}

/// What a file has in the group.
pub struct Original {
    /// The header.
    pub header: OriginalHeader,
    extended: Option<Dataset>,
    /// The chunk that was read last, by its number.
    held: RefCell<Option<(u64, Vec<u8>)>>,
}

impl Original {
    /// Reads the group's contents, if they are what this program puts there.
    pub fn read(group: &Group, file: &File<'_>) -> Result<Option<Self>, HdfError> {
        let Some((header, order)) = bytes_of(group, HEADER, HEADER_BYTES, file)? else { return Ok(None) };
        if header.bytes() != HEADER_BYTES {
            return Ok(None);
        }
        let extended = bytes_of(group, EXTENDED, MOST_EXTENDED_BYTES, file)?.map(|(dataset, _)| dataset);
        let mut bytes = vec![0; HEADER_BYTES as usize];
        read(&header, &mut None, file, 0, &mut bytes)?;
        let header = OriginalHeader {
            bytes,
            extended: extended.as_ref().map_or(0, Dataset::bytes),
            big_endian: order.as_deref() == Some("big"),
        };
        Ok(Some(Self { header, extended, held: RefCell::default() }))
    }

    /// Returns whether a member of the group is carried along.
    pub fn carries(&self, name: &str) -> bool {
        name == HEADER || name == EXTENDED && self.extended.is_some()
    }

    /// Fills `out` with a part of the extended header.
    pub fn read_extended(&self, file: &File<'_>, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let Some(dataset) = &self.extended else { return Ok(()) };
        Ok(read(dataset, &mut self.held.borrow_mut(), file, offset, out)?)
    }
}

/// Fills `out` with a part of a dataset of bytes. `held` is the chunk that was read last, by its number.
fn read(
    dataset: &Dataset,
    held: &mut Option<(u64, Vec<u8>)>,
    file: &File<'_>,
    offset: u64,
    out: &mut [u8],
) -> Result<(), HdfError> {
    match &dataset.storage {
        Storage::Compact(data) => out.copy_from_slice(&data[offset as usize..offset as usize + out.len()]),
        Storage::Contiguous(Some(address)) => file.read(address + offset, out)?,
        Storage::Chunked(chunked) => {
            let size = chunked.extent.iter().product::<u64>().max(1);
            let mut filled = 0;
            while filled < out.len() {
                let at = offset + filled as u64;
                let number = at / size;
                if held.as_ref().is_none_or(|(there, _)| *there != number) {
                    *held = Some((number, chunk(dataset, number, file)?));
                }
                let Some((_, bytes)) = held.as_ref() else { break };
                let from = &bytes[(at % size) as usize..];
                let count = from.len().min(out.len() - filled);
                out[filled..filled + count].copy_from_slice(&from[..count]);
                filled += count;
            }
        }
        Storage::Contiguous(None) => out.fill(0),
    }
    Ok(())
}

/// Reads a chunk's bytes; zeros for one that was never written.
fn chunk(dataset: &Dataset, number: u64, file: &File<'_>) -> Result<Vec<u8>, HdfError> {
    let index = ChunkIndex::read(dataset, file)?;
    let mut bytes = vec![0; dataset.chunk_bytes()];
    if let Some(chunk) = index.get(number) {
        let mut decoder = ChunkDecoder::new(dataset)?;
        decoder.check(chunk)?;
        let mut stored = vec![0; chunk.size as usize];
        file.read(chunk.address, &mut stored)?;
        decoder.decode(chunk, &stored, &mut bytes)?;
    }
    Ok(bytes)
}

/// Finds a dataset of at most so many bytes in one dimension, and what it says of their order.
fn bytes_of(
    group: &Group,
    name: &str,
    most: u64,
    file: &File<'_>,
) -> Result<Option<(Dataset, Option<String>)>, HdfError> {
    use crate::formats::hdf5::read::{ObjectKind, Target};
    let Some(Target::Object(address)) = group.find(file, name)? else { return Ok(None) };
    let object = file.object(address)?;
    if object.kind() != ObjectKind::Dataset {
        return Ok(None);
    }
    let dataset = match object.dataset(file) {
        Err(HdfError::Unsupported { .. }) => return Ok(None),
        dataset => dataset?,
    };
    let bytes = dataset.number().is_ok_and(|number| number.kind == NumberKind::Unsigned && number.size == 1);
    let plain = match dataset.chunked() {
        None => true,
        Some(chunked) => {
            dataset.chunk_bytes() as u64 <= MOST_CHUNK_BYTES && chunked.pipeline.filters().is_ok()
        }
    };
    if !bytes || !plain || dataset.dimensions().len() != 1 || !(1..=most).contains(&dataset.bytes()) {
        return Ok(None);
    }
    let mut order = None;
    for attribute in object.attributes(file)? {
        if attribute.name == BYTE_ORDER {
            order = attribute.text(file)?;
        }
    }
    Ok(Some((dataset, order)))
}
