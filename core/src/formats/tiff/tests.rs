//! What is read of files that are made for a purpose.

use super::Tiff;
use super::made::{Made, pixels};
use super::tag;
use crate::Value;
use crate::image::attributes::LONGEST_TEXT;
use crate::image::{Images, PixelType};
use crate::warning::Warning;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn values(file: &[u8], image: u32) -> Vec<f32> {
    Tiff::open(&file, true).unwrap().values(image).unwrap()
}

fn as_floats(bytes: Vec<u8>) -> Vec<f32> {
    bytes.into_iter().map(f32::from).collect()
}

fn problem(file: &[u8]) -> String {
    Tiff::open(&file, true).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn pages_are_read_whole_and_in_any_order() {
    for compression in [1, 32773] {
        for made in [Made::strips(30, 21, 4), Made::tiles(30, 21, 16)] {
            let file = Made { compression, ..made }.file();
            for image in [2, 0, 1, 1, 2] {
                assert_eq!(values(&file, image), as_floats(pixels(30, 21, image)));
            }
        }
    }
}

#[test]
fn lengths_of_strips_may_be_missing_only_where_nothing_is_compressed() {
    let made = Made { without: vec![tag::STRIP_BYTE_COUNTS], compression: 1, ..Made::strips(30, 21, 4) };
    assert_eq!(values(&made.file(), 1), as_floats(pixels(30, 21, 1)));
    let made = Made { compression: 32773, ..made };
    assert_eq!(problem(&made.file()), "page 1: tag 279 (StripByteCounts) is missing: the file is damaged");
}

#[test]
fn texts_are_kept_and_long_ones_are_cut_and_told() {
    let made = Made { description: b"SerialEM: gain K3.dm4, r/f 5\0".to_vec(), ..Made::strips(8, 8, 8) };
    let file = made.file();
    let source = file.as_slice();
    let tiff = Tiff::open(&source, true).unwrap();
    let text = tiff.attributes(2).unwrap().get("TIFF.description").cloned();
    assert_eq!(text, Some(Value::Text("SerialEM: gain K3.dm4, r/f 5".into())));
    assert_eq!(tiff.warnings(), []);

    let file = Made { description: vec![b'x'; 70_000], ..made }.file();
    let source = file.as_slice();
    let tiff = Tiff::open(&source, true).unwrap();
    let cut = Warning::TextCut { name: "TIFF.description", kept: LONGEST_TEXT as u64, of: 70_000 };
    assert_eq!(tiff.warnings(), [cut]);
    let mut out = Vec::new();
    let report = crate::compress(&tiff, "a.tif", &mut out, &crate::Options::default(), &crate::NoProgress);
    assert_eq!(report.unwrap().images, 3);
}

#[test]
fn white_that_is_zero_is_negated_and_told() {
    let made = Made { tags: vec![(tag::PHOTOMETRIC, 0)], ..Made::strips(30, 21, 4) };
    let file = made.file();
    let wanted: Vec<f32> = as_floats(pixels(30, 21, 0)).into_iter().map(|value| -value).collect();
    assert_eq!(values(&file, 0), wanted);
    let source = file.as_slice();
    let tiff = Tiff::open(&source, true).unwrap();
    assert_eq!((tiff.pixels(0).kind, tiff.warnings()), (PixelType::F32, vec![Warning::MinIsWhite]));
}

#[test]
fn pairs_of_pixels_are_known_by_the_size_of_pages() {
    let made = Made { pages: 1, ..Made::strips(3710, 7676, 64) };
    let file = made.file();
    let source = file.as_slice();
    for unpack in [false, true] {
        let tiff = Tiff::open(&source, unpack).unwrap();
        let (nx, warning) =
            if unpack { (7420, Warning::UnpackedBySize) } else { (3710, Warning::PackedBySize) };
        assert_eq!((tiff.shape(0).nx, tiff.warnings()), (nx, vec![warning]));
        let stored = f32::from(pixels(3710, 7676, 0)[1]);
        let values = tiff.values(0).unwrap();
        let found = if unpack { values[2] + 16.0 * values[3] } else { values[1] };
        assert_eq!(found, stored);
    }
    // Turned the other way it is no camera.
    let file = Made { pages: 1, ..Made::strips(7676, 3710, 64) }.file();
    assert_eq!(Tiff::open(&file.as_slice(), true).unwrap().shape(0).nx, 7676);
}

#[test]
fn stacks_of_image_j_are_whole_or_refused() {
    let description = |images: u32| format!("ImageJ=1.54f\nimages={images}\nunit=nm\n\0").into_bytes();
    let made = Made { compression: 1, pages: 1, ..Made::strips(30, 21, 4) };
    let made = |images| Made { description: description(images), ..made.clone() };
    // The description follows the first image; it is in what the second one would be.
    let mut file = made(2).file();
    let before = file.len();
    assert!(problem(&file).contains("promises 2 images of 630 bytes behind byte 8"), "{}", problem(&file));
    file.resize(before + 700, 9);
    let source = file.as_slice();
    let tiff = Tiff::open(&source, true).unwrap();
    assert_eq!(tiff.images(), 2);
    assert_eq!(tiff.values(0).unwrap(), as_floats(pixels(30, 21, 0)));
    // The second image's top row, which comes last, is the description.
    assert_eq!(tiff.values(1).unwrap()[20 * 30], f32::from(b'I'));
    assert_eq!(Tiff::open(&made(1).file().as_slice(), true).unwrap().images(), 1);
}

#[test]
fn pages_that_share_their_bytes_are_refused() {
    let made = Made { compression: 1, shared: true, ..Made::strips(64, 64, 64) };
    let problem = problem(&made.file());
    assert!(problem.contains("the pages up to page 2 name more bytes than the file has"), "{problem}");
}
