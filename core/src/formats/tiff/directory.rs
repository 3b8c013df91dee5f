//! TIFF's directories: the chain of pages, and the tags of each. Of EER files too, which are TIFF around it.
//!
//! Nothing is taken on trust: each directory and each value is checked against the file's length before memory is
//! taken for it, and a chain that comes back to itself ends in an error.

use std::collections::BTreeSet;

use super::error::TiffError;
use super::tag;
use super::window::Window;
use crate::error::Error;
use crate::io::source::Source;

/// Directories in a file, at most: libtiff's own limit.
pub const MOST_PAGES: usize = 1 << 20;

/// Tags in a directory, at most; the largest that programs write have some hundred.
pub const MOST_TAGS: u64 = 4096;

/// The bytes every TIFF starts with, in both byte orders, classic and Big.
pub const MAGIC: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"];

/// A TIFF file: its byte order and the width of its numbers.
pub struct TiffFile<'s> {
    window: Window<'s>,
    /// Most significant byte first.
    pub big_endian: bool,
    /// Numbers of 64 bits: `BigTIFF`.
    big: bool,
    first: u64,
}

/// One directory.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Number of the page, from 1.
    pub page: u64,
    entries: Vec<Entry>,
}

/// A tag and where its values are.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The tag.
    pub tag: u16,
    /// The type of its values, as the file has it.
    pub kind: u16,
    /// How many values there are.
    pub count: u64,
    /// Where the first one is.
    pub offset: u64,
}

impl Entry {
    /// Returns the bytes that all values take; `None` of an unknown type, or of more than can be.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.count.checked_mul(size_of_kind(self.kind)?)
    }
}

/// Returns the bytes of one value.
fn size_of_kind(kind: u16) -> Option<u64> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => return None,
    })
}

impl<'s> TiffFile<'s> {
    /// Tells whether a file that starts with these bytes is a TIFF.
    #[must_use]
    pub fn recognises(start: &[u8]) -> bool {
        MAGIC.iter().any(|magic| start.starts_with(magic))
    }

    /// Reads the header.
    ///
    /// # Errors
    /// [`TiffError::NotTiff`], [`Error::Read`].
    pub fn open(source: &'s dyn Source) -> Result<Self, Error> {
        let window = Window::new(source)?;
        let mut start = [0; 16];
        let known = window.length().min(16) as usize;
        window.read(0, &mut start[..known])?;
        if !Self::recognises(&start[..known]) {
            return Err(TiffError::NotTiff.into());
        }
        let big_endian = start[0] == b'M';
        let big = start[2] == b'+' || start[3] == b'+';
        let mut file = Self { window, big_endian, big, first: 0 };
        let header = if big { 16 } else { 8 };
        if known < header {
            return Err(TiffError::NoPages.into());
        }
        file.first = file.decode(&start[header / 2..header]);
        Ok(file)
    }

