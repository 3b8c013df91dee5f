//! What holds for the images of any file that a reader of any format opens.

use e2compress_core::{Error, ExpandOptions, Images, Memory, NoProgress, Options, compress, expand};

/// What one run may cost; nothing the readers promise.
const MOST_BYTES: u64 = 1 << 20;
const MOST_IMAGES: u32 = 16;

/// Reads, compresses and expands the images of a file, as far as it is small. Damage may show in the pixels only.
///
/// # Panics
/// When a reader's promises do not hold.
pub fn images(reader: &dyn Images, name: &str, options: &Options) {
    let images = reader.images();
    assert!(images > 0);
    let bytes = |image| {
        let shape = reader.shape(image);
        assert!(shape.pixels() > 0);
        shape.rows().saturating_mul(reader.pixels(image).row_bytes(shape.nx))
    };
    let _ = (reader.warnings(), reader.attributes(images - 1), reader.memory());
    if images > MOST_IMAGES || (0..images).map(bytes).fold(0, u64::saturating_add) > MOST_BYTES {
        return;
    }
    // The last one first: what a reader keeps must not matter.
    for image in (0..images).rev().chain(0..images) {
        let rows = reader.shape(image).rows();
        let row_bytes = bytes(image) / rows;
        let middle = rows / 2;
        let mut whole = vec![0; (rows * row_bytes) as usize];
        let mut part = vec![0; ((rows - middle) * row_bytes) as usize];
        let part_is_there = reader.read(image, middle..rows, &mut part).is_ok();
        if reader.read(image, 0..rows, &mut whole).is_ok() {
            assert!(part_is_there && whole.ends_with(&part), "rows depend on how they are read");
        }
        if let Ok(attributes) = reader.attributes(image) {
            assert!(attributes.iter().all(|found| !found.name.is_empty()));
        }
    }
    let whole = compressed(reader, name, options);
    let parts = compressed(reader, name, &Options { memory: Memory { hold: 0, wave: 0 }, ..*options });
    assert!(whole == parts, "the bytes depend on the memory");
    let mut out = Vec::new();
    let outcome = expand(reader, &mut out, &ExpandOptions::default(), &NoProgress);
    assert!(outcome.is_ok() || out.get(208..212) != Some(b"MAP "), "an error, and a file all the same");
}

fn compressed(reader: &dyn Images, name: &str, options: &Options) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let signature = b"\x89HDF\r\n\x1a\n";
    match compress(reader, name, &mut out, options, &NoProgress) {
        Ok(report) => {
            assert!(out.starts_with(signature) && report.output_bytes == out.len() as u64);
            assert_eq!(report.images, reader.images());
            Some(out)
        }
        Err(problem) => {
            assert!(!out.starts_with(signature), "an error, and a file all the same");
            assert!(!matches!(problem, Error::Readback(_)), "{problem}");
            None
        }
    }
}
