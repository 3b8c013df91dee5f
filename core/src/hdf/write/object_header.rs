//! Object headers, version 1 (specification, IV.A.1.a): a list of messages.

use super::Fields;
use super::message::Message;

/// An object's header while it is put together. All messages go into one block; the format's
/// continuation blocks are for headers that grow later.
#[derive(Default)]
pub struct ObjectHeader {
    messages: Vec<u8>,
    count: u16,
}

impl ObjectHeader {
    /// No messages yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message.
    pub fn add(&mut self, message: &Message) {
        self.messages.u16(message.kind);
        self.messages.u16(message.body.len().next_multiple_of(8) as u16);
        self.messages.u8(message.flags);
        self.messages.extend([0; 3]);
        self.messages.extend_from_slice(&message.body);
        self.messages.pad(0);
        self.count += 1;
    }

    /// Adds a message if there is one.
    pub fn extend(&mut self, message: Option<Message>) {
        if let Some(message) = message {
            self.add(&message);
        }
    }

    /// The header as it lies in the file.
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
