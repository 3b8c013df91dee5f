//! Decoded frames: strips and tiles are decoded side by side, of several pages at once where each has few of them,
//! and kept in the file's own pixel type until other pages are asked for.
//!
//! A frame up to a limit is decoded whole, so that the passes of a compression decode it once. Of a larger
//! one some strips or rows of tiles are.

use std::ops::Range;

use super::codec::Damage;
use super::directory::TiffFile;
use super::page::Page;
use super::places::{self, Place};
use crate::error::Error;
use crate::io::reading::read_at;
use crate::pipeline::pool;

/// Bounds of the memory that decoding takes; they change no pixel.
#[derive(Clone, Copy)]
struct Limits {
    /// Bytes of a frame that is decoded whole, at most: of the largest camera there are 377 MB as floats, 94 MB as
    /// counts.
    frame: u64,
    /// Bytes of a larger frame that are decoded at once, about.
    window: u64,
    /// Bytes of several frames that are decoded at once, at most: a page alone may have more.
    in_flight: u64,
    /// Stored bytes that are read at once, about, while as many are decoded.
    read_ahead: u64,
}

impl Limits {
    /// A browser has less memory than threads that wait for a page: one frame at a time.
    const DEFAULT: Self = Self {
        frame: if cfg!(target_pointer_width = "32") { 128 << 20 } else { 512 << 20 },
        window: 32 << 20,
        in_flight: if cfg!(target_pointer_width = "32") { 0 } else { 256 << 20 },
        read_ahead: 16 << 20,
    };
}

/// Rows of a page, decoded.
#[derive(Default)]
struct Part {
    image: u32,
    /// Rows, counted as they are given: from the bottom of the page.
    rows: Range<u32>,
    bytes: Vec<u8>,
}

/// What was decoded last.
pub struct Frames {
    limits: Limits,
    parts: Vec<Part>,
    /// The page that was asked for last.
    last: Option<u32>,
    /// What was read of the file, and what is read while that is decoded.
    stored: [Vec<u8>; 2],
}

/// One band to be decoded: a strip or a row of tiles.
struct Job<'a> {
    page: &'a Page,
    band: u32,
    /// Where its pieces lie, in the file and in what was read of it.
    places: &'a [Place],
    stored: Vec<Range<usize>>,
    /// Where its rows go, the lowest first.
    to: &'a mut [u8],
    outcome: Result<(), (u64, u64, Damage)>,
}

impl Default for Frames {
    fn default() -> Self {
        Self { limits: Limits::DEFAULT, parts: Vec::new(), last: None, stored: [Vec::new(), Vec::new()] }
    }
}

impl Frames {
    /// Returns how many bytes of memory it takes, at most.
    pub fn memory(page: &Page) -> u64 {
        let Limits { frame: longest, window, in_flight, read_ahead } = Limits::DEFAULT;
        let frame = page.bytes();
        let piece = page.piece_bytes(0).saturating_mul(page.pieces.across.into());
        let decoded = if frame > longest { window + piece } else { frame.max(in_flight) };
        let tiles =
            if page.pieces.tiled { page.piece_bytes(0).saturating_mul(pool::threads() as u64) } else { 0 };
        let of_threads = piece.min(frame).saturating_mul(pool::threads() as u64).min(in_flight);
        decoded + 2 * (read_ahead.max(of_threads) + piece.min(frame)) + tiles
    }