    /// Returns the file behind its window.
    pub fn window(&self) -> &Window<'s> {
        &self.window
    }

    /// Walks over the directories.
    pub fn directories(&self) -> Directories<'_, 's> {
        Directories { file: self, next: self.first, visited: BTreeSet::new() }
    }

    /// Reads a whole number of a page; of several the first. `None` if the tag is not there.
    ///
    /// # Errors
    /// [`TiffError::Kind`], [`TiffError::Outside`], [`Error::Read`].
    pub fn number(&self, directory: &Directory, tag: u16) -> Result<Option<u64>, Error> {
        let Some(entry) = directory.entry(tag).filter(|entry| entry.count > 0) else { return Ok(None) };
        Ok(self.numbers(directory.page, &Entry { count: 1, ..*entry })?.first().copied())
    }

    /// Reads the whole numbers of a tag, all of them.
    ///
    /// # Errors
    /// See [`TiffFile::number`].
    pub fn numbers(&self, page: u64, entry: &Entry) -> Result<Vec<u64>, Error> {
        let Entry { tag, kind, .. } = *entry;
        let size = match kind {
            1 => 1,
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => return Err(TiffError::Kind { page, tag, name: tag::name(tag), kind }.into()),
        };
        let bytes = self.bytes(page, entry, u64::MAX)?;
        Ok(bytes.chunks_exact(size).map(|number| self.decode(number)).collect())
    }

    /// Reads the bytes of a tag's values, the first `most` of them.
    ///
    /// # Errors
    /// [`TiffError::Outside`], [`Error::Read`].
    pub fn bytes(&self, page: u64, entry: &Entry, most: u64) -> Result<Vec<u8>, Error> {
        let length = self.there(page, entry)?;
        // What is in the file is in memory once, at most.
        let mut bytes = vec![0; length.min(most).try_into().unwrap_or(usize::MAX)];
        self.window.read(entry.offset, &mut bytes)?;
        Ok(bytes)
    }

    /// Returns how many bytes the values of a tag take, which are in the file.
    ///
    /// # Errors
    /// [`TiffError::Outside`].
    pub fn there(&self, page: u64, entry: &Entry) -> Result<u64, TiffError> {
        let there = entry.bytes().filter(|&bytes| self.window.has(entry.offset, bytes));
        there.ok_or(TiffError::Outside {
            page,
            what: tag::name(entry.tag),
            offset: entry.offset,
            length: self.window.length(),
        })
    }

    /// Reads a number that may be a fraction, as a resolution is. `None` if the tag is not there or holds no number.
    ///
    /// # Errors
    /// [`TiffError::Outside`], [`Error::Read`].
    pub fn fraction(&self, directory: &Directory, tag: u16) -> Result<Option<f64>, Error> {
        let Some(entry) = directory.entry(tag).filter(|entry| entry.count > 0) else { return Ok(None) };
        if size_of_kind(entry.kind).is_none() {
            return Ok(None);
        }
        let bytes = self.bytes(directory.page, &Entry { count: 1, ..*entry }, u64::MAX)?;
        let bits = self.decode(&bytes);
        Ok(match entry.kind {
            1 | 3 | 4 | 16 => Some(bits as f64),
            5 => {
                let (above, below) = (self.decode(&bytes[..4]), self.decode(&bytes[4..]));
                (below != 0).then(|| above as f64 / below as f64)
            }
            11 => Some(f64::from(f32::from_bits(bits as u32))),
            12 => Some(f64::from_bits(bits)),
            _ => None,
        })
    }

    /// Decodes a whole number of 1 to 8 bytes.
    fn decode(&self, bytes: &[u8]) -> u64 {
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }
}

impl Directory {
    /// Returns a tag's entry.
    #[must_use]
    pub fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}

/// The chain of directories of a file, in its order.
pub struct Directories<'f, 's> {
    file: &'f TiffFile<'s>,
    next: u64,
    visited: BTreeSet<u64>,
}

impl Directories<'_, '_> {
    /// Reads the directory that follows.
    ///
    /// # Errors
    /// [`TiffError`] when it is not there or cannot be one, [`Error::Read`].
    fn read(&mut self) -> Result<Directory, Error> {
        let (file, offset) = (self.file, self.next);
        let page = self.visited.len() as u64 + 1;
        if self.visited.len() == MOST_PAGES {
            return Err(TiffError::TooManyPages.into());
        }
        if !self.visited.insert(offset) {
            return Err(TiffError::Loop { page, offset }.into());
        }
        let length = file.window.length();
        let outside = || Error::from(TiffError::Outside { page, what: "its directory", offset, length });
        // Tag, type, count, and the value or where it is.
        let (count_bytes, entry_bytes, word) = if file.big { (8, 20, 8) } else { (2, 12, 4) };
        let mut count = [0; 8];
        let count = &mut count[..count_bytes];
        if !file.window.has(offset, count_bytes as u64) {
            return Err(outside());
        }
        file.window.read(offset, count)?;
        let tags = file.decode(count);
        let entries_at = offset + count_bytes as u64;
        let all = tags.checked_mul(entry_bytes as u64).filter(|&all| file.window.has(entries_at, all));
        let all = all.ok_or_else(outside)?;
        if tags > MOST_TAGS {
            return Err(TiffError::TooManyTags { page, offset, tags }.into());
        }
        let mut bytes = vec![0; all as usize];
        file.window.read(entries_at, &mut bytes)?;
        let mut entries = Vec::with_capacity(tags as usize);
        for (number, bytes) in (0..).zip(bytes.chunks_exact(entry_bytes)) {
            let mut entry = Entry {
                tag: file.decode(&bytes[..2]) as u16,
                kind: file.decode(&bytes[2..4]) as u16,
                count: file.decode(&bytes[4..4 + word]),
                offset: entries_at + number * entry_bytes as u64 + 4 + word as u64,
            };
            if entry.bytes().is_none_or(|bytes| bytes > word as u64) {
                entry.offset = file.decode(&bytes[4 + word..]);
            }
            entries.push(entry);
        }
        // A file whose last four or eight bytes are missing ends here: nothing else is.
        let next_at = entries_at + all;
        let mut next = [0; 8];
        let next = &mut next[..word];
        if !file.window.has(next_at, word as u64) {
            return Err(outside());
        }
        file.window.read(next_at, next)?;
        self.next = file.decode(next);
        Ok(Directory { page, entries })
    }
}

