//! Every kind of damage is found, by its name and place.

#![allow(clippy::unnecessary_wraps, reason = "every test of the list has the same form")]

use std::fs;

use e2compress_core::Error;
use e2compress_core::formats::hdf5::read::Chunk;
use e2compress_core::verify::{Place, VerifyError};
use e2compress_fixtures::data;
use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_tests::stored::image;
use libtest_mimic::{Failed, Trial};
use tempfile::tempdir;

use crate::pair::{FILE, ORIGINAL, Pair, checked, e2compress, fault};

pub fn trials() -> Vec<Trial> {
    let test = |name: &str, run: fn() -> Result<(), Failed>| Trial::test(name, run);
    let always = |name: &str, run: fn()| {
        Trial::test(name, move || {
            run();
            Ok(())
        })
    };
    vec![
        test("flipped bits of a chunk are found", flipped_bits),
        always("bits of the range that matter are found", range_bits),
        always("attributes that contradict are found", attributes),
        test("swapped chunks are found", swapped),
        test("other codes in a valid stream are found", other_codes),
        test("a chunk that is two is found", overlapping),
        test("pixels that were never written are found", unwritten),
        test("a missing image is found", missing_image),
        always("every cut is found", cut_off),
        always("the place is told in volumes, too", places),
        test("an original that is damaged is told apart", damaged_original),
    ]
}

/// Alone it is the stream's adler32 that tells. Of noise in few bits it misses some: a flipped bit of a Huffman
/// code changes three neighbours by d, -2d and d, which sums that small do not see. Beside the original none
/// is missed.
fn flipped_bits() -> Result<(), Failed> {
    let pair = Pair::of("f32_around_zero.mrc", &["--bits", "5"]);
    let [chunk] = pair.chunks()[..] else { return Err("one chunk".into()) };
    let bytes = chunk.address as usize..chunk.address as usize + chunk.size as usize;
    let codes = miniz_oxide::inflate::decompress_to_vec_zlib(&pair.file[bytes.clone()]).ok();
    assert_eq!(codes.as_ref().map(Vec::len), Some(46 * 62));
    let mut missed = 0;
    for byte in bytes.clone() {
        let mut file = pair.file.clone();
        file[byte] ^= 1 << (byte % 8);
        match pair.beside(&file) {
            // Bits that mean nothing: the level, the rest of the last byte, the length of a code nothing has.
            Ok(_) => {
                assert_eq!(miniz_oxide::inflate::decompress_to_vec_zlib(&file[bytes.clone()]).ok(), codes);
            }
            Err(Error::Hdf(_)) => assert!(matches!(checked(&file, None), Err(Error::Hdf(_)))),
            Err(Error::Verify(VerifyError::WrongCode { .. })) => missed += 1,
            Err(other) => return Err(format!("byte {byte}: {other}").into()),
        }
    }
    assert!(missed * 500 < chunk.size, "{missed} of {} were missed without the original", chunk.size);
    Ok(())
}

fn range_bits() {
    const STEP: f32 = 0.0017;
    let pair = Pair::of("f32_around_zero.mrc", &["--bits", "12"]);
    for (name, end) in [("EMAN.stored_rendermin", 0), ("EMAN.stored_rendermax", 1)] {
        let mut value = 0f32;
        pair.changed(|file| image(file, 0)?.attr(name)?.read_raw().map(|found| value = found[0]));
        for bit in 0..32 {
            let other = f32::from_bits(value.to_bits() ^ 1 << bit);
            let found = pair.beside(&pair.said(name, other));
            // A hundredth of a step changes the codes of some of these pixels.
            let matters = (value - other).abs() > STEP / 100.0 || !other.is_finite();
            assert!(found.is_err() || !matters, "end {end}, bit {bit}: {value} is {other}");
        }
    }
}

