//! The tree of tags that a Digital Micrograph file is.
//!
//! Structure is big-endian in every file; values follow the header's flag. Sizes are 32 bits wide in DM3 and 64 in
//! DM4. What a group promises is held against what follows before anything is kept, and nothing recurses.

use super::cursor::Cursor;
use super::error::DmError;
use super::value::{Kind, Value};
use crate::error::Error;
use crate::io::source::Source;

/// Levels of groups, at most: files of cameras have about ten.
pub const DEEPEST: usize = 64;

/// Tags of a file, at most: files of cameras have a few thousand.
pub const MOST_TAGS: u32 = 1 << 20;

/// Groups of the root that are kept. The others say how windows lie on a screen.
const KEPT: [&[u8]; 3] = [b"ImageList", b"ImageSourceList", b"Thumbnails"];

/// The least bytes of a tag: its kind, and the length of its name.
const LEAST_TAG: u64 = 3;

/// Words that describe the type of a value, at most.
const MOST_WORDS: u64 = 4096;

/// Kinds of entries of a group.
const END: u8 = 0;
const GROUP: u8 = 20;
const DATA: u8 = 21;

/// The number of a tag.
pub type TagId = usize;

/// A tag: a group, or one with a value.
pub struct Tag {
    /// The group it is in; its own number for the root.
    pub parent: TagId,
    /// Which of the group's entries it is, by whatever name.
    pub place: u32,
    /// Its name in Latin-1; entries of lists have none.
    pub name: Box<[u8]>,
    /// `None` for groups.
    pub value: Option<Value>,
}

/// The tags of a file that matter. A tag comes after the group it is in.
pub struct Tags {
    all: Vec<Tag>,
    /// Values have their most significant byte first.
    pub big_endian: bool,
    /// 3 or 4.
    pub version: u32,
}

/// A group whose entries are read.
struct Open {
    /// Itself, where it is kept.
    id: Option<TagId>,
    entries: u64,
    next: u32,
}

/// Reads the structure of tags.
struct Parser<'s> {
    cursor: Cursor<'s>,
    wide: bool,
    seen: u32,
}

impl Tags {
    /// Reads all tags of a file, their values as far as they are single numbers.
    pub fn read(source: &dyn Source) -> Result<Self, Error> {
        let mut cursor = Cursor::new(source, 0)?;
        let version = u32::from_be_bytes(cursor.array()?);
        let wide = version == 4;
        // The length that follows is often a few bytes off, and nothing depends on it.
        cursor.skip(if wide { 8 } else { 4 })?;
        let at = cursor.place();
        let big_endian = match u32::from_be_bytes(cursor.array()?) {
            0 => true,
            1 => false,
            found => {
                return Err(DmError::Damaged { what: "the byte order", at, found: found.into() }.into());
            }
        };
        let root = Tag { parent: 0, place: 0, name: Box::default(), value: None };
        let mut tags = Self { all: vec![root], big_endian, version };
        Parser { cursor, wide, seen: 0 }.walk(&mut tags)?;
        Ok(tags)
    }

    /// Returns a tag.
    pub fn tag(&self, id: TagId) -> &Tag {
        &self.all[id]
    }

    /// Iterates over the entries of a group, in order.
    pub fn entries(&self, group: TagId) -> impl Iterator<Item = TagId> {
        self.below(group).filter(move |id| self.all[*id].parent == group)
    }

    /// Finds an entry of a group by its name, the first of those that have it.
    pub fn named(&self, group: TagId, name: &str) -> Option<TagId> {
        self.entries(group).find(|id| &*self.all[*id].name == name.as_bytes())
    }

    /// Finds what a path of names leads to, from a group on.
    pub fn find(&self, from: TagId, path: &[&str]) -> Option<TagId> {
        path.iter().try_fold(from, |group, name| self.named(group, name))
    }

    /// Returns the number that a tag is.
    pub fn number(&self, id: TagId) -> Option<f64> {
        self.all[id].value.as_ref()?.number
    }

    /// Iterates over all tags below a group, in the order of the file.
    pub fn below(&self, group: TagId) -> impl DoubleEndedIterator<Item = TagId> {
        // Tags below a group follow each other.
        let mut end = group + 1;
        while end < self.all.len() && self.all[end].parent >= group {
            end += 1;
        }
        group + 1..end
    }
}

