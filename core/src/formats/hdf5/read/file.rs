//! An open file: structures at an address, checked against the file's length before they are read.

use std::cell::RefCell;
use std::fmt;

use super::checksum::lookup3;
use super::cursor::{Cursor, Widths, uint};
use super::pages::Pages;
use super::{HdfError, Object, superblock};
use crate::io::source::Source;

/// The longest piece of metadata this reader takes into memory.
pub(super) const MAX_METADATA_BYTES: u64 = 64 << 20;

/// Tells that checksums of metadata must match. A fuzzer could not get past them.
pub(super) const CHECKED: bool = !cfg!(fuzzing);

/// An HDF5 file. Addresses count from its superblock, as the format has it.
pub struct File<'s> {
    source: &'s dyn Source,
    pages: RefCell<Pages>,
    /// Offset of the superblock in the source; a user block may lie before it.
    base: u64,
    /// Length of the source.
    length: u64,
    /// Where it says that it ends, in the source.
    end: u64,
    pub(super) widths: Widths,
    root: u64,
}

impl fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("base", &self.base).field("length", &self.length).finish_non_exhaustive()
    }
}

impl<'s> File<'s> {
    /// Finds the superblock and reads it.
    ///
    /// # Errors
    /// [`HdfError::NotHdf`] without a superblock, [`HdfError::CutOff`] when the file is shorter than
    /// it says, and whatever else is wrong with the superblock.
    pub fn open(source: &'s dyn Source) -> Result<Self, HdfError> {
        let length = source.len().map_err(|cause| HdfError::Read { offset: 0, length: 0, cause })?;
        let mut file = Self {
            source,
            pages: RefCell::default(),
            base: 0,
            length,
            end: length,
            widths: Widths { address: 8, length: 8 },
            root: 0,
        };
        file.base = superblock::find(&file, length)?;
        let superblock = superblock::read(&file)?;
        file.widths = superblock.widths;
        file.root = superblock.root;
        let promised = superblock.end;
        if promised > length {
            return Err(HdfError::CutOff { promised, found: length });
        }
        file.end = promised;
        if let Some(extension) = superblock.extension {
            superblock::check_extension(&Object::read(&file, extension)?, &file)?;
        }
        Ok(file)
    }

    /// Returns the length of the source in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Returns the length of the source, in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the bytes before the superblock, which HDF5 leaves to others.
    #[must_use]
    pub fn user_block(&self) -> u64 {
        self.base
    }

    /// Returns the bytes after those that are the file's, as it says itself.
    #[must_use]
    pub fn trailing(&self) -> u64 {
        self.length - self.end
    }

    /// Tells whether the source is empty, which no open file can be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns the address of the root group's object header.
    #[must_use]
    pub fn root(&self) -> u64 {
        self.root
    }

    /// Reads the object whose header is at `address`.
    ///
    /// # Errors
    /// When the header is damaged or of an unknown version.
    pub fn object(&self, address: u64) -> Result<Object, HdfError> {
        Object::read(self, address)
    }

    /// Finds the object at a path such as `MDF/images/0/image`, through hard links alone; `None` where no such link
    /// leads on.
    ///
    /// # Errors
    /// When a group on the way is damaged.
    pub fn find(&self, path: &str) -> Result<Option<Object>, HdfError> {
        let mut object = self.object(self.root)?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if object.kind() != super::ObjectKind::Group {
                return Ok(None);
            }
            match object.group(self)?.find(self, name)? {
                Some(super::Target::Object(address)) => object = self.object(address)?,
                _ => return Ok(None),
            }
        }
        Ok(Some(object))
    }

    /// Fills `bytes` with what is at `address`: stored bytes of a chunk or a contiguous dataset.
    ///
    /// # Errors
    /// [`HdfError::Beyond`] when they would end after the file does, [`HdfError::Read`] when the
    /// source fails.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), HdfError> {
        self.check("data", address, bytes.len() as u64)?;
        let offset = self.base + address;
        self.source.read_at(offset, bytes).map_err(|cause| HdfError::Read {
            offset,
            length: bytes.len() as u64,
            cause,
        })
    }

    /// Returns where `address` is in the source; for errors, so it never overflows.
    pub(super) fn offset(&self, address: u64) -> u64 {
        self.base.saturating_add(address)
    }

    /// Returns the number of bytes an address may lie in.
    pub(super) fn extent(&self) -> u64 {
        self.length - self.base
    }

    /// Demands that `length` bytes at `address` are in the file.
    pub(super) fn check(&self, what: &'static str, address: u64, length: u64) -> Result<(), HdfError> {
        match address.checked_add(length) {
            Some(end) if end <= self.extent() => Ok(()),
            _ => Err(HdfError::Beyond { what, offset: self.offset(address), length, end: self.length }),
        }
    }

    /// Reads the bytes of a structure, through the pages.
    pub(super) fn structure(
        &self,
        what: &'static str,
        address: u64,
        length: u64,
    ) -> Result<Structure, HdfError> {
        self.check(what, address, length)?;
        let offset = self.base + address;
        if length > MAX_METADATA_BYTES {
            return Err(HdfError::TooLarge { what, offset, length, most: MAX_METADATA_BYTES });
        }
        let mut bytes = vec![0; length as usize];
        let read = self.pages.borrow_mut().read(self.source, self.length, offset, &mut bytes);
        read.map_err(|cause| HdfError::Read { offset, length, cause })?;
        Ok(Structure { what, bytes, offset, widths: self.widths })
    }

    /// Returns the bytes that one walk from `address` may read.
    pub(super) fn budget(&self, what: &'static str, address: u64) -> Budget {
        Budget { what, offset: self.offset(address), left: self.extent() }
    }
}

/// Bytes of one structure.
pub(super) struct Structure {
    pub(super) what: &'static str,
    pub(super) bytes: Vec<u8>,
    /// Offset in the source.
    pub(super) offset: u64,
    widths: Widths,
}

impl Structure {
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor::new(self.what, &self.bytes, self.offset, self.widths)
    }

    /// Checks the checksum in the last four bytes and takes it off.
    pub(super) fn verified(mut self) -> Result<Self, HdfError> {
        let length = self.bytes.len().saturating_sub(4);
        let (covered, stored) = self.bytes.split_at(length);
        if stored.len() < 4 || (CHECKED && u64::from(lookup3(covered)) != uint(stored)) {
            return Err(HdfError::Checksum { what: self.what, offset: self.offset });
        }
        self.bytes.truncate(length);
        Ok(self)
    }

    pub(super) fn damaged(&self, problem: impl Into<std::borrow::Cow<'static, str>>) -> HdfError {
        HdfError::Damaged { what: self.what, offset: self.offset, problem: problem.into() }
    }
}

/// Bytes that a walk may still read. No valid file makes one walk read a byte twice, so a walk that
/// reads more than the file's length goes in circles.
pub(super) struct Budget {
    what: &'static str,
    offset: u64,
    left: u64,
}

impl Budget {
    pub(super) fn spend(&mut self, bytes: u64) -> Result<(), HdfError> {
        self.left = self.left.checked_sub(bytes).ok_or(HdfError::Damaged {
            what: self.what,
            offset: self.offset,
            problem: "it is larger than the file, or leads back to itself".into(),
        })?;
        Ok(())
    }
}
