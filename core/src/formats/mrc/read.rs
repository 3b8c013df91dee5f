//! Reads MRC: see [`Mrc`].

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::axes::{Axes, Turned, Volume};
use super::error::MrcError;
use super::header::{HEADER_BYTES, Header};
use super::input::Input;
use super::stacks::{self, Stack};
use super::{LONGEST_EXTENDED_HEADER, NAME};
use super::{byte_order, fei, packed};
use crate::error::Error;
use crate::formats::compressed::{Stream, name_inside};
use crate::formats::{Start, unrecognised};
use crate::image::{Attributes, Declared, Images, MAX_SIDE, OriginalHeader, PixelType, Pixels, Shape};
use crate::io::source::Source;
use crate::pipeline::tiling::Tiling;
use crate::warning::Warning;

/// An MRC file.
///
/// A name that ends in `.mrcs` (any case) is a stack: every section is an image of its own. Any
/// other is one image, a volume when it has several sections, or a stack of volumes where the header says
/// so. Columns, rows and sections of any order come out as x, y, z. Rows stay in file order.
pub struct Mrc<'a> {
    input: Input<'a>,
    header: Header,
    /// One volume of the file as it lies there.
    volume: Volume,
    /// What of it was turned last, where its axes are not in order.
    turned: RefCell<Turned>,
    /// Of one image.
    image: Shape,
    images: u32,
    /// Of the file's own bytes.
    pixels: Pixels,
    /// Where pixels start in the file, and where they end.
    data: u64,
    end: u64,
    /// Bytes after the end that the header names, and after the stream that the file is in, once they are known.
    surplus: Cell<[u64; 2]>,
    /// FEI record length, when there are records.
    record: Option<usize>,
    warnings: Vec<Warning>,
}

impl<'a> Mrc<'a> {
    /// Reads and checks the header. `name` is the file's name, for its extension.
    ///
    /// # Errors
    /// [`Error::Mrc`] when the file cannot be taken, [`Error::Read`] when the source fails.
    pub fn open(source: &'a dyn Source, name: &str) -> Result<Self, Error> {
        Self::open_with(source, name, true)
    }

    /// Does the same, but takes pairs of 4-bit pixels for bytes unless they are to be unpacked.
    ///
    /// # Errors
    /// As [`Mrc::open`].
    pub fn open_with(source: &'a dyn Source, name: &str, unpack: bool) -> Result<Self, Error> {
        // Somebody expanded it and left its name as it was.
        Self::open_input(Input::File(source), name_inside(name), unpack)
    }

    /// Does the same with a file in a compressed stream. What is wrong with the file shows, and is told, when reading comes
    /// there.
    ///
    /// # Errors
    /// As [`Mrc::open`], and [`Error::Stream`] when the stream is damaged.
    pub fn open_stream(stream: Stream<'a>, name: &str, unpack: bool) -> Result<Self, Error> {
        Self::open_input(Input::Stream(stream), name, unpack)
    }

