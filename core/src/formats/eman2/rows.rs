//! Rows of a dataset, from however it is stored.

use std::ops::Range;

use super::EmanError;
use super::slab::{Slab, Slabs, sections_rows_columns};
use crate::error::Error;
use crate::formats::hdf5::read::{
    Chunk, ChunkDecoder, ChunkIndex, Dataset, File, HdfError, Storage, most_stored,
};
use crate::image::{Shape, by_section};
use crate::pipeline::pool;

/// Bytes of chunks that are inflated side by side, about.
const SIDE_BY_SIDE: u64 = 16 << 20;

/// The rows of one image's dataset.
pub struct Rows {
    dataset: Dataset,
    shape: Shape,
    row_bytes: usize,
    chunked: Option<(Slabs, Chunks)>,
}

/// Index of the chunks, and buffers to decode them.
struct Chunks {
    index: ChunkIndex,
    /// Sections, rows and columns of a chunk.
    extent: [u64; 3],
    jobs: Vec<Job>,
    /// Streams are inflated by two libraries.
    cross_check: bool,
}

/// A chunk on its way.
struct Job {
    chunk: Chunk,
    decoder: ChunkDecoder,
    stored: Vec<u8>,
    elements: Vec<u8>,
    outcome: Result<(), HdfError>,
}

/// How rows are read.
#[derive(Clone, Copy, Default)]
pub struct How {
    /// Streams are inflated by two libraries.
    pub cross_check: bool,
    /// Pixels that were never written are taken for the fill value.
    pub fill_unwritten: bool,
}

impl Rows {
    /// Creates the rows of an image's dataset.
    pub fn new(image: u32, dataset: Dataset, shape: Shape, file: &File<'_>, how: How) -> Result<Self, Error> {
        let row_bytes = row_bytes(&dataset, shape);
        let mut unwritten = match dataset.storage {
            Storage::Contiguous(None) => Some((1, 1)),
            _ => None,
        };
        let chunked = if dataset.chunked().is_some() {
            let (slabs, extent) = slabs(&dataset, shape);
            let index = ChunkIndex::read(&dataset, file)?;
            let stored = index.chunks().iter().map(|chunk| chunk.size).max().unwrap_or(0);
            slabs.check(beside(&dataset, &slabs, extent, stored.into()))?;
            let (all, there) = (index.counts().iter().product(), index.chunks().len() as u64);
            unwritten = (there < all).then_some((all - there, all));
            Some((slabs, Chunks { index, extent, jobs: Vec::new(), cross_check: how.cross_check }))
        } else {
            None
        };
        match unwritten {
            Some((missing, of)) if !how.fill_unwritten => {
                Err(EmanError::Unwritten { image, missing, of }.into())
            }
            _ => Ok(Self { dataset, shape, row_bytes, chunked }),
        }
    }

    /// Counts the bytes of memory that reading a dataset takes, at most.
    pub fn memory(dataset: &Dataset, shape: Shape) -> u64 {
        if dataset.chunked().is_none() {
            return 0;
        }
        let (slabs, extent) = slabs(dataset, shape);
        let stored = most_stored(dataset.chunk_bytes() as u64);
        slabs.bytes().saturating_add(beside(dataset, &slabs, extent, stored))
    }

    /// Fills `out` with rows, counted through all sections.
    pub fn read(&mut self, file: &File<'_>, rows: Range<u64>, out: &mut [u8]) -> Result<(), Error> {
        let Self { dataset, shape, row_bytes, chunked } = self;
        let start = rows.start * *row_bytes as u64;
        match (&dataset.storage, chunked) {
            (Storage::Compact(data), _) => {
                let start = start as usize;
                out.copy_from_slice(&data[start..start + out.len()]);
            }
            (Storage::Contiguous(Some(address)), _) => file.read(address + start, out)?,
            (_, None) => fill(dataset.fill_value.as_deref(), out),
            (_, Some((slabs, chunks))) => {
                slabs.read(rows, out, |slab, bytes| chunks.load(slab, bytes, dataset, *shape, file))?;
            }
        }
        Ok(())
    }

    /// Fills `out` with rows of each of some sections; straight from the chunks where they make just those.
    pub fn read_slab(
        &mut self,
        file: &File<'_>,
        sections: Range<u32>,
        rows: Range<u32>,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let Self { dataset, shape, chunked, .. } = self;
        let shape = *shape;
        if let Some((slabs, chunks)) = chunked {
            let load = |slab: Slab, bytes: &mut [u8]| chunks.load(slab, bytes, dataset, shape, file);
            return slabs.read_slab(sections, rows, out, load);
        }
        by_section(shape, sections, rows, out, |rows, out| self.read(file, rows, out))
    }
}

fn row_bytes(dataset: &Dataset, shape: Shape) -> usize {
    (u64::from(shape.nx) * u64::from(dataset.datatype.size)) as usize
}

/// Makes the slabs of a dataset in chunks, with the sections, rows and columns of a chunk.
fn slabs(dataset: &Dataset, shape: Shape) -> (Slabs, [u64; 3]) {
    // The shape has been taken, so there are no more than three sides.
    let sides = dataset.chunked().and_then(|chunked| sections_rows_columns(&chunked.extent));
    let extent = sides.unwrap_or([1; 3]);
    (Slabs::new(extent, shape, row_bytes(dataset, shape)), extent)
}