fn attributes() {
    let pair = Pair::of("f32_volume.mrc", &["--bits", "8", "--sigrange", "2,2"]);
    for (name, value, alone) in [
        ("EMAN.nx", 36, true),
        ("EMAN.ny", 19, true),
        ("EMAN.nz", 1, true),
        ("EMAN.datatype", 4, true),
        ("EMAN.stored_renderbits", 9, true),
        ("EMAN.stored_renderbits", 5, true),
        ("EMAN.stored_truncated", 0, true),
        ("EMAN.stored_truncated", 1, false),
        ("EMAN.all_int", 1, false),
    ] {
        told(&pair, name, &pair.said(name, value), alone);
    }
    for (name, value, alone) in [
        ("EMAN.stored_rendermin", 7.0, true),
        ("EMAN.minimum", -1.0, false),
        ("EMAN.maximum", 1.0, false),
        ("EMAN.mean", 0.5, false),
        ("EMAN.sigma", f32::NAN, false),
        ("EMAN.square_sum", 0.0, false),
        ("EMAN.mean_nonzero", 0.5, false),
        ("EMAN.sigma_nonzero", 0.5, false),
    ] {
        told(&pair, name, &pair.said(name, value), alone);
    }
    // Floats describe themselves.
    let pair = Pair::of("f32_volume.mrc", &["--bits", "0"]);
    for name in ["EMAN.minimum", "EMAN.maximum", "EMAN.mean", "EMAN.sigma"] {
        let file = pair.said(name, 0.5f32);
        told(&pair, name, &file, false);
        // EMAN2 leaves such behind, too.
        let notes = checked(&file, None).map(|report| report.warnings).unwrap_or_default();
        assert!(notes.iter().any(|note| note.kind() == "odd_statistics"), "{name}: {notes:?}");
    }
    // What can be read but is no number.
    let broken = pair.changed(|file| image(file, 0)?.attr("EMAN.nx")?.write_raw(&[0]));
    told(&pair, "EMAN.nx", &broken, true);
}

/// The change of an attribute must be told: beside the original in any case, alone if it shows.
fn told(pair: &Pair, name: &str, file: &[u8], alone: bool) {
    let found = fault(pair.beside(file)).to_string();
    assert!(found.contains("image 0"), "{name}: {found}");
    assert_eq!(checked(file, None).is_err(), alone, "{name}");
}

fn swapped() -> Result<(), Failed> {
    let pair = Pair::stored();
    let chunks = pair.chunks();
    let (one, other) = (chunks[0], chunks[1]);
    assert_eq!(one.size, other.size);
    let bytes = |chunk: Chunk| chunk.address as usize..chunk.address as usize + chunk.size as usize;
    let mut file = pair.file.clone();
    file[bytes(one)].copy_from_slice(&pair.file[bytes(other)]);
    file[bytes(other)].copy_from_slice(&pair.file[bytes(one)]);
    checked(&file, None)?;
    let found = fault(pair.beside(&file));
    assert!(matches!(found, VerifyError::WrongCode { place: Place { image: 0, row: 0, .. }, .. }), "{found}");
    Ok(())
}

/// The checksum of a zlib stream (RFC 1950).
fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65521;
        (a, (a + b) % 65521)
    });
    b << 16 | a
}

fn other_codes() -> Result<(), Failed> {
    const BEFORE_STORED_CODES: usize = 2 + 5;
    let pair = Pair::of("f32_around_zero.mrc", &["--bits", "8", "--compresslevel", "0"]);
    let [chunk] = pair.chunks()[..] else { return Err("one chunk".into()) };
    let (start, end) = (chunk.address as usize, chunk.address as usize + chunk.size as usize);
    let codes = start + BEFORE_STORED_CODES..end - 4;
    assert_eq!(codes.len(), 46 * 62);
    let mut file = pair.file.clone();
    let (row, column) = (31, 7);
    file[codes.start + row * 46 + column] ^= 1;
    let checksum = adler32(&file[codes]).to_be_bytes();
    file[end - 4..end].copy_from_slice(&checksum);
    checked(&file, None)?;
    let found = fault(pair.beside(&file));
    let VerifyError::WrongCode { place, found, expected, .. } = found else { return Err("a code".into()) };
    assert_eq!(place, Place { image: 0, section: 0, row: 31, column: 7 });
    assert_eq!(found as u32 ^ 1, expected);
    Ok(())
}

fn overlapping() -> Result<(), Failed> {
    let pair = Pair::stored();
    let chunks = pair.chunks();
    let (one, other) = (chunks[0].address.to_le_bytes(), chunks[1].address.to_le_bytes());
    let mut file = pair.file.clone();
    let places = file.windows(8).enumerate().filter(|(_, bytes)| *bytes == other).map(|(place, _)| place);
    let [place] = places.collect::<Vec<_>>()[..] else { return Err("one mention of a chunk".into()) };
    file[place..place + 8].copy_from_slice(&one);
    let found = fault(checked(&file, None));
    assert_eq!(found, VerifyError::Overlap { image: 0, address: chunks[0].address });
    Ok(())
}

