//! The fixed array of chunks (specification, VII.C), for datasets that cannot grow without limit.

use super::super::HdfError;
use super::{Collector, Entries, Order};

const HEADER: &str = "a fixed array's header";
const BLOCK: &str = "a fixed array's data block";
const PAGE: &str = "a fixed array's page";

pub(super) fn read(address: u64, collector: &mut Collector<'_>) -> Result<(), HdfError> {
    let file = collector.file;
    let (pointer, length) = (u64::from(file.widths.address), u64::from(file.widths.length));
    let header = file.structure(HEADER, address, 12 + length + pointer)?.verified()?;
    let mut fields = header.cursor();
    fields.signature(b"FAHD")?;
    fields.version(0)?;
    let mut entries = Entries::read(&mut fields, Order::new(collector, None)?, collector)?;
    let page_bits = u32::from(fields.u8()?);
    let count = fields.length()?;
    let Some(block) = fields.address()? else { return Ok(()) };
    if Some(count) != entries.order.total() {
        return Err(header.damaged("it has another number of chunks than the dataset"));
    }
    let page = 1_u64.checked_shl(page_bits).unwrap_or(u64::MAX);
    let entry_bytes = entries.bytes as u64;
    let prefix = 6 + pointer;
    if count <= page {
        let length = count.saturating_mul(entry_bytes).saturating_add(prefix + 4);
        let block = file.structure(BLOCK, block, length)?.verified()?;
        let mut fields = block.cursor();
        check(&mut fields, address)?;
        for index in 0..count {
            entries.take(&mut fields, index, collector)?;
        }
        return Ok(());
    }
    // Pages come after the block, each with a checksum; a bitmap tells which were ever written.
    let pages = count.div_ceil(page);
    let bitmap_bytes = pages.div_ceil(8);
    let start = file.structure(BLOCK, block, prefix + bitmap_bytes + 4)?.verified()?;
    let mut fields = start.cursor();
    check(&mut fields, address)?;
    let bitmap = fields.take(bitmap_bytes as usize)?;
    let first = block + prefix + bitmap_bytes + 4;
    for number in 0..pages {
        if bitmap[(number / 8) as usize] & (0x80 >> (number % 8)) == 0 {
            continue;
        }
        let indices = number * page..count.min(number.saturating_add(1).saturating_mul(page));
        let at = page.checked_mul(entry_bytes).and_then(|bytes| bytes.checked_add(4));
        let at = at.and_then(|bytes| bytes.checked_mul(number)).and_then(|bytes| bytes.checked_add(first));
        let at = at.ok_or_else(|| header.damaged("its pages are beyond 64 bits"))?;
        let length = (indices.end - indices.start).saturating_mul(entry_bytes).saturating_add(4);
        let page = file.structure(PAGE, at, length)?.verified()?;
        let mut fields = page.cursor();
        for index in indices {
            entries.take(&mut fields, index, collector)?;
        }
    }
    Ok(())
}

/// Demands a data block of this array.
fn check(fields: &mut super::Cursor<'_>, header: u64) -> Result<(), HdfError> {
    fields.signature(b"FADB")?;
    fields.version(0)?;
    fields.skip(1)?; // kind of entries, as in the header
    if fields.required()? == header { Ok(()) } else { Err(fields.damaged("it belongs to another array")) }
}
