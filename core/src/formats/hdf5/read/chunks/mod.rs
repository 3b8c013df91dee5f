//! The chunks of a dataset: one table, from any of the format's six indices.

mod extensible_array;
mod fixed_array;
mod tree1;
mod tree2;

use super::cursor::Cursor;
use super::file::Budget;
use super::layout::Index;
use super::{Chunked, Dataset, File, HdfError};

/// Place of one stored chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Number of the chunk, counted with the last dimension fastest.
    pub number: u64,
    /// Address of the stored bytes; see [`File::read`].
    pub address: u64,
    /// Number of stored bytes.
    pub size: u32,
    /// Filters that were left out: bit n stands for the nth that is applied.
    pub mask: u32,
}

/// The chunks of a dataset that exist; those that do not are the fill value throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkIndex {
    counts: Vec<u64>,
    chunks: Vec<Chunk>,
}

impl ChunkIndex {
    /// Reads a dataset's index: 24 bytes of memory for every chunk that exists. All chunks are
    /// inside the file. A dataset without chunks has an empty one.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn read(dataset: &Dataset, file: &File<'_>) -> Result<Self, HdfError> {
        let Some(chunked) = dataset.chunked() else {
            return Ok(Self { counts: Vec::new(), chunks: Vec::new() });
        };
        let mut collector = Collector::new(dataset, chunked, file);
        match chunked.index {
            Index::Single { address: Some(address), filtered } => {
                let stored = filtered.unwrap_or((dataset.chunk_bytes() as u64, 0));
                collector.add(&vec![0; chunked.extent.len()], address, stored)?;
            }
            Index::Implicit(Some(address)) => collector.implicit(address)?,
            Index::Tree1(Some(address)) => tree1::read(address, &mut collector)?,
            Index::FixedArray(Some(address)) => fixed_array::read(address, &mut collector)?,
            Index::ExtensibleArray(Some(address)) => extensible_array::read(address, &mut collector)?,
            Index::Tree2(Some(address)) => tree2::read(address, &mut collector)?,
            _ => {}
        }
        let Collector { counts, mut chunks, .. } = collector;
        chunks.sort_unstable_by_key(|chunk| chunk.number);
        if let Some(twice) = chunks.windows(2).find(|pair| pair[0].number == pair[1].number) {
            return Err(HdfError::Damaged {
                what: "a chunk index",
                offset: dataset.offset,
                problem: format!("it has chunk {} twice", twice[0].number).into(),
            });
        }
        Ok(Self { counts, chunks })
    }

    /// Returns the number of chunks along each dimension.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Returns the chunks that exist, in the order of their numbers.
    #[must_use]
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Returns a chunk, if it exists.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Chunk> {
        let found = self.chunks.binary_search_by_key(&number, |chunk| chunk.number).ok()?;
        self.chunks.get(found)
    }

    /// Returns the number of the chunk at these places along the dimensions, counted in chunks.
    #[must_use]
    pub fn number(&self, scaled: &[u64]) -> u64 {
        number(scaled, &self.counts)
    }

    /// Returns a chunk's place along each dimension, counted in chunks.
    #[must_use]
    pub fn scaled(&self, chunk: &Chunk) -> Vec<u64> {
        let mut rest = chunk.number;
        let mut scaled = self.counts.clone();
        for place in scaled.iter_mut().rev() {
            let count = *place;
            *place = rest % count;
            rest /= count;
        }
        scaled
    }
}

fn number(scaled: &[u64], counts: &[u64]) -> u64 {
    scaled.iter().zip(counts).fold(0, |number, (&at, &count)| number * count + at)
}

/// Chunks while an index is read.
struct Collector<'c> {
    file: &'c File<'c>,
    chunked: &'c Chunked,
    dimensions: &'c [u64],
    /// Maximum dimensions: the array indices count by them.
    most: &'c [u64],
    chunk_bytes: u64,
    counts: Vec<u64>,
    chunks: Vec<Chunk>,
    /// Every chunk has bytes of its own in the index or in the file.
    budget: Budget,
    offset: u64,
}

impl<'c> Collector<'c> {
    fn new(dataset: &'c Dataset, chunked: &'c Chunked, file: &'c File<'c>) -> Self {
        let dimensions = dataset.dimensions();
        Self {
            file,
            chunked,
            dimensions,
            most: &dataset.dataspace.most,
            chunk_bytes: dataset.chunk_bytes() as u64,
            counts: dimensions
                .iter()
                .zip(&chunked.extent)
                .map(|(side, &chunk)| side.div_ceil(chunk))
                .collect(),
            chunks: Vec::new(),
            budget: file.budget("the chunks of a dataset", 0),
            offset: dataset.offset,
        }
    }

    fn rank(&self) -> usize {
        self.chunked.extent.len()
    }

    fn filtered(&self) -> bool {
        !self.chunked.pipeline.is_empty()
    }

