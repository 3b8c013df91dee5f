//! A format of one's own: read, described, compressed, verified and expanded without a change anywhere else.

use std::ops::Range;

use e2compress_core::{
    Attributes, Error, ExpandOptions, FORMATS, Format, Images, Info, NoProgress, OpenOptions, Options,
    PixelType, Pixels, Shape, Source, VerifyOptions, compress, expand, open, open_with, verify,
};

/// `TOY1`, columns, rows, images (a byte each), then 16-bit pixels, the most significant byte first.
struct Toy<'s> {
    source: &'s dyn Source,
    shape: Shape,
    images: u32,
}

const HEADER_BYTES: u64 = 7;

const TOY: Format = Format {
    name: "toy",
    extensions: &["toy"],
    recognises: |start| start.bytes.starts_with(b"TOY1"),
    open: |source, _, _| {
        let mut header = [0; HEADER_BYTES as usize];
        let failed = |cause| Error::Read { offset: 0, length: HEADER_BYTES, cause };
        source.read_at(0, &mut header).map_err(failed)?;
        let [nx, ny, images] = [4, 5, 6].map(|byte| u32::from(header[byte]));
        Ok(Box::new(Toy { source, shape: Shape { nx, ny, nz: 1 }, images }))
    },
};

impl Images for Toy<'_> {
    fn format(&self) -> &'static str {
        TOY.name
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn shape(&self, _image: u32) -> Shape {
        self.shape
    }

    fn pixels(&self, _image: u32) -> Pixels {
        Pixels::new(PixelType::I16, true)
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let row_bytes = self.pixels(image).row_bytes(self.shape.nx);
        let offset = HEADER_BYTES + (u64::from(image) * self.shape.rows() + rows.start) * row_bytes;
        let length = bytes.len() as u64;
        self.source.read_at(offset, bytes).map_err(|cause| Error::Read { offset, length, cause })
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let mut attributes = Attributes::new();
        attributes.int("toy.number", image as i32);
        Ok(attributes)
    }
}

fn toy_file() -> Vec<u8> {
    let mut file = b"TOY1\x0c\x09\x03".to_vec();
    file.extend((0..12 * 9 * 3i16).flat_map(|pixel| (pixel % 100 - 50).to_be_bytes()));
    file
}

fn formats() -> Vec<Format> {
    [&[TOY], FORMATS].concat()
}

#[test]
fn a_format_is_one_implementation_and_one_line() {
    let (file, formats) = (toy_file(), formats());
    let source = file.as_slice();
    let images = open_with(&formats, &source, "a.toy", &OpenOptions::default()).unwrap();

    let info = Info::of(&*images, file.len() as u64).unwrap();
    assert_eq!((info.format, info.images, info.pixel_type), ("toy", 3, PixelType::I16.name()));

    let mut compressed = Vec::new();
    let options = Options::bits(8).unwrap();
    let report = compress(&*images, "a.toy", &mut compressed, &options, &NoProgress).unwrap();
    assert_eq!((report.images, report.truncated), (3, 0));

    let output = compressed.as_slice();
    let written = open(&output, "a.hdf").unwrap();
    let checked = verify(&*written, Some(&*images), &VerifyOptions::default(), &NoProgress).unwrap();
    assert_eq!(checked.images, 3);
    for image in 0..3 {
        // Integers that span less than 256 come back as they were, and the writer knows their extent.
        assert_eq!(written.values(image).unwrap(), images.values(image).unwrap());
        let declared = written.declared(image).unwrap().unwrap();
        assert_eq!([declared.nx, declared.ny, declared.nz], [Some(12.0), Some(9.0), Some(1.0)]);
        let attributes = written.attributes(image).unwrap();
        assert_eq!(attributes.get("toy.number").and_then(e2compress_core::Value::number), Some(image.into()));
    }

    let mut mrc = Vec::new();
    expand(&*images, &mut mrc, &ExpandOptions::default(), &NoProgress).unwrap();
    let back = mrc.as_slice();
    let back = open(&back, "a.mrcs").unwrap();
    assert_eq!(back.values(2).unwrap(), images.values(2).unwrap());
}

#[test]
fn other_formats_are_found_beside_it() {
    let mrc: &[u8] = include_bytes!("../../tests/data/u16_micrograph.mrc");
    let images = open_with(&formats(), &mrc, "a.mrc", &OpenOptions::default()).unwrap();
    assert_eq!(images.format(), "MRC");
    let unknown: &[u8] = b"\x89PNG and so on";
    let problem = open_with(&formats(), &unknown, "a.png", &OpenOptions::default()).err().unwrap();
    assert!(problem.to_string().starts_with("this is a PNG picture; "), "{problem}");
}
