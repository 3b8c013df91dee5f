//! Version 2 B-trees (specification, III.A.2): records of one size, sorted.

use std::cmp::Ordering;

use super::cursor::{Cursor, uint};
use super::file::{Budget, Structure};
use super::{File, HdfError};

const HEADER: &str = "a version 2 tree's header";
const LEAF: &str = "a version 2 tree's leaf";
const INTERNAL: &str = "a version 2 tree's node";

/// Signature, version, type, checksum.
const OVERHEAD: u64 = 10;

/// The deepest tree that makes sense: the format's nodes have at least two children.
const MAX_DEPTH: u16 = 64;

/// A tree.
#[derive(Debug)]
pub(super) struct Tree2 {
    address: u64,
    kind: u8,
    record_bytes: u16,
    /// Bytes of the number of records in a node.
    count_bytes: usize,
    /// Bytes of the number of records in all of a subtree, for each depth of it; a leaf's needs none.
    total_bytes: Vec<usize>,
    root: Option<Child>,
    depth: u16,
}

#[derive(Clone, Copy, Debug)]
struct Child {
    address: u64,
    records: u64,
}

/// Callback for each record.
type Visit<'v> = &'v mut dyn FnMut(Cursor<'_>) -> Result<(), HdfError>;

/// Order of a record relative to the one looked for.
type Compare<'c> = &'c dyn Fn(&[u8]) -> Ordering;

impl Tree2 {
    /// Reads the header of a tree of one of these types.
    pub(super) fn open(file: &File<'_>, address: u64, kinds: &[u8]) -> Result<Self, HdfError> {
        let widths = file.widths;
        let length = 22 + u64::from(widths.address) + u64::from(widths.length);
        let header = file.structure(HEADER, address, length)?.verified()?;
        let mut fields = header.cursor();
        fields.signature(b"BTHD")?;
        fields.version(0)?;
        let kind = fields.u8()?;
        if !kinds.contains(&kind) {
            return Err(header.damaged(format!("it is of type {kind}, which does not belong here")));
        }
        let node_bytes = u64::from(fields.u32()?);
        let record_bytes = fields.u16()?;
        let depth = fields.u16()?;
        fields.skip(2)?; // when to split and to merge
        let root = fields.address()?;
        let records = fields.u16()?.into();
        if record_bytes == 0 || node_bytes < OVERHEAD + u64::from(record_bytes) || depth > MAX_DEPTH {
            return Err(header.damaged("its nodes have no room for records, or are too deep"));
        }
        // Widths follow from how many records fit; see the specification's notes on both nodes.
        let most = (node_bytes - OVERHEAD) / u64::from(record_bytes);
        let count_bytes = bytes_for(most);
        let mut total_bytes = vec![0];
        let mut total = most;
        for depth in 0..usize::from(depth) {
            let pointer = u64::from(widths.address) + count_bytes as u64 + total_bytes[depth] as u64;
            let left = (node_bytes - OVERHEAD).saturating_sub(pointer);
            let most = left / (u64::from(record_bytes) + pointer);
            total = (most + 1).saturating_mul(total).saturating_add(most);
            total_bytes.push(bytes_for(total));
        }
        let root = root.map(|address| Child { address, records });
        Ok(Self { address, kind, record_bytes, count_bytes, total_bytes, root, depth })
    }

    /// Returns the bytes of a record.
    pub(super) fn record_bytes(&self) -> usize {
        self.record_bytes.into()
    }

    /// Goes through all records in order.
    pub(super) fn for_each(&self, file: &File<'_>, visit: Visit<'_>) -> Result<(), HdfError> {
        self.matching(file, &|_| Ordering::Equal, visit)
    }

    /// Goes through the records that compare equal.
    pub(super) fn matching(
        &self,
        file: &File<'_>,
        compare: Compare<'_>,
        visit: Visit<'_>,
    ) -> Result<(), HdfError> {
        let mut budget = file.budget(HEADER, self.address);
        match self.root {
            Some(root) if root.records > 0 || self.depth > 0 => {
                self.descend(file, root, self.depth.into(), &mut budget, compare, visit)
            }
            _ => Ok(()),
        }
    }

    fn descend(
        &self,
        file: &File<'_>,
        node: Child,
        depth: usize,
        budget: &mut Budget,
        compare: Compare<'_>,
        visit: Visit<'_>,
    ) -> Result<(), HdfError> {
        let structure = self.node(file, node, depth)?;
        budget.spend(structure.bytes.len() as u64)?;
        let count = node.records as usize;
        let record_bytes = usize::from(self.record_bytes);
        let mut fields = structure.cursor();
        fields.skip(6)?;
        let mut records = fields.clone();
        let mut children = fields;
        children.skip(count * record_bytes)?;
        let mut before = Ordering::Less;
        for index in 0..=count {
            let here = records.clone();
            let order = if index < count { compare(records.take(record_bytes)?) } else { Ordering::Greater };
            if depth > 0 {
                let address = children.required()?;
                let child = Child { address, records: children.uint(self.count_bytes)? };
                children.skip(self.total_bytes[depth - 1])?;
                // What lies between two records may match unless both are on one side.
                if before != Ordering::Greater && order != Ordering::Less {
                    self.descend(file, child, depth - 1, budget, compare, visit)?;
                }
            }
            if index < count && order == Ordering::Equal {
                visit(here)?;
            }
            before = order;
        }
        Ok(())
    }

    fn node(&self, file: &File<'_>, node: Child, depth: usize) -> Result<Structure, HdfError> {
        let (what, signature): (_, &'static [u8]) =
            if depth == 0 { (LEAF, b"BTLF") } else { (INTERNAL, b"BTIN") };
        let pointer = u64::from(file.widths.address)
            + self.count_bytes as u64
            + depth.checked_sub(1).map_or(0, |below| self.total_bytes[below]) as u64;
        let pointers = if depth == 0 { 0 } else { (node.records + 1).saturating_mul(pointer) };
        let length = node.records.saturating_mul(self.record_bytes.into()).saturating_add(pointers);
        let structure = file.structure(what, node.address, length.saturating_add(OVERHEAD))?.verified()?;
        let mut fields = structure.cursor();
        fields.signature(signature)?;
        fields.version(0)?;
        if fields.u8()? != self.kind {
            return Err(structure.damaged("it is of another type than its tree"));
        }
        Ok(structure)
    }
}

/// Counts the bytes that numbers up to `most` take.
fn bytes_for(most: u64) -> usize {
    (most.max(1).ilog2() / 8 + 1) as usize
}

/// Reads the first bytes of a record as a number: a hash, which orders the records of names.
pub(super) fn hash(record: &[u8]) -> u64 {
    uint(record.get(..4).unwrap_or_default())
}
