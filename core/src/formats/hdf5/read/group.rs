//! Groups: links by name, in tables of either kind (specification, IV.A.2.r; III.B, III.C) or as
//! messages (IV.A.2.c, IV.A.2.g).

use std::cmp::Ordering;

use super::btree1::{Kind, Node, for_each};
use super::btree2::{Tree2, hash};
use super::checksum::lookup3;
use super::cursor::Cursor;
use super::file::Structure;
use super::heap_fractal::Heap;
use super::heap_local::LocalHeap;
use super::object::kind;
use super::{File, HdfError, Link, Object, Target};

const LINK: &str = "a link";
const SYMBOLS: &str = "a symbol table node";

/// Bytes of a record's hash, before the heap's identifier.
const HASH_BYTES: usize = 4;

/// A group, ready to look names up in.
#[derive(Debug)]
pub struct Group(Form);

#[derive(Debug)]
enum Form {
    /// A B-tree of tables, the names in a heap.
    Table { tree: u64, heap: LocalHeap },
    /// Links in the object's header.
    Compact(Vec<Link>),
    /// Links in a heap, which a B-tree lists by the names' hashes.
    Dense { heap: Heap, tree: Tree2 },
}

impl Group {
    pub(super) fn read(object: &Object, file: &File<'_>) -> Result<Self, HdfError> {
        if let Some(mut fields) = object.fields("a symbol table message", kind::SYMBOL_TABLE, file)? {
            let tree = fields.required()?;
            let heap = LocalHeap::open(file, fields.required()?)?;
            return Ok(Self(Form::Table { tree, heap }));
        }
        if let Some(mut fields) = object.fields("a link info message", kind::LINK_INFO, file)? {
            const ORDERED: u8 = 1;
            const BY_NAME: u8 = 5;
            fields.version(0)?;
            if fields.u8()? & ORDERED != 0 {
                fields.skip(8)?;
            }
            if let (Some(heap), Some(tree)) = (fields.address()?, fields.address()?) {
                let heap = Heap::open(file, heap)?;
                return Ok(Self(Form::Dense { heap, tree: Tree2::open(file, tree, &[BY_NAME])? }));
            }
        }
        let links = object.messages(kind::LINK).map(|message| {
            let mut fields = object.cursor(LINK, message, file);
            if message.shared() {
                return Err(fields.unsupported("a link in a shared message table"));
            }
            Link::read(&mut fields)
        });
        Ok(Self(Form::Compact(links.collect::<Result<_, _>>()?)))
    }

    /// Reads all links: in the order of creation where the file keeps that, else by name.
    ///
    /// # Errors
    /// When the tables are damaged.
    pub fn links(&self, file: &File<'_>) -> Result<Vec<Link>, HdfError> {
        let mut links = Vec::new();
        match &self.0 {
            Form::Table { tree, heap } => {
                // Entries may share a name, so what all of them take is bounded here.
                let mut budget = file.budget("the names of a group", *tree);
                for_each(file, *tree, Kind::Group, &mut |_, address| {
                    let (node, symbols) = symbols(file, address)?;
                    for symbol in &symbols {
                        let link = symbol.link(file, *heap)?;
                        // A search would not find what is out of order.
                        if links
                            .last()
                            .is_some_and(|last: &Link| last.name.as_bytes() >= link.name.as_bytes())
                        {
                            return Err(node.damaged(format!("the name {} is out of order", link.name)));
                        }
                        budget.spend(ENTRY_BYTES + link.name.len() as u64)?;
                        links.push(link);
                    }
                    Ok(())
                })?;
            }
            Form::Compact(found) => links.clone_from(found),
            Form::Dense { heap, tree } => {
                let mut budget = file.budget("the links of a group", 0);
                tree.for_each(file, &mut |record| {
                    let message = linked(file, heap, record)?;
                    budget.spend(message.bytes.len() as u64)?;
                    links.push(Link::read(&mut message.cursor())?);
                    Ok(())
                })?;
            }
        }
        if links.iter().all(|link| link.order.is_some()) {
            links.sort_by_key(|link| link.order);
        } else {
            links.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        }
        Ok(links)
    }

