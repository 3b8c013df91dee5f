//! Files as other programs write them, each of a kind that was met in the wild: what is read of them, what is said
//! of them, and what comes back. The files are made from numbers; `expected.tsv` beside them says what is right.

use std::fs;
use std::path::Path;

use e2compress_core::{
    Compressor, Error, ExpandOptions, FORMATS, Images, NoProgress, OpenOptions, Options, PixelEncoding,
    PixelType, Value, VerifyOptions, expand, open, open_with, verify,
};

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/others").join(name);
    fs::read(&path).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
}

/// The bytes as a source for as long as the test runs.
fn held(bytes: &[u8]) -> &'static &'static [u8] {
    let bytes: &'static [u8] = Vec::leak(bytes.to_vec());
    Box::leak(Box::new(bytes))
}

fn opened(bytes: &[u8], name: &str) -> Result<Box<dyn Images>, Error> {
    open(held(bytes), name)
}

/// CRC-32 of all values.
fn checksum(images: &dyn Images) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for image in 0..images.images() {
        for value in images.values(image).unwrap() {
            hasher.update(&value.to_le_bytes());
        }
    }
    hasher.finalize()
}

fn number(images: &dyn Images, name: &str) -> f64 {
    images.attributes(0).unwrap().get(name).and_then(Value::number).unwrap_or(f64::NAN)
}

fn compressed(images: &dyn Images, bits: i64) -> Vec<u8> {
    let options = Options { stored: PixelEncoding::from_bits(bits).unwrap(), ..Options::default() };
    let mut file = Vec::new();
    Compressor::default().compress(images, "input", &mut file, &options, &NoProgress).unwrap();
    file
}

fn expanded(images: &dyn Images) -> (Vec<u8>, PixelType) {
    let mut file = Vec::new();
    let report = expand(images, &mut file, &ExpandOptions::default(), &NoProgress).unwrap();
    (file, report.mode)
}

fn int(file: &[u8], offset: usize) -> i32 {
    i32::from_le_bytes(file[offset..offset + 4].try_into().unwrap())
}

fn float(file: &[u8], offset: usize) -> f32 {
    f32::from_bits(int(file, offset) as u32)
}

/// Every file is read as it is meant, its compressed copy holds the same, verifies beside it, and expands to
/// the same.
#[test]
fn files_of_others_are_read_as_they_are_meant() {
    let table = String::from_utf8(file("expected.tsv")).unwrap();
    for line in table.lines().skip(1) {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap();
        let (name, count, sides, crc, pixel, words) = (field(), field(), field(), field(), field(), field());
        let bytes = file(name);
        let images = match opened(&bytes, name) {
            Ok(images) => images,
            Err(problem) => {
                assert_eq!(count, "refused", "{name}: {problem}");
                assert!(problem.to_string().contains(words), "{name}: {problem}");
                continue;
            }
        };
        assert_eq!(images.images().to_string(), count, "{name}");
        let shape = images.shape(0);
        assert_eq!(format!("{} {} {}", shape.nx, shape.ny, shape.nz), sides, "{name}");
        assert_eq!(format!("{:08x}", checksum(&*images)), crc, "{name}");
        let warnings = images.warnings().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        assert!(warnings.contains(words) && warnings.is_empty() == words.is_empty(), "{name}: {warnings}");

        for bits in [-1, 0] {
            let copy = compressed(&*images, bits);
            let copy = opened(&copy, "copy.hdf").unwrap();
            assert_eq!(format!("{:08x}", checksum(&*copy)), crc, "{name} at {bits} bits");
            verify(&*copy, Some(&*images), &VerifyOptions::default(), &NoProgress).unwrap();
            for (size, axis) in pixel.split_whitespace().zip(["apix_x", "apix_y", "apix_z"]) {
                let wanted: f64 = size.parse().unwrap();
                assert!((number(&*copy, axis) - wanted).abs() < 1e-6, "{name} {axis}");
            }
            if copy.attributes(0).unwrap().get("is_complex").and_then(Value::number) == Some(0.0) {
                let (back, _) = expanded(&*copy);
                let extension = e2compress_core::extension(&*copy);
                let back = opened(&back, &format!("back.{extension}")).unwrap().values(0).unwrap();
                assert_eq!(back, images.values(0).unwrap(), "{name}");
            }
        }
    }
}

