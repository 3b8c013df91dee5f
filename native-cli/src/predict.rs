//! The size of an output before it is made, from the plans of a few of its images.

use std::ops::ControlFlow;

use e2compress_core::{
    Error, ImagePlan, Images, Options, PixelEncoding, PixelType, Progress, Selection, plan,
};

use crate::files::plan::Paths;
use crate::files::sanitize::display;
use crate::fmt;
use crate::terminal::Outcome;

/// Images of a file that are looked at.
const MOST_IMAGES: u32 = 3;

/// Bytes of a pixel as a 32-bit float.
const FLOAT: u64 = 4;

/// What an output will take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// About so many bytes.
    About(u64),
    /// At most about so many.
    AtMost(u64),
}

impl Size {
    /// Returns the number of bytes.
    pub fn bytes(self) -> u64 {
        match self {
            Self::About(bytes) | Self::AtMost(bytes) => bytes,
        }
    }
}

/// Predicts the size of what compressing makes of some images: of three at most, spread over the file, each is planned and
/// stands for those beside it.
pub fn compressed(
    images: Box<dyn Images + '_>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Size, Error> {
    let count = images.images();
    let pixels = pixels_of(&*images);
    match options.stored {
        PixelEncoding::Raw => return Ok(Size::About(pixels.saturating_mul(FLOAT))),
        PixelEncoding::Floats => return Ok(Size::AtMost(pixels.saturating_mul(FLOAT))),
        PixelEncoding::Auto(_) | PixelEncoding::Codes(_) => {}
    }
    let some = count.min(MOST_IMAGES);
    let last = u64::from(count.saturating_sub(1));
    let numbers =
        (0..some).map(|place| (last * u64::from(place) / u64::from(some.max(2) - 1)) as u32).collect();
    let selection = Selection::new(images, numbers);
    let (mut looked_at, mut bytes, mut at_most) = (0, 0, false);
    let take = &mut |planned: ImagePlan| {
        let own = planned.shape.pixels();
        looked_at += own;
        bytes += size(&planned, options).unwrap_or_else(|| {
            at_most = true;
            own.saturating_mul(FLOAT)
        });
        ControlFlow::Continue(())
    };
    plan(&selection, options, take, progress)?;
    let all = u128::from(bytes) * u128::from(pixels) / u128::from(looked_at.max(1));
    let all = u64::try_from(all).unwrap_or(u64::MAX);
    Ok(if at_most { Size::AtMost(all) } else { Size::About(all) })
}

/// Returns the bytes of an image, if they are known.
fn size(planned: &ImagePlan, options: &Options) -> Option<u64> {
    let row = planned.table.iter().find(|row| match options.stored {
        PixelEncoding::Codes(bits) => row.bits == bits.get(),
        _ => row.chosen,
    });
    row.map_or(planned.choice.predicted_size, |row| row.predicted_size)
}

/// Predicts the size of the MRC file that images expand to, at most in 32 bits where the pixels decide.
pub fn expanded(images: &dyn Images, mode: Option<PixelType>) -> Size {
    let pixels = pixels_of(images);
    match mode {
        Some(mode) => Size::About(pixels.saturating_mul(mode.bytes() as u64)),
        None => Size::AtMost(pixels.saturating_mul(FLOAT)),
    }
}

/// Words what would be made of a file.
pub fn outcome(paths: &Paths, contents: &str, before: u64, size: Size, replaced: bool) -> Outcome {
    let about = match size {
        Size::About(_) => "about",
        Size::AtMost(_) => "at most",
    };
    let replaced = if replaced { ", replaced" } else { "" };
    let line = format!(
        "{} -> {}: {contents}, {about} {}{replaced}: would be written",
        display(&paths.input),
        display(&paths.output),
        fmt::sizes(before, size.bytes()),
    );
    Outcome { bytes: Some((before, size.bytes())), ..Outcome::skipped(line) }
}

/// Counts the pixels of all images.
fn pixels_of(images: &dyn Images) -> u64 {
    (0..images.images()).map(|image| images.shape(image).pixels()).fold(0, u64::saturating_add)
}
