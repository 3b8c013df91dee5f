//! Whether a file is stored as options would have stored its original: with their bits, in the range they give. What is
//! expected is found by compressing's own passes, up to the range.

use std::fmt;
use std::ops::{ControlFlow, Range};

use super::group::{Group, Image};
use super::options::{Estimates, Options};
use super::passes::Passes;
use super::{Sizes, Store, Walk, passes_of};
use crate::error::Error;
use crate::image::{Images, PixelType};
use crate::pipeline::budget::bytes_of_image;
use crate::pipeline::progress::{Meter, Progress};
use crate::pipeline::scratch::Scratch;
use crate::quantise::{Encoding, PixelEncoding};
use crate::words;

/// How the pixels of an image are stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StoredAs {
    /// 32-bit floats in one piece.
    Raw,
    /// 32-bit floats in chunks.
    Floats,
    /// Codes.
    Codes {
        /// Bits of a code.
        bits: u32,
        /// What the codes span.
        range: (f32, f32),
    },
    /// Numbers of another type, as they are.
    Numbers(PixelType),
}

impl fmt::Display for StoredAs {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Raw => to.write_str(&words::stored(PixelEncoding::Raw)),
            Self::Floats => to.write_str(&words::stored(PixelEncoding::Floats)),
            Self::Codes { bits, range } => {
                write!(to, "{}, {}", words::counted(bits.into(), "bit"), words::range(range))
            }
            Self::Numbers(kind) => to.write_str(kind.name()),
        }
    }
}

/// An image that is not stored as the options would have it.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "image {image} is stored as {found}, but the options make it {expected}: it was made with other options, or of \
     another original"
)]
pub struct OptionsError {
    /// Number of the image.
    pub image: u32,
    /// How it is stored.
    pub found: StoredAs,
    /// How the options store it.
    pub expected: StoredAs,
}

/// Checks that every image of a file has the bits and the range that compressing `original` with these options
/// gives it. Their codes are what [`crate::verify()`] checks.
///
/// # Errors
/// [`Error::Options`] for the first image that has not; [`Error::Original`] when the original cannot be read;
/// what reading the file fails with.
pub fn check_options(
    file: &dyn Images,
    original: &dyn Images,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let of_original = |problem| match problem {
        Error::Cancelled => Error::Cancelled,
        problem => Error::Original(Box::new(problem)),
    };
    let options = Options { estimates: Estimates::None, ..*options };
    let mut checked = Ok(());
    measure_each(original, &options, Sizes::AsWritten, progress, &mut |image| {
        checked = check(file, image);
        if checked.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .map_err(of_original)?;
    checked
}

/// Measures all images one by one up to their plan, until `take` breaks off.
///
/// # Errors
/// See [`measure_some`].
fn measure_each(
    images: &dyn Images,
    options: &Options,
    sizes: Sizes,
    progress: &dyn Progress,
    take: &mut dyn FnMut(&Image) -> ControlFlow<()>,
) -> Result<(), Error> {
    let all = 0..images.images();
    measure_some(images, std::slice::from_ref(&all), options, sizes, progress, take)
}

/// Measures the images of some parts of a file one by one up to their plan, until `take` breaks off.
///
/// # Errors
/// What reading the images fails with; [`Error::Cancelled`].
pub(crate) fn measure_some(
    images: &dyn Images,
    parts: &[Range<u32>],
    options: &Options,
    sizes: Sizes,
    progress: &dyn Progress,
    take: &mut dyn FnMut(&Image) -> ControlFlow<()>,
) -> Result<(), Error> {
    let scratch = Scratch::default();
    let mut store = Store::default();
    let all = parts.iter().cloned().flatten().map(|number| bytes_of_image(images, number));
    let total = all.fold(0, u64::saturating_add).saturating_mul(passes_of(options));
    let walk = Walk {
        images,
        options,
        choose: &|_, _| options.stored,
        passes: Passes {
            level: options.level.unwrap_or_default(),
            images: images.images(),
            verify: false,
            #[cfg(test)]
            tamper: None,
            scratch: &scratch,
        },
        sizes,
        meter: Meter::new(progress, total),
    };
    for part in parts {
        let mut next = Group::among(images, part.clone(), options, &mut store);
        while let Some(mut group) = next {
            walk.measure(&mut group)?;
            for image in &group.images {
                if take(image).is_break() {
                    return Ok(());
                }
            }
            next = Group::among(images, group.numbers().end..part.end, options, &mut store);
            store.give(group.held);
        }
    }
    Ok(())
}

/// Checks one image, whose plan is known.
fn check(file: &dyn Images, image: &Image) -> Result<(), Error> {
    let expected = match &image.encoding {
        Encoding::Raw => StoredAs::Raw,
        Encoding::Floats => StoredAs::Floats,
        Encoding::Codes(coding) => {
            StoredAs::Codes { bits: coding.bits.get(), range: (coding.range.low, coding.range.high) }
        }
    };
    let number = image.number;
    let pixels = file.pixels(number);
    let found = match (pixels.scale, pixels.kind) {
        (Some(scale), _) => {
            StoredAs::Codes { bits: scale.bit_count(), range: (scale.range.low, scale.range.high) }
        }
        (None, PixelType::F32) => {
            let in_chunks = file.storage(number)?.is_some_and(|storage| storage.expected > 0);
            if in_chunks { StoredAs::Floats } else { StoredAs::Raw }
        }
        (None, kind) => StoredAs::Numbers(kind),
    };
    if found == expected { Ok(()) } else { Err(OptionsError { image: number, found, expected }.into()) }
}
