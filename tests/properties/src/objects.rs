//! All there is in an HDF5 file: every object, and every element of a small dataset. Tests and fuzzing read
//! files to their end with it; a program takes the objects it looks for, and chunks one by one.

use std::collections::BTreeSet;

use e2compress_core::formats::hdf5::read::{
    ChunkDecoder, ChunkIndex, Dataset, File, HdfError, Object, ObjectKind, Storage, Target,
};

/// An object on a walk.
#[derive(Debug)]
pub struct Found<'w> {
    /// Links from the root to here.
    pub depth: usize,
    /// The name it was first met under; empty for the root.
    pub name: &'w str,
    /// The object.
    pub object: &'w Object,
}

/// Visits every object that hard links lead to, parents before what is in them, each once however
/// many links lead to it.
///
/// Its work and memory are bounded by the file's length.
///
/// # Errors
/// The first thing that is damaged, or what `visit` returns.
pub fn walk(
    file: &File<'_>,
    visit: &mut dyn FnMut(&Found<'_>) -> Result<(), HdfError>,
) -> Result<(), HdfError> {
    let mut seen = BTreeSet::from([file.root()]);
    let mut waiting = vec![(0, String::new(), file.root())];
    // Links of all groups together are in the file once.
    let mut left = file.len();
    while let Some((depth, name, address)) = waiting.pop() {
        let object = file.object(address)?;
        visit(&Found { depth, name: &name, object: &object })?;
        if object.kind() != ObjectKind::Group {
            continue;
        }
        for link in object.group(file)?.links(file)?.into_iter().rev() {
            left = left.checked_sub(link.name.len() as u64 + 1).ok_or_else(|| HdfError::Damaged {
                what: "a group",
                offset: address,
                problem: "the groups together are larger than the file".into(),
            })?;
            if let Target::Object(address) = link.target
                && seen.insert(address)
            {
                waiting.push((depth + 1, link.name, address));
            }
        }
    }
    Ok(())
}

/// Reads all elements of a dataset as stored, in C order.
///
/// # Errors
/// [`HdfError::TooLarge`] beyond `most` bytes, and whatever is wrong with a chunk.
pub fn elements(dataset: &Dataset, file: &File<'_>, most: u64) -> Result<Vec<u8>, HdfError> {
    let length = dataset.bytes();
    if length > most {
        return Err(HdfError::TooLarge { what: "a dataset", offset: 0, length, most });
    }
    let mut out = match &dataset.storage {
        Storage::Compact(data) => return Ok(data[..length as usize].to_vec()),
        Storage::Contiguous(Some(address)) => {
            let mut out = vec![0; length as usize];
            file.read(*address, &mut out)?;
            return Ok(out);
        }
        _ => match &dataset.fill_value {
            Some(value) => value.repeat(dataset.dataspace.elements() as usize),
            None => vec![0; length as usize],
        },
    };
    let Some(chunked) = dataset.chunked() else { return Ok(out) };
    let index = ChunkIndex::read(dataset, file)?;
    let mut decoder = ChunkDecoder::new(dataset)?;
    let (mut stored, mut raw) = (Vec::new(), Vec::new());
    for chunk in index.chunks() {
        decoder.check(chunk)?;
        stored.resize(chunk.size as usize, 0);
        file.read(chunk.address, &mut stored)?;
        raw.resize(dataset.chunk_bytes(), 0);
        decoder.decode(chunk, &stored, &mut raw)?;
        place(dataset, &chunked.extent, &index.scaled(chunk), &raw, &mut out);
    }
    Ok(out)
}

/// Copies the part of a chunk that is inside the dataset to its place, row by row.
fn place(dataset: &Dataset, extent: &[u64], scaled: &[u64], raw: &[u8], out: &mut [u8]) {
    let element = dataset.datatype.size as usize;
    let dimensions = dataset.dimensions();
    let start: Vec<u64> = scaled.iter().zip(extent).map(|(at, side)| at * side).collect();
    let inside: Vec<u64> =
        dimensions.iter().zip(&start).zip(extent).map(|((all, at), &side)| side.min(all - at)).collect();
    let last = extent.len() - 1;
    let row_bytes = inside[last] as usize * element;
    let rows: u64 = inside[..last].iter().product();
    for row in 0..rows {
        let (mut rest, mut from, mut to) = (row, 0, start[last]);
        let (mut chunk_step, mut step) = (extent[last], dimensions[last]);
        for axis in (0..last).rev() {
            let at = rest % inside[axis];
            rest /= inside[axis];
            from += at * chunk_step;
            to += (start[axis] + at) * step;
            chunk_step *= extent[axis];
            step *= dimensions[axis];
        }
        let (from, to) = (from as usize * element, to as usize * element);
        out[to..to + row_bytes].copy_from_slice(&raw[from..from + row_bytes]);
    }
}
