//! A structure's bytes, taken field by field. All numbers of the format are little-endian.

use std::borrow::Cow;

use super::HdfError;

/// Bytes of an address and of a length in this file; the superblock says how many: 2, 4 or 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Widths {
    pub(super) address: u8,
    pub(super) length: u8,
}

/// A place in a structure.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    pub(super) what: &'static str,
    bytes: &'a [u8],
    at: usize,
    /// Offset of `bytes` in the source.
    offset: u64,
    pub(super) widths: Widths,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(what: &'static str, bytes: &'a [u8], offset: u64, widths: Widths) -> Self {
        Self { what, bytes, at: 0, offset, widths }
    }

    /// Returns the offset of the next byte in the source.
    pub(super) fn here(&self) -> u64 {
        self.offset + self.at as u64
    }

    /// Returns the number of bytes taken so far.
    pub(super) fn taken(&self) -> usize {
        self.at
    }

    pub(super) fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], HdfError> {
        let rest = &self.bytes[self.at..];
        let found = rest.get(..count).ok_or_else(|| self.damaged("it ends within a field"))?;
        self.at += count;
        Ok(found)
    }

    /// Takes the next bytes as a structure of their own.
    pub(super) fn narrowed(&mut self, count: usize) -> Result<Self, HdfError> {
        let offset = self.here();
        Ok(Self { what: self.what, bytes: self.take(count)?, at: 0, offset, widths: self.widths })
    }

    /// Takes all that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }

    pub(super) fn skip(&mut self, count: usize) -> Result<(), HdfError> {
        self.take(count).map(|_| ())
    }

    /// Skips to a multiple of 8 bytes from `start` bytes into the structure.
    pub(super) fn pad(&mut self, start: usize) -> Result<(), HdfError> {
        let used = self.at - start;
        self.skip(used.next_multiple_of(8) - used)
    }

    /// Takes an unsigned number of up to 8 bytes.
    pub(super) fn uint(&mut self, width: usize) -> Result<u64, HdfError> {
        Ok(uint(self.take(width)?))
    }

    pub(super) fn u8(&mut self) -> Result<u8, HdfError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, HdfError> {
        Ok(self.uint(2)? as u16)
    }

    pub(super) fn u32(&mut self) -> Result<u32, HdfError> {
        Ok(self.uint(4)? as u32)
    }

    pub(super) fn u64(&mut self) -> Result<u64, HdfError> {
        self.uint(8)
    }

    /// Takes a length; all ones, which is how "unlimited" is written, is [`u64::MAX`] at every width.
    pub(super) fn length(&mut self) -> Result<u64, HdfError> {
        let width = self.widths.length;
        Ok(widened(self.uint(width.into())?, width))
    }

    /// Takes an address, `None` where it is undefined.
    pub(super) fn address(&mut self) -> Result<Option<u64>, HdfError> {
        let width = self.widths.address;
        let address = widened(self.uint(width.into())?, width);
        Ok((address != u64::MAX).then_some(address))
    }

    /// Takes an address that must be defined.
    pub(super) fn required(&mut self) -> Result<u64, HdfError> {
        self.address()?.ok_or_else(|| self.damaged("an address it needs is undefined"))
    }

    /// Takes text up to a NUL, and the NUL.
    pub(super) fn until_nul(&mut self) -> Result<&'a [u8], HdfError> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| byte == 0);
        let text = self.take(length.ok_or_else(|| self.damaged("a name in it has no end"))?)?;
        self.skip(1)?;
        Ok(text)
    }

    /// Demands these bytes.
    pub(super) fn signature(&mut self, expected: &'static [u8]) -> Result<(), HdfError> {
        if self.take(expected.len())? == expected {
            return Ok(());
        }
        let expected = String::from_utf8_lossy(expected);
        Err(self.damaged(format!("it does not start with its signature {expected}")))
    }

    /// Demands a version.
    pub(super) fn version(&mut self, expected: u8) -> Result<(), HdfError> {
        let found = self.u8()?;
        if found == expected { Ok(()) } else { Err(self.unknown_version(found)) }
    }

    pub(super) fn unknown_version(&self, found: u8) -> HdfError {
        self.unsupported(format!("version {found} of {}", self.what))
    }

    pub(super) fn damaged(&self, problem: impl Into<Cow<'static, str>>) -> HdfError {
        HdfError::Damaged { what: self.what, offset: self.here(), problem: problem.into() }
    }

    pub(super) fn unsupported(&self, feature: impl Into<Cow<'static, str>>) -> HdfError {
        HdfError::Unsupported { feature: feature.into(), offset: self.here() }
    }
}

/// Reads an unsigned number of up to 8 bytes.
pub(super) fn uint(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Widens all ones of `width` bytes to all ones of 8.
fn widened(number: u64, width: u8) -> u64 {
    let ones = u64::MAX >> (64 - 8 * u32::from(width.clamp(1, 8)));
    if number == ones { u64::MAX } else { number }
}

/// Decodes text as the file has it; what is not UTF-8 is replaced.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
