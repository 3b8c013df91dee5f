//! The version 1 B-tree of chunks (specification, III.A.1): keys are stored size, filter mask and
//! where in the dataset the chunk starts.

use super::super::HdfError;
use super::super::btree1::{Kind, for_each};
use super::Collector;

pub(super) fn read(address: u64, collector: &mut Collector<'_>) -> Result<(), HdfError> {
    let rank = collector.rank();
    let mut scaled = vec![0; rank];
    for_each(collector.file, address, Kind::Chunks { rank }, &mut |mut key, child| {
        let (size, mask) = (key.u32()?, key.u32()?);
        for (place, &side) in scaled.iter_mut().zip(&collector.chunked.extent) {
            let start = key.u64()?;
            if start % side != 0 {
                return Err(key.damaged("a chunk starts where no chunk can"));
            }
            *place = start / side;
        }
        if key.u64()? != 0 {
            return Err(key.damaged("a chunk starts within an element"));
        }
        collector.add(&scaled, child, (size.into(), mask))
    })
}
