//! Groups as symbol tables: a local heap of names, symbol table nodes, a B-tree over those
//! (specification, III.B to III.D).

use super::btree::{Kind, tree};
use super::{Appender, Fields, ObjectHeader, UNDEFINED, message};
use crate::error::Error;

/// Half the entries of a symbol table node; the superblock says so. Short for the reason that
/// [`super::btree::GROUP_K`] is.
pub(super) const LEAF_K: u16 = 1;

/// Bytes of one entry of a symbol table node.
const ENTRY_BYTES: usize = 40;

/// Marks a heap without free space.
const NO_FREE_BLOCK: u64 = 1;

/// Addresses that make a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Address of the object header.
    pub header: u64,
    tree: u64,
    heap: u64,
}

/// Makes one symbol table entry: the name's offset in the heap and the object's header, with the addresses of a
/// group's tables for those who want to save a look-up.
pub(super) fn entry(name: u64, header: u64, cached: Option<Group>, out: &mut Vec<u8>) {
    out.u64(name);
    out.u64(header);
    out.u32(cached.is_some().into());
    out.u32(0);
    out.u64(cached.map_or(0, |group| group.tree));
    out.u64(cached.map_or(0, |group| group.heap));
}

/// Appends a group. `member` gives the name and object header address of each of `count` members,
/// sorted by name; `header` may hold attributes already.
///
/// # Errors
/// [`Error::Write`] when the sink fails.
pub fn write(
    out: &mut Appender<'_>,
    count: usize,
    member: impl Fn(usize) -> (String, u64),
    mut header: ObjectHeader,
) -> Result<Group, Error> {
    let heap = write_heap(out, count, &member)?;
    let tree_address = write_nodes(out, count, &member)?;
    let group = |header| Group { header, tree: tree_address, heap };
    message::symbol_table(tree_address, heap, &mut header);
    let address = out.align()?;
    out.append(&header.bytes())?;
    Ok(group(address))
}

/// Counts the bytes a name takes in the heap: with its NUL, padded.
fn heap_bytes(name: &str) -> u64 {
    (name.len() as u64 + 1).next_multiple_of(8)
}

/// The heap starts with the empty name, which is where keys of the tree begin.
const FIRST_NAME: u64 = 8;

fn write_heap(
    out: &mut Appender<'_>,
    count: usize,
    member: &impl Fn(usize) -> (String, u64),
) -> Result<u64, Error> {
    let length = (0..count).map(|index| heap_bytes(&member(index).0)).sum::<u64>() + FIRST_NAME;
    let address = out.align()?;
    let mut header = b"HEAP\0\0\0\0".to_vec();
    let header_bytes = 32;
    header.u64(length);
    header.u64(NO_FREE_BLOCK);
    header.u64(address + header_bytes);
    out.append(&header)?;
    out.append(&[0; FIRST_NAME as usize])?;
    let mut padded = Vec::new();
    for index in 0..count {
        padded.clear();
        padded.extend_from_slice(member(index).0.as_bytes());
        padded.u8(0);
        padded.pad(0);
        out.append(&padded)?;
    }
    Ok(address)
}

/// Appends symbol table nodes and the tree over them; returns the tree's address.
fn write_nodes(
    out: &mut Appender<'_>,
    count: usize,
    member: &impl Fn(usize) -> (String, u64),
) -> Result<u64, Error> {
    let most = 2 * usize::from(LEAF_K);
    let mut nodes = Vec::with_capacity(count.div_ceil(most));
    let mut name_offset = FIRST_NAME;
    // A node's key is the last name of the node before it; the first key is the empty name.
    let mut key = 0;
    let mut node = Vec::new();
    for first in (0..count).step_by(most) {
        let members = first..count.min(first + most);
        node.clear();
        node.extend(b"SNOD\x01\0");
        node.u16(members.len() as u16);
        let before = key;
        for index in members {
            let (name, header) = member(index);
            entry(name_offset, header, None, &mut node);
            key = name_offset;
            name_offset += heap_bytes(&name);
        }
        node.resize(8 + most * ENTRY_BYTES, 0);
        out.align()?;
        nodes.push((before, out.append(&node)?));
    }
    let base = out.align()?;
    if nodes.is_empty() {
        // A group without members has a tree without children.
        let mut empty = b"TREE\0\0\0\0".to_vec();
        empty.u64(UNDEFINED);
        empty.u64(UNDEFINED);
        empty.resize(Kind::Group.node_bytes(), 0);
        return out.append(&empty);
    }
    let (bytes, root) = tree(base, Kind::Group, &nodes, key, |key, out| out.u64(key));
    out.append(&bytes)?;
    Ok(root)
}
