//! Fractal heaps (specification, III.G): the links and attributes of objects that have many.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::btree2::Tree2;
use super::cursor::{Cursor, uint};
use super::file::{CHECKED, Structure};
use super::{File, HdfError};

const HEADER: &str = "a fractal heap's header";
const INDIRECT: &str = "a fractal heap's indirect block";
const DIRECT: &str = "a fractal heap's direct block";

/// A heap: a table of blocks whose rows double in size, taken as one long stretch of bytes.
#[derive(Debug)]
pub(super) struct Heap {
    address: u64,
    /// Direct blocks have checksums.
    checksums: bool,
    /// Tree of the objects too large for blocks.
    huge: Option<u64>,
    /// Blocks in a row.
    width: u64,
    first_block: u64,
    /// Blocks larger than this are tables themselves.
    largest_block: u64,
    offset_bytes: usize,
    length_bytes: usize,
    root: Option<u64>,
    /// Rows of the root; 0 when it is a direct block.
    rows: u64,
    /// Blocks whose checksum was found right.
    verified: RefCell<BTreeSet<u64>>,
}

impl Heap {
    pub(super) fn open(file: &File<'_>, address: u64) -> Result<Self, HdfError> {
        const CHECKSUMS: u8 = 2;
        let (length, pointer) = (u64::from(file.widths.length), u64::from(file.widths.address));
        let header = file.structure(HEADER, address, 26 + 12 * length + 3 * pointer)?;
        let mut fields = header.cursor();
        fields.signature(b"FRHP")?;
        fields.version(0)?;
        fields.skip(2)?; // bytes of an identifier, which the identifiers' tree knows
        if fields.u16()? != 0 {
            return Err(fields.unsupported("a fractal heap with filters"));
        }
        let header = header.verified()?;
        let mut fields = header.cursor();
        fields.skip(9)?;
        let checksums = fields.u8()? & CHECKSUMS != 0;
        let largest_object = u64::from(fields.u32()?);
        fields.length()?; // the next huge object's number
        let huge = fields.address()?;
        fields.length()?; // free space
        fields.address()?; // and its manager
        for _ in 0..8 {
            fields.length()?; // sizes and numbers of managed, huge and tiny objects
        }
        let width = u64::from(fields.u16()?);
        let first_block = fields.length()?;
        let largest_block = fields.length()?;
        let heap_bits = fields.u16()?;
        fields.skip(2)?; // rows of the root when it was made
        let root = fields.address()?;
        let rows = u64::from(fields.u16()?);
        let powers = [width, first_block, largest_block].into_iter().all(u64::is_power_of_two);
        if !powers || first_block > largest_block || largest_block > u64::from(u32::MAX) || heap_bits > 64 {
            return Err(header.damaged("the sizes of its blocks make no table"));
        }
        let block_bytes = largest_block.ilog2().div_ceil(8);
        let object_bytes = largest_object.max(1).ilog2() / 8 + 1;
        Ok(Self {
            address,
            checksums,
            huge,
            width,
            first_block,
            largest_block,
            offset_bytes: heap_bits.div_ceil(8).into(),
            length_bytes: block_bytes.min(object_bytes) as usize,
            root,
            rows,
            verified: RefCell::default(),
        })
    }

    /// Reads the object of an identifier.
    pub(super) fn object(
        &self,
        file: &File<'_>,
        id: &[u8],
        what: &'static str,
    ) -> Result<Structure, HdfError> {
        let mut fields = Cursor::new("a fractal heap identifier", id, file.offset(self.address), file.widths);
        let flags = fields.u8()?;
        if flags >> 6 != 0 {
            return Err(fields.unknown_version(flags >> 6));
        }
        match flags >> 4 & 3 {
            0 => {
                let offset = fields.uint(self.offset_bytes)?;
                let length = fields.uint(self.length_bytes)?;
                self.managed(file, offset, length, what)
            }
            1 => self.huge(file, &mut fields, what),
            2 => Err(fields.unsupported("an object within its fractal heap identifier")),
            _ => Err(fields.damaged("it is of a type that is not defined")),
        }
    }

    /// Reads an object too large for the blocks; a tree knows where it is.
    fn huge(&self, file: &File<'_>, id: &mut Cursor<'_>, what: &'static str) -> Result<Structure, HdfError> {
        const INDIRECT_UNFILTERED: u8 = 1;
        let tree = self.huge.ok_or_else(|| id.damaged("its heap has no huge objects"))?;
        let tree = Tree2::open(file, tree, &[INDIRECT_UNFILTERED])?;
        let (pointer, length) = (usize::from(file.widths.address), usize::from(file.widths.length));
        let rest = id.rest();
        let number = uint(&rest[..rest.len().min(length)]);
        let mut found = None;
        let order = |record: &[u8]| -> Ordering {
            let key = record.get(pointer + length..).unwrap_or_default();
            uint(&key[..key.len().min(length)]).cmp(&number)
        };
        tree.matching(file, &order, &mut |mut record| {
            found = Some((record.required()?, record.length()?));
            Ok(())
        })?;
        let (address, length) = found.ok_or_else(|| id.damaged("its heap has no such huge object"))?;
        file.structure(what, address, length)
    }

