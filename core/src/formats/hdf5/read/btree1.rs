//! Version 1 B-trees (specification, III.A.1).

use std::cmp::Ordering;

use super::cursor::Cursor;
use super::file::{Budget, Structure};
use super::{File, HdfError};

/// Target of a tree's leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Symbol table nodes.
    Group,
    /// Chunks of a dataset of so many dimensions.
    Chunks { rank: usize },
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Group => 0,
            Self::Chunks { .. } => 1,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Group => "a group's tree node",
            Self::Chunks { .. } => "a chunk index's tree node",
        }
    }

    fn key_bytes(self, file: &File<'_>) -> usize {
        match self {
            Self::Group => file.widths.length.into(),
            // Size and filter mask, then the offset, with one more dimension for the element.
            Self::Chunks { rank } => 8 + 8 * (rank + 1),
        }
    }
}

/// A node: keys and children in turn, with a key after the last child.
pub(super) struct Node {
    structure: Structure,
    kind: Kind,
    pub(super) level: u8,
    pub(super) children: usize,
    key_bytes: usize,
    prefix: usize,
}

impl Node {
    /// Reads a node, demanding the level that the node above it implies.
    pub(super) fn read(
        file: &File<'_>,
        address: u64,
        kind: Kind,
        level: Option<u8>,
    ) -> Result<Self, HdfError> {
        let prefix = 8 + 2 * usize::from(file.widths.address);
        let start = file.structure(kind.what(), address, prefix as u64)?;
        let mut fields = start.cursor();
        fields.signature(b"TREE")?;
        if fields.u8()? != kind.number() {
            return Err(start.damaged("it is of the other kind of tree"));
        }
        let found = fields.u8()?;
        if level.is_some_and(|level| level != found) {
            return Err(start.damaged(format!("its level {found} is not one below the node above it")));
        }
        let children = usize::from(fields.u16()?);
        let key_bytes = kind.key_bytes(file);
        let length = prefix + children * (key_bytes + usize::from(file.widths.address)) + key_bytes;
        let structure = file.structure(kind.what(), address, length as u64)?;
        Ok(Self { structure, kind, level: found, children, key_bytes, prefix })
    }

    /// Returns key `index`, from 0 up to and with the number of children.
    pub(super) fn key(&self, index: usize) -> Result<Cursor<'_>, HdfError> {
        let mut fields = self.structure.cursor();
        let entry = self.key_bytes + usize::from(fields.widths.address);
        fields.skip(self.prefix + index * entry)?;
        fields.narrowed(self.key_bytes)
    }

    pub(super) fn child(&self, index: usize) -> Result<u64, HdfError> {
        let mut fields = self.structure.cursor();
        let entry = self.key_bytes + usize::from(fields.widths.address);
        fields.skip(self.prefix + index * entry + self.key_bytes)?;
        fields.required()
    }

    /// Reads the node that child `index` is.
    pub(super) fn below(&self, file: &File<'_>, index: usize) -> Result<Self, HdfError> {
        Self::read(file, self.child(index)?, self.kind, Some(self.level - 1))
    }

    /// Demands that keys of chunks rise, since a search would not find what is out of order.
    fn check_order(&self) -> Result<(), HdfError> {
        if let Kind::Chunks { .. } = self.kind {
            for index in 0..self.children {
                if order(self.key(index)?, self.key(index + 1)?)? != Ordering::Less {
                    return Err(self
                        .structure
                        .damaged(format!("its keys {index} and {} are out of order", index + 1)));
                }
            }
        }
        Ok(())
    }

    /// Demands that the keys of child `index` are between this node's.
    fn check_below(&self, index: usize, below: &Self) -> Result<(), HdfError> {
        if let Kind::Chunks { .. } = self.kind
            && (order(self.key(index)?, below.key(0)?)? == Ordering::Greater
                || order(below.key(below.children)?, self.key(index + 1)?)? == Ordering::Greater)
        {
            return Err(below.structure.damaged("its keys are not between those of the node above it"));
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.structure.bytes.len() as u64
    }
}

/// Compares two chunks' keys by their offsets.
fn order(mut a: Cursor<'_>, mut b: Cursor<'_>) -> Result<Ordering, HdfError> {
    const SIZE_AND_MASK: usize = 8;
    a.skip(SIZE_AND_MASK)?;
    b.skip(SIZE_AND_MASK)?;
    while a.remaining() > 0 && b.remaining() > 0 {
        match a.u64()?.cmp(&b.u64()?) {
            Ordering::Equal => {}
            order => return Ok(order),
        }
    }
    Ok(Ordering::Equal)
}

/// Callback for each child of the lowest nodes: the key before it, and its address.
type Visit<'v> = &'v mut dyn FnMut(Cursor<'_>, u64) -> Result<(), HdfError>;

/// Goes through a tree in order.
pub(super) fn for_each(file: &File<'_>, address: u64, kind: Kind, visit: Visit<'_>) -> Result<(), HdfError> {
    let mut budget = file.budget(kind.what(), address);
    descend(file, &Node::read(file, address, kind, None)?, &mut budget, visit)
}

/// Descends to the lowest nodes, at most 256 deep: levels are bytes, and fall by one.
fn descend(file: &File<'_>, node: &Node, budget: &mut Budget, visit: Visit<'_>) -> Result<(), HdfError> {
    budget.spend(node.bytes())?;
    node.check_order()?;
    for index in 0..node.children {
        if node.level == 0 {
            visit(node.key(index)?, node.child(index)?)?;
        } else {
            let below = node.below(file, index)?;
            node.check_below(index, &below)?;
            descend(file, &below, budget, visit)?;
        }
    }
    Ok(())
}
