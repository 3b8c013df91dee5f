//! The likely kind of a file of no format that is read, for the message to its owner: by its bytes, else by its name.

use super::{FORMATS, Start};

/// What to do about pictures that EMAN2 reads and this program does not.
const EMAN2: &str = "convert it to MRC first, in EMAN2 with `e2proc2d.py IN OUT.mrc`";

/// The same of volumes.
const EMAN2_VOLUME: &str = "convert it to MRC first, in EMAN2 with `e2proc3d.py IN OUT.mrc`";

/// What to do about archives.
const UNPACK: &str = "unpack it first";

/// What to do about formats that only other programs read.
const CONVERT: &str = "convert it to MRC first";

/// What to do about damage.
const COPY: &str = "copy it again from where it came";

/// What to do about text.
const NO_PIXELS: &str = "which holds no pixels: name the images themselves";

/// Says what a file is, as far as its start, its end and its name tell.
pub fn describe(start: &Start<'_>) -> String {
    let known: Vec<String> = FORMATS.iter().map(|format| format!("not {}", format.name)).collect();
    let likely = ends_like(start).or_else(|| looks_like(start.bytes)).or_else(|| is_named_as(start.name));
    match likely {
        Some(kind) => format!("this is {kind}"),
        None if start.bytes.iter().copied().all(is_text) => format!("this is a text file, {NO_PIXELS}"),
        None => format!("unknown format ({})", known.join(", ")),
    }
}

/// Bytes that files start with, what such a file is, and what to do about it.
const MAGIC: [(&[u8], &str, &str); 38] = [
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", ""),
    (b"\x0e\x03\x13\x01", "an HDF4 file", "convert it to HDF5 with h4toh5 first"),
    (
        b"version https://git-lfs.github.com/",
        "a Git LFS pointer, which stands for the file",
        "`git lfs pull` gets the file itself",
    ),
    (b"II+\0", "a damaged BigTIFF file", COPY),
    (b"MM\0+", "a damaged BigTIFF file", COPY),
    (b"\0\0\0\x03", "a Digital Micrograph file (DM3) whose header is invalid", COPY),
    (b"\0\0\0\x04", "a Digital Micrograph file (DM4) whose header is invalid", COPY),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ", "an xz archive", "unpack it first (xz -d)"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", ""),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first (7z x)"),
    (b"\x04\x22\x4d\x18", "an lz4 archive", "unpack it first (lz4 -d)"),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"\x1f\x9d", "a file packed by compress (.Z)", "unpack it first (uncompress)"),
    (b"LZIP", "an lzip archive", UNPACK),
    (b"\x89PNG", "a PNG picture", EMAN2),
    (b"\xff\xd8\xff", "a JPEG picture, which has lost detail", "use the file that it was made from"),
    (b"\0\0\0\x0cjP  \r\n", "a JPEG 2000 picture", CONVERT),
    (b"GIF8", "a GIF picture", CONVERT),
    (b"%PDF", "a PDF document", ""),
    (b"SIMPLE  =", "a FITS file", EMAN2),
    (b"# AmiraMesh", "an Amira mesh", EMAN2_VOLUME),
    (b"#Amira", "an Amira file", EMAN2_VOLUME),
    (b"# vtk DataFile", "a VTK file", EMAN2_VOLUME),
    (b"P5", "a PGM picture", EMAN2),
    (b"P2", "a PGM picture of text", CONVERT),
    (b"P6", "a colour picture (PPM)", "convert it to grey MRC first"),
    (b"#LST", "a list of images (LST)", "name the images that it lists"),
    (b"#LSX", "a list of images (LSX)", "name the images that it lists"),
    (b"BRIX", "a BRIX map", EMAN2_VOLUME),
    (b":-)", "a BRIX map", EMAN2_VOLUME),
    (b"\x93NUMPY", "a NumPy array", "write it as MRC with mrcfile first"),
    (b"data_", "a STAR file", NO_PIXELS),
    (b"{", "a JSON document", NO_PIXELS),
    (b"<", "an XML or HTML document", NO_PIXELS),
];

/// Where tar archives say that they are ones.
const TAR_MARK: usize = 257;

/// Extensions of files that no bytes tell for sure, what such a file is, and what to do about it.
const NAMES: [(&[&str], &str, &str); 21] = [
    (&["dm3", "dm4"], "no Digital Micrograph file, whatever its name says", COPY),
    (&["ser"], "no TIA series, whatever its name says", COPY),
    (&["spi", "spider"], "no SPIDER file, whatever its name says: its header is invalid", COPY),
    (&["dm2"], "a Digital Micrograph file (DM2)", EMAN2),
    (&["em"], "an EM file", EMAN2_VOLUME),
    (&["pif"], "a PIF file", EMAN2),
    (&["png"], "a damaged PNG picture, by its name", COPY),
    (&["jpg", "jpeg"], "a damaged JPEG picture, by its name", COPY),
    (&["vtk"], "a VTK file, by its name", EMAN2_VOLUME),
    (&["icos"], "an ICOS map", EMAN2_VOLUME),
    (&["hdr", "sal"], "a scan of a Perkin-Elmer densitometer (SAL)", EMAN2),
    (&["am", "amira"], "an Amira file, by its name", EMAN2_VOLUME),
    (&["xplor", "cns"], "an X-PLOR map", EMAN2_VOLUME),
    (&["situs", "sit"], "a SITUS volume", EMAN2_VOLUME),
    (&["fts", "fits"], "a FITS file, by its name", EMAN2),
    (&["df3"], "a DF3 volume", EMAN2_VOLUME),
    (&["omap", "dsn6", "brix"], "an O map (DSN6)", EMAN2_VOLUME),
    (&["lst", "lsx"], "a list of images, by its name", "name the images that it lists"),
    (
        &["raw", "dat", "bin"],
        "a file of bare numbers, by its name",
        "give it a header first, in IMOD with `raw2mrc`",
    ),
    (&["gz", "bz2", "zst"], "no compressed stream, whatever its name says", COPY),
    (&["emi"], "the description of a TIA series (EMI)", "name the .ser files beside it"),
];

