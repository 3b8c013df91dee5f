//! The header of a written file, from what an image's attributes still say of the original's.

use std::borrow::Cow;

use super::geometry::Geometry;
use super::header_attributes::HeaderAttributes;
use super::{Extended, KeptHeader, Layout};
use crate::formats::mrc::header::{HEADER_BYTES, IMOD_FLOATS, IMOD_SHORTS, LABEL_BYTES, LABEL_NAMES, at};
use crate::formats::mrc::{fei, packed, signed};
use crate::image::attributes::{Attributes, Value};
use crate::quantise::statistics::Tally;

use crate::image::PixelType;

/// The versions of MRC2014; files that name neither get the later one.
const VERSIONS: [i32; 2] = [20140, 20141];

/// Of IMOD's flags those that say nothing about bytes or an extended header: the origin's sign is
/// inverted, a negative rms was not computed.
const LASTING_FLAGS: i32 = 4 | 8;

/// A spread of floats, relative to their mean, that is well above the rounding of sums in `f32`.
const SMALLEST_SPREAD: f64 = 1e-4;

/// Bytes per section and data in the extended header, for IMOD; such a header is not kept.
const EXTENDED_LAYOUT: [&str; 2] = ["IMODMRC.nint", "IMODMRC.nreal"];

/// A header under construction.
pub struct Words {
    bytes: [u8; HEADER_BYTES],
    big_endian: bool,
}

impl Words {
    /// Creates the header without the statistics.
    pub fn new(layout: &Layout, attributes: &Attributes, original: Option<&KeptHeader>) -> Self {
        let kept = HeaderAttributes(attributes);
        let big_endian = layout.big_endian;
        let bytes = original.map_or([0; HEADER_BYTES], |original| original.bytes(big_endian));
        let mut words = Self { bytes, big_endian };
        let geometry = Geometry::of(layout, kept, original);
        let sections = layout.shape.nz as i32 * layout.images as i32;
        words.ints(at::DIMENSIONS, &[layout.shape.nx as i32, layout.shape.ny as i32, sections]);
        words.ints(at::MODE, &[layout.mode.mrc_mode().unwrap_or_default()]);
        words.ints(at::START, &geometry.start);
        words.ints(at::GRID, &geometry.grid);
        words.floats(at::CELL, &geometry.cell);
        words.floats(at::ANGLES, &geometry.angles);
        words.ints(at::AXES, &geometry.axes);
        words.ints(at::ISPG, &[geometry.space_group]);
        words.floats(at::ORIGIN, &geometry.origin);
        words.text(at::MAP, 4, "MAP ");
        words.bytes[at::STAMP..at::STAMP + 4].copy_from_slice(if big_endian {
            b"\x11\x11\0\0"
        } else {
            b"DD\0\0"
        });
        words.extended(layout, kept, original);
        if let Some(original) = original {
            words.flags(layout, original);
        } else {
            let version = kept.int("MRC.nversion").filter(|version| VERSIONS.contains(version));
            words.ints(at::NVERSION, &[version.unwrap_or(VERSIONS[1])]);
            words.imod(kept);
        }
        words.labels(kept, original);
        words
    }

    /// Writes length and kind of the extended header, and IMOD's words on its layout.
    fn extended(&mut self, layout: &Layout, kept: HeaderAttributes<'_>, original: Option<&KeptHeader>) {
        let bytes = match layout.extended {
            Extended::None => 0,
            Extended::Records(record) => (record * layout.images as usize) as i32,
            Extended::Original(bytes) => bytes as i32,
        };
        self.ints(at::NSYMBT, &[bytes]);
        if let Extended::Records(record) = layout.extended {
            self.text(at::EXTTYP, 4, exttyp(kept, record));
        }
        let original_bytes = original.map_or(0, |original| original.header().extended());
        if layout.extended == Extended::None && original_bytes > 0 {
            self.bytes[at::EXTTYP..at::EXTTYP + 4].fill(0);
            for (name, offset) in IMOD_SHORTS {
                if EXTENDED_LAYOUT.contains(&name) {
                    self.bytes[offset..offset + 2].fill(0);
                }
            }
        }
    }

    /// Writes IMOD's flags of the original, but for what is no longer true of the bytes.
    fn flags(&mut self, layout: &Layout, original: &KeptHeader) {
        let Some(flags) = original.header().imod_flags() else { return };
        let bytes_as_they_were =
            layout.mode == PixelType::U8 && original.describes && !original.header().unpacked;
        let packed = if bytes_as_they_were { 0 } else { packed::FLAG };
        let signed = if layout.mode == PixelType::U8 { signed::FLAG } else { 0 };
        self.ints(at::IMOD_FLAGS, &[flags & !(packed | signed)]);
    }