    /// Fills `bytes` with rows of a page, counted from its bottom.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Tiff`] of the first piece that is damaged.
    pub fn read(
        &mut self,
        file: &TiffFile<'_>,
        pages: &[Page],
        image: u32,
        rows: Range<u32>,
        mut bytes: &mut [u8],
    ) -> Result<(), Error> {
        let row_bytes = pages[image as usize].row_bytes() as usize;
        let mut row = rows.start;
        let whole = rows == (0..pages[image as usize].height);
        if whole && !self.parts.iter().any(|part| part.image == image) {
            self.decode(file, pages, image, row, Some(&mut *bytes))?;
            row = rows.end;
        }
        while row < rows.end {
            let there = self.parts.iter().position(|part| part.image == image && part.rows.contains(&row));
            if there.is_none() {
                self.decode(file, pages, image, row, None)?;
            }
            let part = &self.parts[there.unwrap_or(0)];
            let end = part.rows.end.min(rows.end);
            let from = (row - part.rows.start) as usize * row_bytes;
            let (to, rest) = std::mem::take(&mut bytes).split_at_mut((end - row) as usize * row_bytes);
            to.copy_from_slice(&part.bytes[from..from + to.len()]);
            (bytes, row) = (rest, end);
        }
        self.last = Some(image);
        Ok(())
    }

    /// Decodes the part of a page in which a row is, and pages that follow if they are likely to be asked for. A whole
    /// page may go to `to` instead of being kept.
    fn decode(
        &mut self,
        file: &TiffFile<'_>,
        pages: &[Page],
        image: u32,
        row: u32,
        to: Option<&mut [u8]>,
    ) -> Result<(), Error> {
        let page = &pages[image as usize];
        let all = |image: u32| (image, 0..pages[image as usize].pieces.down);
        let mut wanted =
            vec![if to.is_some() { all(image) } else { (image, part_with(page, row, self.limits)) }];
        let in_order = self.last.is_none_or(|last| last + 1 == image || last == image);
        let few = (page.pieces.down as usize) < 2 * pool::threads();
        if in_order && few && page.bytes() <= self.limits.frame {
            let most = (self.limits.in_flight / page.bytes().max(1)).min(pool::threads() as u64);
            let following = (image + 1..pages.len() as u32).take((most.max(1) - 1) as usize);
            wanted.extend(following.map(all));
        }
        let mut spare: Vec<Vec<u8>> =
            std::mem::take(&mut self.parts).into_iter().map(|part| part.bytes).collect();
        let mut targets: Vec<(&Page, Range<u32>, Vec<Place>)> = Vec::with_capacity(wanted.len());
        let mut parts = Vec::with_capacity(wanted.len());
        for (image, bands) in wanted {
            let page = &pages[image as usize];
            let places = match places::of(file, page) {
                Ok(places) => places,
                // Of a page that nobody asked for yet it is told when somebody does.
                Err(_) if !targets.is_empty() => break,
                Err(problem) => return Err(problem),
            };
            let file_rows = page.rows_of(bands.start).start..page.rows_of(bands.end - 1).end;
            let rows = page.height - file_rows.end..page.height - file_rows.start;
            if to.is_none() || !targets.is_empty() {
                let length = rows.len() * page.row_bytes() as usize;
                let fits = |spare: &Vec<u8>| spare.len() == length;
                // Fresh zeros come from the system untouched.
                let bytes = spare.pop().filter(fits).unwrap_or_else(|| vec![0; length]);
                parts.push(Part { image, rows, bytes });
            }
            targets.push((page, bands, places));
        }
        let first = targets[0].0.number;
        let buffers = to.into_iter().chain(parts.iter_mut().map(|part| part.bytes.as_mut_slice()));
        let mut jobs = Vec::new();
        for ((page, bands, places), to) in targets.iter().zip(buffers) {
            Job::add_bands(page, bands.clone(), places, to, &mut jobs);
        }
        run(file, self.limits, &mut self.stored, &mut jobs)?;
        let failed = jobs.iter().find_map(|job| {
            let (piece, offset, problem) = job.outcome.err()?;
            Some((job.page.number, places::damage(job.page, piece, offset, problem)))
        });
        drop(jobs);
        if let Some((number, problem)) = failed {
            if number == first {
                return Err(problem.into());
            }
            // The pages from the damaged one on are decoded again when they are asked for.
            parts.retain(|part| pages[part.image as usize].number < number);
        }
        self.parts = parts;
        Ok(())
    }
}

