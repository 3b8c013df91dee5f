//! Files of Digital Micrograph made from trees of tags: which image is shown, how large its pixels are, what is refused.

use super::{Dm, DmError};
use crate::error::Error;
use crate::image::attributes::Value;
use crate::image::{Images, PixelType};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A tag's contents.
#[derive(Clone)]
enum Node {
    Group(Vec<(&'static str, Node)>),
    U32(u32),
    F64(f64),
    Text(&'static str),
    /// A structure of 32-bit floats.
    Floats(Vec<f32>),
    /// Bytes, as numbers of a type.
    Pixels(u64, Vec<u8>),
}

use Node::{F64, Floats, Group, Pixels, Text, U32};

/// Writes trees.
struct Writer {
    wide: bool,
    big_endian: bool,
}

impl Writer {
    fn word(&self, value: u64) -> Vec<u8> {
        if self.wide { value.to_be_bytes().to_vec() } else { (value as u32).to_be_bytes().to_vec() }
    }

    /// Turns little-endian bytes of a number into the file's.
    fn number(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    fn value(&self, words: &[u64], data: &[u8]) -> Vec<u8> {
        let mut out = b"%%%%".to_vec();
        out.extend(self.word(words.len() as u64));
        out.extend(words.iter().flat_map(|&word| self.word(word)));
        out.extend(data);
        out
    }

    fn body(&self, node: &Node) -> Vec<u8> {
        match node {
            Group(entries) => {
                let mut out = vec![1, 0];
                out.extend(self.word(entries.len() as u64));
                for (name, node) in entries {
                    out.push(if matches!(node, Group(_)) { 20 } else { 21 });
                    out.extend((name.len() as u16).to_be_bytes());
                    out.extend(name.bytes());
                    let body = self.body(node);
                    if self.wide {
                        out.extend(self.word(body.len() as u64));
                    }
                    out.extend(body);
                }
                out
            }
            U32(value) => self.value(&[5], &self.number(value.to_le_bytes().to_vec())),
            F64(value) => self.value(&[7], &self.number(value.to_le_bytes().to_vec())),
            Text(text) => {
                let units: Vec<u8> =
                    text.encode_utf16().flat_map(|unit| self.number(unit.to_le_bytes().to_vec())).collect();
                self.value(&[20, 4, units.len() as u64 / 2], &units)
            }
            Floats(values) => {
                let words: Vec<u64> = [15, 0, values.len() as u64]
                    .into_iter()
                    .chain(values.iter().flat_map(|_| [0, 6]))
                    .collect();
                let data: Vec<u8> =
                    values.iter().flat_map(|value| self.number(value.to_le_bytes().to_vec())).collect();
                self.value(&words, &data)
            }
            Pixels(kind, bytes) => {
                let each = match kind {
                    9 | 10 => 1,
                    2 => 2,
                    _ => 4,
                };
                self.value(&[20, *kind, bytes.len() as u64 / each], bytes)
            }
        }
    }

    fn file(&self, tree: &Node) -> Vec<u8> {
        let body = self.body(tree);
        let mut out = if self.wide { vec![0, 0, 0, 4] } else { vec![0, 0, 0, 3] };
        out.extend(self.word(body.len() as u64));
        out.extend(u32::from(!self.big_endian).to_be_bytes());
        out.extend(body);
        out.extend([0; 8]);
        out
    }
}

/// Makes an image of bytes that count from `first` on, with further tags.
fn image(sides: &[u32], first: u8, more: Vec<(&'static str, Node)>) -> Node {
    let count: u32 = sides.iter().product();
    let data = (0..count).map(|pixel| first.wrapping_add(pixel as u8)).collect();
    described(sides, 6, Pixels(10, data), more)
}

fn described(sides: &[u32], kind: u32, data: Node, more: Vec<(&'static str, Node)>) -> Node {
    let sides = Group(sides.iter().map(|&side| ("", U32(side))).collect());
    let mut entries = vec![("Data", data), ("DataType", U32(kind)), ("Dimensions", sides)];
    let (calibrations, more): (Vec<_>, Vec<_>) =
        more.into_iter().partition(|(name, _)| *name == "Calibrations");
    entries.extend(calibrations);
    let mut all = vec![("ImageData", Group(entries))];
    all.extend(more);
    Group(all)
}

fn calibration(scales: &[(f64, &'static str)]) -> (&'static str, Node) {
    let of = |&(scale, units): &(f64, &'static str)| {
        ("", Group(vec![("Scale", F64(scale)), ("Units", Text(units))]))
    };
    ("Calibrations", Group(vec![("Dimension", Group(scales.iter().map(of).collect()))]))
}

fn tree(images: Vec<Node>, more: Vec<(&'static str, Node)>) -> Node {
    let list = Group(images.into_iter().map(|image| ("", image)).collect());
    Group([vec![("ImageList", list)], more].concat())
}

fn first(name: &'static str, tag: &'static str, number: u32) -> (&'static str, Node) {
    (name, Group(vec![("", Group(vec![(tag, U32(number))]))]))
}

/// Writes a tree in all four ways.
fn files(tree: &Node) -> Vec<Vec<u8>> {
    let ways = [(false, false), (false, true), (true, false), (true, true)];
    ways.map(|(wide, big_endian)| Writer { wide, big_endian }.file(tree)).to_vec()
}

fn refused(tree: &Node) -> DmError {
    let file = Writer { wide: true, big_endian: false }.file(tree);
    match Dm::open(&file.as_slice()) {
        Err(Error::Dm(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it is accepted"),
    }
}

#[test]
fn the_image_that_is_shown_is_read() {
    let images = |count: u8| (0..count).map(|number| image(&[2, 2], 10 * number, Vec::new())).collect();
    let shown = |number| first("ImageSourceList", "ImageRef", number);
    let thumbnail = |number| first("Thumbnails", "ImageIndex", number);
    for (count, more, is, others) in [
        (1, vec![], 0, 0),
        (2, vec![shown(1), thumbnail(0)], 1, 0),
        (2, vec![shown(0), thumbnail(1)], 0, 0),
        (2, vec![thumbnail(1)], 0, 0),
        (2, vec![thumbnail(0)], 1, 0),
        (2, vec![shown(7)], 1, 1),
        (3, vec![shown(1), thumbnail(0)], 1, 1),
        (3, vec![], 2, 2),
    ] {
        for file in files(&tree(images(count), more)) {
            let source = file.as_slice();
            let dm = Dm::open(&source).unwrap();
            // The last row in the file comes first.
            let wanted = [2, 3, 0, 1].map(|pixel| f32::from(10u8 * is + pixel));
            assert_eq!(dm.values(0).unwrap(), wanted);
            let warned = dm.warnings().iter().any(|found| found.to_string().contains("other image"));
            assert_eq!(warned, others > 0);
        }
    }
}

#[test]
fn frames_are_images_and_rows_come_bottom_first() {
    for file in files(&tree(vec![image(&[3, 2, 2], 0, Vec::new())], Vec::new())) {
        let source = file.as_slice();
        let dm = Dm::open(&source).unwrap();
        assert_eq!((dm.images(), dm.pixels(0).kind), (2, PixelType::U8));
        assert_eq!(dm.values(1).unwrap(), [9.0, 10.0, 11.0, 6.0, 7.0, 8.0]);
    }
}

#[test]
fn calibrations_come_before_the_magnification() {
    let microscope = |magnification| {
        let camera = ("Pixel Size (um)", Floats(vec![5.0, 5.0]));
        (
            "ImageTags",
            Group(vec![("Actual Magnification", F64(magnification)), ("Device", Group(vec![camera]))]),
        )
    };
    for (more, sizes) in [
        (vec![calibration(&[(0.05, "nm"), (0.06, "nm")]), microscope(50_000.0)], [0.5, 0.6, 0.5]),
        (vec![calibration(&[(0.75, "\u{c5}"), (0.75, "\u{c5}")])], [0.75; 3]),
        (vec![calibration(&[(2.5e-4, "\u{3bc}m"), (1.0, "")])], [2.5; 3]),
        (vec![calibration(&[(125.0, "pm")])], [1.25; 3]),
        (vec![calibration(&[(0.2, "1/nm"), (0.2, "1/nm")]), microscope(40_000.0)], [1.25; 3]),
        (vec![microscope(40_000.0)], [1.25; 3]),
        (vec![microscope(0.0)], [1.0; 3]),
        (vec![calibration(&[(500.0, "nm")])], [1.0; 3]),
        (vec![], [1.0; 3]),
    ] {
        for file in files(&tree(vec![image(&[2, 2], 0, more.clone())], Vec::new())) {
            let source = file.as_slice();
            let attributes = Dm::open(&source).unwrap().attributes(0).unwrap();
            for (name, size) in ["apix_x", "apix_y", "apix_z"].into_iter().zip(sizes) {
                let found = attributes.get(name).and_then(Value::number).unwrap();
                assert!((found - size).abs() < 1e-6 * size, "{name} is {found} instead of {size}");
            }
        }
    }
}

#[test]
fn tags_are_kept_as_eman2_names_them_and_as_text() {
    let tags = Group(vec![
        ("Voltage", F64(300_000.0)),
        ("Cs(mm)", Floats(vec![2.7])),
        ("Active Size (pixels)", Floats(vec![3838.0, 3710.0])),
        ("Operator", Text("M. Mu\u{f1}oz\nand others")),
    ]);
    let named = image(&[2, 2, 3], 0, vec![("ImageTags", tags), ("Name", Text("gain"))]);
    for file in files(&tree(vec![named], Vec::new())) {
        let source = file.as_slice();
        let dm = Dm::open(&source).unwrap();
        let attributes = dm.attributes(0).unwrap();
        let prefix = format!("DM{}.", file[3]);
        let number = |name: &str| attributes.get(&(prefix.clone() + name)).and_then(Value::number).unwrap();
        assert_eq!((number("voltage"), number("cs")), (300.0, 2.7));
        assert_eq!((number("camera_x"), number("camera_y"), number("binning_x")), (3838.0, 3710.0, 0.0));
        assert_eq!(attributes.get(&(prefix.clone() + "name")), Some(&Value::Text("gain".into())));
        let Some(Value::Text(listed)) = attributes.get(&(prefix.clone() + "tags")) else { panic!("no list") };
        assert!(listed.contains("ImageTags.Operator = M. Mu?oz and others\n"), "{listed}");
        assert!(listed.contains("ImageTags.Active Size (pixels) = (3838, 3710)\n"), "{listed}");
        assert!(!listed.contains("ImageData.Data "), "{listed}");
        assert!(dm.attributes(1).unwrap().get(&(prefix + "tags")).is_none(), "once is enough");
        assert!(dm.warnings().is_empty());
    }
}

#[test]
fn long_lists_of_tags_are_cut_with_a_warning() {
    let tags = (0..6000).map(|_| ("A tag of a camera", F64(0.123_456_789))).collect();
    let file = Writer { wide: true, big_endian: false }
        .file(&tree(vec![image(&[2, 2], 0, vec![("ImageTags", Group(tags))])], Vec::new()));
    let source = file.as_slice();
    let dm = Dm::open(&source).unwrap();
    let Some(Value::Text(listed)) = dm.attributes(0).unwrap().get("DM4.tags").cloned() else {
        panic!("no list")
    };
    let left = 6000 + 3 - listed.lines().count();
    assert_eq!(dm.warnings()[0].to_string(), format!("not carried over: {left} tags"));
}

#[test]
fn what_is_no_stack_of_images_is_refused() {
    let one = |sides: &[u32]| refused(&tree(vec![image(sides, 0, Vec::new())], Vec::new()));
    assert!(one(&[4]).to_string().contains("spectrum"));
    assert!(matches!(one(&[2, 2, 2, 2]), DmError::Dimensions { .. }));
    assert!(matches!(one(&[]), DmError::Missing { tag: "Dimensions", .. }));
    assert!(matches!(one(&[2, 0]), DmError::Sides { .. }));
    assert!(matches!(one(&[2, 2, 0]), DmError::Sides { .. }));
    assert_eq!(refused(&tree(Vec::new(), Vec::new())), DmError::NoImage);
    let typed = |kind| refused(&tree(vec![described(&[2, 2], kind, Pixels(6, vec![0; 64]), vec![])], vec![]));
    for (kind, word) in
        [(3, "complex"), (13, "complex"), (8, "colour"), (23, "colour"), (39, "64-bit"), (77, "77")]
    {
        assert!(typed(kind).to_string().contains(word), "{kind}");
    }
    let short = tree(vec![described(&[4, 4], 2, Pixels(6, vec![0; 60]), vec![])], vec![]);
    assert!(matches!(refused(&short), DmError::TooFew { promised: 64, found: 60, .. }));
    let numbered = tree(vec![described(&[1, 1], 6, U32(7), vec![])], vec![]);
    assert!(matches!(refused(&numbered), DmError::Missing { tag: "Data", .. }));
}

#[test]
fn nothing_is_believed_that_is_not_there() {
    let whole = Writer { wide: true, big_endian: false }
        .file(&tree(vec![image(&[8, 8, 2], 0, Vec::new())], Vec::new()));
    let good = Dm::open(&whole.as_slice()).map(|dm| dm.images());
    assert_eq!(good.ok(), Some(2));
    // Behind the tags come eight bytes that nobody needs.
    for length in 4..whole.len() - 8 {
        let cut = &whole[..length];
        assert!(matches!(Dm::open(&cut), Err(Error::Dm(_))), "{length} bytes");
    }
    let mut deep = Group(Vec::new());
    for _ in 0..70 {
        deep = Group(vec![("ImageList", deep)]);
    }
    assert!(matches!(refused(&deep), DmError::TooDeep { .. }));
    let mut many = whole.clone();
    many[18..26].copy_from_slice(&u64::MAX.to_be_bytes());
    assert!(matches!(Dm::open(&many.as_slice()), Err(Error::Dm(DmError::TagCount { .. }))));
}
