//! Recently read pieces of the file: metadata is small and lies together, a source is slow to ask.

use std::io;

use crate::io::source::Source;

/// Bytes of a page.
const PAGE_BYTES: u64 = 16 << 10;

/// Pages held: 1 MiB.
const PAGES: usize = 64;

struct Page {
    number: u64,
    used: u64,
    bytes: Vec<u8>,
}

/// The pages, the least recently used one given up first.
#[derive(Default)]
pub(super) struct Pages {
    held: Vec<Page>,
    latest: usize,
    clock: u64,
}

impl Pages {
    /// Fills `bytes` from `offset` of a source of `length` bytes. Reads longer than a page pass by.
    pub(super) fn read(
        &mut self,
        source: &dyn Source,
        length: u64,
        offset: u64,
        bytes: &mut [u8],
    ) -> io::Result<()> {
        if bytes.len() as u64 > PAGE_BYTES {
            return source.read_at(offset, bytes);
        }
        let mut filled = 0;
        while filled < bytes.len() {
            let at = offset + filled as u64;
            let page = self.page(source, length, at / PAGE_BYTES)?;
            let found = page.get((at % PAGE_BYTES) as usize..).unwrap_or_default();
            if found.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let count = found.len().min(bytes.len() - filled);
            bytes[filled..filled + count].copy_from_slice(&found[..count]);
            filled += count;
        }
        Ok(())
    }

    fn page(&mut self, source: &dyn Source, length: u64, number: u64) -> io::Result<&[u8]> {
        self.clock += 1;
        if self.held.get(self.latest).is_none_or(|page| page.number != number) {
            self.latest = match self.held.iter().position(|page| page.number == number) {
                Some(found) => found,
                None => self.load(source, length, number)?,
            };
        }
        let page = &mut self.held[self.latest];
        page.used = self.clock;
        Ok(&page.bytes)
    }

    fn load(&mut self, source: &dyn Source, length: u64, number: u64) -> io::Result<usize> {
        let start = number * PAGE_BYTES;
        let count = length.saturating_sub(start).min(PAGE_BYTES) as usize;
        let slot = if self.held.len() < PAGES {
            self.held.push(Page { number: u64::MAX, used: 0, bytes: Vec::new() });
            self.held.len() - 1
        } else {
            let oldest = self.held.iter().enumerate().min_by_key(|(_, page)| page.used);
            oldest.map_or(0, |(slot, _)| slot)
        };
        let page = &mut self.held[slot];
        // Whatever fails, no page may pass for one it is not.
        page.number = u64::MAX;
        page.bytes.resize(count, 0);
        source.read_at(start, &mut page.bytes)?;
        page.number = number;
        Ok(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn any_stretch_is_read_whole() {
        let data: Vec<u8> = (0..PAGE_BYTES * 80 + 77).map(|at| (at / 251 + at) as u8).collect();
        let source: &[u8] = &data;
        let mut pages = Pages::default();
        let mut state = 1_u64;
        for _ in 0..2000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let start = (state >> 20) as usize % data.len();
            let length = (state >> 50) as usize % 9000;
            let end = data.len().min(start + length);
            let mut out = vec![0; end - start];
            pages.read(&source, data.len() as u64, start as u64, &mut out).expect("inside");
            assert_eq!(out, data[start..end]);
        }
        assert_eq!(pages.held.len(), PAGES);
    }

    #[test]
    fn the_end_is_an_error() {
        let source: &[u8] = &[1; 100];
        let mut pages = Pages::default();
        assert!(pages.read(&source, 100, 90, &mut [0; 11]).is_err());
        assert!(pages.read(&source, 100, 90, &mut [0; 10]).is_ok());
    }
}
