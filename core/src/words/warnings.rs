//! What warnings say: the one wording of each.

use std::fmt::{self, Display, Formatter};

use super::{Escaped, counted};
use crate::warning::{Share, Warning};

/// Words so many of so many things.
struct Of<'a>(Share, &'a str);

impl Display for Of<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let Share { count, of } = self.0;
        let plural = if of == 1 { "" } else { "s" };
        write!(to, "{count} of {of} {}{plural}", self.1)
    }
}

/// Words the images that are meant, where a single one needs no count.
struct Which(Share);

impl Display for Which {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        if self.0.of == 1 { to.write_str("the image") } else { Of(self.0, "image").fmt(to) }
    }
}

/// Words what would help where a step is too large: nothing that is on already, nothing that would not do.
struct Advice {
    outliers: bool,
    bits: bool,
}

impl Display for Advice {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(match (self.outliers, self.bits) {
            (true, true) => "use --nooutliers or more bits",
            (true, false) => "use --nooutliers",
            (false, true) => "use more bits",
            (false, false) => "use --bits 0, which keeps floats",
        })
    }
}

impl Display for Warning {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::FeiRecords { bytes } => write!(
                to,
                "the FEI extended header says its records have {bytes} bytes, which cannot be; its metadata is left out"
            ),
            Self::AfterLastSection { bytes } => write!(
                to,
                "{bytes} bytes after the last section that the header names are not part of the output"
            ),
            Self::AfterStream { bytes } => write!(
                to,
                "{} after the end of the compressed stream are not part of the output",
                super::counted(*bytes, "byte")
            ),
            Self::Stamp { big_endian } => write!(
                to,
                "the machine stamp says the other byte order, but only {}-endian numbers make sense",
                if *big_endian { "big" } else { "little" }
            ),
            Self::Unpacked => to.write_str(
                "bytes are unpacked as pairs of 4-bit pixels, as the header says; --no-unpack keeps them",
            ),
            Self::Packed => to
                .write_str("the header says that bytes are pairs of 4-bit pixels; they are kept as they are"),
            Self::UnpackedBySize => to.write_str(
                "bytes are unpacked as pairs of 4-bit pixels, as SerialEM saves frames of this size; --no-unpack keeps \
                 them",
            ),
            Self::PackedBySize => to.write_str(
                "bytes may be pairs of 4-bit pixels, as SerialEM saves frames of this size; they are kept as they are",
            ),
            Self::MinIsWhite => to.write_str(
                "0 is white (PhotometricInterpretation 0): as in EMAN2 pixels are minus the stored numbers",
            ),
            Self::Signed => to.write_str("bytes are read as signed (-128 to 127), as the header shows"),
            Self::VolumesByHeader { sections, each } => write!(
                to,
                "the header says {} volumes of {each} sections, the name (.mrcs) a stack of {sections} images, as which \
                 it is read; under a name in .mrc its volumes are read",
                sections / each
            ),
            Self::ImagesByHeader { sections } => write!(
                to,
                "the header says a stack of {sections} images, the name one volume, as which it is read; under a name \
                 in .mrcs its images are read"
            ),
            Self::EerLeftOver { .. } | Self::EerSingleFrames { .. } | Self::EerPixelSize { .. } => self.of_eer(to),
            Self::WithoutRange(share) => write!(
                to,
                "{} are said to be codes, but not of what range (stored_rendermin, stored_rendermax): as in EMAN2 \
                 the codes are taken for the values",
                Of(*share, "image")
            ),
            Self::Zeroed(share) => write!(
                to,
                "{} have codes from 0 to 0, so that every pixel is 0: older versions of EMAN2 destroyed images of real \
                 numbers above zero this way",
                Of(*share, "image")
            ),
            Self::TextCut { name, kept, of } => write!(
                to,
                "attribute {name} gets the first {kept} of {of} bytes: an HDF5 attribute holds no more"
            ),
            Self::OtherFiles(names) => {
                write!(to, "pixels are in other files too: {}", Escaped(&super::listed(names)))
            }
            Self::NotCarried(names) => write!(to, "not carried over: {}", Escaped(&super::listed(names))),
            Self::Unsound(problem) => write!(to, "the input is not sound: {}", Escaped(problem)),
            Self::LostBefore(images) => write!(
                to,
                "the picture in {} was lost when the input was made, and stays so",
                Which(*images)
            ),
            Self::JustChanged { seconds } => to.write_str(&super::just_changed(1, *seconds)),
            Self::Other(words) => write!(to, "{}", Escaped(words)),
            Self::NotFinite { .. }
            | Self::Loss(_)
            | Self::PictureLost { .. }
            | Self::Dear { .. }
            | Self::TargetMissed { .. }
            | Self::SectionsLost { .. }
            | Self::MostlyOutside(_) => self.of_compressing(to),
            Self::OtherPixelSize(_)
            | Self::ExtendedHeaderCut { .. }
            | Self::ExtendedHeaderLost { .. }
            | Self::Inexact { .. }
            | Self::LargeBytes => self.of_expanding(to),
            Self::Surplus(_)
            | Self::LacksHeader
            | Self::StaleCodes(_)
            | Self::SignedCodes(_)
            | Self::OddStatistics(_) => self.of_verifying(to),
        }
    }
}

