//! What JavaScript offers to read from as the core's source.

use std::cell::RefCell;
use std::io;

use e2compress_core::{Error, FORMATS, Images, OpenOptions, Source, open_with};
use wasm_bindgen::prelude::*;

use crate::failure::io_error;
use crate::rendering::Rendering;

/// Bytes asked for at once, at most: each read makes a buffer outside this memory. Browsers read
/// long slices two to three times as fast as short ones.
const SLICE: usize = 32 << 20;

/// Requests shorter than this are served from a window: a call of the browser takes a good part of
/// a millisecond, and a stack may have a hundred thousand small images.
const SMALL: usize = 256 << 10;

/// Bytes of a window at a new place, where only a few may be wanted: metadata lies scattered.
const FIRST_WINDOW: u64 = 64 << 10;

/// Bytes of a window at most. One that goes on where another ended has twice its length.
const LONGEST_WINDOW: u64 = 2 << 20;

/// Windows at most. Pixels, records or indices, and headers are read in turns; a volume's bricks go on in each of their
/// sections.
const WINDOWS: usize = 64;

/// Bytes of all windows. Many have each a part of it: one that is dropped before its end is reached was read for nothing.
const ALL_WINDOWS: u64 = 16 << 20;

#[wasm_bindgen]
extern "C" {
    /// A file, see `src/worker/input.ts`.
    #[derive(Clone)]
    pub type Input;

    /// Its length in bytes.
    #[wasm_bindgen(method, getter)]
    fn size(this: &Input) -> f64;

    /// Fills all of `bytes` from `offset` on, or throws.
    #[wasm_bindgen(method, catch)]
    fn read(this: &Input, offset: f64, bytes: &mut [u8]) -> Result<(), JsValue>;

    /// The same from the file as it is now, not from what was read ahead.
    #[wasm_bindgen(method, catch, js_name = readAfresh)]
    fn read_afresh(this: &Input, offset: f64, bytes: &mut [u8]) -> Result<(), JsValue>;

    /// The other file of a pair, if it is one.
    #[wasm_bindgen(method, getter)]
    pub fn other(this: &Input) -> Option<Input>;
}

/// A file that the user chose.
pub struct InputSource {
    input: Input,
    /// The last used comes last.
    windows: RefCell<Vec<Window>>,
}

struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl InputSource {
    pub fn new(input: &Input) -> Self {
        Self { input: input.clone(), windows: RefCell::default() }
    }

    /// Length of the file in bytes.
    pub fn length(&self) -> u64 {
        self.input.size() as u64
    }

    /// Asks the browser once more, after all was read: what was read ahead may have changed since.
    ///
    /// # Errors
    /// When the file is not the one that was chosen any more.
    pub fn confirm(&self) -> io::Result<()> {
        let Some(last) = self.length().checked_sub(1) else { return Ok(()) };
        self.input.read_afresh(last as f64, &mut [0]).map_err(|exception| io_error(&exception))
    }

    fn read_through(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut start = offset;
        for part in bytes.chunks_mut(SLICE) {
            self.input.read(start as f64, part).map_err(|exception| io_error(&exception))?;
            start += part.len() as u64;
        }
        Ok(())
    }
}

/// A file that is one input, and the other one of its pair if there is one.
pub struct Sources {
    file: InputSource,
    other: Option<InputSource>,
}

impl Sources {
    /// What a file is read from.
    pub fn of(file: &Input) -> Self {
        Self { file: InputSource::new(file), other: file.other().as_ref().map(InputSource::new) }
    }

    /// Opens them as the format that they are of.
    ///
    /// # Errors
    /// What is wrong with the file, in the core's words.
    pub fn open(&self, name: &str, rendering: Rendering) -> Result<Box<dyn Images + '_>, Error> {
        self.open_as(name, rendering.into_options())
    }

    /// The same with other options.
    ///
    /// # Errors
    /// As [`Sources::open`].
    pub fn open_as<'s>(
        &'s self,
        name: &str,
        options: OpenOptions<'s>,
    ) -> Result<Box<dyn Images + 's>, Error> {
        let companion = self.other.as_ref().map(|other| other as &dyn Source);
        open_with(FORMATS, &self.file, name, &OpenOptions { companion, ..options })
    }

    /// Bytes of both.
    pub fn length(&self) -> u64 {
        self.file.length() + self.other.as_ref().map_or(0, InputSource::length)
    }

    /// Tells whether they are still the files that were chosen.
    ///
    /// # Errors
    /// When one of them is not.
    pub fn confirm(&self) -> io::Result<()> {
        self.file.confirm()?;
        self.other.as_ref().map_or(Ok(()), InputSource::confirm)
    }
}

impl Source for InputSource {
    fn len(&self) -> io::Result<u64> {
        Ok(self.length())
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        if end > self.length() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if bytes.len() >= SMALL {
            return self.read_through(offset, bytes);
        }
        let mut windows = self.windows.borrow_mut();
        let holds =
            |window: &Window| offset >= window.start && end <= window.start + window.bytes.len() as u64;
        let goes_on = |window: &Window| {
            // No further than it is long: rows of the sections of a volume lie far apart, and what is between them is not
            // wanted.
            let length = window.bytes.len() as u64;
            let end = window.start + length;
            (end..=end + length).contains(&offset)
        };
        let window = if let Some(index) = windows.iter().position(holds) {
            windows.remove(index)
        } else {
            let before = windows.iter().position(goes_on);
            let share = ALL_WINDOWS / (windows.len() as u64 + 1);
            let (mut window, length) = match before {
                Some(index) => {
                    let window = windows.remove(index);
                    let length = LONGEST_WINDOW.min(share).min(2 * window.bytes.len() as u64);
                    (window, length)
                }
                None if windows.len() < WINDOWS => (Window { start: 0, bytes: Vec::new() }, FIRST_WINDOW),
                None => (windows.remove(0), FIRST_WINDOW),
            };
            window.start = offset;
            let length = length.max(bytes.len() as u64).min(self.length() - offset);
            window.bytes.resize(length as usize, 0);
            // A window that could not be filled is dropped here.
            self.read_through(offset, &mut window.bytes)?;
            window
        };
        let start = (offset - window.start) as usize;
        bytes.copy_from_slice(&window.bytes[start..start + bytes.len()]);
        windows.push(window);
        Ok(())
    }
}
