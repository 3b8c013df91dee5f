//! The header of a written file, from what an image's attributes still say of the original's.

use super::Layout;
use super::geometry::Geometry;
use super::header_attributes::HeaderAttributes;
use crate::formats::mrc::fei;
use crate::formats::mrc::header::{HEADER_BYTES, IMOD_FLOATS, IMOD_SHORTS, LABEL_BYTES, LABEL_NAMES, at};
use crate::image::attributes::Attributes;
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

/// A header under construction, little-endian.
pub struct Words([u8; HEADER_BYTES]);

impl Words {
    /// Creates the header without the statistics.
    pub fn new(layout: &Layout, attributes: &Attributes) -> Self {
        let kept = HeaderAttributes(attributes);
        let mut words = Self([0; HEADER_BYTES]);
        let geometry = Geometry::of(layout, kept);
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
        let version = kept.int("MRC.nversion").filter(|version| VERSIONS.contains(version));
        words.ints(at::NVERSION, &[version.unwrap_or(VERSIONS[1])]);
        words.text(at::MAP, 4, "MAP ");
        words.text(at::STAMP, 4, "DD");
        if let Some(record) = layout.record {
            words.ints(at::NSYMBT, &[(record * layout.images as usize) as i32]);
            words.text(at::EXTTYP, 4, exttyp(kept, record));
        }
        words.imod(kept);
        words.labels(kept);
        words
    }

    /// Fills the "extra" words with what IMOD keeps there, where IMOD wrote the original.
    fn imod(&mut self, kept: HeaderAttributes<'_>) {
        // In a file of the other byte order the stamp's bytes are the other way around.
        if !matches!(kept.text("MRC.imod_stamp"), Some("IMOD" | "DOMI")) {
            return;
        }
        self.text(at::IMOD_STAMP, 4, "IMOD");
        self.ints(at::IMOD_FLAGS, &[kept.int("MRC.imod_flags").unwrap_or(0) & LASTING_FLAGS]);
        for (name, offset) in IMOD_SHORTS {
            let value = kept.int(name).filter(|_| !EXTENDED_LAYOUT.contains(&name));
            let value = value.and_then(|value| i16::try_from(value).ok()).unwrap_or(0);
            self.0[offset..offset + 2].copy_from_slice(&value.to_le_bytes());
        }
        for (name, offset) in IMOD_FLOATS {
            self.floats(offset, &[kept.float(name).unwrap_or(0.0)]);
        }
    }

    /// Writes the labels that say something, without gaps; none is added.
    fn labels(&mut self, kept: HeaderAttributes<'_>) {
        let said = LABEL_NAMES.iter().filter_map(|name| kept.text(name));
        let mut count = 0;
        for label in said.filter(|label| !label.trim().is_empty()) {
            self.text(at::LABELS + count * LABEL_BYTES, LABEL_BYTES, label);
            count += 1;
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
        self.0
    }

    fn ints(&mut self, offset: usize, values: &[i32]) {
        for (word, value) in values.iter().enumerate() {
            self.0[offset + 4 * word..][..4].copy_from_slice(&value.to_le_bytes());
        }
    }

    fn floats(&mut self, offset: usize, values: &[f32]) {
        for (word, value) in values.iter().enumerate() {
            self.0[offset + 4 * word..][..4].copy_from_slice(&value.to_le_bytes());
        }
    }

    /// Writes ASCII, cut to `room` bytes; the rest stays NUL.
    fn text(&mut self, offset: usize, room: usize, text: &str) {
        let ascii = text.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' });
        self.0[offset..offset + room].iter_mut().zip(ascii).for_each(|(to, from)| *to = from);
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
