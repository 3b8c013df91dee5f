//! The extensible array of chunks (specification, VII.D), for datasets that may grow without limit
//! along one dimension.

use super::super::HdfError;
use super::super::cursor::Cursor;
use super::super::file::Structure;
use super::{Collector, Entries, Order};

const HEADER: &str = "an extensible array's header";
const INDEX: &str = "an extensible array's index block";
const SECONDARY: &str = "an extensible array's secondary block";
const BLOCK: &str = "an extensible array's data block";
const PAGE: &str = "an extensible array's page";

/// Signature, version, kind of entries.
const PREFIX_BYTES: u64 = 6;

const CHECKSUM_BYTES: u64 = 4;

/// An array's header.
struct Array {
    address: u64,
    /// Bytes of an entry's number.
    offset_bytes: u64,
    /// Entries of the index block.
    first: u64,
    /// Entries of the smallest data block.
    smallest: u64,
    /// Secondary blocks whose data blocks the index block lists itself.
    listed: u32,
    /// Secondary blocks there may be.
    blocks: u32,
    /// Entries of a page.
    page: u64,
    /// Entries that were ever written, counted to the last one.
    used: u64,
}

/// Returns the number of data blocks of a secondary block, and the entries of each.
fn shape(array: &Array, number: u32) -> Option<(u64, u64)> {
    let count = 1_u64.checked_shl(number / 2)?;
    let entries = array.smallest.checked_mul(1_u64.checked_shl(number.div_ceil(2))?)?;
    count.checked_mul(entries)?;
    Some((count, entries))
}

pub(super) fn read(address: u64, collector: &mut Collector<'_>) -> Result<(), HdfError> {
    let file = collector.file;
    let (pointer, length) = (u64::from(file.widths.address), u64::from(file.widths.length));
    let header = file.structure(HEADER, address, 16 + 6 * length + pointer)?.verified()?;
    let mut fields = header.cursor();
    fields.signature(b"EAHD")?;
    fields.version(0)?;
    let unlimited = collector.most.iter().position(|&most| most == u64::MAX);
    let mut entries = Entries::read(&mut fields, Order::new(collector, unlimited)?, collector)?;
    let count_bits = u32::from(fields.u8()?);
    let first = u64::from(fields.u8()?);
    let smallest = u64::from(fields.u8()?);
    let pointers = u64::from(fields.u8()?);
    let page_bits = u32::from(fields.u8()?);
    for _ in 0..4 {
        fields.length()?; // numbers and sizes of secondary and data blocks
    }
    let used = fields.length()?;
    entries.used = used;
    fields.length()?; // entries there is room for
    let Some(index) = fields.address()? else { return Ok(()) };
    if count_bits > 64 || page_bits > 63 || !smallest.is_power_of_two() || !pointers.is_power_of_two() {
        return Err(header.damaged("the sizes of its blocks make no table"));
    }
    let array = Array {
        address,
        offset_bytes: u64::from(count_bits.div_ceil(8)),
        first,
        smallest,
        listed: 2 * pointers.ilog2(),
        blocks: (count_bits + 1).saturating_sub(smallest.ilog2()),
        page: 1 << page_bits,
        used,
    };
    index_block(&array, index, &mut entries, collector)
}

fn index_block(
    array: &Array,
    address: u64,
    entries: &mut Entries,
    collector: &mut Collector<'_>,
) -> Result<(), HdfError> {
    let file = collector.file;
    let pointer = u64::from(file.widths.address);
    let listed: u64 = (0..array.listed).map(|number| 1_u64 << (number / 2)).sum();
    let secondary = u64::from(array.blocks.saturating_sub(array.listed));
    let length = PREFIX_BYTES + pointer + array.first * entries.bytes as u64;
    let length = length + (listed + secondary) * pointer + CHECKSUM_BYTES;
    let block = file.structure(INDEX, address, length)?.verified()?;
    let mut fields = check(&block, b"EAIB", array)?;
    for index in 0..array.first {
        entries.take(&mut fields, index, collector)?;
    }
    let mut index = array.first;
    for number in 0..array.blocks {
        if index >= array.used {
            break;
        }
        let (count, length) =
            shape(array, number).ok_or_else(|| block.damaged("it has more blocks than can be counted"))?;
        if number < array.listed {
            for _ in 0..count {
                if let Some(address) = fields.address()? {
                    if length > array.page {
                        return Err(block.damaged("a data block that it lists itself has pages"));
                    }
                    data_block(array, address, index..index + length, entries, collector)?;
                }
                index += length;
            }
        } else {
            if let Some(address) = fields.address()? {
                secondary_block(array, address, (count, length), index, entries, collector)?;
            }
            index = index.saturating_add(count * length);
        }
    }
    Ok(())
}

