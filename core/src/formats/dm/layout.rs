//! Which image of the list is the one that the file shows, and how its pixels lie.

use super::error::DmError;
use super::tags::{TagId, Tags};
use super::value::Kind;
use crate::error::Error;
use crate::formats::planes::Planes;
use crate::image::{MAX_SIDE, PixelType, Pixels, Shape};

/// The image that a file shows.
pub struct Layout {
    /// Its group.
    pub group: TagId,
    /// Its group of pixels and their description.
    pub data: TagId,
    /// Frames.
    pub images: u32,
    /// One of them.
    pub planes: Planes,
    pub pixels: Pixels,
    /// Where the first one starts in the file.
    pub start: u64,
    /// Images in the list that are neither this one nor a thumbnail.
    pub others: usize,
}

/// Paths of what tells which image is shown.
const SHOWN: [&str; 1] = ["ImageSourceList"];
const THUMBNAILS: [&str; 1] = ["Thumbnails"];

impl Layout {
    /// Finds the image and checks what is said of it.
    pub fn of(tags: &Tags) -> Result<Self, Error> {
        let list: Vec<TagId> = tags.named(0, "ImageList").map_or(Vec::new(), |id| tags.entries(id).collect());
        let data = |image: usize| tags.find(*list.get(image)?, &["ImageData", "Data"]);
        let with_pixels: Vec<usize> = (0..list.len()).filter(|image| data(*image).is_some()).collect();
        let thumbnail = number_of_first(tags, &THUMBNAILS, "ImageIndex");
        let shown = number_of_first(tags, &SHOWN, "ImageRef").filter(|image| with_pixels.contains(image));
        let image = shown.or_else(|| match with_pixels[..] {
            [first, second] if thumbnail == Some(second) => Some(first),
            _ => with_pixels.last().copied(),
        });
        let image = image.ok_or(DmError::NoImage)?;
        let others =
            with_pixels.iter().filter(|other| **other != image && Some(**other) != thumbnail).count();
        let group = list[image];
        let data = tags.named(group, "ImageData").ok_or(DmError::NoImage)?;
        Self::described(tags, image, group, data, others)
    }

    /// Checks what is said of one image.
    fn described(tags: &Tags, image: usize, group: TagId, data: TagId, others: usize) -> Result<Self, Error> {
        let missing = |tag| DmError::Missing { image, tag };
        let number = |name| tags.named(data, name).and_then(|id| tags.number(id));
        let dimensions = tags.named(data, "Dimensions").ok_or(missing("Dimensions"))?;
        let sides = tags.entries(dimensions).map(|id| tags.number(id).filter(|side| *side >= 0.0));
        let sides: Vec<u64> = sides
            .map(|side| side.map(|side| side as u64))
            .collect::<Option<_>>()
            .ok_or(missing("Dimensions"))?;
        let data_type = number("DataType").ok_or(missing("DataType"))? as i64;
        let kind = pixel_type(data_type).ok_or(DmError::Pixels { image, data_type })?;
        let depth = number("PixelDepth").map_or(0, |depth| depth as i64);
        if depth != 0 && depth != kind.bytes() as i64 {
            return Err(DmError::Depth { image, data_type, depth, is: kind.bytes() }.into());
        }
        let (nx, ny, frames) = match sides[..] {
            [] => return Err(missing("Dimensions").into()),
            [nx, ny] => (nx, ny, 1),
            [nx, ny, frames] => (nx, ny, frames),
            _ => return Err(DmError::Dimensions { image, sides }.into()),
        };
        let side = |side: u64| u32::try_from(side).ok().filter(|side| (1..MAX_SIDE).contains(side));
        let frames = i32::try_from(frames).ok().filter(|frames| *frames > 0).map(i32::unsigned_abs);
        let (Some(nx), Some(ny), Some(images)) = (side(nx), side(ny), frames) else {
            return Err(DmError::Sides { image, sides }.into());
        };
        let pixels = Pixels::new(kind, tags.big_endian);
        let planes =
            Planes { shape: Shape { nx, ny, nz: 1 }, row_bytes: pixels.row_bytes(nx), top_first: true };
        let array = tags.named(data, "Data").and_then(|id| tags.tag(id).value.as_ref());
        let array = array.filter(|value| matches!(value.kind, Kind::Array(..))).ok_or(missing("Data"))?;
        let promised = planes.bytes() * u128::from(images);
        if promised > u128::from(array.bytes) {
            return Err(DmError::TooFew { image, promised, found: array.bytes }.into());
        }
        Ok(Self { group, data, images, planes, pixels, start: array.start, others })
    }
}

/// Returns the number under a name in the first entry of a list.
fn number_of_first(tags: &Tags, list: &[&str], name: &str) -> Option<usize> {
    let first = tags.entries(tags.find(0, list)?).next()?;
    let number = tags.number(tags.named(first, name)?)?;
    (number >= 0.0).then_some(number as usize)
}

/// Returns the type of pixels by its number.
fn pixel_type(number: i64) -> Option<PixelType> {
    Some(match number {
        1 => PixelType::I16,
        2 => PixelType::F32,
        6 | 14 => PixelType::U8,
        7 => PixelType::I32,
        9 => PixelType::I8,
        10 => PixelType::U16,
        11 => PixelType::U32,
        12 => PixelType::F64,
        _ => return None,
    })
}