/// Returns the bands that are decoded together with the one in which a row is.
fn part_with(page: &Page, row: u32, limits: Limits) -> Range<u32> {
    let all = page.pieces.down;
    if page.bytes() <= limits.frame {
        return 0..all;
    }
    // Rows are asked for from the bottom on.
    let end = (page.height - 1 - row) / page.pieces.rows + 1;
    let band_bytes = u64::from(page.pieces.rows) * page.row_bytes();
    let bands = (limits.window / band_bytes.max(1)).max(1);
    end.saturating_sub(bands.try_into().unwrap_or(u32::MAX))..end
}

/// Reads and decodes bands: the pool decodes some while the calling thread reads the next ones.
fn run(
    file: &TiffFile<'_>,
    limits: Limits,
    [current, next]: &mut [Vec<u8>; 2],
    jobs: &mut [Job<'_>],
) -> Result<(), Error> {
    let big_endian = file.big_endian;
    let (mut now, mut rest) = read(file, limits, jobs, current)?;
    while !now.is_empty() {
        let mut coming = Ok::<(&mut [Job<'_>], &mut [Job<'_>]), Error>((&mut [], &mut []));
        let stored = current.as_slice();
        pool::overlap(
            || pool::for_each(now, |job| job.run(stored, big_endian)),
            || coming = read(file, limits, rest, next),
        );
        (now, rest) = coming?;
        std::mem::swap(current, next);
    }
    Ok(())
}

/// Reads what the next bands are stored in, and returns these bands and the others: so many bytes as limits say, or more
/// where bands are large, so that each thread has one.
fn read<'j, 'a>(
    file: &TiffFile<'_>,
    limits: Limits,
    jobs: &'j mut [Job<'a>],
    stored: &mut Vec<u8>,
) -> Result<(&'j mut [Job<'a>], &'j mut [Job<'a>]), Error> {
    let mut length = 0;
    let mut count = 0;
    let wanted = |count: usize, length: u64| {
        count == 0 || length < limits.read_ahead || count < pool::threads() && length < limits.in_flight
    };
    while count < jobs.len() && wanted(count, length) {
        length += jobs[count].places.iter().map(|place| place.length).sum::<u64>();
        count += 1;
    }
    let (now, rest) = jobs.split_at_mut(count);
    // Pieces that adjoin in the file are read in one go.
    let mut order: Vec<(Place, usize, usize)> = Vec::new();
    for (job, band) in now.iter_mut().enumerate() {
        band.stored = vec![0..0; band.places.len()];
        order.extend(band.places.iter().enumerate().map(|(piece, place)| (*place, job, piece)));
    }
    order.sort_unstable_by_key(|(place, ..)| place.offset);
    let mut runs: Vec<(u64, Range<usize>)> = Vec::new();
    let mut end = 0;
    for (place, job, piece) in order {
        let start = end;
        end += place.length as usize;
        match runs.last_mut() {
            Some((offset, run)) if *offset + run.len() as u64 == place.offset => {
                run.end = end;
            }
            _ => runs.push((place.offset, start..end)),
        }
        now[job].stored[piece] = start..end;
    }
    // Memory that was in use before is filled by reading alone.
    if stored.len() < end {
        stored.resize(end, 0);
    }
    for (offset, run) in runs {
        read_at(file.window().source(), offset, &mut stored[run])?;
    }
    Ok((now, rest))
}

impl<'a> Job<'a> {
    /// Adds the jobs of some bands of a page, whose rows go to `to` with the lowest first.
    fn add_bands(
        page: &'a Page,
        bands: Range<u32>,
        places: &'a [Place],
        mut to: &'a mut [u8],
        jobs: &mut Vec<Self>,
    ) {
        for band in bands {
            let length = page.rows_of(band).len() * page.row_bytes() as usize;
            let start = to.len() - length;
            let (rest, end) = std::mem::take(&mut to).split_at_mut(start);
            to = rest;
            let across = page.pieces.across as usize;
            let places = &places[band as usize * across..][..across];
            jobs.push(Self { page, band, places, stored: Vec::new(), to: end, outcome: Ok(()) });
        }
    }

