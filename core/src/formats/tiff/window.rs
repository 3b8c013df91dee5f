//! Small pieces of a source, read through a window: thousands of directories are not thousands of reads.

use std::cell::RefCell;

use crate::error::Error;
use crate::io::reading;
use crate::io::source::Source;

/// Bytes that a jump to another place reads.
const SHORTEST: u64 = 4 << 10;

/// Bytes that are read at once where pieces lie near each other.
const LONGEST: u64 = 256 << 10;

/// A source behind a window.
pub struct Window<'s> {
    source: &'s dyn Source,
    length: u64,
    seen: RefCell<Seen>,
}

/// The bytes that are in the window.
struct Seen {
    start: u64,
    bytes: Vec<u8>,
    /// Bytes that the next reading takes, about.
    reach: u64,
}

impl<'s> Window<'s> {
    /// Opens a window on a source.
    ///
    /// # Errors
    /// [`Error::Read`] when the source does not know its length.
    pub fn new(source: &'s dyn Source) -> Result<Self, Error> {
        let length = reading::length(source)?;
        let seen = Seen { start: 0, bytes: Vec::new(), reach: SHORTEST };
        Ok(Self { source, length, seen: RefCell::new(seen) })
    }

    /// Returns the length of the source.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the source.
    pub fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// Tells whether the source has these bytes.
    pub fn has(&self, offset: u64, length: u64) -> bool {
        offset.checked_add(length).is_some_and(|end| end <= self.length)
    }

    /// Fills `bytes` from `offset` on. Bytes that are not there are an error of the source.
    ///
    /// # Errors
    /// [`Error::Read`] when the source fails or ends.
    pub fn read(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        let length = bytes.len() as u64;
        if !self.has(offset, length) {
            let cause = std::io::ErrorKind::UnexpectedEof.into();
            return Err(Error::Read { offset, length, cause });
        }
        if length > LONGEST {
            return self.read_source(offset, bytes);
        }
        let mut seen = self.seen.borrow_mut();
        if seen.part(offset, bytes.len()).is_none() {
            self.move_to(&mut seen, offset, length)?;
        }
        bytes.copy_from_slice(seen.part(offset, bytes.len()).unwrap_or_default());
        Ok(())
    }

    /// Moves the window so that it shows these bytes, and more in the direction in which pieces are read.
    fn move_to(&self, seen: &mut Seen, offset: u64, length: u64) -> Result<(), Error> {
        let end = seen.start + seen.bytes.len() as u64;
        let near =
            offset < end.saturating_add(LONGEST) && seen.start < (offset + length).saturating_add(LONGEST);
        seen.reach = if near { (2 * seen.reach).min(LONGEST) } else { SHORTEST };
        let size = seen.reach.max(length);
        let start = if near && offset < seen.start { (offset + length).saturating_sub(size) } else { offset };
        let size = size.min(self.length - start) as usize;
        seen.start = start;
        // Nothing is in the window if reading fails.
        let mut bytes = std::mem::take(&mut seen.bytes);
        bytes.resize(size, 0);
        self.read_source(start, &mut bytes)?;
        seen.bytes = bytes;
        Ok(())
    }

    fn read_source(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        reading::read_at(self.source, offset, bytes)
    }
}

impl Seen {
    fn part(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.bytes.get(start..start.checked_add(length)?)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io;

    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// A source that counts how often it is read.
    struct Counted {
        bytes: Vec<u8>,
        reads: Cell<u32>,
    }

    impl Source for Counted {
        fn len(&self) -> io::Result<u64> {
            Ok(self.bytes.len() as u64)
        }

        fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
            self.reads.set(self.reads.get() + 1);
            self.bytes.as_slice().read_at(offset, bytes)
        }
    }

    #[test]
    fn pieces_are_right_and_few_reads_bring_them_forwards_and_backwards() {
        let bytes: Vec<u8> = (0..4 << 20).map(|place: u32| (place % 251) as u8).collect();
        for backwards in [false, true] {
            let source = Counted { bytes: bytes.clone(), reads: Cell::new(0) };
            let window = Window::new(&source).unwrap();
            for step in 0..16_000u64 {
                let at = 256 * if backwards { 15_999 - step } else { step };
                let mut piece = [0; 200];
                window.read(at, &mut piece).unwrap();
                assert_eq!(piece, bytes[at as usize..][..200]);
            }
            assert!(source.reads.get() < 40, "{} reads", source.reads.get());
        }
    }

    #[test]
    fn the_end_is_an_error_and_the_last_byte_is_not() {
        let bytes: &[u8] = &[7; 10];
        let window = Window::new(&bytes).unwrap();
        let mut piece = [0; 4];
        window.read(6, &mut piece).unwrap();
        assert_eq!(piece, [7; 4]);
        for offset in [7, 10, u64::MAX - 2] {
            assert!(matches!(window.read(offset, &mut piece), Err(Error::Read { .. })));
        }
    }
}
