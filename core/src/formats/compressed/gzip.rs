//! gzip (RFC 1952): members that follow each other, each with the checksum and the length of its bytes.

use crc32fast::Hasher;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::input::Input;
use super::{Decoder, Kind, Part};
use crate::error::Error;
use crate::io::source::Source;

/// Bytes that are decoded into: what deflate looks back at, and more, since each turn costs a copy.
const RING_BYTES: usize = 128 << 10;

/// Flags of a member's header; the others are reserved.
const HEADER_CHECKSUM: u8 = 2;
const EXTRA_FIELD: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

/// First bytes of a member.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Decodes members.
pub struct Gzip<'a> {
    input: Input<'a>,
    inflater: Box<DecompressorOxide>,
    ring: Vec<u8>,
    place: usize,
    /// Of the member at hand.
    checksum: Hasher,
    length: u32,
    part: Part,
    rest: u64,
}

impl<'a> Gzip<'a> {
    /// Begins with the first member.
    pub fn new(source: &'a dyn Source, length: u64) -> Self {
        Self {
            input: Input::new(source, Kind::Gzip, length),
            inflater: Box::default(),
            ring: vec![0; RING_BYTES],
            place: 0,
            checksum: Hasher::new(),
            length: 0,
            part: Part::First,
            rest: 0,
        }
    }

    /// Reads the header of a member, or finds that there is none; tells which.
    fn begin(&mut self) -> Result<bool, Error> {
        let (from, first) = (self.input.place(), self.part == Part::First);
        let Some(byte) = self.input.byte()? else {
            return if first { Err(self.input.cut_short()) } else { Ok(false) };
        };
        let another = byte == MAGIC[0] && self.input.piece()?.first().is_none_or(|&next| next == MAGIC[1]);
        if !another && !first {
            self.rest = self.input.rest(from, byte == 0)?;
            return Ok(false);
        }
        let mut checksum = Hasher::new();
        let [magic, method, flags] = self.input.bytes()?;
        checksum.update(&[byte, magic, method, flags]);
        if [byte, magic] != MAGIC || method != 8 {
            return Err(self.input.broken(format!("compression method {method} is not deflate (8)")));
        }
        if flags & RESERVED != 0 {
            return Err(self
                .input
                .broken(format!("flags {flags:#04x} in the header of a member are reserved")));
        }
        // Time, level and system.
        checksum.update(&self.input.bytes::<6>()?);
        if flags & EXTRA_FIELD != 0 {
            let length: [u8; 2] = self.input.bytes()?;
            checksum.update(&length);
            for _ in 0..u16::from_le_bytes(length) {
                checksum.update(&self.input.bytes::<1>()?);
            }
        }
        for text in [NAME, COMMENT] {
            if flags & text != 0 {
                self.text(&mut checksum)?;
            }
        }
        if flags & HEADER_CHECKSUM != 0 {
            let expected = checksum.finalize() as u16;
            if u16::from_le_bytes(self.input.bytes()?) != expected {
                return Err(self.input.wrong_checksum("header"));
            }
        }
        self.inflater.init();
        self.place = 0;
        self.checksum = Hasher::new();
        self.length = 0;
        Ok(true)
    }

    /// Skips a text, which ends with a 0.
    fn text(&mut self, checksum: &mut Hasher) -> Result<(), Error> {
        loop {
            let byte = self.input.bytes::<1>()?;
            checksum.update(&byte);
            if byte == [0] {
                return Ok(());
            }
        }
    }

    /// Compares what stands at the end of a member.
    fn finish(&mut self) -> Result<(), Error> {
        let [checksum, length] = [self.input.bytes()?, self.input.bytes()?].map(u32::from_le_bytes);
        if checksum != std::mem::take(&mut self.checksum).finalize() || length != self.length {
            return Err(self.input.wrong_checksum("member"));
        }
        Ok(())
    }
}

impl Decoder for Gzip<'_> {
    fn decode(&mut self, out: &mut Vec<u8>) -> Result<bool, Error> {
        loop {
            match self.part {
                Part::End => return Ok(false),
                Part::First | Part::Header => {
                    self.part = if self.begin()? { Part::Blocks } else { Part::End };
                }
                Part::Blocks => {
                    let piece = self.input.piece()?;
                    if piece.is_empty() {
                        return Err(self.input.cut_short());
                    }
                    let (status, taken, made) = decompress(
                        &mut self.inflater,
                        piece,
                        &mut self.ring,
                        self.place,
                        TINFL_FLAG_HAS_MORE_INPUT,
                    );
                    self.input.take(taken);
                    let bytes = &self.ring[self.place..self.place + made];
                    out.extend_from_slice(bytes);
                    self.checksum.update(bytes);
                    self.length = self.length.wrapping_add(made as u32);
                    self.place = (self.place + made) % RING_BYTES;
                    match status {
                        TINFLStatus::Done => {
                            self.finish()?;
                            self.part = Part::Header;
                        }
                        TINFLStatus::NeedsMoreInput | TINFLStatus::HasMoreOutput => {}
                        _ => return Err(self.input.broken("its deflate blocks are wrong")),
                    }
                    if made > 0 {
                        return Ok(true);
                    }
                }
            }
        }
    }

    fn rest(&self) -> u64 {
        self.rest
    }
}
