//! TIA series, SPIDER and IMAGIC as programs write them and as damage leaves them: good files with a few bytes changed.

use std::fs;
use std::path::Path;

use e2compress_core::{Error, FORMATS, Images, OpenOptions, Shape, Source, Value, open_with};

fn data(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/formats").join(name);
    fs::read(&path).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
}

/// The bytes as a source for as long as the test runs.
fn held(bytes: Vec<u8>) -> &'static &'static [u8] {
    let bytes: &'static [u8] = Vec::leak(bytes);
    Box::leak(Box::new(bytes))
}

fn opened(bytes: &[u8], name: &str) -> Result<Box<dyn Images>, Error> {
    open_with(FORMATS, held(bytes.to_vec()), name, &OpenOptions::default())
}

/// Opens a pair of IMAGIC files by the name of the one with the pixels.
fn pair(headers: &[u8], pixels: &[u8]) -> Result<Box<dyn Images>, Error> {
    let companion = Some(held(headers.to_vec()) as &dyn Source);
    let options = OpenOptions { companion, ..OpenOptions::default() };
    open_with(FORMATS, held(pixels.to_vec()), "a.img", &options)
}

fn refusal(outcome: Result<Box<dyn Images>, Error>) -> String {
    outcome.err().map_or_else(|| panic!("it is accepted"), |problem| problem.to_string())
}

fn number(images: &dyn Images, image: u32, name: &str) -> f64 {
    images.attributes(image).unwrap().get(name).and_then(Value::number).unwrap_or(f64::NAN)
}

