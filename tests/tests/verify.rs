//! What verifying finds: nothing in what this program and EMAN2 write, and every kind of damage by its name
//! and place.

#![allow(clippy::unnecessary_wraps, reason = "every test of the list has the same form")]

use std::fs;
use std::path::Path;

use e2compress_core::hdf::read::{Chunk, ChunkIndex, File};
use e2compress_core::verify::{Place, VerifyError};
use e2compress_core::{Error, Input, Unwatched, VerifyReport, verify};
use e2compress_tests::expected::{Table, words};
use e2compress_tests::made::{Mrc, Noise};
use e2compress_tests::stored::{fingerprint, image};
use e2compress_tests::{complaint, data, e2compress, inputs, real_data};
use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::{TempDir, tempdir};

/// The option sets of the conformance tables.
const OPTIONS: [&str; 15] = [
    "bits2",
    "bits5",
    "bits8",
    "bits10",
    "bits12",
    "bits16",
    "level6",
    "float",
    "raw",
    "nooutliers5",
    "nooutliers12",
    "sig44",
    "sig23",
    "range",
    "rangeint",
];

fn main() {
    let arguments = Arguments::from_args();
    let test = |name: &str, run: fn() -> Result<(), Failed>| Trial::test(name, run);
    let always = |name: &str, run: fn()| {
        Trial::test(name, move || {
            run();
            Ok(())
        })
    };
    let mut trials = vec![
        test("files of EMAN2 are right", of_eman2),
        test("images that EMAN2 destroyed are found", destroyed),
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
        test("threads change nothing", threads),
        test("an original that is damaged is told apart", damaged_original),
        test("the command says it in a line", command),
        test("--verify passes in place", in_place),
    ];
    for options in OPTIONS {
        let all = move || every_input(&data(), options);
        trials.push(Trial::test(format!("every input is right under {options}"), all));
        let real = move || every_input(&real_data().ok_or("no real files")?, options);
        let trial = Trial::test(format!("real files are right under {options}"), real);
        trials.push(trial.with_ignored_flag(real_data().is_none()));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn checked(file: &[u8], original: Option<(&[u8], &str)>) -> Result<VerifyReport, Error> {
    let input = Input::open(&file, "file.hdf")?;
    let original = original.as_ref().map(|(bytes, name)| Input::open(bytes, name)).transpose()?;
    verify(&input, original.as_ref().map(Input::reader), &Unwatched)
}

fn fault(outcome: Result<VerifyReport, Error>) -> VerifyError {
    match outcome {
        Err(Error::Verify(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

/// A file with its original, made under some options.
struct Pair {
    folder: TempDir,
    original: Vec<u8>,
    file: Vec<u8>,
}

const ORIGINAL: &str = "a.mrc";
const FILE: &str = "a.hdf";

impl Pair {
    fn new(original: &[u8], options: &[&str]) -> Self {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join(ORIGINAL), original).unwrap();
        let run = e2compress(folder.path(), &[options, &[ORIGINAL]].concat());
        assert!(run.status.success(), "{}", complaint(&run));
        let file = fs::read(folder.path().join(FILE)).unwrap();
        Self { folder, original: original.to_vec(), file }
    }

    /// Of several chunks of equal size.
    fn stored() -> Self {
        let values = Noise(3).take(600 * 512);
        Self::new(&Mrc::floats(600, 512, 1, values).bytes, &["--bits", "8", "--compresslevel", "0"])
    }

    fn of(input: &str, options: &[&str]) -> Self {
        Self::new(&fs::read(data().join(input)).unwrap(), options)
    }

    fn beside(&self, file: &[u8]) -> Result<VerifyReport, Error> {
        checked(file, Some((&self.original, ORIGINAL)))
    }

    /// The chunks of an image.
    fn chunks(&self) -> Vec<Chunk> {
        let source = self.file.as_slice();
        let file = File::open(&source).unwrap();
        let dataset = file.find("MDF/images/0/image").unwrap().unwrap().dataset(&file).unwrap();
        ChunkIndex::read(&dataset, &file).unwrap().chunks().to_vec()
    }

    /// The file after libhdf5 did something to it.
    fn changed(&self, change: impl FnOnce(&hdf5::File) -> hdf5::Result<()>) -> Vec<u8> {
        let path = self.folder.path().join("changed.hdf");
        fs::write(&path, &self.file).unwrap();
        let file = hdf5::File::open_rw(&path).unwrap();
        change(&file).unwrap();
        file.close().unwrap();
        fs::read(path).unwrap()
    }

    /// The file with a number changed.
    fn said<T: hdf5::H5Type>(&self, name: &str, value: T) -> Vec<u8> {
        self.changed(|file| image(file, 0)?.attr(name)?.write_raw(&[value]))
    }
}

fn every_input(folder: &Path, options: &str) -> Result<(), Failed> {
    let out = tempdir()?;
    let names = inputs(folder);
    let to = out.path().to_str().ok_or("a path in Unicode")?;
    let mut all = words(options);
    all.extend(["--verify", "--outpath", to]);
    all.extend(names.iter().map(String::as_str));
    let run = e2compress(folder, &all);
    if !run.status.success() {
        return Err(complaint(&run).into());
    }
    for name in &names {
        let file = fs::read(out.path().join(name).with_extension("hdf"))?;
        let alone = checked(&file, None).map_err(|problem| format!("{name}: {problem}"))?;
        let original = fs::read(folder.join(name))?;
        let beside =
            checked(&file, Some((&original, name))).map_err(|problem| format!("{name}: {problem}"))?;
        let mut without = beside.clone();
        without.comparison = None;
        assert_eq!(without, alone, "{name}");
        let found = beside.comparison.ok_or("no figures")?;
        assert_eq!(found.half_step.is_none(), ["float", "raw"].contains(&options), "{name}");
        assert!(found.rms <= found.largest, "{name} {found:?}");
        if found.half_step.is_none() {
            assert_eq!(found.largest, 0.0, "{name}");
        }
    }
    Ok(())
}

fn of_eman2() -> Result<(), Failed> {
    let folder = data().join("eman2-hdf");
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name")?.to_owned();
        let (stem, _) = name.split_once("__").ok_or("an option set")?;
        let original = inputs(&data()).into_iter().find(|input| input.starts_with(&format!("{stem}.")));
        let original = original.ok_or("an original")?;
        let file = fs::read(&path)?;
        let alone = checked(&file, None).map_err(|problem| format!("{name}: {problem}"))?;
        let bytes = fs::read(data().join(&original))?;
        let beside =
            checked(&file, Some((&bytes, &original))).map_err(|problem| format!("{name}: {problem}"))?;
        assert!(alone.warnings.is_empty() && beside.comparison.is_some(), "{name}");
    }
    Ok(())
}

/// Files as EMAN2 writes them where it loses the image: their codes have its fingerprints.
fn destroyed() -> Result<(), Failed> {
    let table = Table::read(&data().join("expected.json"));
    let inputs = ["f32_positive", "f32_negative", "f32_constant", "f32_min_is_zero", "f32_max_is_zero"];
    for (bits, top) in [(8, 255.0), (10, 1023.0)] {
        for input in inputs {
            let name = format!("{input}.mrc");
            let options = format!("bits{bits}");
            let case = table.cases.iter().find(|case| case.input == name && case.options == options);
            let stored = case.and_then(|case| case.images[0].stored.clone()).ok_or("a case")?;
            assert_eq!((stored.stored_rendermin, stored.stored_rendermax), (Some(0.0), Some(0.0)));
            let pair = Pair::of(&name, &["--bits", &bits.to_string()]);
            let values = pair.original[Mrc::HEADER..].as_chunks().0.iter().copied().map(f32::from_le_bytes);
            let codes: Vec<f32> = values.map(|value| if value > 0.0 { top } else { 0.0 }).collect();
            let file = pair.changed(|file| {
                let group = image(file, 0)?;
                let dataset = group.dataset("image")?;
                if bits <= 8 {
                    dataset.write_raw(&codes.iter().map(|&code| code as u8).collect::<Vec<_>>())?;
                } else {
                    dataset.write_raw(&codes.iter().map(|&code| code as u16).collect::<Vec<_>>())?;
                }
                assert_eq!(fingerprint(&dataset)?.1, stored.sha256, "{input}");
                group.attr("EMAN.stored_rendermin")?.write_raw(&[0f32])?;
                group.attr("EMAN.stored_rendermax")?.write_raw(&[0f32])?;
                let truncated = stored.stored_truncated.unwrap_or_default();
                group.attr("EMAN.stored_truncated")?.write_raw(&[truncated])
            });
            for outcome in [checked(&file, None), pair.beside(&file)] {
                let fault = fault(outcome);
                assert!(matches!(fault, VerifyError::Flat { image: 0, .. }), "{input}: {fault}");
                assert!(fault.to_string().contains("destroyed"), "{fault}");
            }
        }
    }
    Ok(())
}

/// Alone it is the stream's adler32 that tells. Of noise in few bits it misses some: a flipped bit of a Huffman
/// code changes three neighbours by d, -2d and d, which sums that small don't see. Beside the original none
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
    // Floats tell of themselves.
    let pair = Pair::of("f32_volume.mrc", &["--bits", "0"]);
    for name in ["EMAN.minimum", "EMAN.maximum", "EMAN.mean", "EMAN.sigma"] {
        told(&pair, name, &pair.said(name, 0.5f32), true);
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

/// The same figures, and the same first fault of two.
fn threads() -> Result<(), Failed> {
    let original = Mrc::floats(1500, 1700, 2, Noise(4).take(1500 * 1700 * 2));
    let pair = Pair::new(&original.bytes, &["--bits", "7"]);
    let mut other = original.clone();
    for pixel in [1_234_567, 4_900_000] {
        other.set(Mrc::HEADER + 4 * pixel, &9f32.to_le_bytes());
    }
    let on = |threads: usize| -> Result<_, Failed> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(pool.install(|| {
            let right = pair.beside(&pair.file).map_err(|problem| problem.to_string());
            (right, fault(checked(&pair.file, Some((&other.bytes, ORIGINAL)))))
        }))
    };
    let (one, three) = (on(1)?, on(3)?);
    assert!(one.0.is_ok(), "{one:?}");
    assert_eq!(one, three);
    let place = Place { image: 0, section: 0, row: 1_234_567 / 1500, column: 1_234_567 % 1500 };
    assert!(matches!(one.1, VerifyError::WrongCode { place: found, .. } if found == place), "{}", one.1);
    Ok(())
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

fn command() -> Result<(), Failed> {
    let pair = Pair::of("f32_around_zero.mrc", &["--bits", "10"]);
    let folder = pair.folder.path();
    let run = |words: &[&str]| {
        let run = e2compress(folder, words);
        (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned(), complaint(&run))
    };
    let (status, said, complaint) = run(&["verify", "--threads", "2", FILE]);
    assert_eq!((status, complaint.as_str()), (Some(0), ""));
    assert!(said.starts_with("a.hdf: sound, 1 image of 46 x 62, ") && said.lines().count() == 1, "{said}");
    let (status, said, complaint) = run(&["verify", FILE, ORIGINAL]);
    assert_eq!((status, complaint.as_str(), said.lines().count()), (Some(0), "", 1));
    for part in
        ["every code is right", "largest difference 0.003", "half a step 0.003", "RMS 0.00", "no pixel"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(run(&["verify", ORIGINAL]).0, Some(0));
    let mut other = pair.original.clone();
    let at = Mrc::HEADER + 4 * (5 * 46 + 17);
    other[at..at + 4].copy_from_slice(&1.75f32.to_le_bytes());
    fs::write(folder.join("other.mrc"), other)?;
    fs::write(folder.join("short.hdf"), &pair.file[..pair.file.len() - 1])?;
    for (words, parts) in [
        (vec!["verify", FILE, "other.mrc"], vec!["e2compress: a.hdf: ", "row 5, column 17", "1.75"]),
        (vec!["verify", "short.hdf"], vec!["e2compress: short.hdf: ", "cut off"]),
        (vec!["verify", FILE, "short.hdf"], vec!["e2compress: a.hdf: the original, short.hdf", "cut off"]),
        (vec!["verify", FILE, "none.mrc"], vec!["the original, none.mrc"]),
        (vec!["verify", "none.hdf"], vec!["none.hdf"]),
    ] {
        let (status, said, complaint) = run(&words);
        assert_eq!((status, said.as_str(), complaint.lines().count()), (Some(1), "", 1), "{words:?}");
        assert!(parts.iter().all(|part| complaint.contains(part)), "{parts:?}: {complaint}");
    }
    assert_eq!(run(&["verify"]).0, Some(2));
    assert_eq!(run(&["verify", FILE, ORIGINAL, FILE]).0, Some(2));
    Ok(())
}

/// An HDF file that is replaced is held to what it was.
fn in_place() -> Result<(), Failed> {
    let pair = Pair::of("f32_around_zero.mrc", &["--bits", "0"]);
    let run = e2compress(pair.folder.path(), &["--bits", "5", "--verify", FILE]);
    assert!(run.status.success(), "{}", complaint(&run));
    assert!(String::from_utf8_lossy(&run.stdout).contains("verified: every code is right"));
    let replaced = fs::read(pair.folder.path().join(FILE))?;
    assert!(replaced.len() < pair.file.len());
    checked(&replaced, Some((&pair.file, FILE)))?;
    Ok(())
}
