//! Decoded frames: strips and tiles are decoded side by side, of several pages at once where each has few of them,
//! and kept in the file's own pixel type until other pages are asked for.
//!
//! A frame up to [`LONGEST_FRAME`] is decoded whole, so that the passes of a compression decode it once. Of a larger
//! one as many strips as make [`WINDOW`] bytes are, or rows of tiles.

use std::ops::Range;

use super::codec::Damage;
use super::directory::TiffFile;
use super::page::Page;
use super::places::{self, Place};
use crate::error::Error;
use crate::pipeline::pool;

/// Bytes of a frame that is decoded whole, at most: of the largest camera there are 377 MB as floats, 94 MB as counts.
const LONGEST_FRAME: u64 = if cfg!(target_pointer_width = "32") { 128 << 20 } else { 512 << 20 };

/// Bytes of a larger frame that are decoded at once, about.
const WINDOW: u64 = 32 << 20;

/// Bytes of several frames that are decoded at once, at most: a page alone may have more. A browser has less memory
/// than threads that wait for a page.
const IN_FLIGHT: u64 = if cfg!(target_pointer_width = "32") { 0 } else { 256 << 20 };

/// Stored bytes that are read at once, about, while as many are decoded.
const READ_AHEAD: u64 = 16 << 20;

/// Rows of a page, decoded.
#[derive(Default)]
struct Part {
    image: u32,
    /// Rows, counted as they are given: from the bottom of the page.
    rows: Range<u32>,
    bytes: Vec<u8>,
}

/// What was decoded last.
#[derive(Default)]
pub struct Frames {
    parts: Vec<Part>,
    /// The page that was asked for last.
    last: Option<u32>,
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

impl Frames {
    /// Returns how many bytes of memory it takes, at most.
    pub fn memory(page: &Page) -> u64 {
        let frame = page.bytes();
        let piece = page.piece_bytes(0).saturating_mul(page.pieces.across.into());
        let decoded = if frame > LONGEST_FRAME { WINDOW + piece } else { frame.max(IN_FLIGHT) };
        let tiles =
            if page.pieces.tiled { page.piece_bytes(0).saturating_mul(pool::threads() as u64) } else { 0 };
        decoded + 2 * (READ_AHEAD + piece.min(frame)) + tiles
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
        while row < rows.end {
            let there = self.parts.iter().position(|part| part.image == image && part.rows.contains(&row));
            let part = match there {
                Some(place) => &self.parts[place],
                None => self.decode(file, pages, image, row)?,
            };
            let end = part.rows.end.min(rows.end);
            let from = (row - part.rows.start) as usize * row_bytes;
            let (to, rest) = std::mem::take(&mut bytes).split_at_mut((end - row) as usize * row_bytes);
            to.copy_from_slice(&part.bytes[from..from + to.len()]);
            (bytes, row) = (rest, end);
        }
        self.last = Some(image);
        Ok(())
    }