    /// Takes a chunk with its stored size and filter mask. Chunks beyond the dimensions, which
    /// remain when a dataset shrinks, are left out.
    fn add(&mut self, scaled: &[u64], address: u64, stored: (u64, u32)) -> Result<(), HdfError> {
        if scaled.iter().zip(&self.counts).any(|(at, count)| at >= count) {
            return Ok(());
        }
        let (mut size, mut mask) = stored;
        if self.chunked.bare_edges && self.sticks_out(scaled) {
            (size, mask) = (self.chunk_bytes, u32::MAX);
        }
        let what = "a chunk";
        let offset = self.file.offset(address);
        if (!self.filtered() && size != self.chunk_bytes) || size == 0 {
            let problem = format!("it is stored in {size} bytes, not in {}", self.chunk_bytes).into();
            return Err(HdfError::Damaged { what, offset, problem });
        }
        self.file.check(what, address, size)?;
        let size = u32::try_from(size)
            .map_err(|_| HdfError::Unsupported { feature: "a chunk of more than 4 GiB".into(), offset })?;
        // No two chunks share bytes, so that together they fit into the file.
        self.budget.spend(size.into())?;
        self.chunks.push(Chunk { number: number(scaled, &self.counts), address, size, mask });
        Ok(())
    }

    fn sticks_out(&self, scaled: &[u64]) -> bool {
        let sides = self.dimensions.iter().zip(&self.chunked.extent);
        scaled.iter().zip(sides).any(|(at, (side, chunk))| at * chunk + chunk > *side)
    }

    /// Lists chunks that lie one after the other, for all that the dataset may grow to, without filters.
    fn implicit(&mut self, address: u64) -> Result<(), HdfError> {
        let order = Order::new(self, None)?;
        let total = order.total().and_then(|total| total.checked_mul(self.chunk_bytes));
        let total = total.ok_or_else(|| self.damaged("the chunks take more bytes than 64 bits can count"))?;
        self.file.check("the chunks of a dataset", address, total)?;
        let mut scaled = vec![0; self.rank()];
        for index in 0..total / self.chunk_bytes.max(1) {
            order.scaled(index, &mut scaled);
            let stored = (self.chunk_bytes, 0);
            self.add(&scaled, address + index * self.chunk_bytes, stored)?;
        }
        Ok(())
    }

    fn damaged(&self, problem: &'static str) -> HdfError {
        HdfError::Damaged { what: "a chunk index", offset: self.offset, problem: problem.into() }
    }
}

/// The order in which the array indices number chunks: by how far the dimensions may grow, the one
/// without limit slowest.
struct Order {
    /// Dimensions, slowest first, each with its number of chunks.
    axes: Vec<(usize, u64)>,
}

impl Order {
    fn new(collector: &Collector<'_>, unlimited: Option<usize>) -> Result<Self, HdfError> {
        let count = |axis: usize| collector.most[axis].div_ceil(collector.chunked.extent[axis]);
        let others = (0..collector.rank()).filter(|&axis| Some(axis) != unlimited);
        let axes: Vec<_> = unlimited.into_iter().chain(others).map(|axis| (axis, count(axis))).collect();
        if axes.iter().any(|&(_, count)| count == 0) {
            return Err(collector.damaged("a dataset that may have no elements has chunks"));
        }
        Ok(Self { axes })
    }

    fn total(&self) -> Option<u64> {
        self.axes.iter().try_fold(1_u64, |total, &(_, count)| total.checked_mul(count))
    }

    /// Returns the place of chunk `index` along each dimension.
    fn scaled(&self, index: u64, scaled: &mut [u64]) {
        let mut rest = index;
        for &(axis, count) in self.axes.iter().rev() {
            scaled[axis] = rest % count;
            rest /= count;
        }
    }
}

/// The entries of the two array indices: an address and, with filters, stored size and mask.
struct Entries {
    order: Order,
    bytes: usize,
    filtered: bool,
    scaled: Vec<u64>,
    /// Entries that were ever written, counted to the last one: libhdf5 takes no others.
    used: u64,
}

impl Entries {
    /// Reads the fields of an array's header: which of the two forms, and bytes of an entry.
    fn read(fields: &mut Cursor<'_>, order: Order, collector: &Collector<'_>) -> Result<Self, HdfError> {
        let filtered = match fields.u8()? {
            0 => false,
            1 => true,
            other => {
                return Err(
                    fields.damaged(format!("its entries are of kind {other}, which is not of chunks"))
                );
            }
        };
        let bytes = usize::from(fields.u8()?);
        let pointer = usize::from(fields.widths.address);
        let fits = if filtered { (pointer + 5..=pointer + 12).contains(&bytes) } else { bytes == pointer };
        if !fits || filtered != collector.filtered() {
            return Err(fields.damaged("its entries are not of this dataset's kind"));
        }
        Ok(Self { order, bytes, filtered, scaled: vec![0; collector.rank()], used: u64::MAX })
    }

    /// Takes the entry of chunk `index`.
    fn take(
        &mut self,
        fields: &mut Cursor<'_>,
        index: u64,
        collector: &mut Collector<'_>,
    ) -> Result<(), HdfError> {
        let address = fields.address()?;
        let stored = if self.filtered {
            let size_bytes = self.bytes - usize::from(fields.widths.address) - 4;
            (fields.uint(size_bytes)?, fields.u32()?)
        } else {
            (collector.chunk_bytes, 0)
        };
        let Some(address) = address else { return Ok(()) };
        if index >= self.used {
            return Err(fields.damaged("it has a chunk beyond those that were written"));
        }
        self.order.scaled(index, &mut self.scaled);
        collector.add(&self.scaled, address, stored)
    }
}
