//! A file that stays open from one question to the next: what its format knows of it by then, such as how far a compressed
//! stream was decoded, is not found out again.

use std::cell::RefCell;
use std::io;

use e2compress_core::{Error, FORMATS, Images, OpenOptions, Source, open_with};
use wasm_bindgen::prelude::*;

use crate::input::{Input, InputSource};
use crate::rendering::Rendering;

/// Where the core reads from, whichever file that is.
#[derive(Default)]
struct Slot(RefCell<Option<InputSource>>);

/// The slots of a file and of the other one of its pair. What is open borrows them as long as the program runs; there are as
/// many as files were ever open at once, since those of a file that is closed are used for the next.
#[derive(Default)]
struct Slots {
    file: Slot,
    other: Slot,
}

thread_local! {
    static FREE: RefCell<Vec<&'static Slots>> = const { RefCell::new(Vec::new()) };
}

/// Slots in use.
struct Lease(&'static Slots);

impl Lease {
    fn new(file: &Input) -> Self {
        let free = FREE.with_borrow_mut(Vec::pop);
        let slots: &'static Slots = free.unwrap_or_else(|| Box::leak(Box::default()));
        slots.file.0.replace(Some(InputSource::new(file)));
        slots.other.0.replace(file.other().as_ref().map(InputSource::new));
        Self(slots)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        for slot in [&self.0.file, &self.0.other] {
            slot.0.replace(None);
        }
        FREE.with_borrow_mut(|free| free.push(self.0));
    }
}

impl Slot {
    fn ask<T>(&self, ask: impl FnOnce(&InputSource) -> io::Result<T>) -> io::Result<T> {
        self.0.borrow().as_ref().map_or_else(|| Err(io::ErrorKind::NotFound.into()), ask)
    }
}

impl Source for Slot {
    fn len(&self) -> io::Result<u64> {
        self.ask(Source::len)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.ask(|source| source.read_at(offset, bytes))
    }
}

/// A file that is looked at.
#[wasm_bindgen]
pub struct Opened {
    // Dropped before what it borrows is given back.
    images: Box<dyn Images>,
    _lease: Lease,
}

#[wasm_bindgen]
impl Opened {
    /// Opens a file, with the other one of its pair.
    ///
    /// # Errors
    /// What is wrong with the file, in the core's words.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &Input, name: &str, rendering: Rendering) -> Result<Self, JsError> {
        let lease = Lease::new(file);
        let images = open(lease.0, name, rendering)?;
        Ok(Self { images, _lease: lease })
    }
}

impl Opened {
    /// Its images.
    pub(crate) fn images(&self) -> &dyn Images {
        &*self.images
    }
}

fn open(slots: &'static Slots, name: &str, rendering: Rendering) -> Result<Box<dyn Images>, Error> {
    let pair = slots.other.0.borrow().is_some();
    let companion = pair.then_some(&slots.other as &dyn Source);
    open_with(FORMATS, &slots.file, name, &OpenOptions { companion, ..rendering.into_options() })
}
