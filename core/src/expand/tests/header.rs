//! What becomes of a header, of MRC2014 or of another dialect.

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

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