/// Counts the bytes that making a slab takes beside it, where chunks take up to `stored` bytes in the file.
fn beside(dataset: &Dataset, slabs: &Slabs, extent: [u64; 3], stored: u64) -> u64 {
    let chunk_bytes = dataset.chunk_bytes() as u64;
    let filters = ChunkDecoder::new(dataset).map_or(0, |decoder| decoder.buffers());
    // Of the chunks that fill slabs, none needs room of its own.
    let decoded = if slabs.are_chunks(extent) { 0 } else { chunk_bytes };
    at_once(chunk_bytes) as u64 * (stored + filters + decoded)
}

/// Returns how many chunks are inflated side by side.
fn at_once(chunk_bytes: u64) -> usize {
    (SIDE_BY_SIDE / chunk_bytes.max(1)).clamp(1, 64) as usize
}

/// Fills in elements that were never written.
fn fill(element: Option<&[u8]>, out: &mut [u8]) {
    match element {
        Some(element) if !element.is_empty() => {
            out.chunks_exact_mut(element.len()).for_each(|place| place.copy_from_slice(element));
        }
        _ => out.fill(0),
    }
}

impl Chunks {
    /// Fills `bytes` with a slab.
    fn load(
        &mut self,
        slab: Slab,
        bytes: &mut [u8],
        dataset: &Dataset,
        shape: Shape,
        file: &File<'_>,
    ) -> Result<(), Error> {
        let element = dataset.datatype.size as usize;
        let row_bytes = shape.nx as usize * element;
        let [sections, height] = slab.counts;
        if (self.index.chunks().len() as u64) < self.index.counts().iter().product() {
            fill(dataset.fill_value.as_deref(), bytes);
        }
        let chunk_bytes = dataset.chunk_bytes();
        let at_once = at_once(chunk_bytes as u64);
        let [depth, rows, columns] = self.extent;
        let (first_section, first_row) = (slab.start[0] / depth, slab.start[1] / rows);
        let (deep, down) = (sections.div_ceil(depth), height.div_ceil(rows));
        let across = u64::from(shape.nx).div_ceil(columns);
        if bytes.len() == chunk_bytes && columns == u64::from(shape.nx) && height == rows {
            let scaled = [first_section, first_row, 0];
            let number = self.index.number(&scaled[3 - self.index.counts().len()..]);
            let Some(&chunk) = self.index.get(number) else { return Ok(()) };
            self.take(0, chunk, dataset, file)?;
            let job = &mut self.jobs[0];
            return Ok(job.decoder.decode(&chunk, &job.stored, bytes)?);
        }
        let in_section = |z| (0..down).flat_map(move |y| (0..across).map(move |x| [z, y, x]));
        let mut places = (0..deep).flat_map(in_section);
        loop {
            // The chunks that exist, with their places in the slab.
            let mut held: Vec<[u64; 3]> = Vec::new();
            for [z, y, x] in places.by_ref() {
                let scaled = [first_section + z, first_row + y, x];
                let number = self.index.number(&scaled[3 - self.index.counts().len()..]);
                let Some(&chunk) = self.index.get(number) else { continue };
                self.take(held.len(), chunk, dataset, file)?;
                held.push([z, y, x]);
                if held.len() == at_once {
                    break;
                }
            }
            if held.is_empty() {
                return Ok(());
            }
            pool::for_each(&mut self.jobs[..held.len()], |job| {
                job.elements.resize(chunk_bytes, 0);
                job.outcome = job.decoder.decode(&job.chunk, &job.stored, &mut job.elements);
            });
            for (job, [z, y, x]) in self.jobs.iter_mut().zip(held) {
                std::mem::replace(&mut job.outcome, Ok(()))?;
                let width = columns.min(u64::from(shape.nx) - x * columns) as usize * element;
                let chunk_rows = rows.min(height - y * rows);
                for section in 0..depth.min(sections - z * depth) {
                    for row in 0..chunk_rows {
                        let from = (section * rows + row) as usize * columns as usize * element;
                        let to = ((z * depth + section) * height + y * rows + row) as usize * row_bytes
                            + (x * columns) as usize * element;
                        bytes[to..to + width].copy_from_slice(&job.elements[from..from + width]);
                    }
                }
            }
        }
    }

    /// Reads the stored bytes of a chunk for job `place`.
    fn take(
        &mut self,
        place: usize,
        chunk: Chunk,
        dataset: &Dataset,
        file: &File<'_>,
    ) -> Result<(), HdfError> {
        if self.jobs.len() == place {
            let decoder = ChunkDecoder::new(dataset)?;
            let decoder = if self.cross_check { decoder.with_cross_check() } else { decoder };
            self.jobs.push(Job { chunk, decoder, stored: Vec::new(), elements: Vec::new(), outcome: Ok(()) });
        }
        let job = &mut self.jobs[place];
        job.decoder.check(&chunk)?;
        job.chunk = chunk;
        job.stored.resize(chunk.size as usize, 0);
        file.read(chunk.address, &mut job.stored)
    }
}