    /// Decodes the band.
    fn run(&mut self, stored: &[u8], big_endian: bool) {
        let page = self.page;
        let first = u64::from(self.band) * u64::from(page.pieces.across);
        for (number, range) in self.stored.iter().enumerate() {
            let outcome = if page.pieces.tiled {
                tile(page, number, &stored[range.clone()], self.to, big_endian)
            } else {
                strip(page, &stored[range.clone()], self.to, big_endian)
            };
            if let Err(problem) = outcome {
                self.outcome = Err((first + number as u64, self.places[number].offset, problem));
                return;
            }
        }
    }
}

/// Decodes a strip, and turns its rows over.
fn strip(page: &Page, stored: &[u8], to: &mut [u8], big_endian: bool) -> Result<(), Damage> {
    page.codec.decode(stored, to)?;
    page.predictor.undo(to, page.width as usize, page.kind, big_endian);
    turn_over(to, page.row_bytes() as usize);
    Ok(())
}

/// Decodes a tile, and puts the part of it that is in the image in its place.
fn tile(page: &Page, column: usize, stored: &[u8], to: &mut [u8], big_endian: bool) -> Result<(), Damage> {
    let size = page.kind.bytes();
    let width = page.pieces.width as usize;
    let mut pixels = vec![0; width * page.pieces.rows as usize * size];
    page.codec.decode(stored, &mut pixels)?;
    page.predictor.undo(&mut pixels, width, page.kind, big_endian);
    let start = column * width;
    let bytes = start * size..(start + width).min(page.width as usize) * size;
    let rows = to.chunks_exact_mut(page.row_bytes() as usize).rev();
    for (row, pixels) in rows.zip(pixels.chunks_exact(width * size)) {
        row[bytes.clone()].copy_from_slice(&pixels[..bytes.len()]);
    }
    Ok(())
}

/// Reverses the order of rows.
pub fn turn_over(rows: &mut [u8], row_bytes: usize) {
    let count = rows.len() / row_bytes.max(1);
    let (upper, lower) = rows.split_at_mut(count / 2 * row_bytes);
    for (upper, lower) in upper.chunks_exact_mut(row_bytes).zip(lower.chunks_exact_mut(row_bytes).rev()) {
        upper.swap_with_slice(lower);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tiff::made::{Made, pixels};
    use crate::formats::tiff::page::Page;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn limits_change_no_pixel() {
        for made in [Made::strips(37, 23, 3), Made::strips(37, 23, 23), Made::tiles(37, 23, 16)] {
            let (bytes, pages) = (made.file(), made.pages);
            let source = bytes.as_slice();
            let file = TiffFile::open(&source).unwrap();
            let pages: Vec<Page> = file
                .directories()
                .map(|directory| Page::of(&file, &directory.unwrap()).unwrap())
                .take(pages as usize)
                .collect();
            for frame in [0, 1000] {
                for (window, in_flight, read_ahead) in [(0, 0, 0), (200, 1700, 60), (1000, 5000, 1 << 20)] {
                    let limits = Limits { frame, window, in_flight, read_ahead };
                    let mut frames =
                        Frames { limits, parts: Vec::new(), last: None, stored: [Vec::new(), Vec::new()] };
                    for step in [1, 4, 23] {
                        for image in 0..pages.len() as u32 {
                            for start in (0..23).step_by(step) {
                                let rows = start..23.min(start + step as u32);
                                let mut bytes = vec![0; 37 * rows.len()];
                                frames.read(&file, &pages, image, rows.clone(), &mut bytes).unwrap();
                                let wanted = pixels(37, 23, image);
                                let wanted = &wanted[37 * rows.start as usize..37 * rows.end as usize];
                                assert_eq!(bytes, wanted, "{frame} {window} {in_flight} {read_ahead} {step}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn rows_are_turned_over() {
        let mut rows = [1, 2, 3, 4, 5, 6];
        turn_over(&mut rows, 2);
        assert_eq!(rows, [5, 6, 3, 4, 1, 2]);
        turn_over(&mut rows, 3);
        assert_eq!(rows, [4, 1, 2, 5, 6, 3]);
    }
}
