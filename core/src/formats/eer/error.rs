//! What can be wrong with an EER file.

use super::coding::Fault;
use super::rendering::EerSums;

/// Why a file cannot be taken for an EER movie. Frames count from 1, pages that are no frames left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EerError {
    /// The format of before EER, which is no TIFF.
    #[error(
        "this is a movie of raw ECC frames, the format of before EER, which is not read; convert it to EER or MRC with \
         the program that wrote it"
    )]
    Ecc,
    /// Pages, and no frame among them.
    #[error("the EER file has no frame of electrons")]
    NoFrames,
    /// Sides that no sensor has.
    #[error(
        "frame {frame} is {width} x {height} pixels, which no sensor has: sides are 1 to {most}",
        most = crate::image::MAX_SIDE - 1
    )]
    Sensor {
        /// The frame.
        frame: u64,
        /// Columns.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// An image that does not fit the memory it may take.
    #[error(
        "an image of {nx} x {ny} {kind} is larger than the {most} that are decoded at once; use a smaller \
         --eer-upsampling",
        most = crate::words::bytes(super::read::MOST_IMAGE_BYTES)
    )]
    Large {
        /// Columns.
        nx: u64,
        /// Rows.
        ny: u64,
        /// Type of a count, in words.
        kind: &'static str,
    },
    /// Frames of one file that cannot be one movie.
    #[error(
        "frames differ in size: frame {frame} is {width} x {height}, frame 1 is {first_width} x {first_height}"
    )]
    OtherSize {
        /// The frame.
        frame: u64,
        /// Its columns.
        width: u64,
        /// Its rows.
        height: u64,
        /// Columns of the first frame.
        first_width: u32,
        /// Rows of the first frame.
        first_height: u32,
    },
    /// Bits of codes that no camera writes.
    #[error("frame {frame}: tag {tag} says {bits} bits for {what}; {known} are known")]
    Bits {
        /// The frame.
        frame: u64,
        /// The tag.
        tag: u16,
        /// What it says.
        bits: u64,
        /// What the bits are for.
        what: &'static str,
        /// What can be.
        known: &'static str,
    },
    /// Places that are finer along one axis.
    #[error(
        "frame {frame}: tags 65008 and 65009 say {horizontal} and {vertical} bits for the place of an electron in its \
         pixel; only equal ones are known"
    )]
    UnequalBits {
        /// The frame.
        frame: u64,
        /// Bits along x.
        horizontal: u64,
        /// Bits along y.
        vertical: u64,
    },
    /// Fewer bytes than the pixels need, whatever is in them.
    #[error(
        "frame {frame} has {bytes} bytes, too few for its {pixels} pixels: the file is cut short or damaged; copy it \
         again from where it came"
    )]
    Short {
        /// The frame.
        frame: u64,
        /// Its bytes.
        bytes: u64,
        /// The pixels.
        pixels: u64,
    },
    /// A part of the file that is named but not there.
    #[error(
        "frame {frame}: strip {strip} ({length} bytes at byte {offset}) does not fit the file of {file} bytes: the \
         file is cut short or damaged; copy it again from where it came"
    )]
    Outside {
        /// The frame.
        frame: u64,
        /// The strip, from 0.
        strip: usize,
        /// Where it should start.
        offset: u64,
        /// How long it should be.
        length: u64,
        /// Length of the file.
        file: u64,
    },
    /// Strips that cannot be told.
    #[error("frame {frame} names {offsets} strips and the lengths of {lengths}: the file is damaged")]
    Strips {
        /// The frame.
        frame: u64,
        /// How many start somewhere.
        offsets: usize,
        /// How many have a length.
        lengths: usize,
    },
    /// Frames that share their bytes, so that nothing bounds how many there are.
    #[error(
        "the frames up to frame {frame} name more bytes than the file has: they share them, the file is damaged"
    )]
    Shared {
        /// The frame.
        frame: u64,
    },
    /// Codes that do not end where the frame does.
    #[error("{}", words(*.frame, *.fault, *.pixels))]
    Codes {
        /// The frame.
        frame: u64,
        /// What is wrong with them.
        fault: Fault,
        /// Pixels of the frame.
        pixels: u64,
    },
    /// Too few frames for what is asked for.
    #[error("the movie has {frames} {plural}, too few for {sums}", plural = if *.frames == 1 { "frame" } else { "frames" })]
    TooFewFrames {
        /// Frames there are.
        frames: u32,
        /// What is asked for.
        sums: EerSums,
    },
    /// A finer grid than the electrons' places.
    #[error("--eer-upsampling {factor} is finer than this camera records: at most {most} can be had")]
    Upsampling {
        /// What is asked for.
        factor: u32,
        /// What can be had.
        most: u32,
    },
}

/// Words what is wrong with a frame's codes.
fn words(frame: u64, fault: Fault, pixels: u64) -> String {
    match fault {
        Fault::Cut { pixel } => format!(
            "frame {frame} is cut short at pixel {pixel} of {pixels}: the file is damaged; copy it again from where it \
             came"
        ),
        Fault::Overrun { pixel } => format!(
            "frame {frame} goes on to pixel {pixel} of {pixels}: the file is damaged; copy it again from where it came"
        ),
    }
}