impl Parser<'_> {
    /// Goes through the groups from the root on.
    fn walk(&mut self, tags: &mut Tags) -> Result<(), Error> {
        let mut open = vec![self.group(Some(0))?];
        while let Some(group) = open.last_mut() {
            if group.entries == 0 {
                open.pop();
                continue;
            }
            group.entries -= 1;
            let (parent, place) = (group.id, group.next);
            group.next += 1;
            let depth = open.len();
            let at = self.cursor.place();
            let kind = self.cursor.byte()?;
            if kind == END {
                return Ok(());
            }
            self.seen += 1;
            if self.seen > MOST_TAGS {
                return Err(DmError::TooMany { at }.into());
            }
            let length = u16::from_be_bytes(self.cursor.array()?);
            let name: Box<[u8]> = self.cursor.bytes(length.into())?.into();
            let bytes = if self.wide { Some(u64::from_be_bytes(self.cursor.array()?)) } else { None };
            let start = self.cursor.place();
            let parent = parent.filter(|parent| *parent > 0 || KEPT.contains(&&*name));
            match kind {
                GROUP if depth > DEEPEST => return Err(DmError::TooDeep { at }.into()),
                GROUP => {
                    let id = parent.map(|parent| {
                        tags.all.push(Tag { parent, place, name, value: None });
                        tags.all.len() - 1
                    });
                    open.push(self.group(id)?);
                }
                DATA => {
                    let value = self.value(tags.big_endian)?;
                    self.leave(start, bytes)?;
                    if let Some(parent) = parent {
                        tags.all.push(Tag { parent, place, name, value: Some(value) });
                    }
                }
                found => {
                    return Err(
                        DmError::Damaged { what: "the kind of a tag", at, found: found.into() }.into()
                    );
                }
            }
        }
        Ok(())
    }

    /// Reads the head of a group.
    fn group(&mut self, id: Option<TagId>) -> Result<Open, Error> {
        let at = self.cursor.place();
        self.cursor.skip(2)?;
        let entries = self.word()?;
        let rest = self.cursor.rest();
        if entries > rest / LEAST_TAG {
            return Err(DmError::TagCount { at, tags: entries, rest }.into());
        }
        Ok(Open { id, entries, next: 0 })
    }

    /// Goes to the end of a value that says how many bytes it has from `start` on.
    fn leave(&mut self, start: u64, bytes: Option<u64>) -> Result<(), Error> {
        let Some(bytes) = bytes else { return Ok(()) };
        let read = self.cursor.place() - start;
        let beyond = bytes.checked_sub(read);
        let beyond =
            beyond.ok_or(DmError::Damaged { what: "the length of a tag", at: start, found: bytes })?;
        self.cursor.skip(beyond.into())
    }

    /// Reads a size or a word of a description.
    fn word(&mut self) -> Result<u64, Error> {
        Ok(if self.wide {
            u64::from_be_bytes(self.cursor.array()?)
        } else {
            u32::from_be_bytes(self.cursor.array()?).into()
        })
    }

    /// Reads a value's description, and the value if it is a single number; skips any other.
    fn value(&mut self, big_endian: bool) -> Result<Value, Error> {
        let at = self.cursor.place();
        let mark: [u8; 4] = self.cursor.array()?;
        if mark != *b"%%%%" {
            let found = u32::from_be_bytes(mark).into();
            return Err(DmError::Damaged { what: "the mark of a value", at, found }.into());
        }
        let at = self.cursor.place();
        let count = self.word()?;
        if !(1..=MOST_WORDS).contains(&count) {
            return Err(
                DmError::Damaged { what: "the length of a value's description", at, found: count }.into()
            );
        }
        let words = (0..count).map(|_| self.word()).collect::<Result<Vec<_>, _>>()?;
        let kind = Kind::of(&words);
        let kind = kind.ok_or(DmError::Damaged { what: "the type of a value", at, found: words[0] })?;
        let start = self.cursor.place();
        let bytes = kind.bytes();
        let number = if let Kind::One(number) = &kind {
            number.value(self.cursor.bytes(number.bytes())?, big_endian)
        } else {
            self.cursor.skip(bytes)?;
            None
        };
        // It is there, so it is shorter than 2^64.
        Ok(Value { kind, number, start, bytes: bytes as u64 })
    }
}