fn unwritten() -> Result<(), Failed> {
    let folder = tempdir()?;
    let made = |build: fn(&hdf5::Group) -> hdf5::Result<()>| -> Result<VerifyError, Failed> {
        let path = folder.path().join("a.hdf");
        let file = hdf5::File::create(&path)?;
        build(&file.create_group("MDF")?.create_group("images")?.create_group("0")?)?;
        file.close()?;
        Ok(fault(checked(&fs::read(&path)?, None)))
    };
    let found = made(|group| {
        let dataset = group.new_dataset::<u8>().chunk((10, 20)).shape((10.., 50)).create("image")?;
        dataset.write_raw(&[7u8; 500])?;
        dataset.resize((25, 50))
    })?;
    let place = Place { image: 0, section: 0, row: 10, column: 0 };
    assert_eq!(found, VerifyError::Unwritten { place, missing: 6, chunks: 9 });
    let found = made(|group| group.new_dataset::<u8>().shape((25, 50)).create("image").map(|_| ()))?;
    let place = Place { image: 0, section: 0, row: 0, column: 0 };
    assert_eq!(found, VerifyError::Unwritten { place, missing: 1, chunks: 1 });
    Ok(())
}

fn missing_image() -> Result<(), Failed> {
    let folder = tempdir()?;
    fs::copy(data().join("f32_stack.mrcs"), folder.path().join("a.mrcs"))?;
    assert!(e2compress(folder.path(), &["--bits", "5", "a.mrcs"]).status.success());
    let file = hdf5::File::open_rw(folder.path().join(FILE))?;
    file.group("MDF/images")?.unlink("2")?;
    file.close()?;
    let Err(problem) = checked(&fs::read(folder.path().join(FILE))?, None) else {
        return Err("found".into());
    };
    assert!(matches!(problem, Error::Eman(_)) && problem.to_string().contains("image 2 of 4"), "{problem}");
    Ok(())
}

fn cut_off() {
    for options in [["--bits", "5"], ["--bits", "-1"]] {
        let pair = Pair::of("u8_movie.mrcs", &options);
        for length in (0..pair.file.len()).step_by(53) {
            assert!(checked(&pair.file[..length], None).is_err(), "{length}");
        }
    }
}

fn places() {
    let (nx, ny, nz) = (300, 280, 3);
    let values: Vec<f32> = Noise(9).take((nx * ny * nz) as usize).collect();
    let original = Mrc::floats(nx, ny, nz, values.iter().copied());
    for bits in ["6", "0", "-1"] {
        let pair = Pair::new(&original.bytes, &["--bits", bits]);
        for (section, row, column) in [(0, 0, 0), (1, 140, 149), (2, 139, 151), (2, 279, 299)] {
            let at = (section * ny as usize + row) * nx as usize + column;
            let mut other = values.clone();
            other[at] = if other[at] > 0.0 { other[at] - 0.7 } else { other[at] + 0.7 };
            let other = Mrc::floats(nx, ny, nz, other);
            let found = fault(checked(&pair.file, Some((&other.bytes, ORIGINAL))));
            let wanted = Place { image: 0, section: section as u32, row: row as u32, column: column as u32 };
            match found {
                VerifyError::WrongCode { place, .. } if bits == "6" => assert_eq!(place, wanted),
                VerifyError::WrongValue { place, .. } if bits != "6" => assert_eq!(place, wanted),
                other => panic!("{bits} {wanted}: {other}"),
            }
        }
    }
}

fn damaged_original() -> Result<(), Failed> {
    let pair = Pair::of("f32_around_zero.mrc", &["--bits", "10"]);
    let [chunk] = pair.chunks()[..] else { return Err("one chunk".into()) };
    let mut damaged = pair.file.clone();
    damaged[chunk.address as usize + 9] ^= 4;
    let of_damaged = checked(&pair.file, Some((&damaged, FILE)));
    assert!(matches!(of_damaged, Err(Error::Original(_))), "{of_damaged:?}");
    let damaged = checked(&damaged, Some((&pair.file, FILE)));
    assert!(matches!(damaged, Err(Error::Hdf(_))), "{damaged:?}");
    Ok(())
}
