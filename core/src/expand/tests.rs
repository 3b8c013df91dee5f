use std::io;
use std::ops::Range;

use std::cell::Cell;

use super::*;
use crate::formats::mrc::Mrc;
use crate::image::PixelType;
use crate::image::Shape;
use crate::image::attributes::{Attributes, Value};
use crate::image::pixels::Pixels;
use crate::pipeline::progress::NoProgress;
use crate::warning::Warning;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Images of floats with attributes, as an HDF file has them.
#[derive(Clone)]
struct Made {
    shapes: Vec<Shape>,
    values: Vec<Vec<f32>>,
    attributes: Vec<Attributes>,
}

impl Made {
    fn new(shape: Shape, images: &[&[f32]]) -> Self {
        let cycled = |values: &&[f32]| values.iter().copied().cycle().take(shape.pixels() as usize).collect();
        Self {
            shapes: vec![shape; images.len()],
            values: images.iter().map(cycled).collect(),
            attributes: vec![Attributes::new(); images.len()],
        }
    }

    /// Sets the same attributes for every image.
    fn with(mut self, add: impl Fn(&mut Attributes)) -> Self {
        self.attributes.iter_mut().for_each(add);
        self
    }
}

impl Images for Made {
    fn format(&self) -> &'static str {
        "made"
    }

    fn images(&self) -> u32 {
        self.shapes.len() as u32
    }

    fn shape(&self, image: u32) -> Shape {
        self.shapes[image as usize]
    }

    fn pixels(&self, _image: u32) -> Pixels {
        Pixels::new(PixelType::F32, true)
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let nx = self.shape(image).nx as usize;
        let values = &self.values[image as usize][rows.start as usize * nx..rows.end as usize * nx];
        let stored: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
        bytes.copy_from_slice(&stored);
        Ok(())
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        Ok(self.attributes[image as usize].clone())
    }
}

fn flat(nx: u32, ny: u32) -> Shape {
    Shape { nx, ny, nz: 1 }
}

fn expanded(reader: &dyn Images, mode: Option<PixelType>) -> Result<(Vec<u8>, ExpandReport), Error> {
    let mut file = Vec::new();
    let report = expand(reader, &mut file, &ExpandOptions { mode, ..ExpandOptions::default() }, &NoProgress)?;
    assert_eq!(report.output_bytes, file.len() as u64);
    Ok((file, report))
}

fn auto(reader: &dyn Images) -> (Vec<u8>, ExpandReport) {
    expanded(reader, None).unwrap()
}

fn int(file: &[u8], offset: usize) -> i32 {
    i32::from_le_bytes(file[offset..offset + 4].try_into().unwrap())
}

fn float(file: &[u8], offset: usize) -> f32 {
    f32::from_bits(int(file, offset) as u32)
}

/// Reads all pixels of an MRC file.
fn values(file: &[u8]) -> Vec<f32> {
    let reader = Mrc::open(&file, "file.mrc").unwrap();
    let (shape, pixels) = (reader.shape(0), reader.pixels(0));
    let mut bytes = vec![0; (pixels.row_bytes(shape.nx) * shape.rows()) as usize];
    reader.read(0, 0..shape.rows(), &mut bytes).unwrap();
    let mut values = Vec::new();
    pixels.decode(&bytes, shape.nx, &mut values);
    values
}

#[test]
fn modes_fit_the_values() {
    for (images, expected) in [
        ([&[0.0, 127.0], &[1.0]], PixelType::U8),
        ([&[0.0, 127.0], &[128.0]], PixelType::U16),
        ([&[0.0, 65535.0], &[1.0]], PixelType::U16),
        ([&[-1.0, 5.0], &[32767.0]], PixelType::I16),
        ([&[-1.0, 5.0], &[32768.0]], PixelType::F32),
        ([&[70000.0, 5.0], &[1.0]], PixelType::F32),
        ([&[1.0, 2.0], &[0.5]], PixelType::F32),
        ([&[1.0, 2.0], &[f32::NAN]], PixelType::F32),
    ] as [([&[f32]; 2], PixelType); 8]
    {
        let made = Made::new(flat(3, 5), &images);
        let (file, report) = auto(&made);
        assert_eq!(report.mode, expected, "{images:?}");
        assert_eq!(int(&file, 12), expected.mrc_mode().unwrap());
        let same = |(a, b): (&f32, f32)| *a == b || a.is_nan() && b.is_nan();
        assert!(made.values.concat().iter().zip(values(&file)).all(same));
    }
}

