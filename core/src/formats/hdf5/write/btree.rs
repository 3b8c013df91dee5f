//! Version 1 B-trees (specification, III.A.1), built from sorted entries: every node full but the
//! last of its level.

use super::{Fields, UNDEFINED};

/// Half the children of a group's node; the superblock says so. Nodes are written at full length, and nearly
/// every group has one member, so they are as short as splitting them allows.
pub(super) const GROUP_K: u16 = 2;

/// Half the children of a chunk index's node; fixed by superblock version 0.
const CHUNK_K: u16 = 32;

/// Target of the nodes of a tree.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Symbol table nodes of a group, keyed by heap offsets of names.
    Group,
    /// Chunks of a dataset of so many dimensions, keyed by their offset in it.
    Chunks { rank: usize },
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Group => 0,
            Self::Chunks { .. } => 1,
        }
    }

    fn most_children(self) -> usize {
        2 * usize::from(match self {
            Self::Group => GROUP_K,
            Self::Chunks { .. } => CHUNK_K,
        })
    }

    fn key_bytes(self) -> usize {
        match self {
            Self::Group => 8,
            // Size and filter mask, then the offset, with one more dimension for the element.
            Self::Chunks { rank } => 8 + 8 * (rank + 1),
        }
    }

    /// Returns the bytes of a node in the file, used or not.
    pub(super) fn node_bytes(self) -> usize {
        let (header, child) = (24, 8);
        header + self.most_children() * (self.key_bytes() + child) + self.key_bytes()
    }
}

/// Makes the tree over `entries` (key and child, sorted), as it lies at `base`; `last` is a key
/// above all of them. Returns the bytes and the root's address.
pub(super) fn tree<K: Copy>(
    base: u64,
    kind: Kind,
    entries: &[(K, u64)],
    last: K,
    put: impl Fn(K, &mut Vec<u8>),
) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    let node_bytes = kind.node_bytes();
    let mut level = 0;
    let mut above: Vec<(K, u64)>;
    let mut entries = entries;
    loop {
        let start = base + out.len() as u64;
        let address = |node: usize| start + (node * node_bytes) as u64;
        let nodes = entries.chunks(kind.most_children());
        let count = nodes.len();
        let mut parents = Vec::with_capacity(count);
        for (node, children) in nodes.enumerate() {
            let node_start = out.len();
            out.extend(b"TREE");
            out.u8(kind.number());
            out.u8(level);
            out.u16(children.len() as u16);
            out.u64(if node == 0 { UNDEFINED } else { address(node - 1) });
            out.u64(if node + 1 == count { UNDEFINED } else { address(node + 1) });
            for &(key, child) in children {
                put(key, &mut out);
                out.u64(child);
            }
            let next = entries.get((node + 1) * kind.most_children());
            put(next.map_or(last, |&(key, _)| key), &mut out);
            out.resize(node_start + node_bytes, 0);
            parents.push((children[0].0, address(node)));
        }
        if count == 1 {
            return (out, start);
        }
        above = parents;
        entries = &above;
        level += 1;
    }
}

/// Place of one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Address in the file.
    pub address: u64,
    /// After the filters, in bytes.
    pub size: u32,
}

/// Key of a chunk: its size, and which chunk of the dataset it is.
#[derive(Clone, Copy)]
struct ChunkKey {
    size: u32,
    index: usize,
}

/// Builds the index of a dataset's chunks, as it lies at `base`. `offset` tells where in the dataset a chunk
/// starts; chunks come in that order. Returns the bytes and the root's address.
///
/// # Panics
/// Without chunks: HDF5 has no such index.
#[must_use]
pub fn chunk_index(
    base: u64,
    chunks: &[Chunk],
    extent: &[u64],
    offset: impl Fn(usize) -> Vec<u64>,
) -> (Vec<u8>, u64) {
    assert!(!chunks.is_empty(), "a dataset has at least one chunk");
    let entries: Vec<_> = chunks
        .iter()
        .enumerate()
        .map(|(index, chunk)| (ChunkKey { size: chunk.size, index }, chunk.address))
        .collect();
    let last = ChunkKey { size: 0, index: chunks.len() };
    let put = |key: ChunkKey, out: &mut Vec<u8>| {
        out.u32(key.size);
        out.u32(0); // every filter was applied
        let beyond = key.index == chunks.len();
        let start = offset(key.index - usize::from(beyond));
        for (start, extent) in start.into_iter().zip(extent) {
            // The key after the last chunk is one chunk further along every dimension.
            out.u64(start + if beyond { *extent } else { 0 });
        }
        out.u64(0);
    };
    tree(base, Kind::Chunks { rank: extent.len() }, &entries, last, put)
}