impl Warning {
    /// Returns what it is called in front of its words.
    #[must_use]
    pub fn label(&self) -> &'static str {
        if self.is_note() { "note" } else { "warning" }
    }

    /// Words what reading EER warns of.
    fn of_eer(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::EerLeftOver { frames, of } => write!(
                to,
                "{} left over at the end, of {of}: not part of the output",
                counted(u64::from(*frames), "frame")
            ),
            Self::EerSingleFrames { frames, fractions } => write!(
                to,
                "each of the {frames} frames is an image, and the output about as large as the input; --eer-fractions \
                 {fractions} sums them to {fractions} images and makes it about 4 times smaller"
            ),
            Self::EerPixelSize { has_metadata } => write!(
                to,
                "the file {}: 1 Angstrom is taken",
                if *has_metadata {
                    "does not say the size of its pixels"
                } else {
                    "has no metadata that can be read, and so no size of its pixels"
                }
            ),
            _ => Ok(()),
        }
    }

    /// Words what compressing warns of.
    fn of_compressing(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotFinite { nan, infinite, coded } => {
                let outcome = if coded {
                    "NaN reads back as the low end of the range, infinities as its ends"
                } else {
                    "they are kept as they are"
                };
                write!(to, "{nan} NaN and {infinite} infinite pixels: {outcome}")
            }
            Self::Loss(loss) => write!(to, "{loss}"),
            Self::PictureLost { images, outliers, bits } => write!(
                to,
                "the step between codes is larger than sigma in {}: the picture is lost; {}",
                Which(images),
                Advice { outliers, bits }
            ),
            Self::Dear { images, share } => write!(
                to,
                "up to {} of the information at the finest detail is lost in {}; --bits auto keeps it",
                super::percent(share),
                Which(images)
            ),
            Self::TargetMissed { images, proposal } => {
                write!(
                    to,
                    "no number of bits keeps the target in {}, which became 32-bit floats",
                    Which(images)
                )?;
                proposal.map_or(Ok(()), |proposal| write!(to, "; {}", super::proposal(&proposal)))
            }
            Self::SectionsLost { sections, outliers, bits } => write!(
                to,
                "sigma is below half the step between codes in {}: {} lost; {}",
                Of(sections, "section"),
                if sections.count == 1 { "it is" } else { "they are" },
                Advice { outliers, bits }
            ),
            Self::MostlyOutside(images) => {
                write!(to, "more than half of the pixels lie outside the range in {}", Which(images))
            }
            _ => Ok(()),
        }
    }

    /// Words what verifying warns of.
    fn of_verifying(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Surplus((share, names)) => write!(
                to,
                "{} have attributes that the original does not give: {}",
                Of(*share, "image"),
                Escaped(&super::listed(names))
            ),
            Self::LacksHeader => to.write_str("the original's MRC header is not kept in it"),
            Self::StaleCodes(share) => {
                write!(to, "{} hold floats, but their attributes describe codes, too", Of(*share, "image"))
            }
            Self::SignedCodes(share) => write!(
                to,
                "{} hold codes as signed numbers, which are read as EMAN2 reads them",
                Of(*share, "image")
            ),
            Self::OddStatistics(share) => write!(
                to,
                "{} have attributes with other statistics than their pixels, as EMAN2 leaves them when it writes a \
                 region of an image, or meets pixels that are not finite",
                Of(*share, "image")
            ),
            _ => Ok(()),
        }
    }

    /// Words what expanding warns of.
    fn of_expanding(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherPixelSize(share) => write!(
                to,
                "{} have another pixel size than image 0, whose size the header says",
                Of(*share, "image")
            ),
            Self::ExtendedHeaderCut { written, of } => write!(
                to,
                "number or shape of the images are no longer those of the original: {written} of its extended header's \
                 {of} bytes are written"
            ),
            Self::ExtendedHeaderLost { kept, of } => {
                write!(to, "{kept} of the original extended header's {of} bytes were kept")
            }
            Self::Inexact { values, of, mode, largest, vanished } => {
                write!(
                    to,
                    "{values} of {of} values are not exact as {}: largest difference {largest:.3e}",
                    mode.name()
                )?;
                if *vanished > 0 {
                    write!(to, ", {vanished} become 0")?;
                }
                to.write_str("; --mode 2 keeps them")
            }
            Self::LargeBytes => to.write_str(
                "bytes above 127 are negative to programs that take mode 0 as signed; --mode 6 avoids that",
            ),
            _ => Ok(()),
        }
    }
}

/// Words how many warnings there were about how many of how many files.
#[must_use]
pub fn warnings(count: usize, files: usize, of: usize) -> String {
    format!("{} about {files} of {}", counted(count as u64, "warning"), counted(of as u64, "file"))
}
