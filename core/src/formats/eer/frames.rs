//! The frames of a file: where their bytes are, and how they are coded.

use super::EerError;
use super::coding::{Coding, PADDING};
use crate::error::Error;
use crate::formats::tiff::directory::{Directory, Entry, TiffFile};
use crate::formats::tiff::error::TiffError;
use crate::formats::tiff::tag;
use crate::image::{MAX_SIDE, Shape};
use crate::io::reading::read_at;
use crate::io::source::Source;

/// Codes of 8 + 2 + 2 bits, in two dialects.
const EIGHT_BITS: u64 = 65000;

/// Codes of 7 + 2 + 2 bits.
const SEVEN_BITS: u64 = 65001;

/// Codes of bits that tags say.
const TAGGED_BITS: u64 = 65002;

/// Tag with the metadata of the file, in its first page.
pub const METADATA: u16 = 65001;

/// Tag with the metadata of a frame.
const FRAME_METADATA: u16 = 65002;

/// Tags with the bits of gaps and of places along x and y.
const GAP_BITS: u16 = 65007;
const HORIZONTAL_BITS: u16 = 65008;
const VERTICAL_BITS: u16 = 65009;

/// Bits of gaps that are known.
const GAPS: std::ops::RangeInclusive<u64> = 4..=12;

/// Bits of places that are known.
const PLACES: std::ops::RangeInclusive<u64> = 1..=2;

/// Offsets and lengths of the pieces that make up the codes of a frame.
type Pieces = Box<[(u64, u64)]>;

/// A frame.
#[derive(Clone, Debug)]
pub struct Frame {
    pieces: Pieces,
    /// Bytes of all of them.
    pub bytes: u64,
    compression: u64,
    pub coding: Coding,
    /// Page of the file, and what it says of the frame.
    pub metadata: Option<(u64, Entry)>,
}

impl Frame {
    /// Reads its codes, with what decoding them needs after them.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn read(&self, source: &dyn Source, bytes: &mut Vec<u8>) -> Result<(), Error> {
        bytes.clear();
        // The pieces were found in the file when it was opened.
        bytes.resize(self.bytes as usize + PADDING, 0);
        let mut rest = &mut bytes[..];
        for &(offset, length) in &self.pieces {
            let (piece, after) = rest.split_at_mut(length as usize);
            read_at(source, offset, piece)?;
            rest = after;
        }
        Ok(())
    }
}

/// What a file has of frames.
#[derive(Clone, Debug)]
pub struct Frames {
    /// In their order.
    pub list: Vec<Frame>,
    /// Shape of each of them.
    pub sensor: Shape,
    /// The compression that the first one names.
    pub compression: u64,
    /// Page and place of the metadata, where there is any.
    pub metadata: Option<(u64, Entry)>,
}

/// Tells whether a page holds a frame of electrons; a file may also have sums of them.
pub fn is_frame(file: &TiffFile<'_>, page: &Directory) -> Result<Option<u64>, Error> {
    let known = |number: &u64| matches!(*number, EIGHT_BITS | SEVEN_BITS | TAGGED_BITS);
    Ok(file.number(page, tag::COMPRESSION)?.filter(known))
}

impl Frames {
    /// Reads all pages and checks what they say of frames.
    ///
    /// # Errors
    /// [`EerError`], [`TiffError`], [`Error::Read`].
    pub fn read(file: &TiffFile<'_>) -> Result<Self, Error> {
        let mut frames: Option<Self> = None;
        let (mut metadata, mut bytes) = (None, 0u64);
        // What the first frame says of codes holds for those that say nothing.
        let mut said = [None; 3];
        for page in file.directories() {
            let page = page?;
            let of_tag = |tag| page.entry(tag).map(|&entry| (page.page, entry));
            metadata = metadata.or(of_tag(METADATA));
            let Some(compression) = is_frame(file, &page)? else { continue };
            let number = frames.as_ref().map_or(0, |frames| frames.list.len() as u64) + 1;
            let side = |tag| {
                let missing = TiffError::Missing { page: page.page, tag, name: tag::name(tag) };
                file.number(&page, tag)?.ok_or(Error::from(missing))
            };
            let (width, height) = (side(tag::IMAGE_WIDTH)?, side(tag::IMAGE_LENGTH)?);
            let frames = match &mut frames {
                Some(frames) => frames,
                none => none.insert(Self {
                    list: Vec::new(),
                    sensor: sensor(width, height)?,
                    compression,
                    metadata: None,
                }),
            };
            let sensor = frames.sensor;
            if (u64::from(sensor.nx), u64::from(sensor.ny)) != (width, height) {
                let (first_width, first_height) = (sensor.nx, sensor.ny);
                return Err(
                    EerError::OtherSize { frame: number, width, height, first_width, first_height }.into()
                );
            }
            let coding = coding(file, &page, compression, number, &mut said)?;
            let (pieces, length) = pieces(file, &page, number)?;
            let metadata = of_tag(FRAME_METADATA);
            let frame = Frame { pieces, bytes: length, compression, coding, metadata };
            if !coding.reaches(frame.bytes, sensor.pixels()) {
                let (bytes, pixels) = (frame.bytes, sensor.pixels());
                return Err(EerError::Short { frame: number, bytes, pixels }.into());
            }
            bytes = bytes.saturating_add(frame.bytes);
            if bytes > file.window().length() {
                return Err(EerError::Shared { frame: number }.into());
            }
            frames.list.push(frame);
        }
        let mut frames = frames.ok_or(EerError::NoFrames)?;
        frames.metadata = metadata;
        frames.find_dialect(file.window().source())?;
        Ok(frames)
    }

