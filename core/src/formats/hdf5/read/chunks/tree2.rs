//! The version 2 B-tree of chunks (specification, III.A.2, types 10 and 11), for datasets that may
//! grow along several dimensions.

use super::super::HdfError;
use super::super::btree2::Tree2;
use super::Collector;

pub(super) fn read(address: u64, collector: &mut Collector<'_>) -> Result<(), HdfError> {
    const UNFILTERED: u8 = 10;
    const FILTERED: u8 = 11;
    let filtered = collector.filtered();
    let tree = Tree2::open(collector.file, address, &[if filtered { FILTERED } else { UNFILTERED }])?;
    let mut scaled = vec![0; collector.rank()];
    let mut before: Option<Vec<u64>> = None;
    tree.for_each(collector.file, &mut |mut record| {
        let address = record.required()?;
        let stored = if filtered {
            // The size's width is what the rest of the record leaves.
            let fixed = usize::from(record.widths.address) + 4 + 8 * scaled.len();
            let width = tree.record_bytes().checked_sub(fixed).filter(|width| (1..=8).contains(width));
            let width = width.ok_or_else(|| record.damaged("its length does not fit the dimensions"))?;
            (record.uint(width)?, record.u32()?)
        } else {
            (collector.chunk_bytes, 0)
        };
        for place in &mut scaled {
            *place = record.u64()?;
        }
        // A search, which is what libhdf5 makes, does not find what is out of order.
        if before.as_ref().is_some_and(|before| *before >= scaled) {
            return Err(record.damaged("its chunks are out of order"));
        }
        before.get_or_insert_default().clone_from(&scaled);
        collector.add(&scaled, address, stored)
    })
}