#[test]
fn the_original_mode_comes_back_where_it_holds_all() {
    for (original, value, expected) in [
        (0, 255.0, PixelType::U8),
        (0, 256.0, PixelType::U16),
        (0, 0.25, PixelType::F32),
        (1, 7.0, PixelType::I16),
        (6, 7.0, PixelType::U16),
        (12, 0.25, PixelType::F16),
        (12, 0.1, PixelType::F32),
        (12, 2049.0, PixelType::U16),
        (17, 7.0, PixelType::U8),
        (2, 7.0, PixelType::F32),
    ] {
        let made = Made::new(flat(4, 4), &[&[1.0], &[value]]).with(|kept| kept.int("MRC.mode", original));
        assert_eq!(auto(&made).1.mode, expected, "mode {original} with {value}");
    }
    let mut mixed = Made::new(flat(4, 4), &[&[1.0], &[2.0]]);
    mixed.attributes[0].int("MRC.mode", 1);
    mixed.attributes[1].int("MRC.mode", 6);
    assert_eq!(auto(&mixed).1.mode, PixelType::U8);
}

#[test]
fn a_mode_that_would_change_values_is_refused() {
    let made = Made::new(flat(300, 400), &[&[3.0], &[3.0, -4.0], &[0.0, 90000.0]]);
    let asked = |mode| expanded(&made, Some(mode)).unwrap_err();
    let Error::Expand(refused) = asked(PixelType::U16) else { panic!("another error") };
    let fits = PixelType::F32;
    assert_eq!(refused, ExpandError::Value { image: 1, value: -4.0, asked: PixelType::U16, fits });
    assert_eq!(
        refused.to_string(),
        "image 1 holds the value -4.0, which mode 6 cannot; mode 2 holds all of them"
    );
    let Error::Expand(refused) = asked(PixelType::F16) else { panic!("another error") };
    assert_eq!(refused, ExpandError::Value { image: 2, value: 90000.0, asked: PixelType::F16, fits });
    assert!(expanded(&made, Some(PixelType::F32)).is_ok());
    let fractions = Made::new(flat(2, 1), &[&[1.0, 1.5]]);
    assert!(expanded(&fractions, Some(PixelType::I16)).is_err());
}

#[test]
fn halves_round_and_the_statistics_are_theirs() {
    let made = Made::new(flat(2, 2), &[&[0.1, 1000.3]]);
    let (file, _) = expanded(&made, Some(PixelType::F16)).unwrap();
    assert_eq!(values(&file), [0.099_975_586, 1000.5, 0.099_975_586, 1000.5]);
    assert_eq!((float(&file, 76), float(&file, 80)), (0.099_975_586, 1000.5));
}

#[test]
fn statistics_are_of_the_whole_file() {
    let made = Made::new(flat(600, 500), &[&[1.0, 3.0], &[5.0, 7.0]]);
    let (file, report) = auto(&made);
    assert_eq!(report.pixels, 600_000);
    assert_eq!([76, 80, 84].map(|offset| float(&file, offset)), [1.0, 7.0, 4.0]);
    assert_eq!(float(&file, 216), 5f32.sqrt());
    for (values, rms) in [
        (&[3.0][..], 0.0),
        (&[0.5, -0.5], 0.5),
        // Floats that sums of floats tell little about: "not well determined".
        (&[3.7], -1.0),
        (&[1e30, -1e30], -1.0),
    ] {
        assert_eq!(float(&auto(&Made::new(flat(600, 500), &[values])).0, 216), rms);
    }
}

#[test]
fn statistics_nobody_can_agree_on_are_marked_so() {
    for (value, mode) in [(f32::NAN, None), (f32::INFINITY, None), (200.0, Some(PixelType::U8))] {
        let (file, report) = expanded(&Made::new(flat(4, 4), &[&[1.0, value]]), mode).unwrap();
        let [minimum, maximum, mean, rms] = [76, 80, 84, 216].map(|offset| float(&file, offset));
        assert!(maximum < minimum && mean < maximum && rms < 0.0);
        assert_eq!(report.warnings.len(), usize::from(mode.is_some()));
    }
}