    /// Finds out whether unused bits follow full gaps where the compression does not say: only one way ends at the last
    /// pixel of a frame that has any. RELION and `MotionCor` write and read such bits, the maker's library does not.
    fn find_dialect(&mut self, source: &dyn Source) -> Result<(), Error> {
        let pixels = self.sensor.pixels();
        let mut bytes = Vec::new();
        let mut wasteful = false;
        let unclear = |frame: &Frame| frame.compression == EIGHT_BITS;
        for (frame, number) in self.list.iter().zip(1..).filter(|(frame, _)| unclear(frame)) {
            frame.read(source, &mut bytes)?;
            let check = |wasteful| Coding { wasteful, ..frame.coding }.check(&bytes, pixels);
            match (check(true), check(false)) {
                // No full gap in it.
                (Ok(()), Ok(())) => continue,
                (Ok(()), _) => wasteful = true,
                (_, Ok(())) => {}
                (_, Err(fault)) => return Err(EerError::Codes { frame: number, fault, pixels }.into()),
            }
            break;
        }
        let unclear = self.list.iter_mut().filter(|frame| unclear(frame));
        unclear.for_each(|frame| frame.coding.wasteful = wasteful);
        Ok(())
    }
}

/// Checks the sides of a sensor.
fn sensor(width: u64, height: u64) -> Result<Shape, EerError> {
    let side = |side: u64| u32::try_from(side).ok().filter(|side| (1..MAX_SIDE).contains(side));
    let sides = side(width).zip(side(height));
    let (nx, ny) = sides.ok_or(EerError::Sensor { frame: 1, width, height })?;
    Ok(Shape { nx, ny, nz: 1 })
}

/// Reads how a frame is coded.
fn coding(
    file: &TiffFile<'_>,
    page: &Directory,
    compression: u64,
    frame: u64,
    said: &mut [Option<u64>; 3],
) -> Result<Coding, Error> {
    let (gap, sub) = match compression {
        EIGHT_BITS => (8, 2),
        SEVEN_BITS => (7, 2),
        _ => {
            for (said, tag) in said.iter_mut().zip([GAP_BITS, HORIZONTAL_BITS, VERTICAL_BITS]) {
                *said = file.number(page, tag)?.or(*said);
            }
            let [gap, horizontal, vertical] = *said;
            let (gap, horizontal) = (gap.unwrap_or(7), horizontal.unwrap_or(2));
            // Prototypes of the camera name one number for both.
            let vertical = vertical.unwrap_or(horizontal);
            let of_gaps = (GAP_BITS, gap, GAPS, "gaps", "4 to 12");
            let of_places =
                |tag, bits| (tag, bits, PLACES, "the place of an electron in its pixel", "1 and 2");
            for (tag, bits, all, what, known) in
                [of_gaps, of_places(HORIZONTAL_BITS, horizontal), of_places(VERTICAL_BITS, vertical)]
            {
                if !all.contains(&bits) {
                    return Err(EerError::Bits { frame, tag, bits, what, known }.into());
                }
            }
            if horizontal != vertical {
                return Err(EerError::UnequalBits { frame, horizontal, vertical }.into());
            }
            (gap, horizontal)
        }
    };
    Ok(Coding { gap: gap as u32, sub: sub as u32, wasteful: false })
}

/// Reads where the codes of a frame are, and how many bytes they have. Strips that adjoin are one piece.
fn pieces(file: &TiffFile<'_>, page: &Directory, frame: u64) -> Result<(Pieces, u64), Error> {
    let numbers = |tag| {
        let missing = TiffError::Missing { page: page.page, tag, name: tag::name(tag) };
        file.numbers(page.page, page.entry(tag).ok_or(Error::from(missing))?)
    };
    let (offsets, lengths) = (numbers(tag::STRIP_OFFSETS)?, numbers(tag::STRIP_BYTE_COUNTS)?);
    if offsets.len() != lengths.len() {
        let (offsets, lengths) = (offsets.len(), lengths.len());
        return Err(EerError::Strips { frame, offsets, lengths }.into());
    }
    let mut pieces: Vec<(u64, u64)> = Vec::new();
    let mut bytes = 0u64;
    for (strip, (offset, length)) in offsets.into_iter().zip(lengths).enumerate() {
        if !file.window().has(offset, length) {
            let file = file.window().length();
            return Err(EerError::Outside { frame, strip, offset, length, file }.into());
        }
        bytes = bytes.saturating_add(length);
        match pieces.last_mut() {
            Some((start, before)) if *start + *before == offset => *before += length,
            _ if length > 0 => pieces.push((offset, length)),
            _ => {}
        }
    }
    // A frame of more bytes than the file has shares them with itself.
    if bytes > file.window().length() || usize::try_from(bytes).is_err() {
        return Err(EerError::Shared { frame }.into());
    }
    Ok((pieces.into(), bytes))
}
