//! Things the owner of a file should know before the original is deleted, as data: what they say is in
//! `words/warnings.rs`, once for the command, its records and the page.

use crate::compress::{Loss, Proposal};
use crate::image::PixelType;

/// What [`Warning::PictureLost`] is called in records.
const PICTURE_LOST: &str = "picture_lost";

/// What [`Loss::AllCut`] is called in records.
const ALL_CLIPPED: &str = "all_clipped";

/// Tells whether warnings of a kind say that an output has lost a picture: the one list of such kinds.
#[must_use]
pub fn is_picture_lost(kind: &str) -> bool {
    [PICTURE_LOST, ALL_CLIPPED].contains(&kind)
}

/// Something the owner of a file should know.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// Records of the FEI extended header have a size that cannot be.
    FeiRecords {
        /// Bytes of a record, as the header says.
        bytes: u64,
    },
    /// Bytes of an MRC file after the last section, which no output has.
    AfterLastSection {
        /// How many.
        bytes: u64,
    },
    /// Bytes of a file after the compressed stream that is read of it.
    AfterStream {
        /// How many.
        bytes: u64,
    },
    /// The machine stamp contradicts the numbers of an MRC header.
    Stamp {
        /// The order that is taken.
        big_endian: bool,
    },
    /// Bytes that are unpacked as pairs of 4-bit pixels.
    Unpacked,
    /// Bytes that may be pairs of 4-bit pixels and are kept as they are.
    Packed,
    /// Bytes that are unpacked as pairs of 4-bit pixels, as their number tells.
    UnpackedBySize,
    /// Bytes that are pairs of 4-bit pixels by their number and are kept as they are.
    PackedBySize,
    /// Pixels of which minus the value is taken.
    MinIsWhite,
    /// Bytes that are read as signed.
    Signed,
    /// Header and name say different things of a stack of volumes.
    VolumesByHeader {
        /// Sections in the file.
        sections: u32,
        /// Sections of a volume, as the header says.
        each: u32,
    },
    /// The header says a stack of images, the name one volume.
    ImagesByHeader {
        /// Sections in the file.
        sections: u32,
    },
    /// Frames of an EER movie that are in no image.
    EerLeftOver {
        /// How many.
        frames: u32,
        /// Of how many.
        of: u32,
    },
    /// Images of one frame each, which save nothing.
    EerSingleFrames {
        /// How many.
        frames: u32,
        /// Fractions that would.
        fractions: u32,
    },
    /// An EER file that does not say the size of its pixels.
    EerPixelSize {
        /// It says other things.
        has_metadata: bool,
    },
    /// Images of codes without a range, which are taken for values.
    WithoutRange(Share),
    /// Images whose codes all mean 0.
    Zeroed(Share),
    /// A text of the input that is longer than an attribute.
    TextCut {
        /// Name of the attribute.
        name: &'static str,
        /// Bytes that are kept.
        kept: u64,
        /// Bytes the input has.
        of: u64,
    },
    /// What of the input no output has, by name.
    NotCarried(Vec<String>),
    /// Other files that pixels are in, by name.
    OtherFiles(Vec<String>),
    /// An input that is not sound and was taken as it is.
    Unsound(String),
    /// Images of an input, the codes of which are too few to hold a picture: what is made of them loses nothing more.
    LostBefore(Share),
    /// An input that changed just before it was read, and may still be written.
    JustChanged {
        /// Less than so many seconds before.
        seconds: u64,
    },

    /// Pixels that are not finite.
    NotFinite {
        /// Pixels that are NaN.
        nan: u64,
        /// Pixels that are infinite.
        infinite: u64,
        /// They became codes.
        coded: bool,
    },
    /// Something beyond bits that the output lacks.
    Loss(Loss),
    /// Images whose step between codes is larger than the spread of their pixels.
    PictureLost {
        /// How many.
        images: Share,
        /// Leaving out the outliers would make the step small enough in all of them.
        outliers: bool,
        /// More bits can be had.
        bits: bool,
    },
    /// Images of which the step costs more than one part in twenty of the information at some frequency.
    Dear {
        /// How many, of those whose noise is known.
        images: Share,
        /// The largest part that is lost.
        share: f64,
    },
    /// Images that are stored as floats since no number of bits keeps the target.
    TargetMissed {
        /// How many.
        images: Share,
        /// Limits that would help the first of them, if any would.
        proposal: Option<Proposal>,
    },
    /// Sections that vary by less than half of the step between codes.
    SectionsLost {
        /// How many, of all images.
        sections: Share,
        /// Leaving out the outliers would make the step small enough for all of them.
        outliers: bool,
        /// More bits can be had.
        bits: bool,
    },
    /// Images of which more than half of the pixels lie outside the range.
    MostlyOutside(Share),

    /// Images whose pixel size is not that of the first, whose size an MRC header says.
    OtherPixelSize(Share),
    /// An extended header that does not fit the images any more.
    ExtendedHeaderCut {
        /// Bytes that are written.
        written: u64,
        /// Bytes the original had.
        of: u64,
    },
    /// An extended header that was not kept whole.
    ExtendedHeaderLost {
        /// Bytes that were kept.
        kept: u64,
        /// Bytes the original had.
        of: u64,
    },
    /// Values that are rounded by the mode they are expanded to.
    Inexact {
        /// How many.
        values: u64,
        /// Of how many.
        of: u64,
        /// What they are stored as.
        mode: PixelType,
        /// Largest difference.
        largest: f64,
        /// Of them, values that become 0.
        vanished: u64,
    },
    /// Bytes above 127, which some programs take for negative ones.
    LargeBytes,

    /// Images of floats whose attributes describe codes.
    StaleCodes(Share),
    /// Images with attributes that the original does not give, and their names.
    Surplus((Share, Vec<String>)),
    /// The original's header is not kept.
    LacksHeader,
    /// Images with codes as signed numbers.
    SignedCodes(Share),
    /// Images whose attributes have other statistics than their pixels.
    OddStatistics(Share),

    /// Anything else, in words: for formats outside this crate.
    Other(String),
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// Creates a share; `None` of nothing.
    #[must_use]
    pub fn some(count: impl Into<u64>, of: impl Into<u64>) -> Option<Self> {
        let (count, of) = (count.into(), of.into());
        (count > 0).then_some(Self { count, of })
    }
}

