//! A blob as the core's source.

use std::cell::RefCell;
use std::io;

use e2compress_core::source::Source;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

use crate::failure::io_error;

/// Bytes asked of the browser at once, at most: each read makes a buffer outside this memory.
const SLICE: usize = 8 << 20;

/// Requests shorter than this are served from a window: a call of the browser takes a good part of
/// a millisecond, and a stack may have a hundred thousand small images.
const SMALL: usize = 256 << 10;

/// Bytes of a window.
const WINDOW: u64 = 2 << 20;

/// One window for pixels and one for records of the extended header, which are read in turns.
const WINDOWS: usize = 2;

/// A file that the user chose, or any other blob.
pub struct BlobSource<'a> {
    blob: &'a Blob,
    reader: FileReaderSync,
    /// The last used comes last.
    windows: RefCell<Vec<Window>>,
}

struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> BlobSource<'a> {
    /// Fails outside a dedicated worker.
    pub fn new(blob: &'a Blob) -> Result<Self, JsValue> {
        Ok(Self { blob, reader: FileReaderSync::new()?, windows: RefCell::default() })
    }

    fn length(&self) -> u64 {
        self.blob.size() as u64
    }

    fn read_through(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut start = offset;
        for part in bytes.chunks_mut(SLICE) {
            let end = start + part.len() as u64;
            let slice =
                self.blob.slice_with_f64_and_f64(start as f64, end as f64).map_err(|e| io_error(&e))?;
            let buffer = self.reader.read_as_array_buffer(&slice).map_err(|e| io_error(&e))?;
            let found = Uint8Array::new(&buffer);
            if found.length() as usize != part.len() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            found.copy_to(part);
            start = end;
        }
        Ok(())
    }
}

impl Source for BlobSource<'_> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.length())
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let end = offset + bytes.len() as u64;
        if end > self.length() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if bytes.len() >= SMALL {
            return self.read_through(offset, bytes);
        }
        let mut windows = self.windows.borrow_mut();
        let holds = |window: &Window| offset >= window.start && end <= window.start + window.bytes.len() as u64;
        let window = match windows.iter().position(holds) {
            Some(index) => windows.remove(index),
            None => {
                let mut window = if windows.len() < WINDOWS {
                    Window { start: 0, bytes: Vec::new() }
                } else {
                    windows.remove(0)
                };
                window.start = offset;
                window.bytes.resize(WINDOW.min(self.length() - offset) as usize, 0);
                // A window that could not be filled is dropped here.
                self.read_through(offset, &mut window.bytes)?;
                window
            }
        };
        let start = (offset - window.start) as usize;
        bytes.copy_from_slice(&window.bytes[start..start + bytes.len()]);
        windows.push(window);
        Ok(())
    }
}