#[test]
fn images_of_several_sizes_are_refused() {
    let mut made = Made::new(flat(4, 4), &[&[1.0][..]; 3]);
    made.shapes[2].ny = 3;
    let refused = expanded(&made, None).unwrap_err().to_string();
    assert!(refused.starts_with("image 2 is 4 x 3, image 0 is 4 x 4"), "{refused}");
    made.shapes = vec![Shape { nx: 1, ny: 1, nz: 1 << 30 }; 3];
    assert!(matches!(expanded(&made, None), Err(Error::Expand(ExpandError::Sections(_)))));
}

#[test]
fn stacks_and_volumes_follow_mrc2014() {
    let volume = Shape { nx: 4, ny: 3, nz: 2 };
    // Shape, images; nz, mz, space group, extension.
    for (shape, images, expected) in [
        (flat(4, 3), 1, (1, 1, 0, "mrc")),
        (flat(4, 3), 5, (5, 1, 0, "mrcs")),
        (volume, 1, (2, 2, 1, "mrc")),
        (volume, 5, (10, 2, 401, "mrc")),
    ] {
        let made = Made::new(shape, &vec![&[1.0][..]; images]).with(|kept| {
            kept.float("apix_x", 1.5);
            kept.float("apix_y", 2.5);
            kept.float("apix_z", 3.5);
            kept.float("origin_y", -7.0);
        });
        let (file, _) = auto(&made);
        assert_eq!((int(&file, 8), int(&file, 36), int(&file, 88), extension(&made)), expected);
        assert_eq!([40, 44, 48].map(|offset| float(&file, offset)), [6.0, 7.5, 3.5 * expected.1 as f32]);
        assert_eq!([28, 32].map(|offset| int(&file, offset)), [4, 3]);
        assert_eq!([196, 200, 204].map(|offset| float(&file, offset)), [0.0, -7.0, 0.0]);
        assert_eq!([52, 56, 60].map(|offset| float(&file, offset)), [90.0; 3]);
        assert_eq!([64, 68, 72].map(|offset| int(&file, offset)), [1, 2, 3]);
        assert_eq!(&file[208..216], b"MAP DD\0\0");
        assert_eq!((int(&file, 92), int(&file, 220)), (0, 0));
    }
}

/// Makes a header that says something everywhere, for 4 x 3 x 2 bytes.
fn rich(axes: [i32; 3]) -> Vec<u8> {
    let mut file = vec![0; 1024 + 24];
    let mut put = |offset: usize, bytes: &[u8]| file[offset..offset + bytes.len()].copy_from_slice(bytes);
    for (offset, value) in [(0, 4), (4, 3), (8, 2), (16, -5), (20, 6), (24, -7), (28, 40), (32, 30), (36, 20)]
        .into_iter()
        .chain([(64, axes[0]), (68, axes[1]), (72, axes[2]), (88, 19), (108, 20140), (156, 4 | 2), (220, 3)])
    {
        put(offset, &i32::to_le_bytes(value));
    }
    for (offset, value) in [(40, 80.0), (44, 90.0), (48, 100.0), (52, 80.0), (56, 90.0), (60, 110.0)]
        .into_iter()
        .chain([(196, 1.5), (200, -2.5), (204, 3.5), (136, 9.5)])
    {
        put(offset, &f32::to_le_bytes(value));
    }
    put(160, &3i16.to_le_bytes());
    put(128, &9i16.to_le_bytes());
    put(152, b"IMOD");
    put(208, b"MAP DD\0\0");
    put(224, &[b'x'; 80]);
    put(304, b"   ");
    put(384, b"second");
    (0..24).for_each(|place| file[1024 + place] = place as u8);
    file
}

#[test]
fn a_header_comes_back() {
    let original = rich([1, 2, 3]);
    let (file, _) = auto(&Mrc::open(&&original[..], "a.mrc").unwrap());
    assert_eq!(file.len(), original.len());
    assert_eq!(file[..76], original[..76], "geometry");
    assert_eq!(file[88..216], original[88..216], "everything from the space group to the stamp");
    assert_eq!(file[220..], original[220..], "labels and pixels");
    let (again, _) = auto(&Mrc::open(&&file[..], "a.mrc").unwrap());
    assert_eq!(again, file);
}

