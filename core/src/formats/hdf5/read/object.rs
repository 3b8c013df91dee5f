//! Object headers (specification, IV.A.1): the messages that say what an object is.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use super::cursor::Cursor;
use super::file::{MAX_METADATA_BYTES, Structure};
use super::{Attribute, Dataset, Datatype, File, Group, HdfError, attribute};

/// Numbers of the messages this reader knows (IV.A.2).
pub(super) mod kind {
    pub(in super::super) const NIL: u16 = 0x00;
    pub(in super::super) const DATASPACE: u16 = 0x01;
    pub(in super::super) const LINK_INFO: u16 = 0x02;
    pub(in super::super) const DATATYPE: u16 = 0x03;
    pub(in super::super) const OLD_FILL: u16 = 0x04;
    pub(in super::super) const FILL: u16 = 0x05;
    pub(in super::super) const LINK: u16 = 0x06;
    pub(in super::super) const EXTERNAL_FILES: u16 = 0x07;
    pub(in super::super) const LAYOUT: u16 = 0x08;
    pub(in super::super) const GROUP_INFO: u16 = 0x0a;
    pub(in super::super) const FILTERS: u16 = 0x0b;
    pub(in super::super) const ATTRIBUTE: u16 = 0x0c;
    pub(in super::super) const COMMENT: u16 = 0x0d;
    pub(in super::super) const CONTINUATION: u16 = 0x10;
    pub(in super::super) const SYMBOL_TABLE: u16 = 0x11;
    pub(in super::super) const ATTRIBUTE_INFO: u16 = 0x15;
    /// The highest number of the specification.
    pub(in super::super) const LAST: u16 = 0x18;
}

/// A message's body is a reference to where the message is.
const SHARED: u8 = 1 << 1;

/// A reader that does not know the message must not read the object.
const REFUSE_IF_UNKNOWN: u8 = 1 << 7;

const WHAT: &str = "the object header";

const VERSION_1_PREFIX_BYTES: u64 = 16;

/// A header message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: u16,
    flags: u8,
    body: Range<usize>,
    /// Offset of the body in the source.
    offset: u64,
}

/// Kind of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// Has links.
    Group,
    /// Has elements.
    Dataset,
    /// A committed datatype.
    Datatype,
    /// An object of another kind.
    Unknown,
}

/// An object's header.
#[derive(Clone, Debug)]
pub struct Object {
    address: u64,
    offset: u64,
    bytes: Vec<u8>,
    messages: Vec<Message>,
}

impl Object {
    pub(super) fn read(file: &File<'_>, address: u64) -> Result<Self, HdfError> {
        let mut header = Header {
            file,
            object: Self { address, offset: file.offset(address), bytes: Vec::new(), messages: Vec::new() },
            seen: BTreeSet::new(),
            waiting: VecDeque::new(),
            message_order: false,
        };
        // As much as there is of a version 1 prefix; one of version 2 may be shorter.
        let length = file.extent().saturating_sub(address).clamp(4, VERSION_1_PREFIX_BYTES);
        let start = file.structure(WHAT, address, length)?;
        if start.bytes.starts_with(b"OHDR") {
            header.version_2()?;
        } else {
            header.version_1(&start)?;
        }
        Ok(header.object)
    }

    /// Returns the address of the object's header.
    #[must_use]
    pub fn address(&self) -> u64 {
        self.address
    }

    /// Tells which kind of object it is.
    #[must_use]
    pub fn kind(&self) -> ObjectKind {
        let has = |kind| self.message(kind).is_some();
        if has(kind::LAYOUT) {
            ObjectKind::Dataset
        } else if [kind::SYMBOL_TABLE, kind::LINK_INFO, kind::LINK, kind::GROUP_INFO].into_iter().any(has) {
            ObjectKind::Group
        } else if has(kind::DATATYPE) {
            ObjectKind::Datatype
        } else {
            ObjectKind::Unknown
        }
    }

    /// Returns whether somebody commented on it.
    #[must_use]
    pub fn has_comment(&self) -> bool {
        self.message(kind::COMMENT).is_some()
    }