    /// Finds where a name leads, without reading the other names.
    ///
    /// # Errors
    /// When the tables are damaged.
    pub fn find(&self, file: &File<'_>, name: &str) -> Result<Option<Target>, HdfError> {
        match &self.0 {
            Form::Table { tree, heap } => find_symbol(file, *tree, *heap, name),
            Form::Compact(links) => {
                Ok(links.iter().find(|link| link.name == name).map(|link| link.target.clone()))
            }
            Form::Dense { heap, tree } => {
                let wanted = u64::from(lookup3(name.as_bytes()));
                let mut found = None;
                tree.matching(file, &|record| hash(record).cmp(&wanted), &mut |record| {
                    let link = Link::read(&mut linked(file, heap, record)?.cursor())?;
                    if link.name == name {
                        found = Some(link.target);
                    }
                    Ok(())
                })?;
                Ok(found)
            }
        }
    }
}

/// Reads the link message that a record of the tree leads to.
fn linked(file: &File<'_>, heap: &Heap, mut record: Cursor<'_>) -> Result<Structure, HdfError> {
    const ID_BYTES: usize = 7;
    record.skip(HASH_BYTES)?;
    heap.object(file, record.take(ID_BYTES)?, LINK)
}

/// The least an entry of a symbol table node takes, for bounds.
const ENTRY_BYTES: u64 = 28;

/// An entry of a symbol table node.
struct Symbol {
    /// Offset of the name in the heap.
    name: u64,
    target: SymbolTarget,
}

enum SymbolTarget {
    Object(u64),
    /// A soft link: offset of its path in the heap.
    Path(u64),
}

impl Symbol {
    fn link(&self, file: &File<'_>, heap: LocalHeap) -> Result<Link, HdfError> {
        Ok(Link { name: heap.name(file, self.name)?, target: self.target(file, heap)?, order: None })
    }

    fn target(&self, file: &File<'_>, heap: LocalHeap) -> Result<Target, HdfError> {
        Ok(match self.target {
            SymbolTarget::Object(address) => Target::Object(address),
            SymbolTarget::Path(offset) => Target::Path(heap.name(file, offset)?),
        })
    }
}

/// Reads the entries of a symbol table node.
fn symbols(file: &File<'_>, address: u64) -> Result<(Structure, Vec<Symbol>), HdfError> {
    const SOFT_LINK: u32 = 2;
    const PREFIX_BYTES: u64 = 8;
    let prefix = file.structure(SYMBOLS, address, PREFIX_BYTES)?;
    let mut fields = prefix.cursor();
    fields.signature(b"SNOD")?;
    fields.version(1)?;
    fields.skip(1)?;
    let count = fields.u16()?;
    let entry = u64::from(file.widths.length) + u64::from(file.widths.address) + 24;
    let node = file.structure(SYMBOLS, address, PREFIX_BYTES + u64::from(count) * entry)?;
    let mut fields = node.cursor();
    fields.skip(PREFIX_BYTES as usize)?;
    let mut symbols = Vec::with_capacity(count.into());
    for _ in 0..count {
        let name = fields.length()?;
        let header = fields.address()?;
        let cached = fields.u32()?;
        fields.skip(4)?;
        let path = fields.u32()?.into();
        fields.skip(12)?;
        let target = match header {
            _ if cached == SOFT_LINK => SymbolTarget::Path(path),
            Some(header) => SymbolTarget::Object(header),
            None => return Err(node.damaged("an entry leads nowhere")),
        };
        symbols.push(Symbol { name, target });
    }
    Ok((node, symbols))
}

/// Goes down the tree to the one node that may have the name. Key `i` is the last name before child
/// `i`; the key after the last child is the last name of all.
fn find_symbol(file: &File<'_>, tree: u64, heap: LocalHeap, name: &str) -> Result<Option<Target>, HdfError> {
    let compare =
        |offset| Ok::<Ordering, HdfError>(heap.bytes(file, offset)?.as_slice().cmp(name.as_bytes()));
    let mut node = Node::read(file, tree, Kind::Group, None)?;
    loop {
        let (mut low, mut high) = (0, node.children);
        while low < high {
            let middle = usize::midpoint(low, high);
            if compare(node.key(middle + 1)?.length()?)? == Ordering::Less {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low == node.children {
            return Ok(None);
        }
        if node.level > 0 {
            node = node.below(file, low)?;
            continue;
        }
        for symbol in symbols(file, node.child(low)?)?.1 {
            if compare(symbol.name)? == Ordering::Equal {
                return symbol.target(file, heap).map(Some);
            }
        }
        return Ok(None);
    }
}