#[test]
fn packed_bytes_are_kept_where_that_is_asked_for() {
    for name in ["packed_flag_and_label.mrcs", "packed_label_only.mrcs"] {
        let bytes = file(name);
        let options = OpenOptions { keep_packed: true, ..OpenOptions::default() };
        let images = open_with(FORMATS, held(&bytes), name, &options).unwrap();
        assert_eq!((images.shape(0).nx, images.shape(0).ny), (38, 74));
        let (back, mode) = expanded(&*opened(&compressed(&*images, 8), "a.hdf").unwrap());
        assert_eq!(mode, PixelType::U8);
        // What it says of the bytes is still true of them.
        assert_eq!((&back[152..160], &back[224..304]), (&bytes[152..160], &bytes[224..304]));
        assert_eq!(back[1024..], bytes[1024..]);
    }
}

#[test]
fn unpacked_files_no_longer_say_that_they_are_packed() {
    for name in ["packed_flag_and_label.mrcs", "packed_label_only.mrcs", "packed_big_endian.mrc"] {
        let bytes = file(name);
        let (back, mode) =
            expanded(&*opened(&compressed(&*opened(&bytes, name).unwrap(), 4), "a.hdf").unwrap());
        assert_eq!(mode, PixelType::U8);
        assert_eq!(int(&back, 28), int(&back, 0), "{name}: mx");
        assert_eq!(int(&back, 156) & 16, 0, "{name}");
        assert!(!back[224..304].windows(13).any(|words| words == b"4 bits packed"), "{name}");
        assert!(back[224..304].starts_with(b"SerialEMCCD: Frames made from numbers"), "{name}");
        assert_eq!(opened(&back, name).unwrap().warnings(), [], "{name}");
    }
}

#[test]
fn signed_bytes_come_back_as_signed_bytes() {
    for name in ["signed_by_statistics.map", "signed_stack.mrcs"] {
        let bytes = file(name);
        let images = opened(&bytes, name).unwrap();
        let (back, mode) = expanded(&*opened(&compressed(&*images, 8), "a.hdf").unwrap());
        assert_eq!((mode, int(&back, 12)), (PixelType::I8, 0), "{name}");
        assert_eq!(back[1024..], bytes[1024..], "{name}");
        assert_eq!(checksum(&*opened(&back, name).unwrap()), checksum(&*images), "{name}");
    }
}

#[test]
fn headers_come_back_whole() {
    for name in
        ["extended_serialem.st", "extended_agard_long.mrc", "garbage_words.mrc", "labels_count_huge.mrc"]
    {
        let bytes = file(name);
        let (back, _) =
            expanded(&*opened(&compressed(&*opened(&bytes, name).unwrap(), -1), "a.hdf").unwrap());
        let mut wanted = bytes.clone();
        // Mode and statistics are those of what is written, axes are in order, and the marks are true.
        for words in [12..16, 64..88, 208..220] {
            wanted[words.clone()].copy_from_slice(&back[words]);
        }
        assert_eq!(back[..1024], wanted[..1024], "{name}");
        assert_eq!(back[1024..], wanted[1024..], "{name}");
        assert_eq!(
            (&back[208..216], [64, 68, 72].map(|word| int(&back, word))),
            (&b"MAP DD\0\0"[..], [1, 2, 3])
        );
    }
}

