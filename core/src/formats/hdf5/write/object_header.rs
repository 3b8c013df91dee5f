//! Object headers, version 1 (specification, IV.A.1.a): a list of messages.

use std::ops::Range;

use super::Fields;
use super::message::{MAX_MESSAGE_BYTES, attribute};
use crate::image::attributes::Value;

/// Bytes of a message before its body.
const PREFIX_BYTES: usize = 8;

/// An attribute that is longer than a message can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an attribute takes more than {MAX_MESSAGE_BYTES} bytes")]
pub struct AttributeTooLong;

/// An object's header while it is put together. All messages go into one block; the format's
/// continuation blocks are for headers that grow later.
#[derive(Clone, Default)]
pub struct ObjectHeader {
    messages: Vec<u8>,
    count: u16,
}

impl ObjectHeader {
    /// Creates a header without messages.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message whose body is what `write` appends.
    pub(super) fn add(&mut self, kind: u16, flags: u8, write: impl FnOnce(&mut Vec<u8>)) {
        let out = &mut self.messages;
        out.u16(kind);
        let size = out.len();
        out.u16(0); // known below
        out.u8(flags);
        out.extend([0; 3]);
        let body = out.len();
        write(out);
        out.pad(body);
        let length = (out.len() - body) as u16;
        out[size..size + 2].copy_from_slice(&length.to_le_bytes());
        self.count += 1;
    }

    /// Adds an attribute.
    ///
    /// # Errors
    /// [`AttributeTooLong`], and the header is as it was.
    pub fn attribute(&mut self, name: &str, value: &Value) -> Result<(), AttributeTooLong> {
        let (before, count) = (self.messages.len(), self.count);
        self.add(0x000c, 0, |out| attribute(name, value, out));
        if self.messages.len() - before <= PREFIX_BYTES + MAX_MESSAGE_BYTES {
            return Ok(());
        }
        self.messages.truncate(before);
        self.count = count;
        Err(AttributeTooLong)
    }

    /// Counts the bytes of the messages so far.
    #[must_use]
    pub fn length(&self) -> usize {
        self.messages.len()
    }

    /// Adds a message as it is in another header, where it takes the bytes `message` of all messages.
    pub fn repeat(&mut self, other: &Self, message: Range<usize>) {
        self.messages.extend_from_slice(&other.messages[message]);
        self.count += 1;
    }

    /// Returns the header as it lies in the file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.messages.len());
        out.u8(1); // version
        out.u8(0);
        out.u16(self.count);
        out.u32(1); // one link leads here
        out.u32(self.messages.len() as u32);
        out.u32(0); // messages start at a multiple of 8
        out.extend_from_slice(&self.messages);
        out
    }
}