/// What files end with that start with nothing: frames of before EER.
const ECC: [&[u8]; 2] = [b"ThermoFisherECComprOK000", b"ThermoFisherECComprERR00"];

fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')
}

fn advised(kind: &str, advice: &str) -> String {
    match advice {
        "" => kind.to_owned(),
        NO_PIXELS => format!("{kind}, {advice}"),
        _ => format!("{kind}; {advice}"),
    }
}

/// Names what starts with these bytes, and says what to do about it.
pub fn looks_like(start: &[u8]) -> Option<String> {
    if start.is_empty() {
        return Some("an empty file".to_owned());
    }
    if let Some((_, kind, advice)) = MAGIC.iter().find(|(magic, ..)| start.starts_with(magic)) {
        return Some(advised(kind, advice));
    }
    if start.get(1..4) == Some(b"*M\x18") && start[0] >> 4 == 5 {
        return Some(advised("a zstd archive", UNPACK));
    }
    if start.get(TAR_MARK..).is_some_and(|mark| mark.starts_with(b"ustar")) {
        return Some(advised("a tar archive", "unpack it first (tar -xf)"));
    }
    if start.iter().all(|byte| *byte == 0) {
        return Some("a file of zeros where the header should be".to_owned());
    }
    is_em(start).then(|| advised("an EM file", EMAN2_VOLUME))
}

/// Names what ends with certain bytes.
fn ends_like(start: &Start<'_>) -> Option<String> {
    let mut end = [0; 24];
    let length = start.source.len().ok()?;
    start.source.read_at(length.checked_sub(end.len() as u64)?, &mut end).ok()?;
    let advice = "convert them with the program that recorded them, or record EER files";
    ECC.contains(&&end[..]).then(|| advised("a file of raw frames of before EER (ECC)", advice))
}

/// Names what is called so.
fn is_named_as(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    let same = |known: &&str| known.eq_ignore_ascii_case(extension);
    let (_, kind, advice) = NAMES.iter().find(|(known, ..)| known.iter().any(same))?;
    Some(advised(kind, advice))
}

/// Recognises EM headers: a machine, two unused bytes, a type of pixels, and sides in that machine's byte order.
fn is_em(start: &[u8]) -> bool {
    let [machine @ 0..=6, _, _, 1 | 2 | 4 | 5 | 8 | 9] = start.first_chunk().copied().unwrap_or([255; 4])
    else {
        return false;
    };
    let order = if matches!(machine, 0 | 3 | 4 | 5) { u32::from_be_bytes } else { u32::from_le_bytes };
    start.len() >= 512
        && [4, 8, 12].iter().all(|at| {
            let side = start.get(*at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, order);
            (1..1 << 16).contains(&side)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn of(bytes: &[u8], name: &str) -> String {
        describe(&Start { bytes: &bytes[..bytes.len().min(1024)], name, source: &bytes })
    }

    #[test]
    fn bytes_tell() {
        assert_eq!(looks_like(b"\x89HDF\r\n\x1a\nrest").as_deref(), Some("an HDF5 file"));
        assert_eq!(looks_like(b"").as_deref(), Some("an empty file"));
        assert_eq!(looks_like(&[0; 1024]).as_deref(), Some("a file of zeros where the header should be"));
        for (bytes, says) in [
            (&b"hello there\n"[..], "this is a text file"),
            (b"\xfd7zXZ\0\0", "xz"),
            (b"7z\xbc\xaf\x27\x1c\0", "7z"),
            (b"\x04\x22\x4d\x18..", "lz4"),
            (b"\x55\x2a\x4d\x18..", "zstd"),
            (b"#LSX\n", "list of images"),
            (b"# vtk DataFile Version 2.0\n", "VTK"),
            (b"\x89PNG\r\n", "e2proc2d.py"),
            (b"SIMPLE  =                    T", "FITS"),
        ] {
            assert!(of(bytes, "a").contains(says), "{}", of(bytes, "a"));
        }
        assert!(of(&[9, 200, 3], "a").starts_with("unknown format (not EMAN2 HDF5, not "));
    }

    #[test]
    fn names_tell_where_bytes_do_not() {
        for (extensions, ..) in NAMES {
            for extension in extensions {
                let said = of(&[9, 200, 3], &format!("a.{}", extension.to_uppercase()));
                assert!(said.starts_with("this is ") && said.contains(';'), "{said}");
            }
        }
        assert!(of(b"text\n", "a.situs").contains("SITUS"), "text of a format is no text file");
        assert!(of(b"\x89PNG", "a.em").contains("PNG"), "bytes come first");
    }

    #[test]
    fn ends_and_headers_tell() {
        let mut ecc = vec![0; 1100];
        ecc[0] = 7;
        ecc.extend(b"ThermoFisherECComprOK000");
        assert!(of(&ecc, "a.eer").contains("ECC"));
        let mut em = vec![0; 512];
        for (at, value) in [(0, 6), (3, 5), (4, 64), (8, 64), (12, 1)] {
            em[at] = value;
        }
        assert!(of(&em, "a").contains("an EM file"));
        em[4] = 0;
        assert!(!of(&em, "a").contains("an EM file"));
    }
}