    /// Returns whether there is a gap in its header, as libhdf5 leaves one where it removes a message.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        self.message(kind::NIL).is_some()
    }

    /// Reads the object's attributes, in the order they are stored or, where the file keeps that, were made.
    ///
    /// # Errors
    /// When one of them is damaged or its datatype is unknown.
    pub fn attributes(&self, file: &File<'_>) -> Result<Vec<Attribute>, HdfError> {
        attribute::all(self, file)
    }

    /// Reads the object as a group.
    ///
    /// # Errors
    /// [`HdfError::Kind`] when it is none; when its tables are damaged.
    pub fn group(&self, file: &File<'_>) -> Result<Group, HdfError> {
        self.demand(ObjectKind::Group, "group")?;
        Group::read(self, file)
    }

    /// Reads the object as a dataset.
    ///
    /// # Errors
    /// [`HdfError::Kind`] when it is none; when a message is damaged or its storage is of a kind
    /// this reader does not know.
    pub fn dataset(&self, file: &File<'_>) -> Result<Dataset, HdfError> {
        self.demand(ObjectKind::Dataset, "dataset")?;
        Dataset::read(self, file)
    }

    fn demand(&self, kind: ObjectKind, wanted: &'static str) -> Result<(), HdfError> {
        if self.kind() == kind { Ok(()) } else { Err(HdfError::Kind { offset: self.offset, wanted }) }
    }

    /// Returns the first message of a kind.
    pub(super) fn message(&self, kind: u16) -> Option<&Message> {
        self.messages(kind).next()
    }

    /// Returns all messages of a kind.
    pub(super) fn messages(&self, kind: u16) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.kind == kind)
    }

    /// Returns a cursor over the fields of a message's body.
    pub(super) fn cursor(&self, what: &'static str, message: &Message, file: &File<'_>) -> Cursor<'_> {
        Cursor::new(what, &self.bytes[message.body.clone()], message.offset, file.widths)
    }

    /// Returns a cursor over the fields of the only message of a kind, which is not shared.
    pub(super) fn fields(
        &self,
        what: &'static str,
        kind: u16,
        file: &File<'_>,
    ) -> Result<Option<Cursor<'_>>, HdfError> {
        let Some(message) = self.message(kind) else { return Ok(None) };
        let fields = self.cursor(what, message, file);
        if message.flags & SHARED != 0 {
            return Err(fields.unsupported(format!("{what} shared among objects")));
        }
        Ok(Some(fields))
    }

    /// Reads a dataset's datatype, its own or a committed one.
    ///
    /// # Errors
    /// When there is none, or it is damaged or of a class this reader does not know.
    pub fn datatype(&self, file: &File<'_>) -> Result<Datatype, HdfError> {
        let message = self.message(kind::DATATYPE).ok_or_else(|| self.damaged("it has no datatype"))?;
        let mut fields = self.cursor("a datatype", message, file);
        if message.flags & SHARED != 0 {
            return Datatype::committed(&mut fields, file);
        }
        Datatype::read(&mut fields)
    }

    /// Reads the datatype that was committed as this object.
    pub(super) fn committed(&self, file: &File<'_>) -> Result<Datatype, HdfError> {
        let mut fields = self
            .fields("a committed datatype", kind::DATATYPE, file)?
            .ok_or_else(|| self.damaged("it is taken for a committed datatype but has none"))?;
        Datatype::read(&mut fields)
    }

    pub(super) fn damaged(&self, problem: &'static str) -> HdfError {
        HdfError::Damaged { what: WHAT, offset: self.offset, problem: problem.into() }
    }
}

impl Message {
    /// Tells whether the body is a reference to the message.
    pub(super) fn shared(&self) -> bool {
        self.flags & SHARED != 0
    }
}

/// Reads where a shared message is: the object that has it (IV.A.2, "Shared Message").
pub(super) fn shared_address(fields: &mut Cursor<'_>) -> Result<u64, HdfError> {
    const IN_HEAP: u8 = 1;
    let version = fields.u8()?;
    if ![2, 3].contains(&version) {
        return Err(fields.unsupported(format!("version {version} of shared messages")));
    }
    if fields.u8()? == IN_HEAP {
        return Err(fields.unsupported("a shared message table"));
    }
    fields.required()
}

/// A header while its blocks are read.
struct Header<'f> {
    file: &'f File<'f>,
    object: Object,
    /// Addresses of the blocks after the first.
    seen: BTreeSet<u64>,
    /// Blocks to come: address and length.
    waiting: VecDeque<(u64, u64)>,
    /// Each message has its place in the order of creation.
    message_order: bool,
}