/// Checks that grid, cell and origin, which belong to x, y, z already, stay, and sides, start and pixels follow.
#[test]
fn any_order_of_axes_becomes_x_y_z() {
    for axes in [[1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        let original = rich(axes);
        let (file, _) = auto(&Mrc::open(&&original[..], "a.mrc").unwrap());
        assert_eq!((&file[28..64], &file[196..208]), (&original[28..64], &original[196..208]), "{axes:?}");
        assert_eq!([64, 68, 72].map(|offset| int(&file, offset)), [1, 2, 3]);
        for (place, axis) in axes.into_iter().enumerate() {
            let (to, from) = (4 * (axis as usize - 1), 4 * place);
            assert_eq!(
                (int(&file, to), int(&file, 16 + to)),
                (int(&original, from), int(&original, 16 + from))
            );
        }
        let mut pixels = file[1024..].to_vec();
        pixels.sort_unstable();
        assert_eq!(pixels, original[1024..], "{axes:?}");
    }
}

#[test]
fn a_transposed_file_denotes_the_same_density() {
    let original = rich([2, 1, 3]);
    let (file, _) = auto(&Mrc::open(&&original[..], "a.mrc").unwrap());
    // Cell, grid and origin belong to the axes x, y, z and stay; start belongs to columns and rows.
    assert_eq!(file[28..64], original[28..64]);
    assert_eq!(file[196..208], original[196..208]);
    assert_eq!([0, 4, 8].map(|offset| int(&file, offset)), [3, 4, 2]);
    assert_eq!([16, 20, 24].map(|offset| int(&file, offset)), [6, -5, -7]);
    assert_eq!([64, 68, 72].map(|offset| int(&file, offset)), [1, 2, 3]);
    // The pixel at x, y, z of the density, wherever the file keeps it.
    for (x, y, z) in [(0, 0, 0), (2, 0, 0), (0, 3, 0), (1, 2, 1)] {
        assert_eq!(file[1024 + z * 12 + y * 3 + x], original[1024 + z * 12 + x * 4 + y]);
    }
    let (again, _) = auto(&Mrc::open(&&file[..], "a.mrc").unwrap());
    assert_eq!(again, file);
}

#[test]
fn header_words_of_another_image_are_not_believed() {
    let original = rich([3, 1, 2]);
    let kept = Mrc::open(&&original[..], "a.mrc").unwrap().attributes(0).unwrap();
    let mut clipped = Made::new(Shape { nx: 2, ny: 3, nz: 2 }, &[&[0.5]]);
    clipped.attributes[0] = kept;
    let (file, _) = auto(&clipped);
    assert_eq!([28, 32, 36].map(|offset| int(&file, offset)), [2, 3, 2]);
    assert_eq!([40, 44, 48].map(|offset| float(&file, offset)), [4.0, 9.0, 10.0]);
    assert_eq!([16, 64, 68, 72, 88].map(|offset| int(&file, offset)), [0, 1, 2, 3, 1]);
    assert_eq!(&file[224..227], b"xxx");
}

#[test]
fn a_changed_pixel_size_outweighs_the_kept_cell() {
    let original = rich([1, 2, 3]);
    let kept = Mrc::open(&&original[..], "a.mrc").unwrap().attributes(0).unwrap();
    let mut scaled = Made::new(Shape { nx: 4, ny: 3, nz: 2 }, &[&[0.5]]);
    for found in kept.iter() {
        let value = if found.name == "apix_x" { Value::Float(1.25) } else { found.value.clone() };
        scaled.attributes[0].add(found.name.clone(), value);
    }
    let (file, _) = auto(&scaled);
    assert_eq!([28, 32, 36].map(|offset| int(&file, offset)), [4, 3, 20]);
    assert_eq!([40, 44, 48].map(|offset| float(&file, offset)), [5.0, 9.0, 100.0]);
}

#[test]
fn senseless_words_make_a_valid_header() {
    let made = Made::new(flat(4, 3), &[&[1.0]]).with(|kept| {
        for (name, value) in [
            ("MRC.nx", 4),
            ("MRC.ny", 3),
            ("MRC.nz", 1),
            ("MRC.mx", i32::MIN),
            ("MRC.my", 0),
            ("MRC.mz", -1),
            ("MRC.mapc", 7),
            ("MRC.mapr", 1),
            ("MRC.maps", 1),
            ("MRC.ispg", 999),
            ("MRC.nversion", -3),
            ("MRC.nlabels", i32::MAX),
            ("FEIMRC.metadata_size", i32::MAX),
        ] {
            kept.int(name, value);
        }
        kept.float("MRC.xlen", -1.0);
        kept.float("MRC.ylen", f32::MAX);
        kept.float("MRC.zlen", 0.0);
        kept.float("MRC.alpha", -1e30);
        kept.int("MRC.beta", 90);
        kept.text("MRC.gamma", b"90");
        kept.float("apix_x", -2.0);
        kept.text("origin_x", b"here");
        kept.add("MRC.label3", Value::Text("\u{b5}m".into()));
    });
    let (file, _) = auto(&made);
    assert_eq!([28, 32, 36].map(|offset| int(&file, offset)), [4, 3, 1]);
    assert_eq!([40, 44, 48].map(|offset| float(&file, offset)), [4.0, 3.0, 1.0]);
    assert_eq!([64, 68, 72, 88, 92, 108, 220].map(|offset| int(&file, offset)), [1, 2, 3, 0, 0, 20141, 1]);
    assert_eq!(&file[224..227], b"?m\0");
}

#[test]
fn fei_records_come_back_one_an_image() {
    let mut made = Made::new(flat(4, 3), &[&[1.0], &[2.0], &[3.0]]);
    for (image, kept) in made.attributes.iter_mut().enumerate() {
        kept.int("FEIMRC.metadata_size", 768);
        kept.int("FEIMRC.metadata_version", 1);
        kept.add("FEIMRC.dose", Value::Double(image as f64 + 0.5));
        kept.int("MRC.nsymbt", 3 * 768);
    }
    let (file, report) = auto(&made);
    assert_eq!((int(&file, 92), &file[104..108]), (3 * 768, &b"FEI1"[..]));
    assert_eq!(report.warnings, []);
    let bytes = &file[..];
    let back = Mrc::open(&bytes, "a.mrcs").unwrap();
    for image in 0..3 {
        let found = back.attributes(image).unwrap();
        assert_eq!(found.get("FEIMRC.dose"), Some(&Value::Double(f64::from(image) + 0.5)));
        assert_eq!(found.get("FEIMRC.ht"), None);
    }
    made.attributes[1] = Attributes::new();
    let (file, report) = auto(&made);
    assert_eq!(int(&file, 92), 0);
    assert_eq!(report.warnings, [Warning::ExtendedHeaderLost { kept: 0, of: 2304 }]);
}

/// Takes so many writes.
struct Failing(usize);

impl Sink for Failing {
    fn write_at(&mut self, _offset: u64, _bytes: &[u8]) -> io::Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }
}

