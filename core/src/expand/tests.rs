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

mod header;

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