    /// Fills the "extra" words with what IMOD keeps there, where IMOD wrote the original.
    fn imod(&mut self, kept: HeaderAttributes<'_>) {
        // In a file of the other byte order the stamp's bytes are the other way around.
        if !matches!(kept.text("MRC.imod_stamp"), Some("IMOD" | "DOMI")) {
            return;
        }
        self.put(at::IMOD_STAMP, *b"IMOD");
        self.ints(at::IMOD_FLAGS, &[kept.int("MRC.imod_flags").unwrap_or(0) & LASTING_FLAGS]);
        for (name, offset) in IMOD_SHORTS {
            let value = kept.int(name).filter(|_| !EXTENDED_LAYOUT.contains(&name));
            let value = value.and_then(|value| i16::try_from(value).ok()).unwrap_or(0);
            self.put(offset, value.to_le_bytes());
        }
        for (name, offset) in IMOD_FLOATS {
            self.floats(offset, &[kept.float(name).unwrap_or(0.0)]);
        }
    }

    /// Writes the original's labels, unless an edit changed them; without an original those that say something, without
    /// gaps. None is added.
    fn labels(&mut self, kept: HeaderAttributes<'_>, original: Option<&KeptHeader>) {
        let said = LABEL_NAMES.iter().map(|name| kept.text(name));
        let unpacked = original.is_none_or(|original| original.header().unpacked);
        if let Some(original) = original {
            let header = original.header();
            let count = header.int(at::NLABELS).clamp(0, LABEL_NAMES.len() as i32) as usize;
            let was: Vec<_> = header.labels().take(count).map(Value::text).collect();
            let same = said.clone().enumerate().all(|(place, said)| match was.get(place) {
                Some(Value::Text(was)) => said == Some(was),
                _ => said.is_none(),
            });
            if same && !unpacked {
                return;
            }
        }
        self.bytes[at::LABELS..].fill(0);
        let mut count = 0;
        for label in said.flatten() {
            let label = if unpacked { packed::without_words(label) } else { Cow::Borrowed(label) };
            if !label.trim().is_empty() {
                self.text(at::LABELS + count * LABEL_BYTES, LABEL_BYTES, &label);
                count += 1;
            }
        }
        self.ints(at::NLABELS, &[count as i32]);
    }

    /// Finishes the header. Pixels that are not finite, and bytes that some readers take for negative, have
    /// no statistics everyone agrees on: then MRC2014's way to say "not determined". The same for an rms that
    /// others could not confirm.
    pub fn finish(mut self, mode: PixelType, tally: &Tally) -> [u8; HEADER_BYTES] {
        let ambiguous = mode == PixelType::U8 && !PixelType::U8.agreed(tally.maximum);
        let statistics = if ambiguous || tally.finite < tally.pixels() || tally.finite == 0 {
            [0.0, -1.0, -2.0, -1.0]
        } else {
            let n = tally.finite as f64;
            let mean = tally.sum / n;
            let variance = (tally.squares / n - mean * mean).max(0.0);
            let rms = if tally.minimum == tally.maximum { 0.0 } else { variance.sqrt() };
            let rms = if is_well_determined(mode, n, mean, rms) { rms } else { -1.0 };
            [tally.minimum, tally.maximum, mean as f32, rms as f32]
        };
        let [minimum, maximum, mean, rms] = statistics;
        self.floats(at::MINIMUM, &[minimum]);
        self.floats(at::MAXIMUM, &[maximum]);
        self.floats(at::MEAN, &[mean]);
        self.floats(at::RMS, &[rms]);
        self.bytes
    }

    fn ints(&mut self, offset: usize, values: &[i32]) {
        for (word, value) in values.iter().enumerate() {
            self.put(offset + 4 * word, value.to_le_bytes());
        }
    }

    fn floats(&mut self, offset: usize, values: &[f32]) {
        for (word, value) in values.iter().enumerate() {
            self.put(offset + 4 * word, value.to_le_bytes());
        }
    }

    /// Writes a number that is given little-endian.
    fn put<const N: usize>(&mut self, offset: usize, mut value: [u8; N]) {
        if self.big_endian {
            value.reverse();
        }
        self.bytes[offset..offset + N].copy_from_slice(&value);
    }

    /// Writes ASCII, cut to `room` bytes; the rest stays NUL.
    fn text(&mut self, offset: usize, room: usize, text: &str) {
        let ascii = text.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' });
        self.bytes[offset..offset + room].iter_mut().zip(ascii).for_each(|(to, from)| *to = from);
    }
}

/// Tells whether programs that compute in the type of the pixels, such as mrcfile, find the same rms: sums of
/// halves overflow at once, sums of floats when they must, and a mean of floats has an error of its own.
fn is_well_determined(mode: PixelType, n: f64, mean: f64, rms: f64) -> bool {
    match mode {
        PixelType::F16 => false,
        PixelType::F32 => rms >= SMALLEST_SPREAD * mean.abs() && rms * rms * n < f64::from(f32::MAX),
        _ => true,
    }
}

/// Returns the kind of FEI records: the original's, or by their length.
fn exttyp(kept: HeaderAttributes<'_>, record: usize) -> &'static str {
    match kept.text("MRC.exttyp") {
        Some("FEI1") => "FEI1",
        Some("FEI2") => "FEI2",
        _ if record < fei::LONGEST_RECORD => "FEI1",
        _ => "FEI2",
    }
}