    /// Reads an object in the blocks.
    fn managed(
        &self,
        file: &File<'_>,
        offset: u64,
        length: u64,
        what: &'static str,
    ) -> Result<Structure, HdfError> {
        let (block, start, size) = self.block(file, offset)?;
        self.check_direct(file, block, start, size)?;
        let within = offset - start;
        if within.checked_add(length).is_none_or(|end| end > size) {
            return Err(damaged(file, block, "an object ends after its block does"));
        }
        file.structure(what, block + within, length)
    }

    /// Finds the direct block that holds `offset`: its address, its offset, its size.
    fn block(&self, file: &File<'_>, offset: u64) -> Result<(u64, u64, u64), HdfError> {
        let root = self.root.ok_or_else(|| damaged(file, self.address, "it has no blocks"))?;
        if self.rows == 0 {
            return if offset < self.first_block {
                Ok((root, 0, self.first_block))
            } else {
                Err(damaged(file, self.address, "an object is beyond its only block"))
            };
        }
        let row_bytes = self.width * self.first_block; // of the first row
        // Rows of blocks up to the largest; rows after them are of tables.
        let direct_rows = u64::from(self.largest_block.ilog2() - self.first_block.ilog2()) + 2;
        let (mut table, mut table_start, mut rows) = (root, 0, self.rows);
        // Each round goes to a table of fewer rows.
        loop {
            let rest: u64 = offset - table_start;
            let row = (rest / row_bytes).checked_ilog2().map_or(0, |doublings| u64::from(doublings) + 1);
            let size = self.first_block << row.saturating_sub(1);
            let row_start = if row == 0 { 0 } else { row_bytes << (row - 1) };
            let column = (rest - row_start) / size;
            if row >= rows {
                return Err(damaged(file, table, "an object is beyond its blocks"));
            }
            let entry = row * self.width + column;
            let start = table_start + row_start + column * size;
            let child = self.entry(file, table, table_start, rows, entry)?;
            if row < direct_rows {
                return Ok((child, start, size));
            }
            (table, table_start) = (child, start);
            let doublings = size.ilog2().checked_sub(row_bytes.ilog2());
            rows = u64::from(doublings.ok_or_else(|| damaged(file, table, "a table in it has no rows"))?) + 1;
        }
    }

    /// Reads the address of entry `entry` of an indirect block.
    fn entry(&self, file: &File<'_>, table: u64, start: u64, rows: u64, entry: u64) -> Result<u64, HdfError> {
        let pointer = u64::from(file.widths.address);
        let prefix = 5 + pointer + self.offset_bytes as u64;
        if !self.verified.borrow().contains(&table) {
            let block =
                file.structure(INDIRECT, table, prefix + rows * self.width * pointer + 4)?.verified()?;
            self.check_prefix(&block, b"FHIB", start)?;
            self.verified.borrow_mut().insert(table);
        }
        let entry = file.structure(INDIRECT, table + prefix + entry * pointer, pointer)?;
        entry.cursor().required()
    }

    fn check_direct(&self, file: &File<'_>, address: u64, start: u64, size: u64) -> Result<(), HdfError> {
        if self.verified.borrow().contains(&address) {
            return Ok(());
        }
        let prefix = 5 + u64::from(file.widths.address) + self.offset_bytes as u64;
        let length = if self.checksums { size } else { prefix };
        let mut block = file.structure(DIRECT, address, length)?;
        self.check_prefix(&block, b"FHDB", start)?;
        if self.checksums {
            // The checksum covers the block with itself as zeros.
            let place = prefix as usize..prefix as usize + 4;
            let stored = block.bytes.get_mut(place).map(|place| {
                let stored = uint(place);
                place.fill(0);
                stored
            });
            if CHECKED && stored != Some(super::checksum::lookup3(&block.bytes).into()) {
                return Err(HdfError::Checksum { what: DIRECT, offset: block.offset });
            }
        }
        self.verified.borrow_mut().insert(address);
        Ok(())
    }

    fn check_prefix(&self, block: &Structure, signature: &'static [u8], start: u64) -> Result<(), HdfError> {
        let mut fields = block.cursor();
        fields.signature(signature)?;
        fields.version(0)?;
        if fields.address()? != Some(self.address) || fields.uint(self.offset_bytes)? != start {
            return Err(block.damaged("it belongs to another heap, or to another place in it"));
        }
        Ok(())
    }
}

fn damaged(file: &File<'_>, address: u64, problem: &'static str) -> HdfError {
    HdfError::Damaged { what: "a fractal heap", offset: file.offset(address), problem: problem.into() }
}