impl Warning {
    /// Tells whether it is about the input alone, whatever is made of it.
    #[must_use]
    pub fn is_of_input(&self) -> bool {
        !matches!(
            self,
            Self::NotFinite { .. }
                | Self::Loss(_)
                | Self::PictureLost { .. }
                | Self::Dear { .. }
                | Self::TargetMissed { .. }
                | Self::SectionsLost { .. }
                | Self::MostlyOutside(_)
        )
    }

    /// Tells whether it says that an output has lost a picture.
    #[must_use]
    pub fn is_picture_lost(&self) -> bool {
        is_picture_lost(self.kind())
    }

    /// Tells whether it is a note: worth knowing, but nothing shows that anything of the input is lost or wrong, so that
    /// `--strict` does not count it.
    #[must_use]
    pub fn is_note(&self) -> bool {
        matches!(
            self,
            Self::EerSingleFrames { .. }
                | Self::EerPixelSize { .. }
                | Self::MinIsWhite
                | Self::UnpackedBySize
                | Self::LostBefore(_)
                | Self::JustChanged { .. }
        )
    }

    /// Returns the name of its kind, for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FeiRecords { .. } => "fei_records",
            Self::AfterLastSection { .. } => "after_last_section",
            Self::AfterStream { .. } => "after_stream",
            Self::Stamp { .. } => "machine_stamp",
            Self::Unpacked => "unpacked",
            Self::Packed => "packed",
            Self::UnpackedBySize => "unpacked_by_size",
            Self::PackedBySize => "packed_by_size",
            Self::MinIsWhite => "min_is_white",
            Self::Signed => "signed",
            Self::VolumesByHeader { .. } => "volumes_by_header",
            Self::ImagesByHeader { .. } => "images_by_header",
            Self::EerLeftOver { .. } => "eer_left_over",
            Self::EerSingleFrames { .. } => "eer_single_frames",
            Self::EerPixelSize { .. } => "eer_pixel_size",
            Self::WithoutRange(_) => "without_range",
            Self::Zeroed(_) => "zeroed",
            Self::TextCut { .. } => "text_cut",
            Self::NotCarried(_) => "not_carried",
            Self::OtherFiles(_) => "other_files",
            Self::Unsound(_) => "unsound",
            Self::LostBefore(_) => "lost_before",
            Self::JustChanged { .. } => "just_changed",
            Self::NotFinite { .. } => "not_finite",
            Self::Loss(Loss::Rounded { .. }) => "rounded",
            Self::Loss(Loss::AllCut { .. }) => ALL_CLIPPED,
            Self::Loss(Loss::Cut { .. }) => "clipped",
            Self::PictureLost { .. } => PICTURE_LOST,
            Self::Dear { .. } => "information_lost",
            Self::TargetMissed { .. } => "target_missed",
            Self::SectionsLost { .. } => "sections_lost",
            Self::MostlyOutside(_) => "mostly_outside",
            Self::OtherPixelSize(_) => "other_pixel_size",
            Self::ExtendedHeaderCut { .. } => "extended_header_cut",
            Self::ExtendedHeaderLost { .. } => "extended_header_lost",
            Self::Inexact { .. } => "inexact",
            Self::LargeBytes => "large_bytes",
            Self::StaleCodes(_) => "stale_codes",
            Self::Surplus(_) => "surplus_attributes",
            Self::LacksHeader => "lacks_header",
            Self::SignedCodes(_) => "signed_codes",
            Self::OddStatistics(_) => "odd_statistics",
            Self::Other(_) => "other",
        }
    }
}

/// Serialises as its words. Reports add `warning_kinds` beside `warnings`, which is what programs go by.
#[cfg(feature = "serde")]
impl serde::Serialize for Warning {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Serialises warnings as three fields: `warnings`, in words, `warning_kinds`, in the same order, and `notes`, in words.
#[cfg(feature = "serde")]
pub fn with_kinds<S: serde::Serializer>(all: &[Warning], serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeStruct as _;
    let (notes, warnings): (Vec<&Warning>, Vec<&Warning>) = all.iter().partition(|found| found.is_note());
    let kinds: Vec<&str> = warnings.iter().map(|warning| warning.kind()).collect();
    let mut fields = serializer.serialize_struct("Warnings", 3)?;
    fields.serialize_field("warnings", &warnings)?;
    fields.serialize_field("warning_kinds", &kinds)?;
    fields.serialize_field("notes", &notes)?;
    fields.end()
}
