//! A stack whose images keep different numbers of bits.

use e2compress_core::{
    Attributes, Compressor, InMemory, NoProgress, Options, PixelEncoding, PixelType, Shape, VerifyOptions,
    open, verify,
};

const SHAPE: Shape = Shape { nx: 300, ny: 280, nz: 1 };

/// Images of noise, the later ones wider.
fn noise() -> InMemory {
    let mut state = 7u32;
    let mut images = InMemory::new();
    for number in 0..4 {
        let mut value = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as f32 / 8_388_608.0 - 1.0) * (number + 1) as f32
        };
        let values = (0..SHAPE.pixels()).map(|_| value()).collect();
        images.push(SHAPE, values, Attributes::new());
    }
    images
}

/// Bytes of 5 bits, words of 12 bits, floats, by number.
fn encoding(image: u32) -> PixelEncoding {
    PixelEncoding::from_bits([5, 12, 0, 12][image as usize]).unwrap()
}

#[test]
fn each_image_has_its_own_bits() {
    let (images, mut file) = (noise(), Vec::new());
    let options = Options::default();
    let report = Compressor::default()
        .compress_each(&images, "made", &mut file, &options, &|image, _| encoding(image), &NoProgress)
        .unwrap();
    report.manifest.unwrap().check(&file.as_slice()).unwrap();

    let source = file.as_slice();
    let written = open(&source, "a.hdf").unwrap();
    let expected = [PixelType::U8, PixelType::U16, PixelType::F32, PixelType::U16];
    for (image, kind) in (0..).zip(expected) {
        assert_eq!(written.pixels(image).kind, kind);
        let bits = written.pixels(image).scale.map(e2compress_core::Scale::bit_count);
        assert_eq!(bits, [Some(5), Some(12), None, Some(12)][image as usize]);
    }
    verify(&*written, Some(&images), &VerifyOptions::default(), &NoProgress).unwrap();

    // Each image is stored as it would be alone.
    for image in 0..4 {
        let mut alone = Vec::new();
        let options = Options { stored: encoding(image), ..Options::default() };
        Compressor::default().compress(&images, "made", &mut alone, &options, &NoProgress).unwrap();
        let source = alone.as_slice();
        let alone = open(&source, "a.hdf").unwrap();
        assert_eq!(alone.values(image).unwrap(), written.values(image).unwrap());
        assert_eq!(alone.declared(image).unwrap(), written.declared(image).unwrap());
    }
}

#[test]
fn floats_without_a_filter_are_a_matter_of_the_file() {
    let (images, mut file) = (noise(), Vec::new());
    let raw = PixelEncoding::Raw;
    Compressor::default()
        .compress_each(&images, "made", &mut file, &Options::default(), &|_, _| raw, &NoProgress)
        .unwrap();
    let source = file.as_slice();
    let written = open(&source, "a.hdf").unwrap();
    assert_eq!(written.pixels(0).kind, PixelType::F32);
    assert!(written.storage(0).unwrap().unwrap().chunks > 0);
}
