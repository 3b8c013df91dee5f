//! One block: Huffman codes, of places in a list whose last used bytes are in front, of bytes in the order of what
//! follows them (Burrows-Wheeler).

use super::bits::Bits;
use super::checksum::Checksum;
use super::huffman::{Codes, MOST_SYMBOLS};
use super::runs::Runs;
use super::{BLOCK, CHECKSUM_BITS, LEVEL_BYTES, MARK_BITS};

/// Bytes of a block, at most, its runs not yet expanded.
const MOST_BYTES: usize = 9 * LEVEL_BYTES;

/// Symbols that are coded by one table before it is chosen anew.
const GROUP: usize = 50;

/// Bytes whose checksum is taken at once.
const PIECE_BYTES: usize = 32 << 10;

/// A block that is right.
pub struct Block {
    /// Its bytes, runs not yet expanded: a few of them may stand for 46 MB.
    pub bytes: Vec<u8>,
    /// Checksum of what they stand for.
    pub checksum: u32,
    /// Bit where it ends.
    pub end: u64,
}

/// Why a block cannot be had.
pub enum Fault {
    /// The bytes end before it does.
    End,
    /// Something cannot be.
    Broken(&'static str),
    /// It is of a kind that is not read.
    Randomised,
    /// It is that of other bytes.
    Checksum {
        /// Bit where the block ends.
        end: u64,
    },
}

/// Decodes the block that begins at a bit, with `rows` for memory.
pub fn decode(bytes: &[u8], bit: u64, rows: &mut Vec<u32>) -> Result<Block, Fault> {
    let mut bits = Bits::new(bytes, bit);
    if bits.take(MARK_BITS as u32).ok_or(Fault::End)? != BLOCK {
        return Err(Fault::Broken("no block begins here"));
    }
    let expected = bits.take(CHECKSUM_BITS as u32).ok_or(Fault::End)? as u32;
    if bits.take(1).ok_or(Fault::End)? == 1 {
        return Err(Fault::Randomised);
    }
    let first = bits.take(24).ok_or(Fault::End)? as usize;
    let mut list = used(&mut bits)?;
    rows.clear();
    symbols(&mut bits, &mut list, rows)?;
    let end = bits.place();
    if first >= rows.len() {
        return Err(Fault::Broken("a block begins after its end"));
    }
    let bytes = in_order(rows, first);
    let (mut checksum, mut runs, mut piece) = (Checksum::new(), Runs::default(), Vec::new());
    loop {
        piece.clear();
        let done = runs.expand(&bytes, &mut piece, PIECE_BYTES);
        checksum.update(&piece);
        if done {
            break;
        }
    }
    if checksum.finish() == expected || cfg!(fuzzing) {
        Ok(Block { bytes, checksum: expected, end })
    } else {
        Err(Fault::Checksum { end })
    }
}

/// Bytes that occur in a block, those that were used last in front.
struct List {
    bytes: [u8; 256],
    count: usize,
}

/// Reads which bytes occur: 16 bits for the groups of 16 of which any do, then 16 for each such group.
fn used(bits: &mut Bits<'_>) -> Result<List, Fault> {
    let has = |map: u64, place: u32| map >> (15 - place) & 1 == 1;
    let groups = bits.take(16).ok_or(Fault::End)?;
    let mut list = List { bytes: [0; 256], count: 0 };
    for group in (0..16).filter(|&group| has(groups, group)) {
        let map = bits.take(16).ok_or(Fault::End)?;
        for member in (0..16).filter(|&member| has(map, member)) {
            list.bytes[list.count] = (16 * group + member) as u8;
            list.count += 1;
        }
    }
    if list.count == 0 { Err(Fault::Broken("a block uses no byte")) } else { Ok(list) }
}

/// Reads tables and symbols, and appends the bytes that they are, each in a word.
fn symbols(bits: &mut Bits<'_>, list: &mut List, bytes: &mut Vec<u32>) -> Result<(), Fault> {
    let tables = bits.take(3).ok_or(Fault::End)? as usize;
    let groups = bits.take(15).ok_or(Fault::End)? as usize;
    if !(2..=6).contains(&tables) || groups == 0 {
        return Err(Fault::Broken("a block has too few or too many tables"));
    }
    let selectors = selectors(bits, tables, groups)?;
    let alphabet = list.count + 2;
    debug_assert!(alphabet <= MOST_SYMBOLS);
    let codes: Vec<Codes> = (0..tables).map(|_| Codes::read(bits, alphabet)).collect::<Result<_, _>>()?;
    let end = alphabet as u16 - 1;
    // Bytes that repeat the first of the list, as a number of digits 1 and 2, the least significant first.
    let (mut repeats, mut digit) = (0usize, 0u32);
    for selector in selectors {
        let codes = &codes[usize::from(selector)];
        for _ in 0..GROUP {
            let symbol = codes.decode(bits)?;
            if symbol < 2 {
                if digit > 20 {
                    return Err(Fault::Broken("a run is longer than a block"));
                }
                repeats += (usize::from(symbol) + 1) << digit;
                digit += 1;
                continue;
            }
            if digit > 0 {
                if bytes.len() + repeats > MOST_BYTES {
                    return Err(Fault::Broken("a block is longer than 900,000 bytes"));
                }
                bytes.resize(bytes.len() + repeats, list.bytes[0].into());
                (repeats, digit) = (0, 0);
            }
            if symbol == end {
                return Ok(());
            }
            if bytes.len() == MOST_BYTES {
                return Err(Fault::Broken("a block is longer than 900,000 bytes"));
            }
            let place = usize::from(symbol) - 1;
            let byte = list.bytes[place];
            list.bytes.copy_within(..place, 1);
            list.bytes[0] = byte;
            bytes.push(byte.into());
        }
    }
    Err(Fault::Broken("a block goes on after its last group"))
}

/// Reads which table each group is coded by: places in a list, each as so many ones.
fn selectors(bits: &mut Bits<'_>, tables: usize, groups: usize) -> Result<Vec<u8>, Fault> {
    let mut order = [0, 1, 2, 3, 4, 5];
    let mut selectors = Vec::new();
    for _ in 0..groups {
        let mut place = 0;
        while bits.take(1).ok_or(Fault::End)? == 1 {
            place += 1;
            if place == tables {
                return Err(Fault::Broken("a group is of a table that is not there"));
            }
        }
        order[..=place].rotate_right(1);
        selectors.push(order[0]);
    }
    Ok(selectors)
}

/// Brings bytes into their order: each row of the sorted rotations of a block leads to the one that begins a byte later.
fn in_order(rows: &mut [u32], first: usize) -> Vec<u8> {
    let mut starts = [0u32; 256];
    for &byte in &*rows {
        starts[byte as usize] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += std::mem::replace(start, sum);
    }
    for row in 0..rows.len() {
        let start = &mut starts[(rows[row] & 0xff) as usize];
        rows[*start as usize] |= (row as u32) << 8;
        *start += 1;
    }
    let mut row = (rows[first] >> 8) as usize;
    let mut bytes = vec![0; rows.len()];
    for byte in &mut bytes {
        let next = rows[row];
        *byte = next as u8;
        row = (next >> 8) as usize;
    }
    bytes
}