#[test]
fn a_failing_sink_is_an_error_at_every_write() {
    let made = Made::new(flat(1000, 3000), &[&[0.5]]);
    let writes = (0..).take_while(|&writes| {
        let outcome = expand(&made, &mut Failing(writes), &ExpandOptions::default(), &NoProgress);
        assert!(matches!(outcome, Ok(_) | Err(Error::Write { .. })));
        outcome.is_err()
    });
    // Each MiB as it is gathered, and the header.
    assert_eq!(writes.count(), 13);
}

/// Stops after so many reports, and keeps the last.
struct Stopping(Cell<u32>, Cell<(u64, u64)>);

impl Progress for Stopping {
    fn advanced(&self, done: u64, total: u64) {
        self.0.set(self.0.get() - 1);
        self.1.set((done, total));
    }

    fn cancelled(&self) -> bool {
        self.0.get() == 0
    }
}

#[test]
fn it_stops_when_asked_and_ends_with_all_done() {
    let made = Made::new(flat(1000, 3000), &[&[0.5]]);
    let watch = |reports| Stopping(Cell::new(reports), Cell::default());
    for reports in 1..=6 {
        let outcome = expand(&made, &mut Vec::new(), &ExpandOptions::default(), &watch(reports));
        assert!(matches!(outcome, Err(Error::Cancelled)));
    }
    let all = watch(100);
    expand(&made, &mut Vec::new(), &ExpandOptions::default(), &all).unwrap();
    assert_eq!(all.1.get(), (24_000_000, 24_000_000));
}