impl Header<'_> {
    fn version_1(&mut self, prefix: &Structure) -> Result<(), HdfError> {
        let address = self.object.address;
        let mut fields = prefix.cursor();
        fields.version(1)?;
        fields.skip(7)?; // number of messages and links here, which the messages tell too
        let length = fields.u32()?.into();
        fields.skip(4)?; // so that messages start at a multiple of 8
        self.check_total(length)?;
        let block = self.file.structure(WHAT, address + VERSION_1_PREFIX_BYTES, length)?;
        self.messages_1(&block)?;
        while let Some((address, length)) = self.waiting.pop_front() {
            let block = self.file.structure("a continuation of an object header", address, length)?;
            self.messages_1(&block)?;
        }
        Ok(())
    }

    fn messages_1(&mut self, block: &Structure) -> Result<(), HdfError> {
        const HEADER_BYTES: usize = 8;
        let mut fields = block.cursor();
        let start = self.object.bytes.len();
        self.object.bytes.extend_from_slice(&block.bytes);
        while fields.remaining() >= HEADER_BYTES {
            let kind = fields.u16()?;
            let size = fields.u16()?;
            let flags = fields.u8()?;
            fields.skip(3)?;
            self.add(&mut fields, start, kind, flags, size.into())?;
        }
        Ok(())
    }

    fn version_2(&mut self) -> Result<(), HdfError> {
        const ORDERED: u8 = 1 << 2;
        const PHASES: u8 = 1 << 4;
        const TIMES: u8 = 1 << 5;
        let address = self.object.address;
        // The longest prefix is of 34 bytes; the file may end before that.
        let most = 34.min(self.file.extent() - address);
        let prefix = self.file.structure(WHAT, address, most)?;
        let mut fields = prefix.cursor();
        fields.signature(b"OHDR")?;
        fields.version(2)?;
        let flags = fields.u8()?;
        self.message_order = flags & ORDERED != 0;
        fields.skip(if flags & TIMES != 0 { 16 } else { 0 })?;
        fields.skip(if flags & PHASES != 0 { 4 } else { 0 })?;
        let length = fields.uint(1 << (flags & 3))?;
        let start = fields.taken();
        self.check_total(length)?;
        let length = length + start as u64 + 4; // the prefix, the checksum
        let block = self.file.structure(WHAT, address, length)?.verified()?;
        self.messages_2(&block, start)?;
        while let Some((address, length)) = self.waiting.pop_front() {
            let block = self.file.structure("a continuation of an object header", address, length)?;
            block.cursor().signature(b"OCHK")?;
            self.messages_2(&block.verified()?, 4)?;
        }
        Ok(())
    }

    fn messages_2(&mut self, block: &Structure, skipped: usize) -> Result<(), HdfError> {
        let header_bytes = if self.message_order { 6 } else { 4 };
        let mut fields = block.cursor();
        fields.skip(skipped)?;
        let start = self.object.bytes.len();
        self.object.bytes.extend_from_slice(&block.bytes);
        // What is too short for a message is a gap.
        while fields.remaining() >= header_bytes {
            let kind = fields.u8()?;
            let size = fields.u16()?;
            let flags = fields.u8()?;
            fields.skip(header_bytes - 4)?;
            self.add(&mut fields, start, kind.into(), flags, size.into())?;
        }
        Ok(())
    }

    /// Takes a message's body, `start` being where the block is in the object's bytes.
    fn add(
        &mut self,
        fields: &mut Cursor<'_>,
        start: usize,
        kind: u16,
        flags: u8,
        size: usize,
    ) -> Result<(), HdfError> {
        let offset = fields.here();
        let from = start + fields.taken();
        let bytes = fields.take(size)?;
        if kind == kind::CONTINUATION {
            let mut fields = Cursor::new("a continuation message", bytes, offset, self.file.widths);
            let (address, length) = (fields.required()?, fields.length()?);
            if address == self.object.address || !self.seen.insert(address) {
                return Err(fields.damaged("the object header's blocks lead back to themselves"));
            }
            self.file.check("a continuation of an object header", address, length)?;
            self.waiting.push_back((address, length));
            return self.check_total(self.waiting.iter().map(|&(_, length)| length).sum());
        }
        if flags & REFUSE_IF_UNKNOWN != 0 && kind > kind::LAST {
            return Err(
                fields.unsupported(format!("message {kind:#x}, which the file says must be understood,"))
            );
        }
        self.object.messages.push(Message { kind, flags, body: from..from + size, offset });
        Ok(())
    }

    /// Bounds what all blocks take together.
    fn check_total(&self, more: u64) -> Result<(), HdfError> {
        let length = more.saturating_add(self.object.bytes.len() as u64);
        if length > MAX_METADATA_BYTES {
            let (what, offset) = (WHAT, self.object.offset);
            return Err(HdfError::TooLarge { what, offset, length, most: MAX_METADATA_BYTES });
        }
        Ok(())
    }
}