    /// Decodes the part of a page in which a row is, and pages that follow if they are likely to be asked for.
    fn decode(&mut self, file: &TiffFile<'_>, pages: &[Page], image: u32, row: u32) -> Result<&Part, Error> {
        let page = &pages[image as usize];
        let mut wanted = vec![(image, part_with(page, row))];
        let in_order = self.last.is_none_or(|last| last + 1 == image || last == image);
        let few = (page.pieces.down as usize) < 2 * pool::threads();
        if in_order && few && page.bytes() <= LONGEST_FRAME {
            let most = (IN_FLIGHT / page.bytes().max(1)).min(pool::threads() as u64);
            let following = (image + 1..pages.len() as u32).take((most.max(1) - 1) as usize);
            wanted.extend(following.map(|image| (image, 0..pages[image as usize].pieces.down)));
        }
        let mut spare: Vec<Vec<u8>> =
            std::mem::take(&mut self.parts).into_iter().map(|part| part.bytes).collect();
        let mut parts = Vec::with_capacity(wanted.len());
        let mut places = Vec::with_capacity(wanted.len());
        for (image, bands) in wanted {
            let page = &pages[image as usize];
            match places::of(file, page) {
                Ok(found) => places.push(found),
                // Of a page that nobody asked for yet it is told when somebody does.
                Err(_) if !parts.is_empty() => break,
                Err(problem) => return Err(problem),
            }
            let file_rows = page.rows_of(bands.start).start..page.rows_of(bands.end - 1).end;
            let rows = page.height - file_rows.end..page.height - file_rows.start;
            let mut bytes = spare.pop().unwrap_or_default();
            bytes.resize(rows.len() * page.row_bytes() as usize, 0);
            parts.push((page, bands, Part { image, rows, bytes }));
        }
        let mut jobs = Vec::new();
        for ((page, bands, part), places) in parts.iter_mut().zip(&places) {
            let mut to = part.bytes.as_mut_slice();
            for band in bands.clone() {
                let length = page.rows_of(band).len() * page.row_bytes() as usize;
                let start = to.len() - length;
                let (rest, end) = std::mem::take(&mut to).split_at_mut(start);
                to = rest;
                let across = page.pieces.across as usize;
                let places = &places[band as usize * across..][..across];
                jobs.push(Job { page, band, places, stored: Vec::new(), to: end, outcome: Ok(()) });
            }
        }
        run(file, file.big_endian, &mut jobs)?;
        let failed = jobs.iter().find_map(|job| {
            let (piece, offset, problem) = job.outcome.err()?;
            Some((job.page.number, places::damage(job.page, piece, offset, problem)))
        });
        drop(jobs);
        let mut good = parts.len();
        if let Some((number, problem)) = failed {
            good = parts.iter().position(|(page, ..)| page.number == number).unwrap_or(0);
            if good == 0 {
                return Err(problem.into());
            }
        }
        self.parts = parts.into_iter().take(good).map(|(_, _, part)| part).collect();
        Ok(&self.parts[0])
    }
}

/// Returns the bands that are decoded together with the one in which a row is.
fn part_with(page: &Page, row: u32) -> Range<u32> {
    let all = page.pieces.down;
    if page.bytes() <= LONGEST_FRAME {
        return 0..all;
    }
    // Rows are asked for from the bottom on.
    let end = (page.height - 1 - row) / page.pieces.rows + 1;
    let band_bytes = u64::from(page.pieces.rows) * page.row_bytes();
    let bands = (WINDOW / band_bytes.max(1)).max(1);
    end.saturating_sub(bands.try_into().unwrap_or(u32::MAX))..end
}

/// Reads and decodes bands: the pool decodes some while the calling thread reads the next ones.
fn run(file: &TiffFile<'_>, big_endian: bool, jobs: &mut [Job<'_>]) -> Result<(), Error> {
    let mut rest = jobs;
    let (mut current, mut next) = (Vec::new(), Vec::new());
    let mut now = read(file, &mut rest, &mut current)?;
    while !now.is_empty() {
        let mut coming = Ok::<&mut [Job<'_>], Error>(&mut []);
        let stored = current.as_slice();
        pool::overlap(
            || pool::for_each(now, |job| job.run(stored, big_endian)),
            || coming = read(file, &mut rest, &mut next),
        );
        now = coming?;
        std::mem::swap(&mut current, &mut next);
    }
    Ok(())
}

/// Reads what the next bands are stored in, about [`READ_AHEAD`] bytes, and returns these bands.
fn read<'j, 'a>(
    file: &TiffFile<'_>,
    jobs: &mut &'j mut [Job<'a>],
    stored: &mut Vec<u8>,
) -> Result<&'j mut [Job<'a>], Error> {
    let mut length = 0;
    let mut count = 0;
    while count < jobs.len() && (count == 0 || length < READ_AHEAD) {
        length += jobs[count].places.iter().map(|place| place.length).sum::<u64>();
        count += 1;
    }
    let (now, rest) = std::mem::take(jobs).split_at_mut(count);
    *jobs = rest;
    // Pieces that adjoin in the file are read in one go.
    let mut order: Vec<(Place, usize, usize)> = Vec::new();
    for (job, band) in now.iter_mut().enumerate() {
        band.stored = vec![0..0; band.places.len()];
        order.extend(band.places.iter().enumerate().map(|(piece, place)| (*place, job, piece)));
    }
    order.sort_unstable_by_key(|(place, ..)| place.offset);
    stored.clear();
    let mut runs: Vec<(u64, Range<usize>)> = Vec::new();
    for (place, job, piece) in order {
        let start = stored.len();
        match runs.last_mut() {
            Some((offset, run)) if *offset + run.len() as u64 == place.offset => {
                run.end += place.length as usize;
            }
            _ => runs.push((place.offset, start..start + place.length as usize)),
        }
        stored.resize(start + place.length as usize, 0);
        now[job].stored[piece] = start..stored.len();
    }
    for (offset, run) in runs {
        let bytes = &mut stored[run];
        let length = bytes.len() as u64;
        let read = file.window().source().read_at(offset, bytes);
        read.map_err(|cause| Error::Read { offset, length, cause })?;
    }
    Ok(now)
}

impl Job<'_> {
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
