//! Attributes: what EMAN2 keeps of a page, its pixel size, and what else would be lost.

use super::directory::{Entry, TiffFile};
use super::imagej::ImageJ;
use super::page::Page;
use crate::error::Error;
use crate::formats::mrc::PIXEL_SIZES;
use crate::image::Attributes;
use crate::image::attributes::LONGEST_TEXT;
use crate::warning::Warning;

/// A text of a page, and its attribute.
type Text = (&'static str, Option<Entry>);

fn texts(page: &Page) -> [Text; 3] {
    [("TIFF.description", page.description), ("TIFF.software", page.software), ("TIFF.date", page.date)]
}

/// Describes an image, which a page of a file of so many is.
///
/// # Errors
/// [`Error::Read`], [`Error::Tiff`] when a text is not in the file.
pub fn of(file: &TiffFile<'_>, page: &Page, images: u32) -> Result<Attributes, Error> {
    let mut attributes = Attributes::new();
    let order: &[u8] = if file.big_endian { b"big" } else { b"little" };
    attributes.text("ImageEndian", order);
    let sizes = pixel_size(page, &description(file, page)?);
    for (name, size) in ["apix_x", "apix_y", "apix_z"].into_iter().zip(sizes) {
        attributes.float(name, size);
    }
    attributes.int("TIFF.bitspersample", page.kind.bits() as i32);
    attributes.float("TIFF.resolution_x", page.resolution[0] as f32);
    attributes.float("TIFF.resolution_y", page.resolution[1] as f32);
    attributes.int("nimg", images as i32);
    for (name, entry) in texts(page) {
        if let Some(entry) = entry {
            attributes.text_start(name, &file.bytes(page.number, &entry, LONGEST_TEXT as u64)?);
        }
    }
    Ok(attributes)
}

/// Warns of texts that are longer than attributes, once for each.
pub fn warnings(pages: &[Page]) -> Vec<Warning> {
    let mut found: Vec<Warning> = Vec::new();
    for (name, entry) in pages.iter().flat_map(texts) {
        let of = entry.map_or(0, |entry| entry.count);
        let told =
            found.iter().any(|known| matches!(known, Warning::TextCut { name: known, .. } if *known == name));
        if of > LONGEST_TEXT as u64 && !told {
            found.push(Warning::TextCut { name, kept: LONGEST_TEXT as u64, of });
        }
    }
    found
}

/// Reads the start of a page's description.
///
/// # Errors
/// [`Error::Read`], [`Error::Tiff`] when it is not in the file.
pub fn description(file: &TiffFile<'_>, page: &Page) -> Result<String, Error> {
    let Some(entry) = page.description else { return Ok(String::new()) };
    let bytes = file.bytes(page.number, &entry, LONGEST_TEXT as u64)?;
    let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    // `ImageJ` writes a micrometre in Latin-1.
    Ok(match std::str::from_utf8(text) {
        Ok(text) => text.into(),
        Err(_) => text.iter().map(|&byte| char::from(byte)).collect(),
    })
}

/// Returns the edges of a pixel in Angstrom, 1 where they are not known.
fn pixel_size(page: &Page, description: &str) -> [f32; 3] {
    let unit = match page.unit {
        2 => Some(2.54e8),
        3 => Some(1e8),
        _ => ImageJ::of(description).and_then(|image_j| image_j.unit()),
    };
    let size = |resolution: f64| {
        let size = unit.filter(|_| resolution > 0.0).map(|unit| unit / resolution);
        // Others are numbers for printers.
        size.filter(|size| PIXEL_SIZES.contains(size))
    };
    let [x, y] = page.resolution.map(size);
    let (x, y) = (x.or(y).unwrap_or(1.0), y.or(x).unwrap_or(1.0));
    [x as f32, y as f32, x as f32]
}
