//! The place of an image's pixels in the file.

use crate::error::Error;
use crate::formats::hdf5::read::{Chunk, ChunkIndex, Dataset, File, Storage as Stored};
use crate::image::Storage;

/// Finds where the pixels of the dataset whose header is at `address` are.
pub fn of(address: u64, dataset: &Dataset, file: &File<'_>) -> Result<Storage, Error> {
    let Some(chunked) = dataset.chunked() else {
        let (pieces, unwritten) = match dataset.storage {
            Stored::Contiguous(Some(address)) => (vec![(address, dataset.bytes())], None),
            Stored::Contiguous(None) => (Vec::new(), Some([0; 3])),
            _ => (Vec::new(), None),
        };
        return Ok(Storage { dataset: address, pieces, chunks: 0, expected: 0, unwritten, level: None });
    };
    let index = ChunkIndex::read(dataset, file)?;
    let chunks = index.chunks();
    let expected = index.counts().iter().product();
    let numbers = chunks.iter().map(|chunk| chunk.number);
    let gap = (0..).zip(numbers).find(|(wanted, number)| wanted != number).map(|(wanted, _)| wanted);
    let first = gap.unwrap_or(chunks.len() as u64);
    let unwritten = (first < expected).then(|| {
        let scaled = index.scaled(&Chunk { number: first, address: 0, size: 0, mask: 0 });
        let mut place = [0; 3];
        let lacking = 3usize.saturating_sub(scaled.len());
        for (place, (scaled, extent)) in place[lacking..].iter_mut().zip(scaled.iter().zip(&chunked.extent)) {
            *place = scaled * extent;
        }
        place
    });
    let pieces = chunks.iter().map(|chunk| (chunk.address, chunk.size.into())).collect();
    let level = chunked.pipeline.level();
    Ok(Storage { dataset: address, pieces, chunks: chunks.len() as u64, expected, unwritten, level })
}
