//! Any bytes are an HDF5 file or a typed error, at once and in bounded memory.

use e2compress_core::Memory;
use e2compress_core::formats::eman2::Eman;
use e2compress_core::formats::hdf5::read::{File, HdfError, ObjectKind};
use e2compress_core::image::Images;
use e2compress_core::{ExpandOptions, NoProgress, OpenOptions, Options, compress, expand};

use crate::bytes::Bytes;
use crate::mrc::OPTION_BYTES;
use crate::objects::{elements, walk};
use crate::plan::planned;

/// What one run may cost; nothing the reader promises.
const MOST_BYTES: u64 = 1 << 20;
const MOST_IMAGES: u32 = 16;

/// Walks over every object, and reads, plans, compresses and expands the images. The first bytes choose the
/// options, the rest is the file.
///
/// # Panics
/// When the readers' promises do not hold.
pub fn hdf_reader(data: &[u8]) {
    let (choice, file) = data.split_at(data.len().min(OPTION_BYTES));
    let options = Bytes(choice).options();
    visit(&file);
    let Ok(reader) = Eman::open(&file, &OpenOptions::default()) else { return };
    let images = reader.images();
    assert!(images > 0);
    let bytes = |image| {
        let shape = reader.shape(image);
        shape.rows().saturating_mul(reader.pixels(image).row_bytes(shape.nx))
    };
    if images > MOST_IMAGES || (0..images).map(bytes).fold(0, u64::saturating_add) > MOST_BYTES {
        return;
    }
    for image in 0..images {
        let rows = reader.shape(image).rows();
        let row_bytes = bytes(image) / rows;
        let middle = rows / 2;
        let mut whole = vec![0; (rows * row_bytes) as usize];
        let mut part = vec![0; ((rows - middle) * row_bytes) as usize];
        // A damaged chunk may lie above the part.
        if reader.read(image, 0..rows, &mut whole).is_ok() {
            reader.read(image, middle..rows, &mut part).expect("what was read is read again");
            assert!(whole.ends_with(&part), "rows depend on how they are read");
        }
        let _ = reader.attributes(image);
    }
    let readable = planned(&reader, &options).is_ok();
    let whole = compressed(&reader, &options);
    assert!(readable || whole.is_none(), "what cannot be planned was compressed");
    let parts = compressed(&reader, &Options { memory: Memory { hold: 0, wave: 0 }, ..options });
    assert!(whole == parts, "the bytes depend on the memory");
    let mut out = Vec::new();
    let outcome = expand(&reader, &mut out, &ExpandOptions::default(), &NoProgress);
    assert!(outcome.is_ok() || out.get(208..212) != Some(b"MAP "), "an error, and a file all the same");
}

/// Everything a file holds, as far as it is small.
fn visit(file: &&[u8]) {
    let Ok(opened) = File::open(file) else { return };
    let _ = walk(&opened, &mut |found| -> Result<(), HdfError> {
        for attribute in found.object.attributes(&opened)? {
            let _ = (attribute.integers(), attribute.floats(), attribute.texts(&opened)?);
        }
        if found.object.kind() == ObjectKind::Dataset {
            let _ = found.object.virtual_parts(&opened)?;
            let _ = elements(&found.object.dataset(&opened)?, &opened, MOST_BYTES);
        }
        Ok(())
    });
}

fn compressed(reader: &Eman<'_>, options: &Options) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let signature = b"\x89HDF\r\n\x1a\n";
    if let Ok(report) = compress(reader, "a.hdf", &mut out, options, &NoProgress) {
        assert!(out.starts_with(signature) && report.output_bytes == out.len() as u64);
        assert_eq!(report.images, reader.images());
        Some(out)
    } else {
        assert!(!out.starts_with(signature), "an error, and a file all the same");
        None
    }
}