fn secondary_block(
    array: &Array,
    address: u64,
    (count, length): (u64, u64),
    start: u64,
    entries: &mut Entries,
    collector: &mut Collector<'_>,
) -> Result<(), HdfError> {
    let file = collector.file;
    let pointer = u64::from(file.widths.address);
    let pages = if length > array.page { length / array.page } else { 0 };
    let bitmap_bytes = pages.div_ceil(8).saturating_mul(count);
    let size = PREFIX_BYTES + pointer + array.offset_bytes + CHECKSUM_BYTES;
    let size = size.saturating_add(bitmap_bytes).saturating_add(count.saturating_mul(pointer));
    let block = file.structure(SECONDARY, address, size)?.verified()?;
    let mut fields = check(&block, b"EASB", array)?;
    fields.skip(array.offset_bytes as usize)?;
    let bitmap = fields.take(bitmap_bytes as usize)?;
    for number in 0..count {
        let Some(address) = fields.address()? else { continue };
        let index = start.saturating_add(number * length);
        if pages == 0 {
            data_block(array, address, index..index.saturating_add(length), entries, collector)?;
            continue;
        }
        let prefix = PREFIX_BYTES + pointer + array.offset_bytes + CHECKSUM_BYTES;
        let start = file.structure(BLOCK, address, prefix)?.verified()?;
        check(&start, b"EADB", array)?;
        let page_bytes = array.page.saturating_mul(entries.bytes as u64).saturating_add(CHECKSUM_BYTES);
        for page in 0..pages {
            // The bitmap runs on from block to block.
            let bit = number * pages + page;
            if bitmap[(bit / 8) as usize] & (0x80 >> (bit % 8)) == 0 {
                continue;
            }
            let at = address.saturating_add(prefix).saturating_add(page.saturating_mul(page_bytes));
            let structure = file.structure(PAGE, at, page_bytes)?.verified()?;
            let mut fields = structure.cursor();
            for entry in 0..array.page {
                let index = index.saturating_add(page * array.page + entry);
                entries.take(&mut fields, index, collector)?;
            }
        }
    }
    Ok(())
}

fn data_block(
    array: &Array,
    address: u64,
    indices: std::ops::Range<u64>,
    entries: &mut Entries,
    collector: &mut Collector<'_>,
) -> Result<(), HdfError> {
    let file = collector.file;
    let prefix = PREFIX_BYTES + u64::from(file.widths.address) + array.offset_bytes;
    let length = (indices.end - indices.start).saturating_mul(entries.bytes as u64);
    let length = length.saturating_add(prefix + CHECKSUM_BYTES);
    let block = file.structure(BLOCK, address, length)?.verified()?;
    let mut fields = check(&block, b"EADB", array)?;
    fields.skip(array.offset_bytes as usize)?;
    for index in indices {
        entries.take(&mut fields, index, collector)?;
    }
    Ok(())
}

/// Demands a block of this array.
fn check<'b>(block: &'b Structure, signature: &'static [u8], array: &Array) -> Result<Cursor<'b>, HdfError> {
    let mut fields = block.cursor();
    fields.signature(signature)?;
    fields.version(0)?;
    fields.skip(1)?; // kind of entries, as in the header
    if fields.required()? != array.address {
        return Err(block.damaged("it belongs to another array"));
    }
    Ok(fields)
}