impl Iterator for Directories<'_, '_> {
    type Item = Result<Directory, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == 0 {
            return None;
        }
        let directory = self.read();
        if directory.is_err() {
            self.next = 0;
        }
        Some(directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Makes a file of directories at these places, each with its width; the last names `end` as the next.
    fn chain(places: &[u32], end: u32) -> Vec<u8> {
        let mut file = vec![0; 4096];
        file[..4].copy_from_slice(b"II*\0");
        file[4..8].copy_from_slice(&places[0].to_le_bytes());
        for (number, &place) in places.iter().enumerate() {
            let next = places.get(number + 1).copied().unwrap_or(end);
            let mut directory = vec![1, 0, 0, 1, 4, 0, 1, 0, 0, 0];
            directory.extend((number as u32 + 10).to_le_bytes());
            directory.extend(next.to_le_bytes());
            file[place as usize..place as usize + directory.len()].copy_from_slice(&directory);
        }
        file
    }

    fn widths(file: &[u8]) -> Result<Vec<u64>, String> {
        let tiff = TiffFile::open(&file).map_err(|problem| problem.to_string())?;
        let width = |directory: Result<Directory, Error>| {
            tiff.number(&directory?, tag::IMAGE_WIDTH).map(Option::unwrap_or_default)
        };
        tiff.directories().map(width).collect::<Result<_, _>>().map_err(|problem: Error| problem.to_string())
    }

    #[test]
    fn chains_run_either_way_and_rings_end() {
        assert_eq!(widths(&chain(&[8, 100, 200], 0)), Ok(vec![10, 11, 12]));
        assert_eq!(widths(&chain(&[3000, 2000, 8], 0)), Ok(vec![10, 11, 12]));
        assert!(
            widths(&chain(&[8, 100], 8)).unwrap_err().contains("page 3: its directory at byte 8 is that")
        );
        assert!(
            widths(&chain(&[8, 100], 4095))
                .unwrap_err()
                .contains("page 3 of the TIFF file: its directory at byte 4095")
        );
        assert!(widths(&chain(&[8], u32::MAX)).unwrap_err().contains("does not fit the file of 4096 bytes"));
        assert_eq!(widths(b"II*\0\0\0\0\0"), Ok(vec![]));
        assert!(widths(b"II*\0").unwrap_err().contains("no page"));
    }

    #[test]
    fn values_are_where_the_file_is_and_memory_is_not_taken_for_others() {
        let mut file = chain(&[8], 0);
        file[14..18].copy_from_slice(&u32::MAX.to_le_bytes());
        let source = file.as_slice();
        let tiff = TiffFile::open(&source).unwrap();
        let directory = tiff.directories().next().unwrap().unwrap();
        let entry = directory.entry(tag::IMAGE_WIDTH).unwrap();
        assert_eq!(entry.count, u64::from(u32::MAX));
        let problem = tiff.numbers(1, entry).unwrap_err().to_string();
        assert!(
            problem.starts_with("page 1 of the TIFF file: ImageWidth at byte 10 does not fit the file"),
            "{problem}"
        );
    }

    #[test]
    fn big_tiff_in_both_orders() {
        for big_endian in [false, true] {
            let ordered = |value: u64, size: usize| {
                let bytes = value.to_be_bytes()[8 - size..].to_vec();
                if big_endian { bytes } else { bytes.into_iter().rev().collect() }
            };
            let mut file = if big_endian { b"MM".to_vec() } else { b"II".to_vec() };
            for (value, size) in
                [(43, 2), (8, 2), (0, 2), (16, 8), (1, 8), (256, 2), (16, 2), (1, 8), (1 << 40, 8), (0, 8)]
            {
                file.extend(ordered(value, size));
            }
            assert_eq!(widths(&file), Ok(vec![1 << 40]));
        }
    }
}