fn text(images: &dyn Images, name: &str) -> String {
    match images.attributes(0).unwrap().get(name) {
        Some(Value::Text(text)) => text.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

/// Puts a 32-bit number at a word, counted from 1.
fn put(bytes: &mut [u8], word: usize, value: [u8; 4]) {
    bytes[4 * (word - 1)..4 * word].copy_from_slice(&value);
}

#[test]
fn spider_headers_say_more_than_sizes() {
    let good = data("spider/single_little.spi");
    let with = |words: &[(usize, f32)]| {
        let mut bytes = good.clone();
        for &(word, value) in words {
            put(&mut bytes, word, value.to_le_bytes());
        }
        opened(&bytes, "a.spi")
    };
    let plain = with(&[]).unwrap();
    assert_eq!(
        (text(&*plain, "SPIDER.date"), text(&*plain, "SPIDER.time")),
        ("01-JAN-2026".into(), "12:00:00".into())
    );
    let sized = with(&[(38, 1.75), (14, 1.0), (15, 30.0), (21, 2.0)]).unwrap();
    assert_eq!(number(&*sized, 0, "apix_x"), 1.75);
    assert_eq!((number(&*sized, 0, "SPIDER.phi"), number(&*sized, 0, "SPIDER.scale")), (30.0, 2.0));
    assert_eq!(
        with(&[(1, -1.0)]).unwrap().shape(0),
        Shape { nx: 25, ny: 19, nz: 1 },
        "as ancient images have it"
    );
    assert!(refusal(with(&[(24, -1.0)])).contains("indexed"));
    assert!(refusal(with(&[(5, -22.0)])).contains("Fourier"));
    assert!(refusal(with(&[(24, 2.0), (26, 1.5)])).contains("cannot be"));
    assert!(refusal(with(&[(24, 2.0), (26, f32::INFINITY)])).contains("cannot be"));
    assert!(refusal(with(&[(13, 10.0)])).contains("no SPIDER file"));
    let by_eman2 = opened(&data("spider/eman2_stack.spi"), "a.spi").unwrap();
    assert_eq!(
        text(&*by_eman2, "SPIDER.time").matches(':').count(),
        2,
        "EMAN2 leaves no room after the date"
    );
}

#[test]
fn spider_stacks_agree_with_their_images() {
    let good = data("spider/stack_big.spi");
    let image = 1100 + 1900;
    let second = 1100 + image;
    let changed = |value: f32| {
        let mut bytes = good.clone();
        for word in [2, 12] {
            put(&mut bytes[second..], word, value.to_be_bytes());
        }
        opened(&bytes, "a.spi").unwrap()
    };
    assert!(changed(0.0).attributes(1).is_ok(), "a place that is not used has no size");
    let problem = changed(26.0).attributes(1).unwrap_err().to_string();
    assert!(problem.contains("image 1") && problem.contains("26 x 26 x 1"), "{problem}");
    let longer = opened(&[&good[..], &[1, 2, 3]].concat(), "a.spi").unwrap();
    assert!(longer.warnings()[0].to_string().starts_with("3 bytes after"));
}

#[test]
fn series_are_of_one_kind() {
    let good = data("ser/u16_v210.ser");
    let with = |changes: &[(usize, &[u8])]| {
        let mut bytes = good.clone();
        for &(at, value) in changes {
            bytes[at..][..<[u8]>::len(value)].copy_from_slice(value);
        }
        opened(&bytes, "a.ser")
    };
    let whole = with(&[]).unwrap();
    assert_eq!(number(&*whole, 0, "SER.Time"), 1_700_000_000.0);
    assert_eq!(number(&*whole, 1, "SER.CalibrationDeltaY"), 1.5e-10);
    assert_eq!(with(&[(18, &[1, 0, 0, 0])]).unwrap().images(), 1, "one of two was recorded");
    assert!(refusal(with(&[(18, &[0])])).contains("0 were recorded"));
    assert!(refusal(with(&[(18, &[3])])).contains("of 2 elements 3"));
    assert!(refusal(with(&[(6, &[0x20])])).contains("spectra"));
    assert!(refusal(with(&[(4, &[0x30])])).contains("0x0230"));
    // The second element, whose place the list of offsets says.
    let second = u32::from_le_bytes(good[72..76].try_into().unwrap()) as usize;
    assert!(refusal(with(&[(second + 42, &[25])])).contains("element 1"));
    assert!(refusal(with(&[(second + 40, &[5])])).contains("another size or type"));
    assert!(refusal(with(&[(second + 40, &[11])])).contains("unknown type 11"));
    assert!(refusal(with(&[(second + 42, &[0, 0])])).contains("0 x 15"));
    // A diffraction pattern is calibrated in 1/m.
    assert_eq!(number(&*with(&[(84 + 8, &1e7f64.to_le_bytes())]).unwrap(), 0, "apix_x"), 1.0);
    // Offsets that lead to one element again and again make no disk full of images.
    let first = good[68..72].to_vec();
    let again = [(14, &[100, 0, 0, 0, 100, 0, 0, 0][..])];
    let mut bytes = good.clone();
    bytes[again[0].0..again[0].0 + 8].copy_from_slice(again[0].1);
    bytes[22..26].copy_from_slice(&(good.len() as u32).to_le_bytes());
    bytes.extend(first.repeat(100));
    assert!(refusal(opened(&bytes, "a.ser")).contains("100 elements"));
}

#[test]
fn imagic_volumes_have_a_header_each_or_one_a_plane() {
    let (headers, pixels) = (data("imagic/real_little.hed"), data("imagic/real_little.img"));
    let with_planes = |planes: i32, following: i32| {
        let mut headers = headers.clone();
        for header in headers.chunks_exact_mut(1024) {
            put(header, 61, planes.to_le_bytes());
        }
        put(&mut headers, 2, following.to_le_bytes());
        pair(&headers, &pixels)
    };
    let shapes = |images: &dyn Images| (images.images(), images.shape(0).nz);
    assert_eq!(shapes(&*with_planes(1, 2).unwrap()), (3, 1));
    assert_eq!(shapes(&*with_planes(3, 2).unwrap()), (1, 3), "IMAGIC's");
    assert_eq!(shapes(&*with_planes(3, 0).unwrap()), (1, 3), "EMAN2's");
    assert_eq!(shapes(&*with_planes(0, 2).unwrap()), (3, 1), "of before there were volumes");
    // Planes are turned over one by one.
    let (volume, images) = (with_planes(3, 2).unwrap().values(0).unwrap(), with_planes(1, 2).unwrap());
    let planes: Vec<f32> = (0..3).flat_map(|image| images.values(image).unwrap()).collect();
    assert_eq!(volume, planes);
    assert!(refusal(with_planes(2, 2)).contains("cut short"));
    assert!(refusal(with_planes(1, 3)).contains("4 images"));
    assert!(refusal(with_planes(1, -1)).contains("cannot be"));
}

#[test]
fn imagic_headers_are_checked() {
    let (headers, pixels) = (data("imagic/real_little.hed"), data("imagic/real_little.img"));
    let with = |word: usize, value: [u8; 4]| {
        let mut headers = headers.clone();
        put(&mut headers, word, value);
        pair(&headers, &pixels)
    };
    assert!(refusal(with(69, [0, 0, 0, 1])).contains("VAX"));
    assert!(with(69, [0; 4]).is_ok(), "old files have no stamp");
    assert!(refusal(with(15, *b"COMP")).contains("COMP"));
    assert!(refusal(with(15, *b"a\x1b[1")).contains("\\u{1b}"), "shown escaped");
    assert!(refusal(with(13, [0; 4])).contains("must be below"));
    assert!(refusal(pair(&headers[..1000], &pixels)).contains("1000 bytes"));
    assert!(refusal(opened(&pixels, "dir/a.IMG")).contains("dir/a.HED is needed"));
    assert!(refusal(opened(b"\x89PNG\r\n", "a.img")).contains("a PNG picture"), "a name alone makes no pair");
    let mut other = headers.clone();
    put(&mut other[1024..], 14, [21, 0, 0, 0]);
    assert!(pair(&other, &pixels).unwrap().attributes(1).unwrap_err().to_string().contains("header 1"));
    // Either file may come first.
    let options = OpenOptions { companion: Some(held(pixels.clone())), ..OpenOptions::default() };
    let by_headers = open_with(FORMATS, held(headers.clone()), "a.hed", &options).unwrap();
    assert_eq!(by_headers.values(2).unwrap(), pair(&headers, &pixels).unwrap().values(2).unwrap());
}