    fn open_input(input: Input<'a>, name: &str, unpack: bool) -> Result<Self, Error> {
        let length = input.most_bytes()?;
        let mut start = vec![0; length.min(HEADER_BYTES as u64) as usize];
        let there = input.read(0, &mut start)?;
        start.truncate(there);
        let described = |start: &[u8]| unrecognised::describe(&Start { bytes: start, name, source: &start });
        let not_mrc = || MrcError::NotMrc(described(&start));
        let bytes = start.as_slice().try_into().map_err(|_| not_mrc())?;
        let mut header = Header::parse(bytes, length).ok_or_else(not_mrc)?;
        header.unpacked = unpack && packed::is_packed(&header);

        let pixels = header.pixels()?;
        let in_file = header.shape()?;
        let axes = Axes::of(header.axes());
        let Stack { flat, volumes, warning } =
            stacks::of(name, header.space_group(), in_file.nz, header.grid()[axes.of_sections()]);
        let in_file = Shape { nz: in_file.nz / volumes, ..in_file };
        let volume = Volume { axes, in_file, kind: pixels.kind };
        let shape = volume.shape();
        let sides = [shape.nx, shape.ny, if flat { 1 } else { shape.nz }];
        if sides.iter().any(|&side| side >= MAX_SIDE) {
            let [nx, ny, nz] = [shape.nx, shape.ny, shape.nz].map(|side| side as i32);
            return Err(MrcError::Dimensions { nx, ny, nz }.into());
        }
        let data = HEADER_BYTES as u64 + extended(&header, length)?;
        // At most 2^20 * 4 bytes * 2^20 rows * 2^31 sections: more than 64 bits hold.
        let promised =
            u128::from(pixels.row_bytes(in_file.nx)) * u128::from(in_file.rows()) * u128::from(volumes)
                + u128::from(data);
        let end = input.demand(promised, length, |length| too_short(promised, length, data))?;

        let (image, images) = if flat { (Shape { nz: 1, ..shape }, shape.nz) } else { (shape, volumes) };
        if let Input::Stream(stream) = &input {
            // A band of bricks goes back to the first of its sections.
            let tiling = Tiling::of(image);
            let section = (end - data) / u64::from(shape.nz) / u64::from(volumes);
            if !tiling.is_in_order() {
                stream.keep(section * u64::from(tiling.sections()));
            }
        }
        let mut mrc = Self {
            input,
            header,
            volume,
            turned: RefCell::default(),
            image,
            images,
            pixels,
            data,
            end,
            surplus: Cell::default(),
            record: None,
            warnings: warning.into_iter().collect(),
        };
        mrc.find_records(data - HEADER_BYTES as u64)?;
        if let Input::File(_) = mrc.input {
            mrc.surplus.set([length - end, 0]);
        }
        mrc.warn(length);
        Ok(mrc)
    }

    fn find_records(&mut self, extended: u64) -> Result<(), Error> {
        if !self.header.is_fei() {
            return Ok(());
        }
        let mut size = [0; 4];
        if extended >= size.len() as u64 {
            self.read_at(HEADER_BYTES as u64, &mut size)?;
        }
        let size = u64::from(u32::from_le_bytes(size));
        if (fei::SHORTEST_RECORD as u64..=extended).contains(&size) {
            self.record = Some(size as usize);
        } else {
            self.warnings.push(Warning::FeiRecords { bytes: size });
        }
        Ok(())
    }

    fn warn(&mut self, length: u64) {
        if byte_order::of(self.header.bytes(), length).against_stamp {
            self.warnings.push(Warning::Stamp { big_endian: self.header.big_endian });
        }
        match self.pixels.kind {
            PixelType::U4 if self.header.unpacked => self.warnings.push(Warning::Unpacked),
            PixelType::I8 if self.header.mode() == 0 => self.warnings.push(Warning::Signed),
            PixelType::U8 if packed::is_packed(&self.header) => self.warnings.push(Warning::Packed),
            _ => {}
        }
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        let there = self.input.read(offset, bytes)?;
        if there < bytes.len() {
            // The end was just found.
            let problem = too_short(self.end.into(), self.input.most_bytes()?, self.data);
            return Err(self.input.too_short(problem));
        }
        Ok(())
    }
}

/// Returns the bytes of the extended header of a file of so many, if they can be.
fn extended(header: &Header, length: u64) -> Result<u64, MrcError> {
    let impossible = MrcError::ExtendedHeader(header.extended(), length);
    let extended = u64::try_from(header.extended()).map_err(|_| impossible.clone())?;
    if extended > LONGEST_EXTENDED_HEADER && HEADER_BYTES as u64 + extended <= length {
        return Err(MrcError::ExtendedHeaderTooLong(extended));
    }
    Ok(extended)
}

/// Says what a file lacks whose header, with pixels from `data` on, promises more than it has.
fn too_short(promised: u128, length: u64, data: u64) -> MrcError {
    let extended = data - HEADER_BYTES as u64;
    if extended > 0 && promised - u128::from(extended) == u128::from(length) {
        return MrcError::WithoutExtendedHeader { extended };
    }
    if data > length {
        return MrcError::ExtendedHeader(extended.try_into().unwrap_or(i32::MAX), length);
    }
    MrcError::Truncated { promised: promised.try_into().unwrap_or(u64::MAX), found: length }
}