/// A big-endian extended header goes back as it is, so the whole file has its order; any cut of it can be read.
#[test]
fn a_long_big_endian_header_comes_back_in_its_order() {
    let little = file("extended_agard_long.mrc");
    let extended: Vec<u8> =
        (0..3_000_001u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut big = little[..1024].to_vec();
    for word in (0..96).chain(108..112).chain(196..208).chain(216..224).step_by(4) {
        big[word..word + 4].reverse();
    }
    big[92..96].copy_from_slice(&3_000_001_i32.to_be_bytes());
    big[130..132].reverse();
    big[212..216].copy_from_slice(b"\x11\x11\0\0");
    big.extend(&extended);
    for value in little[1024 + 131_072..].chunks_exact(4) {
        big.extend(value.iter().rev());
    }
    let images = opened(&big, "a.mrc").unwrap();
    let copy = compressed(&*images, -1);
    let copy = opened(&copy, "a.hdf").unwrap();
    let original = copy.original_header().unwrap().unwrap();
    assert_eq!(
        (original.bytes.as_slice(), original.extended, original.big_endian),
        (&big[..1024], 3_000_001, true)
    );
    for (start, length) in [(0, 1), (1_048_575, 2), (999_999, 2_000_002), (3_000_000, 1)] {
        let mut piece = vec![0; length];
        copy.read_extended_header(start, &mut piece).unwrap();
        assert_eq!(piece, extended[start as usize..start as usize + length]);
    }
    let (back, _) = expanded(&*copy);
    assert_eq!(back.len(), big.len());
    assert_eq!((&back[..64], &back[92..208]), (&big[..64], &big[92..208]));
    assert!(back[1024..] == big[1024..], "extended header and pixels");
    // In a second copy, too.
    let again = compressed(&*copy, 0);
    assert_eq!(opened(&again, "b.hdf").unwrap().original_header().unwrap(), Some(original));
}

#[test]
fn pixel_sizes_of_any_type_come_back() {
    for (name, size, origin) in [
        ("hdf_meta_scalar.hdf", 2.5, 7.0),
        ("hdf_meta_big_endian.hdf", 2.5, 7.0),
        ("hdf_meta_int64.hdf", 2.0, 0.0),
    ] {
        let bytes = file(name);
        let (back, _) = expanded(&*opened(&bytes, name).unwrap());
        assert_eq!(float(&back, 40) / int(&back, 28) as f32, size, "{name}");
        assert_eq!(float(&back, 196), origin, "{name}");
    }
}

#[test]
fn an_image_under_two_names_is_sound() {
    let bytes = file("hdf_stack_soft_link.hdf");
    verify(&*opened(&bytes, "a.hdf").unwrap(), None, &VerifyOptions::default(), &NoProgress).unwrap();
}

#[test]
fn floats_come_back_as_floats() {
    let bytes = file("back_float_mask.mrc");
    let copy = compressed(&*opened(&bytes, "a.mrc").unwrap(), 8);
    assert_eq!(expanded(&*opened(&copy, "a.hdf").unwrap()).1, PixelType::F32);
}

#[test]
fn fourier_transforms_are_not_expanded() {
    let bytes = file("hdf_kind_complex.hdf");
    let images = opened(&bytes, "a.hdf").unwrap();
    let refused = expand(&*images, &mut Vec::new(), &ExpandOptions::default(), &NoProgress).unwrap_err();
    assert!(refused.to_string().contains("complex"), "{refused}");
}

#[test]
fn a_file_without_its_extended_header_is_named_so() {
    let mut bytes = file("stamp_4420.mrc");
    bytes[92..96].copy_from_slice(&2048_i32.to_le_bytes());
    let refused = opened(&bytes, "a.mrc").err().unwrap();
    assert!(refused.to_string().contains("short by exactly the extended header of 2048 bytes"), "{refused}");
}

#[test]
fn stacks_of_volumes_come_back_as_such() {
    let bytes = file("stack_of_volumes.mrc");
    let (back, _) = expanded(&*opened(&compressed(&*opened(&bytes, "a.mrc").unwrap(), 0), "a.hdf").unwrap());
    assert_eq!((int(&back, 8), int(&back, 36), int(&back, 88)), (12, 4, 401));
    assert_eq!(opened(&back, "back.mrc").unwrap().images(), 3);
}
