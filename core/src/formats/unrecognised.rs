//! The likely kind of a file of no format that is read, for the message to its owner.

use super::FORMATS;

/// Says what a file with these first bytes is, as far as they tell.
pub fn describe(start: &[u8]) -> String {
    if let Some(kind) = looks_like(start) {
        return format!("this is {kind}");
    }
    let known: Vec<String> = FORMATS.iter().map(|format| format!("not {}", format.name)).collect();
    format!("unknown format ({})", known.join(", "))
}

/// Names what starts with these bytes.
pub fn looks_like(start: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 22] = [
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"\x0e\x03\x13\x01", "an HDF4 file; convert it to HDF5 with h4toh5 first"),
        (
            b"version https://git-lfs.github.com/",
            "a Git LFS pointer, which stands for the file; `git lfs pull` gets the file itself",
        ),
        (b"II+\0", "a damaged BigTIFF file; copy it again from where it came"),
        (b"MM\0+", "a damaged BigTIFF file; copy it again from where it came"),
        (b"\0\0\0\x03", "a Digital Micrograph file (DM3); convert it to MRC first"),
        (b"\0\0\0\x04", "a Digital Micrograph file (DM4); convert it to MRC first"),
        (b"II\x97\x01", "a TIA series file (SER); convert it to MRC first"),
        (b"\x1f\x8b", "a gzip archive; unpack it first"),
        (b"BZh", "a bzip2 archive; unpack it first"),
        (b"\xfd7zXZ", "an xz archive; unpack it first"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
        (b"PK\x03\x04", "a zip archive; unpack it first"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"%PDF", "a PDF document"),
        (b"SIMPLE  =", "a FITS file"),
        (b"# AmiraMesh", "an Amira mesh"),
        (b"P5", "a PGM picture"),
        (b"data_", "a STAR file, which names images but holds none"),
        (b"{", "a JSON document"),
        (b"<", "an XML or HTML document"),
    ];
    if start.is_empty() {
        return Some("an empty file");
    }
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(name);
    }
    let text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    if start.iter().all(|byte| *byte == 0) {
        Some("a file of zeros where the header should be")
    } else if start.iter().all(text) {
        Some("a text file")
    } else if spider(start) {
        Some("a SPIDER file; convert it to MRC first")
    } else {
        None
    }
}

/// Recognises SPIDER headers, which start with small whole numbers as floats: sections, rows, ..., the type.
fn spider(start: &[u8]) -> bool {
    let float = |word: usize, decode: fn([u8; 4]) -> f32| {
        let bytes = start.get(4 * word..4 * word + 4)?;
        Some(decode(bytes.try_into().ok()?))
    };
    [f32::from_le_bytes, f32::from_be_bytes].into_iter().any(|decode| {
        let side = |word| float(word, decode).is_some_and(|n| n.fract() == 0.0 && (1.0..1e6).contains(&n));
        let kind =
            float(4, decode).is_some_and(|kind| [1.0, 3.0, -11.0, -12.0, -21.0, -22.0].contains(&kind));
        side(0) && side(1) && side(11) && kind
    })
}

#[cfg(test)]
mod tests {
    use super::{describe, looks_like};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn names() {
        assert_eq!(looks_like(b"\x89HDF\r\n\x1a\nrest"), Some("an HDF5 file"));
        assert_eq!(looks_like(b""), Some("an empty file"));
        assert_eq!(describe(b"hello there\n"), "this is a text file");
        assert_eq!(looks_like(&[0; 1024]), Some("a file of zeros where the header should be"));
        assert_eq!(describe(&[9, 200, 3]), "unknown format (not EMAN2 HDF5, not EER, not TIFF, not MRC)");
        let mut spider = vec![0; 1024];
        for (word, value) in [(0, 1f32), (1, 64.0), (4, 1.0), (11, 64.0)] {
            spider[4 * word..4 * word + 4].copy_from_slice(&value.to_be_bytes());
        }
        assert!(looks_like(&spider).is_some_and(|name| name.starts_with("a SPIDER file")));
    }
}