impl Images for Mrc<'_> {
    fn format(&self) -> &'static str {
        match &self.input {
            Input::File(_) => NAME,
            Input::Stream(stream) => stream.kind().of_mrc(),
        }
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn shape(&self, _image: u32) -> Shape {
        self.image
    }

    fn pixels(&self, _image: u32) -> Pixels {
        // Turning leaves 4-bit pixels a byte each.
        let kind = match self.pixels.kind {
            PixelType::U4 if !self.volume.axes.are_in_order() => PixelType::U8,
            kind => kind,
        };
        Pixels { kind, ..self.pixels }
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let first = u64::from(image) * self.image.rows();
        if self.volume.axes.are_in_order() {
            let row_bytes = self.pixels.row_bytes(self.image.nx);
            return self.read_at(self.data + (first + rows.start) * row_bytes, bytes);
        }
        let of_volume = self.volume.shape().rows();
        let (number, first) = (first / of_volume, first % of_volume);
        let start = self.data + number * self.volume.bytes();
        let rows = first + rows.start..first + rows.end;
        let read = |offset: u64, bytes: &mut [u8]| self.read_at(start + offset, bytes);
        self.turned.borrow_mut().read(&self.volume, number, rows, bytes, read)
    }

    fn read_in_row(&self, image: u32, row: u64, start: u64, bytes: &mut [u8]) -> Result<bool, Error> {
        // Of a stream nothing is skipped, and a volume is turned as a whole.
        if !self.volume.axes.are_in_order() || matches!(self.input, Input::Stream(_)) {
            return Ok(false);
        }
        let row = u64::from(image) * self.image.rows() + row;
        self.read_at(self.data + row * self.pixels.row_bytes(self.image.nx) + start, bytes)?;
        Ok(true)
    }

    fn original_header(&self) -> Result<Option<OriginalHeader>, Error> {
        Ok(Some(OriginalHeader {
            bytes: self.header.bytes().to_vec(),
            extended: self.data - HEADER_BYTES as u64,
            big_endian: self.header.big_endian,
        }))
    }

    fn read_extended_header(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        self.read_at(HEADER_BYTES as u64 + offset, bytes)
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let mut attributes = Attributes::new();
        self.header.describe(self.image, &mut attributes);
        if let Some(size) = self.record {
            let offset = u64::from(image) * size as u64;
            let known = size.min(fei::LONGEST_RECORD);
            if offset + known as u64 <= self.data - HEADER_BYTES as u64 {
                let mut record = vec![0; known];
                self.read_at(HEADER_BYTES as u64 + offset, &mut record)?;
                fei::describe(&record, &mut attributes);
            }
        }
        Ok(attributes)
    }

    fn warnings(&self) -> Vec<Warning> {
        let [section, stream] = self.surplus.get();
        let section = (section > 0).then_some(Warning::AfterLastSection { bytes: section });
        let stream = (stream > 0).then_some(Warning::AfterStream { bytes: stream });
        section.into_iter().chain(stream).chain(self.warnings.iter().cloned()).collect()
    }

    fn check_end(&self) -> Result<(), Error> {
        if let Input::Stream(stream) = &self.input {
            let found = stream.check_end()?;
            if found.length < self.end {
                let problem = too_short(self.end.into(), found.length, self.data);
                return Err(stream.inside(problem));
            }
            self.surplus.set([found.length - self.end, found.rest]);
        }
        Ok(())
    }

    fn memory(&self) -> u64 {
        match &self.input {
            Input::File(_) => 0,
            Input::Stream(stream) => stream.memory(),
        }
    }

    /// Returns the header's words on all pixels, unless they say that they do not know.
    fn declared(&self, image: u32) -> Result<Option<Declared>, Error> {
        if image > 0 {
            return Ok(None);
        }
        let attributes = self.attributes(0)?;
        let figure = |name| attributes.get(name)?.number();
        let (minimum, maximum) = (figure("MRC.minimum"), figure("MRC.maximum"));
        let known = matches!((minimum, maximum), (Some(minimum), Some(maximum)) if minimum < maximum);
        if !known {
            return Ok(Some(Declared::default()));
        }
        let mean = figure("MRC.mean").filter(|mean| Some(*mean) >= minimum);
        let sigma = figure("MRC.rms").filter(|&rms| rms >= 0.0);
        Ok(Some(Declared { minimum, maximum, mean, sigma, ..Declared::default() }))
    }
}
